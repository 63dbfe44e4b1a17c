"""The policy model: business configuration as data. Numbers, calendars, tiers; no expressions, no control flow.

`Rules` is what a case is pinned to; `Policy` adds what is needed to resolve it (calendar sources, texts' version).
`complaints.policy_checks` holds the checks that look across fields.
"""

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import Field, PlainSerializer

from complaints.model import Frozen, Named
from complaints.targets import Target
from complaints.vocabulary import (
    Cause,
    Channel,
    ClosingReason,
    Form,
    Language,
    Metric,
    OnDue,
    Renewal,
    Severity,
    Status,
)

Fraction = Annotated[float, Field(gt=0, lt=1)]
Intervals = tuple[tuple[str, str], ...]
T = TypeVar("T", bound=str)


def _ordered(values: frozenset[T]) -> list[T]:
    return sorted(values)


Several = Annotated[frozenset[T], PlainSerializer(_ordered, when_used="json")]
"""A set that is written in order: equal plans have equal JSON, and so one digest, in every process."""


class Condition(Frozen):
    """When a target applies. A dimension left out matches everything; several values of one are alternatives."""

    channel: Several[Channel] | None = None
    category: Several[str] | None = None
    severity: Several[Severity] | None = None
    form: Several[Form] | None = None

    def matches(self, facts: "Facts") -> bool:
        return (
            (self.channel is None or facts.channel in self.channel)
            and (self.category is None or facts.category in self.category)
            and (self.severity is None or facts.severity in self.severity)
            and (self.form is None or facts.form in self.form)
        )


class Facts(Frozen):
    """What the choice of a target may look at (DESIGN, section 4: a pure function of these)."""

    channel: Channel
    category: str | None
    severity: Severity
    form: Form


class TargetRule(Frozen):
    """A target and the calendar it is counted in; the first rule of a list whose condition matches is taken."""

    when: Condition = Condition()
    target: Target
    calendar: str | None = None


class Extension(Frozen):
    """How often, by how much and for which closed list of reasons a clock may be extended."""

    by: Target
    at_most: Annotated[int, Field(ge=1)] = 1
    reasons: tuple[str, ...]
    notice_before_expiry: bool = True


class ClockRules(Frozen):
    """One metric: its targets, what happens when it is due, what it warns of and what pauses it."""

    targets: Annotated[tuple[TargetRule, ...], Field(min_length=1)]
    on_due: OnDue
    starts: Literal["receipt", "documents_complete"] = "receipt"  # resolution only
    climbs: bool = False
    warnings: tuple[Fraction, ...] = ()
    pauses: Several[Status] = frozenset()
    reminders: tuple[Target, ...] = ()
    extension: Extension | None = None
    after: Several[ClosingReason] | None = None  # follow_up: only after closings for these reasons

    def choose(self, facts: Facts) -> TargetRule | None:
        return next((rule for rule in self.targets if rule.when.matches(facts)), None)


class Tier(Named):
    """A step of the ladder, in ascending order, with the team that answers for it."""

    team: str


class CauseRule(Frozen):
    """Who is told when the ladder moves for a cause, and whether the owner changes.

    `tell` holds tier names, or `owner` (before and after) or `tier` (the team of the tier reached).
    """

    tell: tuple[str, ...] = ("tier",)
    owner_changes: bool = True


class Entry(Frozen):
    """The tier at which a severity enters, and which tiers are told."""

    tier: str
    tell: tuple[str, ...] = ()


class ReopeningRule(Frozen):
    """From which reopening on which tier owns the case."""

    from_count: Annotated[int, Field(ge=1)] = 2
    tier: str


class Escalation(Frozen):
    climb: Annotated[tuple[TargetRule, ...], Field(min_length=1)]
    top_reminder: Annotated[tuple[TargetRule, ...], Field(min_length=1)]
    causes: dict[Cause, CauseRule]
    entry: dict[Severity, Entry] = {}
    reopening: ReopeningRule | None = None


class Step(Named):
    """A step of a category's procedure, which a handler records."""


class Solution(Named):
    """A remedy that a handler may offer."""


class Category(Named):
    solutions: tuple[Solution, ...]
    approval_from: Annotated[int, Field(ge=0)] | None = None  # whole currency units; from this cost a lead must approve
    procedure: Annotated[tuple[Step, ...], Field(min_length=1)]
    needs: tuple[str, ...] = ()  # keys of the intake's details without which the complaint is incomplete
    skill: str | None = None  # what the handler must know
    severity: Severity | None = None  # found by rule when the intake gives none


class HoldLimits(Frozen):
    """Working days, in the calendar of the hold clock."""

    each: Annotated[int, Field(ge=1)] = 10
    total: Annotated[int, Field(ge=1)] = 20


class Aftercare(Frozen):
    """How long a closed case is looked after before it is archived, after closings for these reasons."""

    period: TargetRule
    after: Several[ClosingReason]


class ClosureRules(Frozen):
    """From which severity on a part of the closure record must be given by a person before the case may close."""

    root_cause_from: Severity | None = None
    corrective_action_from: Severity | None = None
    evaluation_from: Severity | None = None
    steps_from: Severity | None = None


class Outage(Frozen):
    """Effects acted later than this after their instant follow the outage rule."""

    after: Target = Target("5 minutes")


class Rules(Frozen):
    """Everything a case obeys. Pinned in the start argument; a changed policy never touches a running case."""

    pack: str
    version: str
    languages: tuple[Language, ...]
    timezone: str = "Asia/Jakarta"  # in which dates are told to people
    currency: str = "IDR"
    default_severity: Severity = Severity.MODERATE
    clocks: dict[Metric, ClockRules]
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    escalation: Escalation
    categories: dict[str, Category]
    transfers: Annotated[int, Field(ge=0)] = 2
    disputes: Annotated[int, Field(ge=0)] = 2
    on_dispute: Renewal = Renewal.RESTART
    on_reopen: Renewal = Renewal.RESTART
    hold: HoldLimits = HoldLimits()
    aftercare: Aftercare
    closure: ClosureRules = ClosureRules()
    approver_tier: str | None = None  # whose team owns a proposed decision; the next tier up when left out
    outside_bodies: tuple[str, ...] = ()
    outage: Outage = Outage()
    undelivered: TargetRule = TargetRule(target=Target("1 days"))  # then a question not handed over becomes a task

    def facts(self, channel: Channel, category: str | None, severity: Severity, form: Form) -> Facts:
        return Facts(channel=channel, category=category, severity=severity, form=form)

    def tier_index(self, name: str) -> int:
        """The position of a tier, 0 for the first. Raises `KeyError` for an unknown name."""
        for index, tier in enumerate(self.tiers):
            if tier.name == name:
                return index
        raise KeyError(name)


class Holiday(Frozen):
    """A closed date with its name per language; `provisional` until it is decreed."""

    date: date
    name: dict[str, str]
    provisional: bool = False


class CalendarSource(Frozen):
    """A calendar as a pack carries it: reviewed, versioned, its holidays frozen into the file."""

    version: str
    timezone: str
    hours: dict[str, Intervals]
    closed: tuple[Holiday, ...] = ()
    special: dict[date, Intervals] = {}


class Policy(Rules):
    """A whole pack: the rules, and what is needed to resolve them into a plan."""

    as_of: date
    sources: tuple[str, ...] = ()
    disclaimer: str = "not legal advice; reviewed by counsel: no"
    texts: str  # the pack whose texts are used
    texts_version: str
    calendars: dict[str, CalendarSource]

    @property
    def rules(self) -> Rules:
        return Rules.model_validate({name: getattr(self, name) for name in Rules.model_fields})
