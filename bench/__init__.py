"""Measured speed: `python -m bench` prints one JSON line per figure. Never a timed test."""
