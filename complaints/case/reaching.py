"""Whether the complainant can be reached: what waits for a notice, and what happens when it does not get through.

A notice that fails for good, or has no address, stops what waits for it and becomes a task for the owner. One that is
merely late (the channel is down) is watched, so that a case is never without a next due instant.
"""

from datetime import datetime

from complaints.case import timing
from complaints.case.state import Awaited
from complaints.case.turn import Turn
from complaints.lifecycle import OPEN
from complaints.messages.duties import ActionRow, NoticeFacts
from complaints.model import made
from complaints.vocabulary import ActionKind, ClockState, Kind, MetBy, Metric, Occasion, Status

REACH = "reach_complainant"
QUESTIONS = {
    Occasion.INFORMATION_REQUEST: Occasion.INFORMATION_REQUEST,
    Occasion.INFORMATION_REMINDER: Occasion.INFORMATION_REQUEST,
    Occasion.DECISION: Occasion.DECISION,
    Occasion.FINAL_DECISION: Occasion.DECISION,
    Occasion.CONFIRMATION_REMINDER: Occasion.DECISION,
    Occasion.ACKNOWLEDGEMENT: Occasion.ACKNOWLEDGEMENT,
}
"""The occasions that something waits for, with the one that is sent again when an address is there."""


def watch(turn: Turn, occasion: Occasion, key: str) -> None:
    """Look after a question until it is handed over: for that long nothing else of it is due."""
    log = turn.state.notice(key)
    if log is not None and not log.failed:
        turn.state.awaited.append(made(Awaited, key=key, question=QUESTIONS[occasion], check_at=_next_check(turn)))


def _next_check(turn: Turn) -> datetime:
    rule = turn.rules.undelivered
    return rule.target.due(turn.now, turn.calendar(rule.calendar))


def unwatch(turn: Turn, key: str) -> bool:
    """It got through, or never will. A task that stood for its delay is done. Whether it was watched."""
    state = turn.state
    remaining = [awaited for awaited in state.awaited if awaited.key != key]
    if len(remaining) == len(state.awaited):
        return False
    state.awaited = remaining
    end_task(turn)
    return True


def end_task(turn: Turn) -> None:
    """The task that stood for reaching them is done, unless something else still waits for that."""
    if not turn.state.awaited and not turn.state.stopped:
        heard(turn)


def check(turn: Turn, awaited: Awaited) -> None:
    """Still not handed over: the owner is asked to reach the complainant another way, and we look again later."""
    awaited.check_at = _next_check(turn)
    if awaited.key not in turn.answered and not has_task(turn):
        turn.enter(Kind.NOTICE_DELAYED, key=awaited.key)
        add_task(turn)


def has_task(turn: Turn) -> bool:
    return any(a.kind is ActionKind.TASK and a.open for a in turn.state.actions)


def stop_path(turn: Turn, occasion: Occasion, key: str | None = None) -> None:
    """This notice will not reach the complainant: what waits for it stops, and the owner gets a task."""
    state = turn.state
    if occasion is Occasion.PROMISE_DONE and not has_task(turn):
        add_task(turn)  # they were neither told nor asked: somebody tells them, and writes down what they say
    question = QUESTIONS.get(occasion)
    if question is None or (key is not None and not _current(turn, occasion, key)):
        return
    if question is Occasion.ACKNOWLEDGEMENT and key is None:
        timing.cancel(turn, Metric.ACKNOWLEDGEMENT)  # nobody to hand it to: the reference is given in person
    elif question is Occasion.INFORMATION_REQUEST:
        timing.cancel(turn, Metric.INFORMATION)
    elif question is Occasion.DECISION:
        timing.cancel(turn, Metric.CONFIRMATION)
    if question not in state.stopped:
        state.stopped.append(question)
    if not has_task(turn):
        add_task(turn)


def _current(turn: Turn, occasion: Occasion, key: str) -> bool:
    """Whether something still waits for this notice."""
    state = turn.state
    if occasion is Occasion.ACKNOWLEDGEMENT:
        return state.status in OPEN  # a case that is closed gives nobody a task
    if occasion is Occasion.INFORMATION_REQUEST:
        return state.question is not None and state.question.notice == key
    if occasion in (Occasion.DECISION, Occasion.FINAL_DECISION):
        return state.status is Status.RESOLVED and bool(state.decisions) and state.decisions[-1].notice == key
    return any(reminder.key == key for clock in turn.open_clocks() for reminder in clock.reminders)


def add_task(turn: Turn) -> None:
    """The owner must reach the complainant another way; the task has a clock that climbs like any promise."""
    state = turn.state
    number = len(state.actions) + 1
    clock = timing.start(turn, Metric.ACTION, turn.now, action=number)  # from when it is given, however late that is
    due = clock.due_at if clock and clock.due_at else turn.now
    state.actions.append(
        ActionRow(
            number=number, kind=ActionKind.TASK, description=REACH, owner=state.owner, due_at=due, added_at=turn.at
        )
    )
    state.changed_actions[number] = turn.mark
    turn.enter(
        Kind.ACTION_ADDED, number=number, action_kind=ActionKind.TASK, description=REACH, owner=state.owner, due_at=due
    )
    turn.tell(Occasion.AGENT_TASK, (state.owner,), NoticeFacts(reason=REACH, due_at=due, number=number))


def answered(turn: Turn, question: Occasion) -> None:
    """What was asked is answered, however the answer came."""
    state = turn.state
    if question in state.stopped or any(awaited.question is question for awaited in state.awaited):
        state.stopped = [stopped for stopped in state.stopped if stopped != question]
        state.awaited = [awaited for awaited in state.awaited if awaited.question is not question]
        end_task(turn)


def heard(turn: Turn) -> None:
    """Nothing waits for a way to the complainant any more: the task is done."""
    state = turn.state
    state.stopped, state.awaited = [], []
    for action in state.actions:
        if action.kind is ActionKind.TASK and action.open:
            finish_action(turn, action.number, MetBy.AUTOMATIC)


def finish_action(turn: Turn, number: int, by: MetBy, note: str | None = None) -> None:
    state = turn.state
    state.actions = [
        a.model_copy(update={"completed_at": turn.at, "note": note}) if a.number == number else a for a in state.actions
    ]
    state.changed_actions[number] = turn.mark
    for clock in turn.open_clocks():
        if clock.action == number:
            timing.end(turn, clock, ClockState.MET, by)
    timing.refresh_ladder(turn)
