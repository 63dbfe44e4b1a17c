"""Starting, pausing and ending clocks within a turn, always by the plan's targets."""

from dataclasses import replace
from datetime import datetime

from complaints.calendar import BusinessCalendar
from complaints.case.state import CaseState
from complaints.case.turn import Turn
from complaints.clocks import Clock, OwnTime, Pause, Reassessed, Reminder, Warned
from complaints.policy import TargetRule
from complaints.policy_clocks import Starts, Terms
from complaints.targets import Target, Unit
from complaints.vocabulary import ClockState, MetBy, Metric, Status


def start(
    turn: Turn,
    metric: Metric,
    at: datetime | None = None,
    *,
    rule: TargetRule | None = None,
    base_due: datetime | None = None,
    action: int | None = None,
) -> Clock | None:
    """Start the next occurrence of a metric. None if the policy has no target for it.

    `rule` overrides the policy's choice and `base_due` the target's arithmetic (an action with a given due date).
    """
    configured = turn.rules.clocks.get(metric)
    if configured is None:
        return None
    rule = rule or configured.choose(turn.facts)
    if rule is None:
        return None
    at = at or turn.at
    terms = configured.terms(rule)
    calendar = turn.calendar(rule.calendar)
    clock = Clock(
        metric=metric,
        occurrence=1 + _last_occurrence(turn.state, metric),
        target=rule.target,
        calendar=rule.calendar,
        on_due=terms.on_due,
        climbs=configured.climbs,
        started_at=at,
        base_due=base_due or rule.target.due(at, calendar),
        due_at=None,
        warnings=[Warned(fraction=fraction, at=None) for fraction in configured.warnings],
        reminders=[
            Reminder(number=number, after=after, at=at)  # placed by `refresh`
            for number, after in enumerate(configured.reminders, 1)
        ],
        action=action,
    )
    clock.refresh(calendar)
    turn.state.clocks.append(clock)
    if turn.state.status in terms.pauses:
        pause(turn, clock, str(turn.state.status))
    touch(turn, clock)
    return clock


def _last_occurrence(state: CaseState, metric: Metric) -> int:
    for clock in reversed(state.clocks):
        if clock.metric is metric:
            return clock.occurrence
    return 0


def terms_of(turn: Turn, metric: Metric) -> Terms:
    """What the policy says of a metric's clock, given the facts as they are: they choose its target."""
    configured = turn.rules.clocks[metric]
    return configured.terms(None if configured.plain else configured.choose(turn.facts))


def resolution_starts(turn: Turn) -> Starts | None:
    """What the promise of a decision counts from; None without one."""
    return terms_of(turn, Metric.RESOLUTION).starts if Metric.RESOLUTION in turn.rules.clocks else None


def own_time(turn: Turn, clock: Clock) -> OwnTime:
    return OwnTime(None if clock.target.unit is Unit.ELAPSED else turn.calendar_of(clock))


def touch(turn: Turn, clock: Clock) -> None:
    """Mark a clock as changed, so that the next record carries it."""
    clock.changed = turn.mark


def end(turn: Turn, clock: Clock, state: ClockState, by: MetBy | None = None, *, at: datetime | None = None) -> None:
    """End a clock. Its effects due before `now` have been done, so a late one is breached already, whoever looked."""
    at = at or turn.at
    clock.end(at, state, by, turn.calendar_of(clock))
    touch(turn, clock)
    if clock.climbs and clock.breached:
        refresh_ladder(turn)  # or the ladder would go on for a clock that has ended


def meet(turn: Turn, metric: Metric, by: MetBy = MetBy.PERSON) -> bool:
    clock = turn.clock(metric)
    if clock is None:
        return False
    end(turn, clock, ClockState.MET, by)
    return True


def cancel(turn: Turn, *metrics: Metric) -> None:
    for clock in turn.open_clocks():
        if clock.metric in metrics:
            end(turn, clock, ClockState.CANCELLED)


def pause(turn: Turn, clock: Clock, reason: str) -> None:
    clock.pause(turn.at, reason, turn.calendar_of(clock))
    touch(turn, clock)


def follow_status(turn: Turn, before: Status) -> None:
    """Pause what the new status pauses and resume what it no longer does."""
    state = turn.state
    for clock in turn.open_clocks():
        if not _pause_or_resume(turn, clock) and clock.state is ClockState.PAUSED and before is not state.status:
            clock.pauses[-1].reason = str(state.status)
    refresh_ladder(turn)


def _pause_or_resume(turn: Turn, clock: Clock) -> bool:
    """Do what the status asks of a clock; False if that is how it stands."""
    pauses = turn.state.status in terms_of(turn, clock.metric).pauses
    if clock.state is ClockState.RUNNING and pauses:
        pause(turn, clock, str(turn.state.status))
    elif clock.state is ClockState.PAUSED and not pauses:
        clock.resume(turn.at, turn.calendar_of(clock))
        if clock.expected_at is not None:
            clock.expected_at = max(clock.expected_at, turn.at)  # nothing of a paused clock fires
        touch(turn, clock)
    else:
        return False
    return True


