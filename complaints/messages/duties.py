"""Duties: what a case wants done in the world. Each has a key that makes doing it twice the same as doing it once.

The `Case` emits them; `workflows/duties.py` declares the activities that carry them out; `activities/` has these.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from complaints.messages.intake import Complainant, Intake
from complaints.messages.merging import ForwardDuty, MergeDuty
from complaints.model import Frozen, Instant, Personal
from complaints.packing import pack_if_large, unpack_if_packed
from complaints.policy import DuplicateRules
from complaints.targets import Target
from complaints.timeline import Entry
from complaints.vocabulary import (
    ActionKind,
    Cause,
    Channel,
    ClockState,
    ClosingReason,
    Language,
    MetBy,
    Metric,
    Occasion,
    OnDue,
    Outcome,
    Severity,
    Status,
)


def _is_none(value: Any) -> bool:
    return value is None


class NoticeFacts(Frozen):
    """What a notice can speak of. Instants are rendered in the complainant's language and the policy's time zone."""

    promised_at: Instant | None = None  # by when a decision is promised
    answer_by: Instant | None = None  # until when we wait for the complainant
    review_at: Instant | None = None
    words: Personal | None = None  # what a person wrote: the answer, the question, the reasons
    reason: str | None = None  # a policy word or an agent's line
    change: str | None = None  # why the promised date moved: extension, hold, pause, reassessed, reopened, …
    outcome: Outcome | None = None
    remedies: tuple[str, ...] = ()  # solution names of the catalogue
    steps: tuple[str, ...] = ()  # step names of the procedure
    missing: tuple[str, ...] = ()  # detail keys that are asked for
    bodies: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()  # promises still owed
    number: int | None = None  # of the decision, the reminder, the dispute, the reopening
    category: str | None = None
    severity: Severity | None = None
    metric: Metric | None = None
    due_at: Instant | None = None
    limit: Target | None = Field(default=None, exclude_if=_is_none)  # how long a decision may take
    limit_at: Instant | None = Field(default=None, exclude_if=_is_none)  # and until when that is, if it runs
    fraction: float | None = None
    tier: str | None = None
    cause: Cause | None = None
    actor: str | None = None
    cases: tuple[str, ...] = Field(default=(), exclude_if=lambda cases: not cases)  # references of other cases


class NoticeLinks(Frozen):
    """Addresses of pages that speak for the case. A case knows none: they are filled in when a notice is written."""

    follow: str
    yes: str  # the page of the answer to a decision, with "yes" chosen; opening it answers nothing
    no: str


class NoticePart(Frozen):
    """One of the notices that a combined one stands for, as it would have been sent by itself."""

    key: str
    occasion: Occasion
    occurrence: int
    at: Instant
    to: tuple[str, ...] = ()  # which handlers and teams it is for; none: the complainant
    facts: NoticeFacts = NoticeFacts()


# Left out when there are none: so a worker of an older version reads every notice that is not combined.
_PARTS = Field(default=(), exclude_if=lambda parts: not parts)


class Notice(Frozen):
    """A notice to the complainant. `key` = reference/occasion/occurrence/recipient; its Message-ID derives from it."""

    key: str
    reference: str
    occasion: Occasion
    occurrence: int
    channel: Channel
    language: Language
    address: Personal
    name: Personal | None = None
    at: Instant
    pack: str
    texts: str
    texts_version: str
    timezone: str
    facts: NoticeFacts = NoticeFacts()
    parts: tuple[NoticePart, ...] = _PARTS
    links: NoticeLinks | None = Field(default=None, exclude_if=_is_none)


class AgentNotice(Frozen):
    """A notice to handlers and teams: `to` holds `agent:ID` and `team:NAME`. In a combined one each has their parts."""

    key: str
    reference: str
    occasion: Occasion
    occurrence: int
    to: tuple[str, ...]
    at: Instant
    pack: str
    texts: str
    facts: NoticeFacts = NoticeFacts()
    parts: tuple[NoticePart, ...] = _PARTS

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody whom it, or one of its parts, is for."""
        return tuple(dict.fromkeys((*self.to, *(name for part in self.parts for name in part.to))))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which the case remembers it: one for each recipient."""
        if not self.parts:
            return tuple(f"{self.key}/{name}" for name in self.to)
        return tuple(f"{self.said_to((name,)).key}/{name}" for name in self.to)

    def said_to(self, names: Iterable[str]) -> "AgentNotice":
        """What one who goes by these names is told: of a combined notice their parts; if that is one, this alone."""
        mine = tuple(part for part in self.parts if not set(names).isdisjoint(part.to))
        if len(mine) == 1:
            alone = {name: getattr(mine[0], name) for name in ("key", "occasion", "occurrence", "at", "facts")}
            return self.model_copy(update={**alone, "parts": ()})
        return self.model_copy(update={"parts": mine})


class NoticeBatch(Frozen):
    """Notices to the complainant, handed over in this order."""

    notices: tuple[Notice, ...]


class AgentNoticeBatch(Frozen):
    """Notices to handlers and teams."""

    notices: tuple[AgentNotice, ...]


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
    meanwhile: AgentNotice | None = Field(default=None, exclude_if=lambda notice: notice is None)


class Standing(Frozen):
    """The complaint as it stands: one row of the read model."""

    reference: str
    status: Status
    channel: Channel
    category: str | None
    severity: Severity
    language: Language
    company: str | None
    owner: str
    team: str
    tier: str
    tier_level: int
    outcome: Outcome | None
    closing_reason: ClosingReason | None
    transfers: int
    disputes: int
    reopenings: int
    received_at: Instant
    assessed_at: Instant | None
    decided_at: Instant | None
    closed_at: Instant | None
    archived_at: Instant | None
    next_due_at: Instant | None
    next_due: str | None
    breached: tuple[Metric, ...]
    satisfied: bool | None
    rating: int | None
    awaiting_approval: bool
    remedies_owed: int
    pack: str
    policy_version: str


class ClockRow(Frozen):
    """A clock as it stands, with what a report needs: seconds are in the clock's own time."""

    metric: Metric
    occurrence: int
    state: ClockState
    target: str
    calendar: str | None
    on_due: OnDue
    started_at: Instant
    due_at: Instant | None
    breached_at: Instant | None
    ended_at: Instant | None
    met_by: MetBy | None
    elapsed_seconds: int
    paused_seconds: int
    late_seconds: int


