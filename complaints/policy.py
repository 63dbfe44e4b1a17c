"""The policy model: business configuration as data. Numbers, calendars, tiers; no expressions, no control flow.

`Rules` is what a case is pinned to; `Policy` adds what is needed to resolve it (calendar sources, texts' version).
`complaints.policy_checks` holds the checks that look across fields.
"""

from datetime import date
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from complaints.model import Frozen, Named, is_none
from complaints.policy_calendars import CalendarSource, FrozenHolidays, Holiday, Intervals
from complaints.policy_clocks import (
    ClockRules,
    ClockTarget,
    Condition,
    Extension,
    Facts,
    Several,
    TargetRule,
)
from complaints.targets import Target
from complaints.vocabulary import (
    Cause,
    Channel,
    ClosingReason,
    Form,
    Language,
    Metric,
    Need,
    OnReturn,
    Renewal,
    Severity,
)


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
    """A remedy that a handler may offer. Above its limit nobody may, whoever approves; whole currency units."""

    limit: Annotated[int, Field(ge=0)] | None = Field(default=None, exclude_if=is_none)


class Category(Named):
    solutions: tuple[Solution, ...]
    approval_from: Annotated[int, Field(ge=0)] | None = None  # whole currency units; from this cost a lead must approve
    procedure: Annotated[tuple[Step, ...], Field(min_length=1)]
    needs: tuple[str, ...] = ()  # keys of the intake's details without which the complaint is incomplete
    skill: str | None = None  # what the handler must know
    severity: Severity | None = None  # found by rule when the intake gives none


class Verification(Frozen):
    """What must be known of a complainant, beside what the category needs, before the complaint is investigated.

    `proceed_without` names what is asked for and waited for, but does not end the case if it never comes.
    """

    contact: Need = Need.NONE  # that the contact is theirs
    customer: Need = Need.NONE  # that they are a customer: whether a claim to be one is looked up
    consent: Need = Need.NONE  # of the person whom somebody else speaks for
    proceed_without: tuple[str, ...] = ()


NO_VERIFICATION = Verification()


class HoldLimits(Frozen):
    """Working days, in the calendar of the hold clock."""

    each: Annotated[int, Field(ge=1)] = 10
    total: Annotated[int, Field(ge=1)] = 20


class SurveyRules(Frozen):
    """Whom the follow-up asks how it went, after closings for these reasons, and how long they are then left in peace.

    `quiet` holds for the person: in all their cases of the company, none of them asks again within it.
    """

    after: Several[ClosingReason]
    quiet: Target = Target("90 days")
    returned: OnReturn = OnReturn.REOPEN  # when they say that the problem has come back


class Aftercare(Frozen):
    """How long a closed case is looked after before it is archived, after closings for these reasons."""

    period: TargetRule
    after: Several[ClosingReason]
    survey: SurveyRules | None = Field(default=None, exclude_if=is_none)  # none: nobody is asked
    # So long after a corrective or preventive action was done its owner is asked whether it worked; none: never.
    effectiveness: TargetRule | None = Field(default=None, exclude_if=is_none)


class ClosureRules(Frozen):
    """From which severity on a part of the closure record must be given by a person before the case may close."""

    root_cause_from: Severity | None = None
    corrective_action_from: Severity | None = None
    evaluation_from: Severity | None = None
    steps_from: Severity | None = None


class EvaluationRules(Frozen):
    """Which closed cases are put before a reviewer: a share drawn at random, and all that give a reason."""

    sample: Annotated[float, Field(ge=0, le=1)] = 0.1
    always: tuple[Literal["critical", "disputed", "breached"], ...] = ("critical", "disputed", "breached")


class Outage(Frozen):
    """Effects acted later than this after their instant follow the outage rule."""

    after: Target = Target("5 minutes")


class DuplicateRules(Frozen):
    """When an earlier complaint is shown as a possible duplicate, by the share of trigrams that both texts have."""

    days: Annotated[int, Field(ge=1, le=3_650)] = 30  # between the two
    similar: Annotated[float, Field(gt=0, le=1)] = 0.45  # from here on, by the same complainant
    identical: Annotated[float, Field(gt=0, le=1)] = 0.8  # from here on, by anybody


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
    verification: Verification = Field(default=NO_VERIFICATION, exclude_if=lambda value: value == NO_VERIFICATION)
    hold: HoldLimits = HoldLimits()
    aftercare: Aftercare
    closure: ClosureRules = ClosureRules()
    approver_tier: str | None = None  # whose team owns a proposed decision; the next tier up when left out
    outside_bodies: tuple[str, ...] = ()
    outage: Outage = Outage()
    undelivered: TargetRule = TargetRule(target=Target("1 days"))  # then a question not handed over becomes a task
    duplicates: DuplicateRules | None = Field(default=None, exclude_if=is_none)  # none: no search
    # Which closed cases a reviewer looks at; none: no case is drawn.
    evaluation: EvaluationRules | None = Field(default=None, exclude_if=is_none)
    # A complainant who accepts within this of the receipt is told by a summary, not by the closing notice.
    early_closing: TargetRule | None = Field(default=None, exclude_if=is_none)

    def facts(self, channel: Channel, category: str | None, severity: Severity, form: Form) -> Facts:
        return facts_of(channel, category, severity, form)

    def tier_index(self, name: str) -> int:
        """The position of a tier, 0 for the first. Raises `KeyError` for an unknown name."""
        for index, tier in enumerate(self.tiers):
            if tier.name == name:
                return index
        raise KeyError(name)


@lru_cache(4096)
def facts_of(channel: Channel, category: str | None, severity: Severity, form: Form) -> Facts:
    """The facts as a value that all complaints of the kind share."""
    return Facts(channel=channel, category=category, severity=severity, form=form)


class Demand(Frozen):
    """What a law or a standard asks for, the keys of the policy that carry it, and how far its figures are known."""

    demand: str
    keys: Annotated[tuple[str, ...], Field(min_length=1)]  # paths in the policy, or `texts.<language>.…`
    standing: Literal["sourced", "unconfirmed", "own"]  # unconfirmed: no public page says so; own: no law gives it
    sources: tuple[str, ...] = ()  # some of the policy's
    note: str | None = None


class Policy(Rules):
    """A whole pack: the rules, and what is needed to resolve them into a plan."""

    as_of: date
    sources: tuple[str, ...] = ()
    disclaimer: str = "not legal advice; reviewed by counsel: no"
    demands: tuple[Demand, ...] = ()
    texts: str  # the pack whose texts are used
    texts_version: str
    calendars: dict[str, CalendarSource]

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The keys whose figures no public page confirms."""
        return tuple(dict.fromkeys(key for d in self.demands if d.standing == "unconfirmed" for key in d.keys))

    @property
    def rules(self) -> Rules:
        return Rules.model_validate({name: getattr(self, name) for name in Rules.model_fields})


__all__ = [
    "Aftercare",
    "CalendarSource",
    "Category",
    "CauseRule",
    "ClockRules",
    "ClockTarget",
    "ClosureRules",
    "Condition",
    "Demand",
    "Entry",
    "Escalation",
    "EvaluationRules",
    "Extension",
    "Facts",
    "FrozenHolidays",
    "HoldLimits",
    "Holiday",
    "Intervals",
    "Outage",
    "Policy",
    "ReopeningRule",
    "Rules",
    "Solution",
    "Step",
    "SurveyRules",
    "TargetRule",
    "Tier",
    "Verification",
]
