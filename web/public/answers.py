"""What an answer to a decision meets in the case as it stands: said before it is sent, and after.

The case decides by itself; this only puts it into words. If something happens between looking and sending, the page
that follows shows the case as it then is.
"""

from datetime import datetime
from typing import Literal, NamedTuple

from complaints.messages.view import CaseView, EntryView
from complaints.vocabulary import ClockState, Kind, Metric, Status

Met = Literal["answered", "again", "earlier", "noted", "requested"]
"""A word of `done` in the texts of the pages."""
OVER = (Status.CLOSED, Status.ARCHIVED)


class Given(NamedTuple):
    """The answer to the last decision that counted."""

    solved: bool
    entry: EntryView


def last_decision(seen: CaseView) -> int | None:
    """Return the number of the last decision that was communicated."""
    numbers = [entry.detail.get("number") for entry in seen.timeline if entry.kind is Kind.DECIDED]
    return int(numbers[-1]) if numbers and numbers[-1] is not None else None


def given(seen: CaseView) -> Given | None:
    """Return what the complainant has said to the last decision, if it was asked about and not opened again since."""
    found = None
    for entry in seen.timeline:
        if entry.kind in (Kind.DECIDED, Kind.REOPENED, Kind.UNMERGED):
            found = None
        elif entry.kind is Kind.DISPUTED:
            found = Given(False, entry)
        elif entry.kind is Kind.SATISFACTION_CONFIRMED and entry.detail.get("applied") is not False:
            found = Given(True, entry)
    return found


def meets(seen: CaseView, decision: int | None, solved: bool) -> Met:
    """Return what an answer to a decision (the last one if None) leads to."""
    before = given(seen)
    same = before is not None and before.solved is solved
    if decision not in (None, last_decision(seen)):
        return "earlier"
    if seen.status is Status.RESOLVED:
        return "answered"
    if seen.status is Status.CLOSING:
        return "again" if same else "answered"
    if seen.status in OVER:
        return "requested" if not solved else "again" if same else "noted"
    return "again" if same else "earlier"


def stands(seen: CaseView) -> str:
    """Return a word of `answer.stands`: where the case is while the question is looked at."""
    if seen.status is Status.RESOLVED:
        return "asked"
    if seen.status in OVER:
        return "over"
    return "answered" if seen.status is Status.CLOSING and given(seen) else "working"


def answer_by(seen: CaseView) -> datetime | None:
    """Return when silence closes the case, while it is asked."""
    running = [c for c in seen.clocks if c.metric is Metric.CONFIRMATION and c.state is ClockState.RUNNING]
    return running[-1].due_at if running and seen.status is Status.RESOLVED else None