class ActionRow(Frozen):
    number: int
    kind: ActionKind
    description: str
    owner: str
    due_at: Instant
    added_at: Instant
    completed_at: Instant | None = None
    note: str | None = None


class RemedyRow(Frozen):
    solution: str
    detail: str | None = None
    cost: int = 0


class ClosureRecord(Frozen):
    """Everything an auditor asks of a closed case. Immutable; a reopening adds a further one."""

    number: int
    reference: str
    closed_at: Instant
    reason: ClosingReason
    problem: Personal
    category: str | None
    severity: Severity
    findings: Personal | None
    outcome: Outcome | None
    reasons: Personal | None
    final: bool
    remedies: tuple[RemedyRow, ...]
    cost: int
    currency: str
    approved_by: str | None
    steps: tuple[dict[str, Any], ...]
    actions: tuple[ActionRow, ...]
    root_cause: dict[str, Any] | None
    evaluation: dict[str, Any] | None
    clocks: tuple[ClockRow, ...]
    transfers: int
    disputes: int
    reopenings: int
    escalations: int
    satisfied: bool | None
    rating: int | None
    silence: bool  # closed because nobody answered
    owner: str
    tier: str
    pack: str
    policy_version: str
    chain_head: str  # hash of the last timeline entry the record rests on


class DuplicateSearch(Frozen):
    """What possible duplicates of a complaint are searched for by."""

    reference: str | None
    company: str | None
    complainant: Complainant
    text: Personal
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
    search: DuplicateSearch | None = Field(default=None, exclude_if=_is_none)
    # What agents are told of it. It goes out first, so that a record that cannot be written holds it up for nobody.
    tell: tuple[AgentNotice, ...] = Field(default=(), exclude_if=lambda notices: not notices)


class ClosureDuty(Frozen):
    key: str
    record: ClosureRecord


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
