"""Speaking to the complainant: questions and what waits for them, promised dates, and what became of notices.

Silence counts only if we were heard (DESIGN, section 3): whatever waits for the complainant starts when its notice was
handed to the channel; a notice that cannot reach them stops that path and becomes a task for the owner.
"""

from datetime import datetime

from complaints.case import reaching, timing
from complaints.case.state import Decision, NoticeLog, Question
from complaints.case.turn import Turn, working
from complaints.clocks import Clock
from complaints.messages.duties import NoticeFacts
from complaints.messages.feedback import Delivery
from complaints.model import Personal, made
from complaints.vocabulary import ActionKind, Kind, MetBy, Metric, Occasion, Status, Surveying


def go_to(turn: Turn, status: Status) -> None:
    """Move the work; clocks pause and resume with it."""
    before = turn.state.status
    turn.state.status = status
    if status not in (Status.AWAITING_COMPLAINANT, Status.ON_HOLD):
        turn.state.entered_from = None
    timing.follow_status(turn, before)


def promised(turn: Turn) -> datetime | None:
    """By when a decision is promised: the due instant of the resolution clock; None while it is paused or ended.

    Past a limit whose letter named another date it is that date.
    """
    clock = turn.clock(Metric.RESOLUTION)
    return (clock.expected_at or clock.due_at) if clock else None


def acknowledgement(turn: Turn) -> NoticeFacts:
    """What an acknowledgement may say: whatever a law wants to stand in it, a pack's texts take from here."""
    first, clock = turn.clock(Metric.FIRST_RESPONSE), turn.clock(Metric.RESOLUTION)
    configured = turn.rules.clocks.get(Metric.RESOLUTION)
    rule = configured.choose(turn.facts) if configured else None
    return made(
        NoticeFacts,
        due_at=first.due_at if first else None,
        category=turn.state.category,
        limit=rule.target if rule else None,
        limit_at=clock.due_at if clock else None,
    )


def tell_date(turn: Turn, change: str, *, reason: str | None = None) -> None:
    """Tell the complainant the promised date, if it is another than the one they know."""
    at = promised(turn)
    if at is None or at == turn.state.promised_at:
        return
    turn.state.promised_at = at
    turn.notify(Occasion.DATE_CHANGED, NoticeFacts(promised_at=at, change=change, reason=reason))


def ask(turn: Turn, words: Personal | None, missing: tuple[str, ...] = ()) -> None:
    """Ask the complainant and wait: from the hand-over, not from now."""
    state = turn.state
    if working(state.status):
        origin = state.status
        go_to(turn, Status.AWAITING_COMPLAINANT)
        state.entered_from = origin
    state.question = Question(notice="", automatic=words is None, words=words, missing=missing)
    _put_question(turn, state.question)


def _put_question(turn: Turn, question: Question) -> None:
    question.notice = turn.notify(
        Occasion.INFORMATION_REQUEST, NoticeFacts(words=question.words, missing=question.missing)
    )
    reaching.watch(turn, Occasion.INFORMATION_REQUEST, question.notice)


def announce(turn: Turn, decision: Decision) -> None:
    """Communicate a decision; the answer is awaited from the hand-over."""
    rules = turn.rules
    decision.notice = turn.notify(
        Occasion.FINAL_DECISION if decision.final else Occasion.DECISION,
        made(
            NoticeFacts,
            outcome=decision.outcome,
            words=decision.reasons,
            number=decision.number,
            remedies=tuple(remedy.solution for remedy in decision.remedies),
            category=turn.state.category,
            bodies=rules.outside_bodies if decision.final else (),
            actions=promises(turn),
        ),
    )
    reaching.watch(turn, Occasion.DECISION, decision.notice)


def promises(turn: Turn) -> tuple[str, ...]:
    return tuple(
        action.description for action in turn.state.actions if action.kind is ActionKind.PROMISE and action.open
    )


# what became of a notice


