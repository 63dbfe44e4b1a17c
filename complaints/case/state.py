"""The state of one case: everything that survives a continue-as-new, an archiving and a reopening."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from complaints.calendar import BusinessCalendar
from complaints.clocks import Clock, Pause
from complaints.messages.commands import Actor, Remedy
from complaints.messages.duties import ActionRow, ClosureRecord
from complaints.messages.intake import Complainant, Intake
from complaints.messages.merging import ForwardDuty
from complaints.model import Changing, Frozen, Instant, Personal, share_names
from complaints.plan import PackedPlan, Plan, interned
from complaints.timeline import Entry
from complaints.vocabulary import (
    Channel,
    ClosingReason,
    Customer,
    Form,
    Language,
    Occasion,
    Outcome,
    Proof,
    Severity,
    Status,
)


@dataclass(slots=True, kw_only=True)
class NoticeLog:
    """A notice the case caused, and what became of it."""

    key: str
    occasion: Occasion
    occurrence: int
    to: str
    channel: Channel | None
    language: Language
    at: Instant
    handed_over_at: Instant | None = None
    failed: bool = False
    carries: tuple[Occasion, ...] = ()  # of a combined notice: the occasions of its parts
    within: str | None = None  # key of the escalation that tells it

    @property
    def occasions(self) -> tuple[Occasion, ...]:
        """What was said with it."""
        return self.carries or (self.occasion,)


class Decision(Changing):
    number: int
    actor: Actor
    outcome: Outcome
    reasons: Personal
    findings: Personal | None
    remedies: tuple[Remedy, ...]
    cost: int
    final: bool
    at: Instant
    approved_by: str | None = None
    notice: str | None = None  # key of the notice that told it
    satisfied: bool | None = None
    rating: int | None = None


class Question(Changing):
    """What we asked the complainant, awaiting the answer."""

    notice: str
    automatic: bool
    words: Personal | None = None
    missing: tuple[str, ...] = ()


class ContactProof(Changing):
    """That a contact is the complainant's own."""

    channel: Channel
    by: Proof
    at: Instant


class Awaited(Changing):
    """A question that is out but not handed over yet; looked after at `check_at`."""

    key: str
    question: Occasion
    check_at: Instant


class StepTaken(Changing):
    step: str
    at: Instant
    actor: str
    note: str | None = None


@dataclass(slots=True, kw_only=True)
class Ladder:
    """The one ladder of a case. Instants are kept so that climbing is a comparison, not a calculation."""

    tier: int = 0
    raised_at: Instant | None = None  # last raise, whatever its cause
    clock_raised_at: Instant | None = None  # last raise by a clock
    last_instant: Instant | None = None  # the instant of the last raise: at most one each
    anchor: Instant | None = None  # the interval counts from here while something is breached
    pauses: list[Pause] = field(default_factory=list)
    next_at: Instant | None = None
    reminders: int = 0
    raises: int = 0


class ReopeningRequest(Changing):
    """The complainant came back after the end, and nobody has answered that yet."""

    sequence: int  # the entry that holds what they said
    at: Instant


class Merging(Changing):
    """Another case was asked to take this one in, and has not answered yet."""

    key: str
    into: str
    actor: Actor
    held: list[ForwardDuty] = []  # said meanwhile: handled here, and passed on once it has agreed


class MergedCase(Frozen):
    """A case that goes on under this one."""

    reference: str
    same_complainant: bool


class Reviewed(Changing):
    """An evaluation by a reviewer: of which closing, in which entry, and whether it was answered."""

    closing: int
    sequence: int
    reviewer: str
    answered: bool = False


class SurveyAnswer(Frozen):
    """What the complainant said after a closing, as it counts. `sequence`: the entry that said it last."""

    closing: int  # the number of the closure record it is about
    sequence: int
    at: Instant
    outcome: int | None = None
    handling: int | None = None
    effort: int | None = None
    solved: bool | None = None
    text: Personal | None = None
    how: str | None = None  # an agent wrote it down


class CaseState(Changing):
    reference: str
    salt: str
    intake: Intake
    complainant: Complainant
    plan: Annotated[Plan, AfterValidator(interned)]
    received_at: Instant
    status: Status = Status.RECEIVED
    entered_from: Status | None = None
    category: str | None = None
    form: Form | None = None  # since a conversion; until then that of the intake
    severity: Severity
    details: dict[str, Any] = {}
    owner: str
    owner_sought: str | None = None  # key of the escalation that looks for a person while a team owns the case
    ladder: Ladder = Field(default_factory=Ladder)
    clocks: list[Clock] = []
    timeline: list[Entry] = []
    notices: list[NoticeLog] = []
    occurrences: dict[str, int] = {}  # how often each occasion and duty came up
    decisions: list[Decision] = []
    proposal: Decision | None = None
    question: Question | None = None
    stopped: list[str] = []  # occasions that could not reach the complainant: a task stands for them
    awaited: list[Awaited] = []
    proven: list[ContactProof] = []
    customer: Customer | None = None  # the answer to the claim as it stands
    claimed: Personal | None = None  # the customer number that was looked up last
    checking: str | None = None  # key of a look-up under way
    steps: list[StepTaken] = []
    attachments: list[dict[str, Any]] = []
    actions: list[ActionRow] = []
    changed_actions: dict[int, int] = {}  # number -> sequence that a record of the change must reach
    root_cause: dict[str, Any] | None = None
    evaluation: dict[str, Any] | None = None
    reviews: list[Reviewed] = []  # one for each closing that was judged: the latest counts
    holds_used: int = 0  # working days spent on hold
    transfers: int = 0
    disputes: int = 0
    reopenings: int = 0
    satisfied: bool | None = None
    rating: int | None = None
    silence: bool = False
    survey: SurveyAnswer | None = None
    surveys_stopped: Instant | None = None  # since when the complainant wants no more of them
    final_next: bool = False
    promised_at: Instant | None = None  # the date last told to the complainant
    assessed_at: Instant | None = None
    documents_at: Instant | None = None
    closing_reason: ClosingReason | None = None
    closed_at: Instant | None = None
    archived_at: Instant | None = None
    aftercare_until: Instant | None = None
    closures: list[ClosureRecord] = []
    reopening_request: ReopeningRequest | None = None
    seen: dict[str, int] = {}  # message id -> sequence when it was handled, for the life of the case
    recorded: int = 0  # sequence up to which a record was asked for
    amended: int = 0  # sequence of the last amendment
    extending: str | None = None  # key of a calendar extension under way
    changes: tuple[str, ...] = ()  # of the rules, that hold for this run (complaints.case.changes)
    merging: Merging | None = None
    merged_into: str | None = None  # the surviving case: what is said to this one is passed on to it
    merged_in: list[MergedCase] = []
    earlier_plans: list[PackedPlan] = []  # before a re-plan: what did not move with it is still counted by them
    chained: bool = Field(default=True, exclude=True)  # False: played or tried only, and kept by nobody

    @model_validator(mode="after")
    def _lean(self) -> Self:
        """A case that goes on has hundreds of entries."""
        share_names(self, self.intake, self.complainant, *self.timeline)
        return self

    def notice(self, key: str) -> NoticeLog | None:
        """The notice of a key; those that are asked for are among the last."""
        for log in reversed(self.notices):
            if log.key == key:
                return log
        return None

    def plan_of(self, clock: Clock) -> Plan:
        """The plan by which a clock is counted."""
        return self.plan if clock.earlier_plan is None else self.earlier_plans[clock.earlier_plan]

    def calendar_of(self, clock: Clock) -> BusinessCalendar | None:
        return self.plan_of(clock).calendar(clock.calendar)
