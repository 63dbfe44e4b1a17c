"""Duties: what a case wants done in the world. Each has a key that makes doing it twice the same as doing it once.

The `Case` emits them; `workflows/duties.py` declares the activities that carry them out; `activities/` has these.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from complaints.messages.duties.closure import ClosureDuty, ClosureRecord, FactRow, ReopeningRow
from complaints.messages.duties.notices import (
    AgentNotice,
    AgentNoticeBatch,
    Notice,
    NoticeBatch,
    NoticeFacts,
    NoticeLinks,
    NoticePart,
    Surveyed,
)
from complaints.messages.duties.standing import ActionRow, ClockRow, RemedyRow, Standing
from complaints.messages.intake import Complainant, Intake
from complaints.messages.merging import ForwardDuty, MergeDuty
from complaints.model import Frozen, Instant, Personal, is_empty, is_none
from complaints.packing import pack_if_large, unpack_if_packed
from complaints.policy import DuplicateRules
from complaints.timeline import Entry
from complaints.vocabulary import Cause, Kind, Language


class Escalation(Frozen):
    """Find the owner at a tier (by skill, language, presence, load) and tell both old and new owner, in one go."""

    key: str
    reference: str
    number: int
    at: Instant
    cause: Cause
    tier: str
    team: str
    owner_changes: bool
    previous_owner: str
    tell: tuple[str, ...]
    skill: str | None = None
    language: Language
    pack: str
    texts: str
    facts: NoticeFacts = NoticeFacts()
    # What agents would have been told besides, when caught up after an outage. The part under its own key is itself.
    meanwhile: AgentNotice | None = Field(default=None, exclude_if=is_none)


class DuplicateSearch(Frozen):
    """What possible duplicates of a complaint are searched for by."""

    reference: str | None
    company: str | None
    complainant: Complainant
    text: Personal | None = Field(default=None, exclude_if=is_none)  # None: the intake that is recorded has it
    received_at: Instant
    rules: DuplicateRules


class RecordBatch(Frozen):
    """What has become of a case since the last record: a lower `through` never overwrites a higher one."""

    reference: str
    through: int  # sequence of the last timeline entry
    standing: Standing
    entries: tuple[Entry, ...]
    clocks: tuple[ClockRow, ...] = ()  # those that changed
    actions: tuple[ActionRow, ...] = ()  # those that changed
    intake: Intake | None = None  # with the first batch
    complainant: Complainant | None = None  # when amended
    # With the first batch: the record is answered with what was found.
    search: DuplicateSearch | None = Field(default=None, exclude_if=is_none)
    # What agents are told of it. It goes out first, so that a record that cannot be written holds it up for nobody.
    tell: tuple[AgentNotice, ...] = Field(default=(), exclude_if=is_empty)

    def timeline(self) -> tuple[Entry, ...]:
        """The entries as they are stored: a receipt says what its intake says, which travels once.

        A worker keeps each byte of what a case asks for several times, for as long as the case is in its cache.
        """
        first, *others = self.entries or (None,)
        if first is None or self.intake is None or first.kind is not Kind.RECEIVED or first.words is not None:
            return self.entries
        return (first.model_copy(update={"words": self.intake.text}), *others)


class Moment(Frozen):
    """A record and what is to be done in the same moment, tried together once: what fails is then done apart."""

    record: RecordBatch
    closures: tuple[ClosureRecord, ...] = ()
    escalation: Escalation | None = None
    notices: tuple[Notice, ...] = ()


class ArchiveDuty(Frozen):
    """The last duty of a run: keep the case so that it can be reopened after Temporal's retention has passed."""

    key: str
    reference: str
    at: Instant
    state: Annotated[
        dict[str, Any], BeforeValidator(unpack_if_packed), PlainSerializer(pack_if_large, when_used="json")
    ]  # thousands of entries fit


class CalendarDuty(Frozen):
    """Fetch the pinned calendars further into the future; the result is recorded in history."""

    key: str
    pack: str
    names: tuple[str, ...]
    since: Instant
    until: Instant


class CustomerDuty(Frozen):
    """Find out whether a claim to be a customer is true; the answer is told to the case."""

    key: str
    reference: str
    customer_number: Personal
    name: Personal | None = None
    email: Personal | None = None
    phone: Personal | None = None


Duty = (
    Notice
    | AgentNotice
    | Escalation
    | ClosureDuty
    | ArchiveDuty
    | CalendarDuty
    | CustomerDuty
    | MergeDuty
    | ForwardDuty
)


__all__ = [
    "ActionRow",
    "AgentNotice",
    "AgentNoticeBatch",
    "ArchiveDuty",
    "CalendarDuty",
    "ClockRow",
    "ClosureDuty",
    "ClosureRecord",
    "CustomerDuty",
    "DuplicateSearch",
    "Duty",
    "Escalation",
    "FactRow",
    "Moment",
    "Notice",
    "NoticeBatch",
    "NoticeFacts",
    "NoticeLinks",
    "NoticePart",
    "RecordBatch",
    "RemedyRow",
    "ReopeningRow",
    "Standing",
    "Surveyed",
]
