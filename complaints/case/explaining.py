"""Why a clock is due then: every stretch of time from its start to its due instant, and what each adds.

The counted seconds of `open` steps sum to the target's own time plus extensions (DESIGN, section 10).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from complaints.calendar import BusinessCalendar
from complaints.case.projection import seconds, sorted_clocks
from complaints.case.state import CaseState
from complaints.clocks import Clock, OwnTime
from complaints.messages.view import Explanation, StepView
from complaints.model import seconds_z
from complaints.plan import PinnedCalendar
from complaints.targets import Unit
from complaints.vocabulary import ClockState


def explain(state: CaseState, now: datetime, metric: str | None = None) -> list[Explanation]:
    """One explanation per clock, in the order in which they are printed; of one metric if it is named."""
    return [_explanation(state, clock, now) for clock in sorted_clocks(state) if metric in (None, str(clock.metric))]


def _explanation(state: CaseState, clock: Clock, now: datetime) -> Explanation:
    pinned = state.plan.calendars.get(clock.calendar) if clock.calendar else None
    due = None if clock.state is ClockState.PAUSED else clock.due_at
    end = clock.due_at or max(now, clock.started_at)
    return Explanation(
        metric=clock.metric,
        occurrence=clock.occurrence,
        sentence=_sentence(clock, pinned, due),
        start=clock.started_at,
        target=str(clock.target),
        calendar=clock.calendar,
        version=pinned.version if pinned else None,
        steps=tuple(_steps(state, clock, pinned, end)),
        due_at=due,
    )


def _sentence(clock: Clock, pinned: PinnedCalendar | None, due: datetime | None) -> str:
    counted = f" in calendar {pinned.name} ({pinned.version})" if pinned else " of elapsed time"
    parts = [f"{clock.metric} {clock.occurrence} runs {clock.target}{counted} from {seconds_z(clock.started_at)}"]
    if clock.reassessed:
        parts.append("its target was chosen again at the assessment")
    if clock.extensions:
        parts.append(f"it was extended {len(clock.extensions)} times ({', '.join(e.reason for e in clock.extensions)})")
    if clock.pauses:
        parts.append(f"it was paused {len(clock.pauses)} times, and every pause moves it by its own time")
    parts.append(f"so it is due at {seconds_z(due)}" if due else "it is paused now, so it has no due instant")
    return "; ".join(parts) + "."


def _steps(state: CaseState, clock: Clock, pinned: PinnedCalendar | None, end: datetime) -> list[StepView]:
    calendar = state.plan.calendar(clock.calendar) if clock.target.unit is not Unit.ELAPSED else None
    steps = list(_stretches(clock, calendar, pinned, end)) + list(_extensions(clock, calendar))
    return sorted(steps, key=lambda step: (step.since, step.until))


def _stretches(
    clock: Clock, calendar: BusinessCalendar | None, pinned: PinnedCalendar | None, end: datetime
) -> Iterator[StepView]:
    start = clock.started_at
    cursor = start
    for a, b, reason in _breaks(clock, end):
        yield from _run(calendar, pinned, cursor, a)
        yield StepView(kind="pause", since=a, until=b, counted_seconds=0, note=reason)
        cursor = b
    yield from _run(calendar, pinned, cursor, end)


def _breaks(clock: Clock, end: datetime) -> list[tuple[datetime, datetime, str]]:
    """Pauses between start and end, in order and without overlap."""
    found = [(p.since, p.until or end, p.reason) for p in clock.pauses]
    found += [(a, b, "reminder_not_handed_over") for a, b in clock.delays]
    result: list[tuple[datetime, datetime, str]] = []
    cursor = clock.started_at
    for a, b, reason in sorted(found):
        since, until = max(a, cursor), min(b, end)
        if until > since:
            result.append((since, until, reason))
            cursor = until
    return result


def _run(
    calendar: BusinessCalendar | None, pinned: PinnedCalendar | None, start: datetime, end: datetime
) -> Iterator[StepView]:
    """A stretch without pauses: open and closed time in turn."""
    if end <= start:
        return
    if calendar is None:
        yield _open(start, end)
        return
    cursor = start
    for a, b in calendar.open_intervals(start, end):
        yield from _closed(calendar, pinned, cursor, a)
        yield _open(a, b)
        cursor = b
    yield from _closed(calendar, pinned, cursor, end)


def _open(start: datetime, end: datetime) -> StepView:
    return StepView(kind="open", since=start, until=end, counted_seconds=seconds(end - start))


def _closed(
    calendar: BusinessCalendar, pinned: PinnedCalendar | None, start: datetime, end: datetime
) -> Iterator[StepView]:
    """Closed time, its holidays named one by one."""
    since: datetime | None = None
    for a, b, name in _by_date(calendar, pinned, start, end):
        if name is None:
            since = since or a
            continue
        if since is not None:
            yield StepView(kind="closed", since=since, until=a, counted_seconds=0)
            since = None
        yield StepView(kind="holiday", since=a, until=b, counted_seconds=0, note=name)
    if since is not None:
        yield StepView(kind="closed", since=since, until=end, counted_seconds=0)


def _by_date(
    calendar: BusinessCalendar, pinned: PinnedCalendar | None, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, str | None]]:
    cursor = start
    closed = set(pinned.closed) if pinned else set()
    while cursor < end:
        day = calendar.local_date(cursor)
        until = min(calendar.end_of_day(day), end)
        iso = day.isoformat()
        yield cursor, until, _holiday_name(pinned, iso) if iso in closed else None
        cursor = until


def _holiday_name(pinned: PinnedCalendar | None, iso: str) -> str:
    names = pinned.holidays.get(iso, {}) if pinned else {}
    return next(iter(names.values()), iso)


def _extensions(clock: Clock, calendar: BusinessCalendar | None) -> Iterator[StepView]:
    own = OwnTime(calendar)
    for extension in clock.extensions:
        added: timedelta = own.between(extension.base_before, extension.by.due(extension.base_before, calendar))
        yield StepView(
            kind="extension",
            since=extension.at,
            until=extension.at,
            counted_seconds=seconds(added),
            note=f"{extension.by}: {extension.reason}",
        )
