"""What clocks do when they are due: the ordered effects of time (DESIGN, section 4, "Order" and "Outage")."""

from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from complaints.case import (
    closing,
    delivery,
    escalation,
    holds,
    limits,
    opening,
    owing,
    reaching,
    surveys,
    timing,
    verifying,
)
from complaints.case.state import Awaited, CaseState
from complaints.case.turn import Turn
from complaints.clocks import Clock, Reminder, Warned
from complaints.messages.duties import NoticeFacts
from complaints.model import made
from complaints.timeline import SYSTEM
from complaints.vocabulary import (
    METRIC_ORDER,
    ClockState,
    ClosingReason,
    Kind,
    MetBy,
    Metric,
    Occasion,
    OnDue,
    Status,
)

_LAST = len(METRIC_ORDER)


class Effect(NamedTuple):
    """Sorts as effects happen: instant, metric, occurrence, then warning, breach, escalation."""

    at: datetime
    metric: int
    occurrence: int
    rank: int
    number: int
    clock: Clock | None
    part: Warned | Reminder | Awaited | None


_Found = tuple[datetime, int, int, int, int, Clock | None, Warned | Reminder | Awaited | None]
"""An `Effect` to be: dozens are looked at for the one that is next."""
_order = itemgetter(0, 1, 2, 3, 4)


def next_effect(state: CaseState, clocks: Iterable[Clock] | None = None) -> Effect | None:
    """What time alone will bring first, as things stand. `clocks` spares looking at those that have ended."""
    found: list[_Found] = []
    for clock in state.clocks if clocks is None else clocks:
        if clock.ended_at is None:
            _find(clock, found)
    if state.ladder.next_at is not None:
        found.append((state.ladder.next_at, _LAST, 0, 2, 0, None, None))
    for index, awaited in enumerate(state.awaited):
        found.append((awaited.check_at, _LAST, 0, 0, index, None, awaited))
    ends = closing.aftercare_end(state)
    if ends is not None:
        found.append((ends, _LAST + 1, 0, 3, 0, None, None))
    if not found:
        return None
    first = min(found, key=_order)
    return Effect._make(first)


def _find(clock: Clock, found: list[_Found]) -> None:
    order, occurrence = METRIC_ORDER[clock.metric], clock.occurrence
    if clock.breached_at is None:
        for index, warning in enumerate(clock.warnings):
            if not warning.fired and warning.at is not None:
                found.append((warning.at, order, occurrence, 0, index, clock, warning))
    waiting = False
    if clock.reminders:
        waiting = clock.awaits_reminder
        reminder = None if waiting else next((r for r in clock.reminders if r.key is None), None)
        if reminder is not None:
            found.append((reminder.at, order, occurrence, 0, reminder.number, clock, reminder))
    if clock.expected_at is not None and clock.state is ClockState.RUNNING:
        found.append((clock.expected_at, order, occurrence, 1, 0, clock, None))
    if clock.due_at is None or waiting or (clock.breached_at is not None and clock.on_due is OnDue.BREACH):
        return
    found.append((clock.due_at, order, occurrence, 1, 0, clock, None))


class Following:
    """The effect that is next, remembered until something changes."""

    def __init__(self, state: CaseState) -> None:
        self.state = state
        self._known = False
        self._effect: Effect | None = None
        self._looked_at: list[Clock] = []  # the list of which the first `_seen` clocks were looked at
        self._seen = 0
        self._open: list[Clock] = []

    def effect(self) -> Effect | None:
        if not self._known:
            self._effect, self._known = next_effect(self.state, self._open_clocks()), True
        return self._effect

    def _open_clocks(self) -> list[Clock]:
        """Those that have not ended: a clock that has never begins again, and a case open for a year has hundreds."""
        clocks = self.state.clocks
        if clocks is not self._looked_at:
            self._looked_at, self._seen, self._open = clocks, 0, []
        self._open = [clock for clock in (*self._open, *clocks[self._seen :]) if clock.ended_at is None]
        self._seen = len(clocks)
        return self._open

    def forget(self) -> None:
        self._known = False


def act_on(turn: Turn, effect: Effect) -> None:
    clock = effect.clock
    if isinstance(effect.part, Awaited):
        reaching.check(turn, effect.part)
    elif clock is None:
        if effect.rank == 2:  # noqa: PLR2004  the rank of escalations, as in `Effect`
            escalation.climb(turn)
        else:
            closing.archive(turn)
    elif isinstance(effect.part, Warned):
        warn(turn, clock, effect.part)
    elif isinstance(effect.part, Reminder):
        remind(turn, clock, effect.part)
    elif clock.expected_at is not None:
        limits.write(turn, clock)
    else:
        _DUE[clock.on_due](turn, clock)
        limits.write(turn, clock)


def warn(turn: Turn, clock: Clock, warning: Warned) -> None:
    warning.fired = True
    timing.touch(turn, clock)
    turn.enter(
        Kind.WARNED, metric=clock.metric, occurrence=clock.occurrence, fraction=warning.fraction, due_at=clock.due_at
    )
    facts = escalation.breach_facts(turn, clock, fraction=warning.fraction)
    turn.tell(Occasion.AGENT_WARNING, (*owing.owners(turn, clock), turn.state.owner), facts)


def breach(turn: Turn, clock: Clock) -> None:
    """A promise was not kept: recorded with its due instant, told, and raised if the clock climbs."""
    clock.breached_at = clock.due_at
    timing.touch(turn, clock)
    turn.enter(
        Kind.BREACHED, metric=clock.metric, occurrence=clock.occurrence, due_at=clock.due_at, cause=clock.breach_cause
    )
    if clock.climbs:
        owing.on_breach(turn, clock)
    else:
        told = turn.operators() if clock.metric is Metric.ACKNOWLEDGEMENT else turn.state.owner
        turn.tell(Occasion.AGENT_BREACH, (told,), escalation.breach_facts(turn, clock))


