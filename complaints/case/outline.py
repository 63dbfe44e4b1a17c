"""The clocks of a case at a glance, and what became of them: how a re-plan is told, and previewed."""

from datetime import datetime
from typing import NamedTuple

from complaints.case.state import CaseState
from complaints.clocks import Clock
from complaints.messages.replan import ClockChange
from complaints.vocabulary import METRIC_ORDER, ClockState, OnDue


class ClockOutline(NamedTuple):
    """`due_at` is None while it does not run."""

    state: ClockState
    target: str
    calendar: str | None
    due_at: datetime | None
    open: bool
    breached: bool
    on_due: OnDue


Outline = dict[str, ClockOutline]


def outlined(clock: Clock) -> ClockOutline:
    due = clock.due_at if clock.state is ClockState.RUNNING else None
    return ClockOutline(clock.state, str(clock.target), clock.calendar, due, clock.open, clock.breached, clock.on_due)


def outline(state: CaseState) -> Outline:
    """Every clock by its key."""
    return {clock.key: outlined(clock) for clock in state.clocks}


def changes(before: Outline, state: CaseState, until: datetime) -> tuple[ClockChange, ...]:
    """What became of the clocks that were open, and which are new; broken promises are those up to `until`."""
    clocks = sorted(state.clocks, key=lambda c: (c.started_at, METRIC_ORDER[c.metric], c.occurrence))
    return tuple(
        _change(before.get(clock.key), clock, until)
        for clock in clocks
        if clock.key not in before or before[clock.key].open
    )


def _change(was: ClockOutline | None, clock: Clock, until: datetime) -> ClockChange:
    now = outlined(clock)
    broken_before = was is not None and _broken(was, until)
    broken_after = _broken(now, until)
    at_once = now.breached and not (was is not None and was.breached)
    differs = at_once or broken_before != broken_after
    return ClockChange(
        metric=clock.metric,
        occurrence=clock.occurrence,
        state_before=was.state if was else None,
        state_after=now.state,
        target_before=was.target if was else None,
        target_after=now.target,
        due_before=was.due_at if was else None,
        due_after=now.due_at,
        breached_at=clock.breached_at,
        breach=None if not differs else "appears" if broken_after else "vanishes",
    )


def _broken(clock: ClockOutline, until: datetime) -> bool:
    falls_due = clock.open and clock.due_at is not None and clock.due_at <= until
    return clock.breached or (falls_due and clock.on_due is OnDue.BREACH)
