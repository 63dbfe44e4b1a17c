"""The time of a clock, stretch by stretch: what counts towards its due instant, what does not, and what changed it.

Counted seconds are cut so that their sum is exact: a step is cut where the sum is, not each step by itself.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from complaints.calendar import BusinessCalendar
from complaints.case.projection import seconds
from complaints.case.state import CaseState
from complaints.clocks import Clock, Extended, OwnTime
from complaints.messages.reasons import StepReasons
from complaints.plan import PinnedCalendar
from complaints.targets import Unit
from complaints.timeline import Entry
from complaints.vocabulary import Kind, Metric

ZERO = timedelta(0)
OUTAGE = "outage"
DELAYED = "reminder_not_handed_over"


class Stretches:
    """The steps of one clock up to `end`: its due instant, or now while it is paused and has none."""

    def __init__(self, state: CaseState, clock: Clock, end: datetime) -> None:
        self.state, self.clock, self.end = state, clock, end
        pinned = state.plan_of(clock).calendars
        self.pinned: PinnedCalendar | None = pinned.get(clock.calendar) if clock.calendar else None
        self.calendar = state.calendar_of(clock) if clock.target.unit is not Unit.ELAPSED else None
        self.own = OwnTime(self.calendar)

    @property
    def target(self) -> timedelta:
        """The target in the clock's own time, without extensions."""
        clock = self.clock
        if self._caught_up():
            return self.own.between(clock.started_at, clock.target.due(clock.started_at, self.calendar))
        first = clock.extensions[0].base_before if clock.extensions else clock.base_due
        return self.own.between(clock.started_at, first)

    def steps(self) -> list[StepReasons]:
        stretches = _counted_exactly(_numbered(self, self._stretches()))
        found = [*stretches, *self._extensions(), *self._reassessments(), *self._replans()]
        return sorted(found, key=lambda step: (step.since, step.until))

    # stretches of time, one after the other

    def _stretches(self) -> Iterator[StepReasons]:
        cursor = self.clock.started_at
        for since, until, reason in self._breaks():
            yield from self._run(cursor, since)
            yield self._pause(since, until, reason)
            cursor = until
        yield from self._run(cursor, self.end)

    def _breaks(self) -> list[tuple[datetime, datetime, str]]:
        """Pauses between start and end, in order and without overlap."""
        found = [(p.since, p.until or self.end, p.reason) for p in self.clock.pauses]
        found += [(a, b, DELAYED) for a, b in self.clock.delays]
        result: list[tuple[datetime, datetime, str]] = []
        cursor = self.clock.started_at
        for a, b, reason in sorted(found):
            since, until = max(a, cursor), min(b, self.end)
            if until > since:
                result.append((since, until, reason))
                cursor = until
        return result

    def _pause(self, since: datetime, until: datetime, reason: str) -> StepReasons:
        held = None
        if reason == "on_hold":
            held = _last(e for e in self.state.timeline if e.kind is Kind.PUT_ON_HOLD and e.at < until)
        said = [held.detail[name] for name in ("reason", "party") if held.detail.get(name)] if held else []
        return StepReasons(
            kind="pause",
            since=since,
            until=until,
            note=reason,
            reason=reason,
            said=", ".join(said) or None,
            by=held.actor if held else None,
        )

    def _run(self, start: datetime, end: datetime) -> Iterator[StepReasons]:
        """A stretch without pauses: open and closed time in turn."""
        if end <= start:
            return
        if self.calendar is None:
            yield _open(start, end)
            return
        cursor = start
        for a, b in self.calendar.open_intervals(start, end):
            yield from self._closed(self.calendar, cursor, a)
            yield _open(a, b)
            cursor = b
        yield from self._closed(self.calendar, cursor, end)

    def _closed(self, calendar: BusinessCalendar, start: datetime, end: datetime) -> Iterator[StepReasons]:
        """Closed time, its holidays named one by one."""
        since: datetime | None = None
        for a, b, names in self._by_date(calendar, start, end):
            if names is None:
                since = since or a
                continue
            if since is not None:
                yield StepReasons(kind="closed", since=since, until=a)
                since = None
            note = next(iter(names.values()), calendar.local_date(a).isoformat())
            yield StepReasons(kind="holiday", since=a, until=b, note=note, names=names)
        if since is not None:
            yield StepReasons(kind="closed", since=since, until=end)

    def _by_date(
        self, calendar: BusinessCalendar, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime, dict[str, str] | None]]:
        closed = set(self.pinned.closed) if self.pinned else set()
        cursor = start
        while cursor < end:
            day = calendar.local_date(cursor)
            until = min(calendar.end_of_day(day), end)
            iso = day.isoformat()
            names = self.pinned.holidays.get(iso, {}) if self.pinned and iso in closed else None
            yield cursor, until, names
            cursor = until

    # what changed it, at an instant

    def _extensions(self) -> Iterator[StepReasons]:
        clock, passed = self.clock, self.target
        for extension in clock.extensions:
            added = self._added(extension)
            entry = _last(e for e in self.state.timeline if e.kind is Kind.EXTENDED and _of(e, clock, extension.at))
            yield StepReasons(
                kind="extension",
                since=extension.at,
                until=extension.at,
                counted_seconds=seconds(passed + added) - seconds(passed),
                note=f"{extension.by}: {extension.reason}",
                reason=extension.reason,
                said=entry.detail.get("note") if entry else None,
                by=entry.actor if entry else None,
                after=str(extension.by),
            )
            passed += added
        yield from self._rearmed(passed)

    def _added(self, extension: Extended) -> timedelta:
        base = extension.base_before
        return self.own.between(base, extension.by.after(base, self.calendar))

    def _rearmed(self, passed: timedelta) -> Iterator[StepReasons]:
        """What an outage of ours gave the complainant beyond the target and its extensions."""
        entries = self._caught_up()
        whole = self.own.between(self.clock.started_at, self.clock.base_due)
        if entries and whole > passed:
            yield StepReasons(
                kind="extension",
                since=entries[-1].acted_at,
                until=entries[-1].acted_at,
                counted_seconds=seconds(whole) - seconds(passed),
                note=OUTAGE,
                reason=OUTAGE,
            )

    def _caught_up(self) -> list[Entry]:
        return [e for e in self.state.timeline if e.kind is Kind.CAUGHT_UP and _of(e, self.clock)]

    def _reassessments(self) -> Iterator[StepReasons]:
        later = [*(r.target for r in self.clock.reassessments[1:]), self.clock.target]
        for chosen, after in zip(self.clock.reassessments, later, strict=False):
            entry = _last(e for e in self.state.timeline if e.kind is Kind.ASSESSED and e.at == chosen.at)
            yield StepReasons(
                kind="reassessment",
                since=chosen.at,
                until=chosen.at,
                reason=entry.detail.get("severity") if entry else None,
                said=entry.detail.get("note") if entry else None,
                by=entry.actor if entry else None,
                before=str(chosen.target),
                after=str(after),
            )

    def _replans(self) -> Iterator[StepReasons]:
        for plan in self.clock.replans:
            yield StepReasons(
                kind="replan",
                since=plan.at,
                until=plan.at,
                note=f"{plan.target_before} to {plan.target_after}, {plan.policy_before} to {plan.policy_after}: "
                f"{plan.reason}",
                policies=(plan.policy_before, plan.policy_after),
                said=plan.reason,
                by=plan.actor,
                before=str(plan.target_before),
                after=str(plan.target_after),
                due_before=plan.before,
                due_after=plan.after,
            )


