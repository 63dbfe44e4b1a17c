"""What the complainant waits for an answer to: their dispute of a decision, or their request to open the case again.

It stands on top of the case's page in their own words until it is answered, whoever handles the case by then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from complaints.messages.view import EntryView
from complaints.model import Frozen, Personal
from complaints.vocabulary import Kind

_ENDS = {
    Kind.DISPUTED: (Kind.DECIDED, Kind.CLOSING_BEGAN, Kind.CLOSED),
    Kind.REOPENING_REQUESTED: (Kind.REOPENED, Kind.REOPENING_DECLINED, Kind.UNMERGED),
}
"""What is answered by what: a dispute by the next decision, or by the end."""


_MOST = 12
_THEIRS = (Kind.COMPLAINANT_REPLIED, Kind.SATISFACTION_CONFIRMED, Kind.ATTACHED, Kind.FACT_REPORTED)


class NewFact(Frozen):
    """An entry that may be named as a new fact: a message, a file or a service's report since the last closing."""

    sequence: int
    at: datetime
    kind: Kind
    text: Personal | None


class Unanswered(Frozen):
    what: Literal["dispute", "request"]
    at: datetime
    text: Personal | None
    said: tuple[Personal, ...] = ()  # what they added since


def unanswered(entries: Sequence[EntryView]) -> Unanswered | None:
    """Return the latest that nobody has answered yet, with what was said to it since."""
    for entry in reversed(entries):
        if entry.kind in _ENDS:
            return None if _answered(entries, entry) else _of(entries, entry)
    return None


def _answered(entries: Sequence[EntryView], asked: EntryView) -> bool:
    final = asked.detail.get("final")  # the dispute of a final decision closes the case: there is no next decision
    return bool(final) or any(e.kind in _ENDS[asked.kind] for e in entries if e.sequence > asked.sequence)


def _of(entries: Sequence[EntryView], asked: EntryView) -> Unanswered:
    dispute = asked.kind is Kind.DISPUTED
    message = asked.detail.get("message", asked.sequence)
    text = next((e.detail.get("text") for e in entries if e.sequence == message), None)
    later = (Kind.COMPLAINANT_REPLIED, Kind.SATISFACTION_CONFIRMED)
    more = [e.detail.get("text") for e in entries if e.kind in later and e.sequence > asked.sequence]
    return Unanswered(
        what="dispute" if dispute else "request", at=asked.at, text=Personal(text) if text else None,
        said=tuple(Personal(one) for one in more if one),
    )  # fmt: skip


def new_facts(entries: Sequence[EntryView]) -> tuple[NewFact, ...]:
    """Return what came since the case was closed last, the latest first."""
    closed = max((e.sequence for e in entries if e.kind is Kind.CLOSED), default=0)
    found = [e for e in entries if e.sequence > closed and e.kind in _THEIRS]
    return tuple(
        NewFact(sequence=e.sequence, at=e.at, kind=e.kind, text=Personal(text) if text else None)
        for e in reversed(found[-_MOST:])
        for text in (e.detail.get("text") or e.detail.get("fact"),)
    )