def choose_again(turn: Turn) -> None:
    """After an assessment: every open clock takes the target of the new facts, from the same start."""
    for clock in turn.open_clocks():
        if clock.metric in (Metric.HOLD, Metric.ACTION, Metric.INFORMATION, Metric.CONFIRMATION):
            continue  # these were told to somebody as they are
        configured = turn.rules.clocks[clock.metric]
        rule = configured.choose(turn.facts)
        if rule is None:
            continue
        if not configured.plain:
            if not clock.breached:  # what has become of it stays
                clock.on_due = configured.terms(rule).on_due
            _pause_or_resume(turn, clock)
        if rule.target == clock.target and rule.calendar == clock.calendar:
            continue
        before = Reassessed(at=turn.at, target=clock.target, calendar=clock.calendar)
        clock.reassessments = [*clock.reassessments, before]
        retarget(turn, clock, rule.target, rule.calendar)


def retarget(turn: Turn, clock: Clock, target: Target, calendar_name: str | None) -> None:
    count_anew(turn, clock, target, calendar_name)
    clock.reassessed = True
    expect_with(turn, clock)
    if not clock.breached and clock.due_at is not None and clock.due_at <= turn.now:
        clock.breach_cause = "reassessed"  # it breaches now, for this; later it would for the passing of time
    touch(turn, clock)


def count_anew(turn: Turn, clock: Clock, target: Target, calendar_name: str | None) -> None:
    """Another target from the same start, by the case's present plan; pauses and extensions stay."""
    calendar, before = turn.calendar(calendar_name), turn.calendar_of(clock)
    clock.target, clock.calendar, clock.earlier_plan = target, calendar_name, None
    base = target.due(clock.started_at, calendar)
    extensions = []
    for extension in clock.extensions:
        by = countable(extension.by, extension.base_before, before, calendar)
        extensions.append(replace(extension, by=by, base_before=base))
        base = by.after(base, calendar)
    clock.base_due, clock.extensions = base, extensions
    clock.refresh(calendar)


def countable(
    by: Target, since: datetime, counted_in: BusinessCalendar | None, calendar: BusinessCalendar | None
) -> Target:
    """`by` as `calendar` can count it: without one, days keep the length that they have from `since` on."""
    if not by.needs_calendar or calendar is not None:
        return by
    return Target.until(since, by.after(since, counted_in))


def expect_with(turn: Turn, clock: Clock) -> None:
    """A date that a letter named moves with a due instant that lies ahead again: none is told before it."""
    if clock.expected_at is not None and clock.due_at is not None and clock.due_at > turn.now:
        clock.expected_at = clock.due_at


def climbing(state: CaseState) -> list[Clock]:
    """The breached and unmet clocks that keep the ladder moving."""
    return [c for c in state.clocks if c.climbs and c.breached_at is not None and c.ended_at is None]


def interval_rule(turn: Turn) -> TargetRule | None:
    escalation = turn.rules.escalation
    top = turn.state.ladder.tier == len(turn.rules.tiers) - 1
    rules = escalation.top_reminder if top else escalation.climb
    return next((rule for rule in rules if rule.when.matches(turn.facts)), None)


def refresh_ladder(turn: Turn) -> None:
    """Compute when the ladder moves next; its interval stops while all breached clocks are paused."""
    ladder = turn.state.ladder
    breached = [] if ladder.anchor is None else climbing(turn.state)
    if ladder.anchor is None or not breached:
        ladder.anchor, ladder.next_at, ladder.pauses = None, None, []
        return
    halted = all(clock.state is ClockState.PAUSED for clock in breached)
    held = bool(ladder.pauses) and ladder.pauses[-1].until is None
    if halted and not held:
        ladder.pauses = [*ladder.pauses, Pause(since=max(turn.at, ladder.anchor))]
    elif held and not halted:
        last = ladder.pauses[-1]
        ladder.pauses = [*ladder.pauses[:-1], replace(last, until=max(turn.at, last.since))]
    rule = interval_rule(turn)
    if rule is None:
        ladder.next_at = None
        return
    ladder.next_at = interval_end(turn, rule, ladder.anchor)


def interval_end(turn: Turn, rule: TargetRule, anchor: datetime) -> datetime | None:
    ladder = turn.state.ladder
    calendar = turn.calendar(rule.calendar)
    own = OwnTime(None if rule.target.unit is Unit.ELAPSED else calendar)
    closed = [(p.since, p.until) for p in ladder.pauses if p.until is not None]
    at = own.moved(anchor, rule.target.due(anchor, calendar), closed)
    held = ladder.pauses[-1].since if ladder.pauses and ladder.pauses[-1].until is None else None
    return None if held is not None and held < at else at
