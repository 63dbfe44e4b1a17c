"""A reviewer judges how a case was handled, and whoever is judged may answer; also after the case was archived."""

from collections.abc import Iterator
from typing import Any

from complaints.case import closing, evaluating
from complaints.case.state import CaseState, Reviewed
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.vocabulary import Dimension, Kind, Occasion, Status


def record(turn: Turn, command: c.RecordEvaluation) -> None:
    """Keep a reviewer's scores of one closing. The same reviewer may correct them until they are answered."""
    state = turn.state
    number = _judged(state, command.closing)
    _check(state, command, number)
    scores: dict[str, Any] = command.model_dump(mode="json", exclude={"act", "key", "actor", "closing", "based_on"})
    if number == _judged(state, None):  # an earlier closing has its record already, and is no part of the next one
        state.evaluation = {**scores, "reviewer": command.actor.id}
    entry = turn.enter(Kind.EVALUATION_RECORDED, command.actor, details=scores, number=number)
    state.reviews = [review for review in state.reviews if review.closing != number]
    state.reviews.append(Reviewed(closing=number, sequence=entry.sequence, reviewer=command.actor.id))
    handler = _handler(state, number)
    if handler is not None:
        facts = NoticeFacts(reason=command.coaching or command.note, actor=command.actor.id, number=number)
        turn.tell(Occasion.AGENT_EVALUATED, (f"{evaluating.AGENT}{handler}",), facts)
    closing.complete(turn, command.actor)


def _judged(state: CaseState, asked: int | None) -> int:
    """The closing that is meant: of an open case the coming one, else the last."""
    ended = state.status in (Status.CLOSED, Status.ARCHIVED)
    last = len(state.closures) if ended else len(state.closures) + 1
    if asked is not None and asked > last:
        raise refuse(f"the case was closed {len(state.closures)} times", field="closing", remedy="name one of them")
    return asked or last


def _check(state: CaseState, command: c.RecordEvaluation, number: int) -> None:
    if all(getattr(command, dimension) is None for dimension in Dimension):
        raise refuse("an evaluation has at least one score", field="speed", remedy="score one of the three, 1 to 5")
    if command.actor.id in (*evaluating.handled_by(state), _handler(state, number)):
        raise refuse("nobody judges a case they handled", field="actor.id", remedy="let another reviewer judge it")
    earlier = _review(state, number)
    if earlier is None or number > len(state.closures):
        return
    if earlier.reviewer != command.actor.id:
        raise refuse(f"{earlier.reviewer} has judged this closing", field="actor.id", remedy="only they may correct it")
    if earlier.answered:
        raise refuse("it was answered, and stays as it is", field="closing", remedy="write a note on the case")


def answer(turn: Turn, command: c.AnswerEvaluation) -> None:
    """Keep what the one who was judged says to it, and tell the reviewer."""
    state = turn.state
    number = command.closing or len(state.closures)
    review = _review(state, number)
    if review is None or number > len(state.closures):
        raise refuse("there is no evaluation of this closing", field="closing", remedy="look at the case's evaluations")
    if command.actor.id != _handler(state, number):
        raise refuse("only whoever was judged answers", field="actor.id", remedy="write a note on the case")
    if review.answered:
        raise refuse("it was answered before", field="closing", remedy="write a note on the case")
    review.answered = True
    turn.enter(
        Kind.EVALUATION_ANSWERED, command.actor, command.text, number=number, evaluation=review.sequence,
        reviewer=review.reviewer,
    )  # fmt: skip
    facts = NoticeFacts(words=command.text, actor=command.actor.id, number=number)
    turn.tell(Occasion.AGENT_EVALUATION_ANSWERED, (f"{evaluating.AGENT}{review.reviewer}",), facts)


def open_to_answer(state: CaseState) -> Iterator[int]:
    """The closings whose evaluation can be answered."""
    return (review.closing for review in state.reviews if not review.answered and review.closing <= len(state.closures))


def _review(state: CaseState, number: int) -> Reviewed | None:
    return next((review for review in state.reviews if review.closing == number), None)


def _handler(state: CaseState, number: int) -> str | None:
    """Whose handling is judged: as its closure record says, or as it stands."""
    if number <= len(state.closures) and (kept := state.closures[number - 1].scores) is not None:
        return kept.handler
    return evaluating.handler_of(state)
