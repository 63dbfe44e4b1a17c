"""Why a clock is due then: every stretch of time from its start to its due instant, and what each adds.

The counted seconds of `open` steps sum to the target's own time plus extensions (DESIGN, section 10); while it is
paused, with what remains. `clock_reasons` is all that is known, `explain` what `--json` prints of it.
"""

from datetime import datetime
from typing import get_args

from complaints.case.projection import seconds, sorted_clocks, whole
from complaints.case.state import CaseState
from complaints.case.stretches import Stretches
from complaints.clocks import Clock
from complaints.messages.reasons import ClockReasons, StepReasons
from complaints.messages.view import Explanation, StepView
from complaints.model import seconds_z
from complaints.plan import PinnedCalendar
from complaints.vocabulary import ClockState

PRINTED = frozenset(get_args(StepView.model_fields["kind"].annotation))
"""The kinds of steps that the fixed form has; a reassessment stands in its sentence."""


def explain(state: CaseState, now: datetime, metric: str | None = None) -> list[Explanation]:
    """One explanation per clock, in the order in which they are printed; of one metric if it is named."""
    return [explanation(one) for one in clock_reasons(state, now, metric)]


def explanation(reasons: ClockReasons) -> Explanation:
    """Return the fixed form."""
    return Explanation(
        metric=reasons.metric,
        occurrence=reasons.occurrence,
        sentence=reasons.sentence,
        start=reasons.start,
        target=reasons.target,
        calendar=reasons.calendar,
        version=reasons.version,
        steps=tuple(
            StepView(
                kind=step.kind,  # type: ignore[arg-type]  # the printed kinds only
                since=step.since,
                until=step.until,
                counted_seconds=step.counted_seconds,
                note=step.note,
            )
            for step in reasons.steps
            if step.kind in PRINTED
        ),
        due_at=reasons.due_at,
    )


def clock_reasons(state: CaseState, now: datetime, metric: str | None = None) -> list[ClockReasons]:
    """Return what is known of every clock, or of those of one metric."""
    return [_reasons(state, clock, now) for clock in sorted_clocks(state) if metric in (None, str(clock.metric))]


def _reasons(state: CaseState, clock: Clock, now: datetime) -> ClockReasons:
    calendar = state.calendar_of(clock)
    paused = clock.state is ClockState.PAUSED
    stretches = Stretches(state, clock, clock.due_at or max(now, clock.started_at))
    steps = stretches.steps()
    target, remaining = seconds(stretches.target), whole(clock.remaining(now, calendar))
    if paused and remaining is not None:
        budget = target + sum(step.counted_seconds for step in steps if step.kind == "extension")
        steps = _summing(steps, budget - remaining)
    due = None if paused else clock.due_at
    return ClockReasons(
        metric=clock.metric,
        occurrence=clock.occurrence,
        state=clock.state,
        on_due=clock.on_due,
        sentence=_sentence(clock, stretches.pinned, steps, due),
        start=clock.started_at,
        target=str(clock.target),
        target_seconds=target,
        calendar=clock.calendar,
        version=stretches.pinned.version if stretches.pinned else None,
        steps=tuple(steps),
        counted_seconds=_counted(steps),
        remaining_seconds=remaining if paused else None,
        due_at=due,
        breached_at=clock.breached_at,
        late_seconds=seconds(clock.late(now, calendar)),
        ended_at=clock.ended_at,
        met_by=clock.met_by,
    )


def _counted(steps: list[StepReasons]) -> int:
    return sum(step.counted_seconds for step in steps if step.kind == "open")


def _summing(steps: list[StepReasons], wanted: int) -> list[StepReasons]:
    """What has passed and what remains are cut to whole seconds each: the last open step takes what is between."""
    between = wanted - _counted(steps)
    last = max((index for index, step in enumerate(steps) if step.kind == "open"), default=None)
    if last is None or not between:
        return steps
    mended = steps[last].model_copy(update={"counted_seconds": steps[last].counted_seconds + between})
    return [*steps[:last], mended, *steps[last + 1 :]]


def _sentence(clock: Clock, pinned: PinnedCalendar | None, steps: list[StepReasons], due: datetime | None) -> str:
    counted = f" in calendar {pinned.name} ({pinned.version})" if pinned else " of elapsed time"
    parts = [f"{clock.metric} {clock.occurrence} runs {clock.target}{counted} from {seconds_z(clock.started_at)}"]
    chosen = [step for step in steps if step.kind == "reassessment"]
    if chosen or clock.reassessed:
        before = f" (before: {', '.join(str(step.before) for step in chosen)})" if chosen else ""
        parts.append(f"its target was chosen again at the assessment{before}")
    parts += [f"it was re-planned: {step.note}" for step in steps if step.kind == "replan"]
    if clock.extensions:
        parts.append(
            f"it was extended {_times(len(clock.extensions))} ({', '.join(e.reason for e in clock.extensions)})"
        )
    if clock.pauses:
        parts.append(f"it was paused {_times(len(clock.pauses))}, and every pause moves it by its own time")
    parts.append(f"so it is due at {seconds_z(due)}" if due else "it is paused now, so it has no due instant")
    return "; ".join(parts) + "."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
