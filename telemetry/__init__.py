"""What programs tell of themselves: logs, metrics, traces. Never what a complainant wrote or is called.

Composition roots set these up; nothing below them knows of it.
"""
