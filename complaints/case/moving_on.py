"""Whether a case has moved on since somebody looked at it: a command made from an older picture is refused.

What the machinery does by itself (a notice handed over, a warning) changes nothing that a person decided on.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from complaints.case.turn import Turn, refuse
from complaints.vocabulary import Kind

BY_ITSELF = frozenset(
    {
        Kind.NOTICE_HANDED_OVER, Kind.NOTICE_DELAYED, Kind.WARNED, Kind.REMINDED, Kind.TOP_REMINDED, Kind.REFUSED,
        Kind.CALENDARS_EXTENDED, Kind.FOLLOWED_UP, Kind.CAUGHT_UP, Kind.LETTER_SENT,
        Kind.DUPLICATES_FOUND, Kind.REVIEW_WANTED, Kind.SURVEY_ASKED, Kind.SURVEY_LEFT_OUT,
    }
)  # fmt: skip
FIELD = "based_on"


class _Entry(Protocol):
    @property
    def sequence(self) -> int: ...
    @property
    def kind(self) -> Kind: ...


E = TypeVar("E", bound=_Entry)


def news(timeline: Iterable[E], since: int) -> list[E]:
    """The entries after a sequence that somebody who decides should have seen."""
    return [entry for entry in timeline if entry.sequence > since and entry.kind not in BY_ITSELF]


def check(turn: Turn, based_on: int | None) -> None:
    """Raise `Refused` if the command was made from a picture that is not the present one."""
    if based_on is not None and (since := news(turn.state.timeline[based_on:], based_on)):
        raise refuse(
            f"the case has moved on: {len(since)} new entries since {based_on}",
            field=FIELD,
            remedy="look at what is new, then act again",
        )