def _open(start: datetime, end: datetime) -> StepReasons:
    return StepReasons(kind="open", since=start, until=end)


def _counted_exactly(steps: Iterable[tuple[StepReasons, timedelta]]) -> Iterator[StepReasons]:
    passed = ZERO
    for step, length in steps:
        counted = seconds(passed + length) - seconds(passed)
        passed += length
        yield step.model_copy(update={"counted_seconds": counted}) if counted else step


def _numbered(stretches: Stretches, steps: Iterable[StepReasons]) -> Iterator[tuple[StepReasons, timedelta]]:
    """Each step with its own time; open ones of a target in working days with the number of theirs."""
    calendar, clock = stretches.calendar, stretches.clock
    counts = calendar is not None and clock.target.unit is Unit.WORKING_DAYS
    wanted = clock.target.days + sum(e.by.days for e in clock.extensions if e.by.unit is Unit.WORKING_DAYS)
    day: date | None = calendar.local_date(clock.started_at) if calendar is not None else None
    number = 0
    for step in steps:
        if step.kind != "open":
            yield step, ZERO
            continue
        if counts and calendar is not None and day is not None:
            while day < calendar.local_date(step.since):
                day += timedelta(days=1)
                number += calendar.is_working_day(day)
            if 0 < number <= wanted:
                step = step.model_copy(update={"working_day": number})  # noqa: PLW2901  the same step, with its number
        yield step, step.until - step.since


def _of(entry: Entry, clock: Clock, at: datetime | None = None) -> bool:
    """Whether an entry is about this clock."""
    about = (entry.detail.get("metric"), entry.detail.get("occurrence"))
    return about == (Metric(clock.metric), clock.occurrence) and at in (None, entry.at)


def _last(entries: Iterable[Entry]) -> Entry | None:
    return max(entries, key=lambda entry: entry.sequence, default=None)
