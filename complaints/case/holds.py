"""Holds: waiting for a third party, with a reason and a review date, within the policy's limits."""

from datetime import datetime, timedelta

from complaints.calendar import BusinessCalendar
from complaints.case import delivery, timing
from complaints.case.turn import Turn, refuse
from complaints.clocks import Clock
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.policy import TargetRule
from complaints.targets import Target
from complaints.vocabulary import ClockState, Kind, Metric, Occasion, Status


def hold(turn: Turn, command: c.Hold) -> None:
    """Put the case on hold until the review date. The caller counts it as a contact: the complainant is told."""
    state = turn.state
    rule: TargetRule | None = turn.rules.clocks[Metric.HOLD].choose(turn.facts)
    if rule is None:
        raise refuse("the policy has no hold for this complaint", remedy="request information, or extend the clock")
    calendar = turn.calendar(rule.calendar)
    longest = rule.target.due(turn.at, calendar)
    if calendar is not None:
        longest = min(longest, calendar.add_working_days(turn.at, turn.rules.hold.each))
    review = _review_date(turn, command.review_at, longest, calendar)
    origin = state.status
    turn.enter(
        Kind.PUT_ON_HOLD,
        command.actor,
        reason=command.reason,
        party=command.party,
        review_at=review,
        status=Status.ON_HOLD,
    )
    delivery.go_to(turn, Status.ON_HOLD)
    state.entered_from = origin
    if command.review_at is not None:
        rule = TargetRule(target=Target.until(turn.at, review))
    timing.start(turn, Metric.HOLD, rule=rule, base_due=review)
    turn.notify(Occasion.ON_HOLD, NoticeFacts(reason=command.reason, review_at=review))


def _review_date(turn: Turn, wanted: datetime | None, longest: datetime, calendar: BusinessCalendar | None) -> datetime:
    used, total = turn.state.holds_used, turn.rules.hold.total
    review = wanted or longest
    if review <= turn.at:
        raise refuse("the review date has passed", field="review_at", remedy="give a later instant")
    if review > longest:
        raise refuse("a hold may not last that long", field="review_at", remedy=f"give up to {longest.isoformat()}")
    if used + working_days(calendar, turn.at, review) > total:
        raise refuse(
            f"{used} of {total} working days on hold are used",
            field="review_at",
            remedy="give an earlier review date, or decide with what is known",
        )
    return review


def working_days(calendar: BusinessCalendar | None, start: datetime, end: datetime) -> int:
    """Working days from the day after `start` up to the day of `end`, as `N working days` counts them."""
    if calendar is None:
        return 0
    first = calendar.local_date(start)
    span = (calendar.local_date(end) - first).days
    return sum(calendar.is_working_day(first + timedelta(days=n)) for n in range(1, span + 1))


def resume(turn: Turn, command: c.Resume) -> None:
    clock = turn.clock(Metric.HOLD)
    if clock is not None:
        _leave(turn, clock, ClockState.MET)
    back = turn.state.entered_from or Status.INVESTIGATION
    turn.enter(Kind.RESUMED, command.actor, note=command.note, status=back)
    delivery.go_to(turn, back)
    delivery.tell_date(turn, "hold")


def review_date_came(turn: Turn, clock: Clock) -> None:
    """The case goes back to work by itself and its owner is told."""
    _leave(turn, clock, ClockState.LAPSED)
    back = turn.state.entered_from or Status.INVESTIGATION
    turn.enter(Kind.HOLD_ENDED, occurrence=clock.occurrence, status=back)
    delivery.go_to(turn, back)
    turn.tell(Occasion.AGENT_HOLD_ENDED, (turn.state.owner,), NoticeFacts(category=turn.state.category))
    delivery.tell_date(turn, "hold")


def _leave(turn: Turn, clock: Clock, state: ClockState) -> None:
    rule = turn.rules.clocks[Metric.HOLD].choose(turn.facts)
    calendar = turn.calendar_of(clock) or (turn.calendar(rule.calendar) if rule else None)
    turn.state.holds_used += working_days(calendar, clock.started_at, turn.at)
    timing.end(turn, clock, state)
