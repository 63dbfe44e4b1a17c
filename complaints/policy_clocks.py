"""What a policy says of a clock: which target applies to which complaint, and what happens when it is due."""

from functools import cached_property
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import Field, PlainSerializer

from complaints.model import Frozen, is_none
from complaints.targets import Target
from complaints.vocabulary import Channel, ClosingReason, Form, Occasion, OnDue, Severity, Status

Fraction = Annotated[float, Field(gt=0, lt=1)]
T = TypeVar("T", bound=str)


def _ordered(values: frozenset[T]) -> list[T]:
    return sorted(values)


Several = Annotated[frozenset[T], PlainSerializer(_ordered, when_used="json")]
"""A set that is written in order: equal plans have equal JSON, and so one digest, in every process."""
Starts = Literal["receipt", "documents_complete"]
Letter = Literal[Occasion.HOLDING_REPLY, Occasion.LIMIT_LETTER]
"""What says why there is no decision yet, when one is expected, and where else the complainant may turn."""
# Left out when there is none: the plan of a policy without it is written as it always was.
_NONE = Field(default=None, exclude_if=is_none)


class Facts(Frozen):
    """What the choice of a target may look at (DESIGN, section 4: a pure function of these)."""

    channel: Channel
    category: str | None
    severity: Severity
    form: Form


class Condition(Frozen):
    """When a target applies. A dimension left out matches everything; several values of one are alternatives."""

    channel: Several[Channel] | None = None
    category: Several[str] | None = None
    severity: Several[Severity] | None = None
    form: Several[Form] | None = None

    def matches(self, facts: Facts) -> bool:
        return (
            (self.channel is None or facts.channel in self.channel)
            and (self.category is None or facts.category in self.category)
            and (self.severity is None or facts.severity in self.severity)
            and (self.form is None or facts.form in self.form)
        )


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
    send: Letter | None = _NONE  # how the new date is told; `date_changed` when left out


class Conversion(Frozen):
    """What a complaint becomes when its clock is due; the clock that is started then is that of the new form."""

    form: Form


class ClockTarget(TargetRule):
    """A target of a clock. What it says of the keys that its clock has too counts for it instead of theirs."""

    on_due: OnDue | None = _NONE
    starts: Starts | None = _NONE
    pauses: Several[Status] | None = _NONE
    extension: Extension | None = _NONE
    convert: Conversion | None = _NONE  # with `on_due: convert`
    send: Letter | None = _NONE  # goes out when the clock is due, whatever else happens
    expect: Target | None = _NONE  # by when the letter promises a decision; past it, the letter goes out anew

    @property
    def plain(self) -> bool:
        own = (self.on_due, self.starts, self.pauses, self.extension, self.convert, self.send, self.expect)
        return all(value is None for value in own)


class Terms(NamedTuple):
    """What holds for a clock under one of its targets."""

    on_due: OnDue
    starts: Starts
    pauses: frozenset[Status]
    extension: Extension | None
    convert: Conversion | None = None
    send: Letter | None = None
    expect: Target | None = None


class ClockRules(Frozen):
    """One metric: its targets, what happens when it is due, what it warns of and what pauses it."""

    targets: Annotated[tuple[ClockTarget, ...], Field(min_length=1)]
    on_due: OnDue
    starts: Starts = "receipt"  # resolution only
    climbs: bool = False
    warnings: tuple[Fraction, ...] = ()
    pauses: Several[Status] = frozenset()
    reminders: tuple[Target, ...] = ()
    extension: Extension | None = None
    after: Several[ClosingReason] | None = None  # follow_up: only after closings for these reasons

    def choose(self, facts: Facts) -> ClockTarget | None:
        for rule in self.targets:
            if rule.when.matches(facts):
                return rule
        return None

    @cached_property
    def plain(self) -> bool:
        """Whether no target says anything of its own."""
        return all(rule.plain for rule in self.targets)

    def terms(self, rule: TargetRule | None) -> Terms:
        """What holds under one of the targets; for a target from elsewhere what the clock says."""
        if not isinstance(rule, ClockTarget):
            return Terms(self.on_due, self.starts, self.pauses, self.extension)
        return Terms(
            rule.on_due or self.on_due,
            rule.starts or self.starts,
            self.pauses if rule.pauses is None else rule.pauses,
            rule.extension or self.extension,
            rule.convert,
            rule.send,
            rule.expect,
        )