def learn(turn: Turn, delivery: Delivery) -> bool:
    """A notice was handed over or failed for good. Learning the same twice changes nothing.

    Returns whether what is due next may have changed.
    """
    log = turn.state.notice(delivery.key)
    if log is None or log.handed_over_at is not None or log.failed:
        return False
    if delivery.survey is Surveying.STOPPED and not delivery.handed_over:
        log.failed = True  # nobody is told by it: whom it was for wants to hear no more
        reaching.unwatch(turn, log.key)
        turn.enter(Kind.SURVEY_LEFT_OUT, occasion=log.occasion, key=log.key, reason=delivery.survey)
        return True
    if not delivery.handed_over:
        fail(turn, log, delivery.problem)
        return True
    at = min(max(delivery.at, log.at), turn.now)
    log.handed_over_at = at
    if log.to != "complainant":
        return False
    turn.at = at
    turn.enter(Kind.NOTICE_HANDED_OVER, occasion=log.occasion, key=log.key)
    moved = reaching.unwatch(turn, log.key)
    for occasion in log.occasions:
        if occasion in MOVING:
            _handed_over(turn, occasion, log.key)
            moved = True
    _surveyed(turn, log, delivery.survey)
    return moved


def _surveyed(turn: Turn, log: NoticeLog, became: Surveying | None) -> None:
    """What became of the survey that the notice was to bring: whoever wrote it knows of the person's other cases."""
    if became is Surveying.ASKED:
        turn.enter(Kind.SURVEY_ASKED, key=log.key)
    elif became is not None:
        turn.enter(Kind.SURVEY_LEFT_OUT, occasion=log.occasion, key=log.key, reason=became)


def fail(turn: Turn, log: NoticeLog, problem: str | None) -> None:
    """A notice will never reach its recipient, or came back from there: what waits for it stops."""
    log.failed = True
    turn.enter(Kind.NOTICE_FAILED, occasion=log.occasion, key=log.key, problem=problem)
    for occasion in log.occasions:
        reaching.stop_path(turn, occasion, log.key)
    reaching.unwatch(turn, log.key)


MOVING = reaching.QUESTIONS.keys()
"""What is told on these occasions moves clocks once it is handed over."""


def _handed_over(turn: Turn, occasion: Occasion, key: str) -> None:
    state = turn.state
    if occasion is Occasion.ACKNOWLEDGEMENT:
        timing.meet(turn, Metric.ACKNOWLEDGEMENT, MetBy.AUTOMATIC)
        if _worked_on(turn) and turn.clock(Metric.PROGRESS_UPDATE) is None:
            timing.start(turn, Metric.PROGRESS_UPDATE)
    elif occasion is Occasion.INFORMATION_REQUEST:
        if state.question is not None and state.question.notice == key:
            timing.start(turn, Metric.INFORMATION)
    elif occasion in (Occasion.DECISION, Occasion.FINAL_DECISION):
        if state.status is Status.RESOLVED and state.decisions and state.decisions[-1].notice == key:
            timing.start(turn, Metric.CONFIRMATION)
    elif occasion in (Occasion.INFORMATION_REMINDER, Occasion.CONFIRMATION_REMINDER):
        _reminder_handed_over(turn, key)


def _worked_on(turn: Turn) -> bool:
    return working(turn.state.status) or turn.state.status in (Status.AWAITING_COMPLAINANT, Status.ON_HOLD)


def _reminder_handed_over(turn: Turn, key: str) -> None:
    """The wait goes on from here: what the reminder was late is added to what follows."""
    for clock in turn.open_clocks():
        for reminder in clock.reminders:
            if reminder.key == key:
                reminder.handed_over_at = turn.at
                if turn.at > reminder.at:
                    _delay(turn, clock, reminder.at)
                timing.touch(turn, clock)
                return


def _delay(turn: Turn, clock: Clock, since: datetime) -> None:
    if timing.own_time(turn, clock).between(since, turn.at):
        clock.delays = [*clock.delays, (since, turn.at)]
        clock.refresh(turn.calendar_of(clock))


def send_again(turn: Turn) -> None:
    """There is an address now: send what could not be handed over and is still awaited."""
    state = turn.state
    stopped = list(state.stopped)
    reaching.heard(turn)
    if Occasion.ACKNOWLEDGEMENT in stopped:
        turn.notify(Occasion.ACKNOWLEDGEMENT, acknowledgement(turn).model_copy(update={"promised_at": promised(turn)}))
    if Occasion.INFORMATION_REQUEST in stopped and state.question is not None:
        _put_question(turn, state.question)
    if Occasion.DECISION in stopped and state.status is Status.RESOLVED:
        announce(turn, state.decisions[-1])
