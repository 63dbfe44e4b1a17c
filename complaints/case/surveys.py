"""The survey after closing: asked with the follow-up, answered in whole or in part, stopped for good.

A case knows nothing of a person's other cases. Whether it may ask is found by whoever writes the notice, and comes back
with its delivery (docs/aftercare.md).
"""

from datetime import timedelta
from typing import Any

from complaints.case import complainant, consent, delivery, endings, opening, reopening
from complaints.case.state import SurveyAnswer
from complaints.case.turn import Turn, refuse
from complaints.clocks import Clock
from complaints.messages import commands as c
from complaints.messages.commands import Actor
from complaints.messages.duties import NoticeFacts, Surveyed
from complaints.messages.signals import SurveyAnswered
from complaints.model import made
from complaints.timeline import COMPLAINANT, Entry
from complaints.vocabulary import Kind, Occasion, OnReturn, ReopeningReason, Status, Surveying

SAID_SO = "came_back_in_survey"  # a word that whoever reads it has a sentence for, in their language
QUESTIONS = ("outcome", "handling", "effort", "solved", "text")


def follow_up(turn: Turn, clock: Clock) -> None:
    """Ask whether all is still well, and how it went; whoever wants no more of it is left in peace."""
    state = turn.state
    if state.surveys_stopped is not None:
        turn.enter(Kind.FOLLOWED_UP, occurrence=clock.occurrence, skipped="surveys_stopped")
        turn.enter(Kind.SURVEY_LEFT_OUT, occasion=Occasion.FOLLOW_UP, reason=Surveying.STOPPED)
        return
    turn.enter(Kind.FOLLOWED_UP, occurrence=clock.occurrence)
    turn.notify(Occasion.FOLLOW_UP, made(NoticeFacts, actions=delivery.promises(turn)), survey=_surveyed(turn))


def _surveyed(turn: Turn) -> Surveyed | None:
    """Whom a follow-up asks; None under a policy that never does."""
    state, rules = turn.state, turn.rules.aftercare.survey
    if rules is None:
        return None
    ask = state.closing_reason in rules.after and not consent.withheld(state)
    return _person(turn, rules.quiet.amount, ask=ask)


def _person(turn: Turn, quiet: timedelta, *, ask: bool) -> Surveyed:
    who = turn.state.complainant
    return made(Surveyed, company=turn.state.intake.company, email=who.email, phone=who.phone, quiet=quiet, ask=ask)


# the answer


def answered(turn: Turn, answer: SurveyAnswered, *, actor: Actor = COMPLAINANT, how: str | None = None) -> None:
    """Record what was answered, and do what follows. It demands no response of ours unless the problem is back."""
    if answer.answers:
        entered = _record(turn, answer, actor, how)
        if answer.solved is False:
            _came_back(turn, answer, actor, entered)
        elif answer.text is not None:
            _tell(turn, answer)
    if answer.stop:
        _stop(turn, answer, actor, how)


def record(turn: Turn, command: c.RecordSurvey) -> None:
    """On the complainant's behalf."""
    said = {name: getattr(command, name) for name in (*QUESTIONS, "stop")}
    if not any(said.values()) and said["solved"] is None:
        raise refuse("nothing is answered", field="outcome", remedy="give a score, `solved`, `text` or `stop`")
    answered(turn, SurveyAnswered(message_id=command.key, **said), actor=command.actor, how=command.how)


def _record(turn: Turn, answer: SurveyAnswered, actor: Actor, how: str | None) -> Entry:
    """Write the answer down. It counts for the last closing, if there was one.

    Later answers correct earlier ones, question by question, until the case is archived; then they only add to them.
    """
    state = turn.state
    number = len(state.closures) if answer.via is None else 0
    before = state.survey if state.survey is not None and state.survey.closing == number else None
    late = state.status is Status.ARCHIVED
    back = complainant.came_from(turn) if answer.via is None else None
    given = {name: value for name in QUESTIONS if (value := getattr(answer, name)) is not None}
    entry = turn.enter(
        Kind.SURVEY_ANSWERED,
        actor,
        answer.text,
        scores=answer.scores or None,
        solved=answer.solved,
        closing=number or None,
        replaces=before.sequence if before is not None else None,
        late=late or None,
        applied=None if number else False,
        how=how,
        status=back,
        merged_from=answer.via,
    )
    if number:
        known: dict[str, Any] = {name: getattr(before, name) for name in QUESTIONS} if before is not None else {}
        stands = {name: value for name, value in known.items() if value is not None}
        counts = {**given, **stands} if late else {**stands, **given}
        state.survey = SurveyAnswer(closing=number, sequence=entry.sequence, at=turn.at, how=how, **counts)
    if back is not None:
        opening.return_from_question(turn, back)
    return entry


def _came_back(turn: Turn, answer: SurveyAnswered, actor: Actor, entered: Entry) -> None:
    """Opened again at once, or asked to be; of an open case it is a message like any other."""
    state, rules = turn.state, turn.rules.aftercare.survey
    over = state.status in (Status.CLOSED, Status.ARCHIVED) and answer.via is None
    reopens = rules is None or rules.returned is OnReturn.REOPEN
    if over and state.status is Status.CLOSED and reopens and state.merged_into is None:
        again = c.Reopen(
            key=answer.message_id,
            actor=actor,
            reason=ReopeningReason.PROBLEM_RETURNED,
            text=SAID_SO,
            facts=(entered.sequence,),
        )
        endings.reopen(turn, again)
        _tell(turn, answer)
        return
    if state.status is not Status.ARCHIVED:
        complainant.expect_response(turn)
    if over:
        reopening.request(turn, answer.text, entered)
    else:
        _tell(turn, answer)


def _tell(turn: Turn, answer: SurveyAnswered) -> None:
    state = turn.state
    cases = () if answer.via is None else (answer.via,)
    facts = NoticeFacts(words=answer.text, category=state.category, cases=cases)
    turn.tell(Occasion.AGENT_MESSAGE_RECEIVED, (state.owner,), facts)


def _stop(turn: Turn, answer: SurveyAnswered, actor: Actor, how: str | None) -> None:
    """No more surveys and follow-ups to this person; notices about complaints go on. Confirmed once, and only once."""
    state = turn.state
    first = state.surveys_stopped is None
    words = None if answer.answers else answer.text
    turn.enter(Kind.SURVEYS_STOPPED, actor, words, how=how, again=None if first else True)
    if first:
        state.surveys_stopped = turn.at
        turn.notify(Occasion.SURVEYS_STOPPED, survey=_person(turn, timedelta(0), ask=False))
    if words is not None:
        _tell(turn, answer)
