"""Channels: one folder per direction and kind; the only place that speaks their protocols."""
