"""Past complaints for what-if tests, and a whole what-if over them in this process. No test by itself."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import policies
from complaints.policy import Policy
from complaints.vocabulary import Channel, Severity
from simulation.whatif import synthetic
from simulation.whatif.fitting import fit
from simulation.whatif.model import Assumptions, Fitted, Model
from simulation.whatif.past import PastComplaint
from simulation.whatif.report import report
from simulation.whatif.running import Player, Sums, Task, run, working_calendar
from simulation.whatif.sketch import Sketch
from simulation.whatif.spool import Spool

ZONE = ZoneInfo("Asia/Jakarta")
MONDAY = datetime(2026, 7, 6, 2, tzinfo=UTC)  # 09:00 in Jakarta
UNTIL = MONDAY + timedelta(days=120)
FIVE_DAYS: dict[str, Any] = {
    "clocks": {"resolution": {"targets": [{"target": "5 working days", "calendar": "office"}]}}, "pack": "five-days",
}  # fmt: skip
QUIET = Assumptions(
    answered_first=0, question_share=0, transfer_share=0, answer_share=0, hand_over_seconds=0, hand_over_spread=0
)
"""Nobody asks, transfers or answers; the decision is the first response."""


@cache
def default() -> Policy:
    return policies.load("id.default")


@cache
def five_days() -> Policy:
    return policies.load("id.default", FIVE_DAYS)


def past(number: int = 1, **about: Any) -> PastComplaint:
    given = {"received_at": MONDAY, "decided_at": MONDAY + timedelta(days=2), "category": "other", **about}
    return PastComplaint(id=f"p-{number}", **given)


def model(assumptions: Assumptions | None = None, hours: Sequence[float] = (8, 16, 24)) -> Model:
    sketch = Sketch()
    for one in hours:
        sketch.add(int(one * 3600))
    return Model(assumptions or Assumptions(), Fitted({"other": sketch}, Sketch(), 0, 0, frozenset()))


def varied(number: int = 40) -> list[PastComplaint]:
    """Complaints of every kind, some of them still open."""
    found = list(synthetic.complaints(number, default(), 7))
    return [one._replace(decided_at=None) if index % 9 == 0 else one for index, one in enumerate(found)]


def task(past: Iterable[PastComplaint], *, assumptions: Assumptions | None = None, seeds: Sequence[int] = (1,),
         under: Sequence[Policy] = ()) -> tuple[Task, Spool]:  # fmt: skip
    spool = Spool()
    spool.take(past)
    under = tuple(under) or (default(),)
    until = spool.midnight_after(ZONE)
    fitted = fit(spool.chunks(), ZONE)
    made = Task(under, assumptions or Assumptions(), fitted, working_calendar(under[0]), "other", until, tuple(seeds))
    return made, spool


def sums(past: Iterable[PastComplaint], **about: Any) -> Sums:
    made, spool = task(past, **about)
    with spool:
        return run(made, spool.chunks(), 1, lambda _: None)


def document(past: Iterable[PastComplaint], **about: Any) -> dict[str, Any]:
    made, spool = task(past, **about)
    with spool:
        found = run(made, spool.chunks(), 1, lambda _: None)
        return report(made, found, spool, {"kind": "csv", "file": "x.csv"}, [policy.pack for policy in made.policies])


def plain(found: Sums) -> dict[Any, Any]:
    """Sums as values that can be compared."""
    return {
        key: (
            one.cases, one.outcomes, one.raised, one.causes, one.reminders, one.notices, one.arrivals, one.acts,
            {place: count for place, count in one.load.items() if count},
            {m: (c.parts, c.late.bins, c.elapsed.bins) for m, c in one.clocks.items()},
        )
        for key, one in found.items()
    }  # fmt: skip


__all__ = [
    "FIVE_DAYS", "MONDAY", "QUIET", "UNTIL", "ZONE", "Channel", "Player", "Severity", "default", "document",
    "five_days", "model", "past", "plain", "sums", "task", "varied",
]  # fmt: skip
