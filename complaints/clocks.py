"""Clocks: one promise each. Start, pause, extend, end; every instant is computed when something changes, then kept.

A pause is a calendar break (DESIGN, section 4): the due instant moves by the pause's time in the clock's own time. A
pause that begins at or after the due instant moves nothing.

They are slotted dataclasses, which pydantic reads and writes within a case's state: a case looks at them all the time,
and a slot is read in a tenth of the time of a model's field.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from complaints.calendar import BusinessCalendar
from complaints.messages.commands import Actor
from complaints.model import Instant
from complaints.targets import Target, Unit
from complaints.vocabulary import ClockState, MetBy, Metric, OnDue

ZERO = timedelta(0)
Span = tuple[datetime, datetime]


@dataclass(slots=True, kw_only=True)
class Pause:
    since: Instant
    until: Instant | None = None
    reason: str = ""  # why it paused, for whoever asks why the clock is due then


@dataclass(slots=True, kw_only=True)
class Warned:
    fraction: float
    at: Instant | None  # None while a pause keeps it from having an instant
    fired: bool = False


@dataclass(slots=True, kw_only=True)
class Reminder:
    """A reminder of a question. While it is out but not handed over, the wait stands still (DESIGN, section 3)."""

    number: int
    after: Target
    at: Instant
    key: str | None = None  # of its notice, once it was sent
    handed_over_at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class Extended:
    by: Target
    reason: str
    at: Instant
    base_before: Instant


@dataclass(slots=True, kw_only=True)
class Reassessed:
    """Its target was chosen again at an assessment: what it was before."""

    at: Instant
    target: Target
    calendar: str | None


@dataclass(slots=True, kw_only=True)
class Replanned:
    """It came under another policy: by whom and why, and what it was before; a due instant is None while paused."""

    at: Instant
    actor: Actor
    reason: str
    policy_before: str  # pack@version
    policy_after: str
    target_before: Target
    target_after: Target
    before: Instant | None
    after: Instant | None


class OwnTime:
    """Arithmetic in a clock's own time: business time of a calendar, or real time when there is none."""

    __slots__ = ("calendar",)

    def __init__(self, calendar: BusinessCalendar | None) -> None:
        self.calendar = calendar

    def between(self, start: datetime, end: datetime) -> timedelta:
        if self.calendar is None:
            return max(end - start, ZERO)
        return self.calendar.between(start, end)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        return start + amount if self.calendar is None else self.calendar.add(start, amount)

    def moved(self, start: datetime, base: datetime, breaks: list[Span]) -> datetime:
        """`base`, found without pauses from `start`, moved by the own time of the breaks that begin before it."""
        breaks = [(max(a, start), b) for a, b in breaks if b > start and b > a]
        if not breaks:
            return base
        if self.calendar is None:
            due = base
            for a, b in sorted(breaks):
                if a < due:
                    due += b - a
            return due
        budget = self.calendar.between(start, base)
        if budget == ZERO:
            return base
        due = self.calendar.with_breaks(breaks).add(start, budget)
        # Breaks without own time leave the instant where the target put it, such as 24:00 of a calendar day.
        return base if due == self.calendar.add(start, budget) else due


