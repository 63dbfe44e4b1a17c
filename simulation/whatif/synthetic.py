"""Complaints that nobody wrote: a stated model of when they come, of what kind they are and how long they took.

The time to a decision follows what was measured of 12,530 complaints to an Indonesian city: median 8.0 hours, P75 16.8,
P90 26.7, P95 46.9, P99 113; beyond that up to 60 days, and one in a hundred is never decided.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from complaints.policy import Policy
from complaints.vocabulary import Channel, Severity
from simulation.whatif.past import PastComplaint

DAYS = 365
WEEKDAYS = (1.0, 1.0, 1.0, 1.0, 0.9, 0.5, 0.4)
"""How many come on a Monday, a Tuesday, …, relative to each other."""
HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 9, 7, 8, 9, 8, 7, 5, 5, 6, 6, 5, 3, 2)
"""How many come in each hour of a day, relative to each other."""
CHANNELS = {
    Channel.EMAIL: 30,
    Channel.FORM: 25,
    Channel.PHONE: 20,
    Channel.CHAT: 10,
    Channel.SOCIAL: 10,
    Channel.APP: 5,
}
SEVERITIES = {Severity.MINOR: 20, Severity.MODERATE: 65, Severity.MAJOR: 12, Severity.CRITICAL: 3}
QUANTILES = ((0.0, 0.25), (0.5, 8.0), (0.75, 16.8), (0.9, 26.7), (0.95, 46.9), (0.99, 113.0), (1.0, 1440.0))
"""Share of decisions, and hours within which they were made; between them the logarithm grows evenly."""
UNDECIDED = 0.01


def complaints(number: int, policy: Policy, seed: int) -> Iterator[PastComplaint]:
    """So many complaints of one year that ends with the policy's date; the same for the same seed."""
    zone = ZoneInfo(policy.timezone)
    start = datetime(policy.as_of.year, policy.as_of.month, policy.as_of.day, tzinfo=zone) - timedelta(days=DAYS)
    maker = _Maker(start, tuple(policy.categories))
    return (maker.one(f"synthetic-{index}", seed) for index in range(number))


def printed() -> dict[str, object]:
    """The model as the report states it."""
    return {
        "days": DAYS, "weekdays": list(WEEKDAYS), "hours": list(HOURS), "channels": dict(CHANNELS),
        "severities": dict(SEVERITIES), "hours_to_decision": [list(pair) for pair in QUANTILES],
        "undecided": UNDECIDED,
    }  # fmt: skip


class _Maker:
    def __init__(self, start: datetime, categories: tuple[str, ...]) -> None:
        self._start, self._categories = start, categories
        self._days = list(accumulate(WEEKDAYS[(start.weekday() + day) % 7] for day in range(DAYS)))
        self._hours = list(accumulate(HOURS))

    def one(self, name: str, seed: int) -> PastComplaint:
        digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
        chance = Random(int.from_bytes(digest))
        day = bisect_right(self._days, chance.random() * self._days[-1])
        hour = bisect_right(self._hours, chance.random() * self._hours[-1])
        local = self._start + timedelta(days=day, hours=hour, seconds=int(chance.random() * 3600))
        received_at = local.astimezone(UTC)
        took = timedelta(seconds=int(_hours_to_decision(chance.random()) * 3600))
        return PastComplaint(
            id=name,
            received_at=received_at,
            decided_at=None if chance.random() < UNDECIDED else received_at + took,
            channel=chance.choices(list(CHANNELS), list(CHANNELS.values()))[0],
            category=chance.choice(self._categories),
            severity=chance.choices(list(SEVERITIES), list(SEVERITIES.values()))[0],
        )


def _hours_to_decision(share: float) -> float:
    found = next(i for i, (upto, _) in enumerate(QUANTILES[1:]) if share <= upto)
    (low, least), (high, most) = QUANTILES[found], QUANTILES[found + 1]
    return float(least * (most / least) ** ((share - low) / (high - low)))
