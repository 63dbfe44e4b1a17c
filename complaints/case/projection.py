"""The case as others see it: the printed view of DESIGN section 10, and the rows of the read model."""

from datetime import datetime, timedelta
from typing import Any

from complaints.case.state import CaseState
from complaints.clocks import Clock
from complaints.messages.duties import ActionRow, ClockRow, ClosureRecord
from complaints.messages.view import ActionView, CaseView, ClockView, EntryView, NoticeView, WarningView
from complaints.model import made
from complaints.vocabulary import METRIC_ORDER


def whole(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def sorted_clocks(state: CaseState) -> list[Clock]:
    return sorted(state.clocks, key=lambda c: (c.started_at, METRIC_ORDER[c.metric], c.occurrence))


def clock_row(state: CaseState, clock: Clock, now: datetime) -> ClockRow:
    calendar = state.calendar_of(clock)
    return made(
        ClockRow,
        metric=clock.metric,
        occurrence=clock.occurrence,
        state=clock.state,
        target=str(clock.target),
        calendar=clock.calendar,
        on_due=clock.on_due,
        started_at=clock.started_at,
        due_at=clock.due_at,
        breached_at=clock.breached_at,
        ended_at=clock.ended_at,
        met_by=clock.met_by,
        elapsed_seconds=seconds(clock.elapsed(now, calendar)),
        paused_seconds=seconds(clock.paused_time(now, calendar)),
        late_seconds=seconds(clock.late(now, calendar)),
    )


def clock_rows(state: CaseState, now: datetime) -> list[tuple[Clock, ClockRow]]:
    """Every clock with its row, in the order in which they are printed."""
    return [(clock, clock_row(state, clock, now)) for clock in sorted_clocks(state)]


def clock_view(state: CaseState, clock: Clock, now: datetime) -> ClockView:
    calendar = state.calendar_of(clock)
    return ClockView(
        metric=clock.metric,
        occurrence=clock.occurrence,
        state=clock.state,
        target=str(clock.target),
        calendar=clock.calendar,
        on_due=clock.on_due,
        started_at=clock.started_at,
        due_at=clock.due_at if clock.state != "paused" else None,
        warnings=tuple(WarningView(fraction=w.fraction, at=w.at) for w in clock.warnings),
        breached_at=clock.breached_at,
        met_at=clock.ended_at if clock.state == "met" else None,
        met_by=clock.met_by,
        paused_seconds=seconds(clock.paused_time(now, calendar)),
        elapsed_seconds=seconds(clock.elapsed(now, calendar)),
        remaining_seconds=whole(clock.remaining(now, calendar)),
        late_seconds=seconds(clock.late(now, calendar)),
    )


def view(state: CaseState, now: datetime, next_due: datetime | None) -> CaseView:
    """The whole case, as `tuntas simulate --json` and `tuntas show --json` print it."""
    return CaseView(
        reference=state.reference,
        status=state.status,
        outcome=state.decisions[-1].outcome if state.decisions else None,
        closing_reason=state.closing_reason,
        tier=state.plan.rules.tiers[state.ladder.tier].name,
        owner=state.owner,
        transfers=state.transfers,
        disputes=state.disputes,
        reopenings=state.reopenings,
        next_due_at=next_due,
        clocks=tuple(clock_view(state, clock, now) for clock in sorted_clocks(state)),
        timeline=tuple(
            EntryView(sequence=e.sequence, at=e.at, kind=e.kind, actor=e.actor, detail=e.printed_detail())
            for e in state.timeline
        ),
        notices=tuple(
            NoticeView(
                at=n.at,
                key=n.key,
                occasion=n.occasion,
                to=n.to,
                channel=n.channel or "desk",
                language=n.language,
                handed_over_at=n.handed_over_at,
            )
            for n in state.notices
        ),
        actions=tuple(_action(action) for action in state.actions),
        closure=_printed(state.closures[-1]) if state.closures else None,
    )


def _action(row: ActionRow) -> ActionView:
    return made(ActionView, **{name: getattr(row, name) for name in ActionView.model_fields})


def _printed(record: ClosureRecord) -> ClosureRecord:
    """The record with instants in whole seconds, as everything that is printed; the stored one keeps microseconds."""
    return ClosureRecord.model_validate(_whole_seconds(record.model_dump()))


def _whole_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole_seconds(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_whole_seconds(item) for item in value]
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def promises_owed(state: CaseState) -> int:
    return sum(not a.kind.given and a.open for a in state.actions)