@dataclass(slots=True, kw_only=True)
class Clock:
    """One promise. `base_due` is the due instant without pauses; `due_at` with them, None while paused before it."""

    metric: Metric
    occurrence: int
    target: Target
    calendar: str | None
    on_due: OnDue
    climbs: bool = False
    started_at: Instant
    base_due: Instant
    due_at: Instant | None
    state: ClockState = ClockState.RUNNING
    pauses: list[Pause] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    extensions: list[Extended] = field(default_factory=list)
    delays: list[tuple[Instant, Instant]] = field(default_factory=list)  # while a reminder was out but not handed over
    breached_at: Instant | None = None
    breach_cause: str | None = None
    reassessed: bool = False  # its target was chosen again
    reassessments: list[Reassessed] = field(default_factory=list)
    replans: tuple[Replanned, ...] = ()
    earlier_plan: int | None = None  # which of the case's earlier plans it is counted by; None: by the present one
    ended_at: Instant | None = None
    met_by: MetBy | None = None
    expected_at: Instant | None = None  # when the letter that went out at its limit promises a decision
    action: int | None = None  # number of the action it belongs to
    changed: int = 0  # sequence of the timeline entry that a record of the change must reach

    @property
    def key(self) -> str:
        return f"{self.metric}#{self.occurrence}"

    @property
    def open(self) -> bool:
        return self.ended_at is None

    @property
    def breached(self) -> bool:
        return self.breached_at is not None

    def spans(self, until: datetime) -> list[Span]:
        """Its pauses as closed spans, an open one ending at `until`."""
        spans = [(p.since, p.until or max(until, p.since)) for p in self.pauses]
        return [(a, b) for a, b in spans if b > a]

    def _own(self, calendar: BusinessCalendar | None) -> OwnTime:
        return OwnTime(None if self.target.unit is Unit.ELAPSED else calendar)

    def refresh(self, calendar: BusinessCalendar | None) -> None:
        """Compute the due instant, every warning and reminder anew: after a pause, an extension, a reassessment."""
        own = self._own(calendar)
        held = self.pauses[-1].since if self.pauses and self.pauses[-1].until is None else None
        breaks = [(p.since, p.until) for p in self.pauses if p.until is not None] + self.delays

        def place(base: datetime) -> datetime | None:
            at = own.moved(self.started_at, base, breaks) if breaks else base
            return None if held is not None and held < at else at

        self.due_at = place(self.base_due)
        if self.warnings:
            budget = own.between(self.started_at, self.base_due)
            for warning in self.warnings:
                if not warning.fired:
                    at = place(own.add(self.started_at, warning.fraction * budget))
                    warning.at = None if at is None else at.replace(microsecond=0)
        for reminder in self.reminders:
            if reminder.key is None:
                reminder.at = own.moved(self.started_at, reminder.after.due(self.started_at, calendar), self.delays)

    def pause(self, now: datetime, reason: str, calendar: BusinessCalendar | None) -> None:
        self.pauses = [*self.pauses, Pause(since=max(now, self.started_at), reason=reason)]
        self.state = ClockState.PAUSED
        self.refresh(calendar)

    def resume(self, now: datetime, calendar: BusinessCalendar | None) -> None:
        last = self.pauses[-1]
        self.pauses = [*self.pauses[:-1], replace(last, until=max(now, last.since))]
        self.state = ClockState.RUNNING
        self.refresh(calendar)

    def end(self, now: datetime, state: ClockState, by: MetBy | None, calendar: BusinessCalendar | None) -> None:
        if self.state is ClockState.PAUSED:
            self.resume(now, calendar)
        self.state, self.ended_at, self.met_by = state, now, by

    @property
    def awaits_reminder(self) -> bool:
        return any(r.key is not None and r.handed_over_at is None for r in self.reminders)

    # what it shows: seconds in its own time

    def budget(self, calendar: BusinessCalendar | None) -> timedelta:
        """Its target with extensions, as time of its own."""
        return self._own(calendar).between(self.started_at, self.base_due)

    def paused_time(self, now: datetime, calendar: BusinessCalendar | None) -> timedelta:
        if not self.pauses:
            return ZERO
        end = self.ended_at or now
        own = self._own(calendar)
        return sum((own.between(max(a, self.started_at), min(b, end)) for a, b in self.spans(end)), ZERO)

    def elapsed(self, now: datetime, calendar: BusinessCalendar | None) -> timedelta:
        end = self.ended_at or now
        passed = self._own(calendar).between(self.started_at, end)
        return passed - self.paused_time(now, calendar) if self.pauses else passed

    def remaining(self, now: datetime, calendar: BusinessCalendar | None) -> timedelta | None:
        """What is left; None once it has ended."""
        if not self.open:
            return None
        own = self._own(calendar)
        if self.state is ClockState.PAUSED and self.due_at is None:
            budget = own.between(self.started_at, self.base_due)
            return max(budget - self.elapsed(now, calendar), ZERO)
        return ZERO if self.due_at is None else own.between(now, self.due_at)

    def late(self, now: datetime, calendar: BusinessCalendar | None) -> timedelta:
        """How late it is or was; later pauses are left out. A clock that was never breached is never late."""
        due = self.due_at or self.breached_at
        if due is None or self.breached_at is None:
            return ZERO
        end = self.ended_at or now
        own = self._own(calendar)
        paused = sum((own.between(max(a, due), min(b, end)) for a, b in self.spans(end)), ZERO)
        return max(own.between(due, end) - paused, ZERO)