def send(turn: Turn, clock: Clock) -> None:
    """A notice goes out by itself and the clock is met; after an outage only the last of several is sent."""
    timing.end(turn, clock, ClockState.MET, MetBy.AUTOMATIC)
    if clock.metric is Metric.FOLLOW_UP:
        surveys.follow_up(turn, clock)
        return
    following = timing.start(turn, clock.metric)
    skipped = turn.late and following is not None and following.due_at is not None and following.due_at <= turn.now
    turn.enter(
        Kind.UPDATE_SENT,
        occurrence=clock.occurrence,
        automatic=True,
        skipped="superseded_after_outage" if skipped else None,
    )
    if not skipped:
        turn.notify(Occasion.PROGRESS_UPDATE, made(NoticeFacts, promised_at=delivery.promised(turn)))


def lapse(turn: Turn, clock: Clock) -> None:
    """The complainant's time ran out. After an outage of ours they get the last reminder's interval once more."""
    if turn.late and _rearm(turn, clock):
        return
    timing.end(turn, clock, ClockState.LAPSED)
    if clock.metric is Metric.CONFIRMATION:
        turn.state.silence = True
        closing.begin(turn, ClosingReason.UNCONFIRMED)
        return
    state = turn.state
    automatic = state.question is not None and state.question.automatic
    state.question = None
    came_from = state.entered_from
    if came_from is Status.VERIFICATION and automatic and verifying.dispensable(turn):
        _proceed_without(turn, clock, verifying.missing(turn))
        return
    if came_from is Status.VERIFICATION:
        turn.enter(Kind.INFORMATION_NOT_RECEIVED, occurrence=clock.occurrence, status=Status.CLOSING)
        closing.begin(turn, ClosingReason.INCOMPLETE)
        return
    turn.enter(Kind.INFORMATION_NOT_RECEIVED, occurrence=clock.occurrence, status=Status.INVESTIGATION)
    delivery.go_to(turn, Status.INVESTIGATION)
    _tell_not_received(turn)


def _tell_not_received(turn: Turn) -> None:
    state = turn.state
    turn.tell(Occasion.AGENT_INFORMATION_NOT_RECEIVED, (state.owner,), NoticeFacts(category=state.category))
    state.promised_at = delivery.promised(turn)
    turn.notify(Occasion.INFORMATION_NOT_RECEIVED, NoticeFacts(promised_at=state.promised_at))


def _proceed_without(turn: Turn, clock: Clock, without: tuple[str, ...]) -> None:
    """What verification asked for never came, and the policy lets the case go on all the same."""
    turn.enter(Kind.INFORMATION_NOT_RECEIVED, occurrence=clock.occurrence, status=Status.VERIFICATION)
    delivery.go_to(turn, Status.VERIFICATION)
    _tell_not_received(turn)
    opening.verified(turn, SYSTEM, without=without)


def _rearm(turn: Turn, clock: Clock) -> bool:
    calendar, own = turn.calendar_of(clock), timing.own_time(turn, clock)
    last = clock.reminders[-1].after.due(clock.started_at, calendar) if clock.reminders else clock.started_at
    interval = own.between(last, clock.target.due(clock.started_at, calendar))
    clock.delays = []
    clock.base_due = own.add(turn.now, interval)
    clock.refresh(calendar)
    timing.touch(turn, clock)
    turn.enter(Kind.CAUGHT_UP, metric=clock.metric, occurrence=clock.occurrence, due_at=clock.due_at)
    return clock.due_at is None or clock.due_at > turn.now


def remind(turn: Turn, clock: Clock, reminder: Reminder) -> None:
    """Ask once more. After an outage only the last of several reminders is sent; it stands for those before it."""
    if turn.late and (why := _not_needed(turn, clock, reminder)):
        reminder.key, reminder.handed_over_at = "superseded", turn.now
        turn.enter(Kind.REMINDED, metric=clock.metric, number=reminder.number, skipped=why)
        return
    confirmation = clock.metric is Metric.CONFIRMATION
    occasion = Occasion.CONFIRMATION_REMINDER if confirmation else Occasion.INFORMATION_REMINDER
    turn.enter(Kind.REMINDED, metric=clock.metric, number=reminder.number)
    timing.touch(turn, clock)
    state = turn.state
    words = state.question.words if state.question and not confirmation else None
    missing = state.question.missing if state.question and not confirmation else ()
    answer_by = _answer_by(turn, clock, reminder)
    facts = made(NoticeFacts, answer_by=answer_by, number=reminder.number, words=words, missing=missing)
    reminder.key = turn.notify(occasion, facts)
    reaching.watch(turn, occasion, reminder.key)


def _not_needed(turn: Turn, clock: Clock, reminder: Reminder) -> str | None:
    """Why a reminder that is caught up with is not sent."""
    if clock.key in turn.answered:
        return "answered_meanwhile"
    following = next((r for r in clock.reminders if r.number > reminder.number), None)
    return "superseded_after_outage" if following is not None and following.at <= turn.now else None


def _answer_by(turn: Turn, clock: Clock, reminder: Reminder) -> datetime | None:
    """The end of the wait. A reminder sent late moves it by as much, once it is handed over."""
    if not turn.late or clock.due_at is None:
        return clock.due_at
    own = timing.own_time(turn, clock)
    return own.add(turn.now, own.between(reminder.at, clock.due_at))


_DUE = {
    OnDue.BREACH: breach,
    OnDue.SEND: send,
    OnDue.LAPSE: lapse,
    OnDue.RETURN: holds.review_date_came,
    OnDue.CONVERT: limits.convert,
}
