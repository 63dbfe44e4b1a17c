"""Fault drills: conversations under way, services that die, and a judge who looks at everything afterwards.

`python -m tests.drills [--only NAME] [--cases 100] [--seed N]`
"""
