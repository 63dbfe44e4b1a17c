"""The values of the bare timers, and how lateness is told on either side."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bench.measure import percentile


class Wish(BaseModel):
    """When a timer is due, and how many activities it runs each time."""

    timer: str
    dues: list[datetime]
    activities: int


class Row(BaseModel):
    """What an activity stores. `acted_at` is the workflow's own time when its timer had fired."""

    timer: str
    due: int
    number: int
    at: datetime
    acted_at: datetime


def told(late: list[float]) -> dict[str, Any]:
    """Seconds of lateness."""
    return {
        "p50_s": round(percentile(late, 50), 3),
        "p99_s": round(percentile(late, 99), 3),
        "last_s": round(max(late), 3),
    }
