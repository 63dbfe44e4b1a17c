"""What the complainant says to each promise made to them: kept, or not. Nothing said is never a yes.

A promise that is done is asked about; "no" opens it again with a new due date; both may come twice, late, or cross.
"""

from datetime import datetime

from complaints.case import opening, reaching, reopening, timing
from complaints.case.turn import Turn, refuse
from complaints.messages.commands import Actor, RecordConfirmation
from complaints.messages.duties import ActionRow, NoticeFacts
from complaints.messages.signals import SatisfactionConfirmed
from complaints.timeline import COMPLAINANT
from complaints.vocabulary import (
    ActionKind,
    Kind,
    MetBy,
    Metric,
    Occasion,
    PromiseAnswer,
    ReopeningReason,
    Status,
)


def ask(turn: Turn, number: int) -> None:
    """Say that it is done, and ask whether it is so."""
    row = _promise(turn, number)
    if row is None:
        return
    facts = NoticeFacts(actions=(row.description,), number=number, reason=row.note)
    key = turn.notify(Occasion.PROMISE_DONE, facts)
    _change(turn, row, asked=key, answer=PromiseAnswer.NOT_ANSWERED, answered_at=None)


def recorded(turn: Turn, command: RecordConfirmation, answer: SatisfactionConfirmed) -> None:
    """What an agent writes down for the complainant: refused if there is no such promise."""
    if _promise(turn, command.action or 0) is None:
        numbers = [str(a.number) for a in turn.state.actions if a.kind is ActionKind.PROMISE]
        raise refuse(
            f"there is no promise {command.action}", field="action", remedy=f"promises: {', '.join(numbers) or 'none'}"
        )
    answered(turn, answer, actor=command.actor, how=command.how)


def answered(turn: Turn, answer: SatisfactionConfirmed, *, actor: Actor = COMPLAINANT, how: str | None = None) -> None:
    """The complainant's answer to one promise. Whatever it is to, it is recorded, and a "no" is always told."""
    row = _promise(turn, answer.action or 0)
    applies = row is not None and answer.via is None and _applies(turn, row, satisfied=answer.satisfied)
    back = _came_from(turn) if answer.via is None else None
    message = turn.enter(
        Kind.ACTION_CONFIRMED if answer.satisfied else Kind.ACTION_DENIED,
        actor,
        answer.text,
        number=answer.action,
        action_kind=row.kind if row else None,
        rating=answer.rating,
        how=how,
        applied=None if applies else False,
        status=back,
        merged_from=answer.via,
    )
    if back is not None:
        opening.return_from_question(turn, back)
    if answer.via is None:
        reaching.end_task(turn)
    if answer.satisfied:
        if applies and row is not None:
            _kept(turn, row)
        return
    if turn.state.status is Status.ARCHIVED:
        if applies and row is not None:
            _change(turn, row, answer=PromiseAnswer.DENIED, answered_at=turn.at)
        # The case is put away: what they say is offered to its last owner and team as a reason to open it again.
        reopening.request(turn, answer.text, message, reason=ReopeningReason.PROMISE_NOT_KEPT, action=answer.action)
        return
    if applies and row is not None:
        row = _not_kept(turn, row)
    _tell(turn, row, answer)
    if turn.state.merged_into is None and turn.clock(Metric.NEXT_RESPONSE) is None:
        timing.start(turn, Metric.NEXT_RESPONSE)


def _applies(turn: Turn, row: ActionRow, *, satisfied: bool) -> bool:
    """Whether the answer changes anything: not if it was given before, or came before we said that it is done."""
    if row.cancelled_at is not None:
        return False
    if satisfied:
        return row.answer is not PromiseAnswer.CONFIRMED and (
            row.open is False or turn.state.status is not Status.ARCHIVED
        )
    return row.completed_at is not None and not (
        turn.state.status is Status.ARCHIVED and row.answer is PromiseAnswer.DENIED
    )


def _kept(turn: Turn, row: ActionRow) -> None:
    """A yes to what is still open ends it: the complainant has what was promised, whoever brought it."""
    if row.open:
        reaching.finish_action(turn, row.number, MetBy.COMPLAINANT, row.note)
    _change(turn, _row(turn, row.number), answer=PromiseAnswer.CONFIRMED, answered_at=turn.at)


def _not_kept(turn: Turn, row: ActionRow, *, denied_at: datetime | None = None) -> ActionRow:
    """Open again, due by the policy's clock from now, and the complainant knows until when."""
    clock = timing.start(turn, Metric.ACTION, action=row.number)
    due = clock.base_due if clock is not None else row.due_at
    at = denied_at or turn.at
    row = _change(turn, row, completed_at=None, answer=PromiseAnswer.DENIED, answered_at=at, due_at=due)
    timing.refresh_ladder(turn)
    turn.notify(Occasion.PROMISE_REOPENED, NoticeFacts(actions=(row.description,), due_at=due, number=row.number))
    return row


def owed_again(turn: Turn) -> list[ActionRow]:
    """Open what was denied while the case was put away: now that the case is open, it has a clock again."""
    denied = [a for a in turn.state.actions if _denied_and_ended(a)]
    return [_not_kept(turn, row, denied_at=row.answered_at) for row in denied]


def _denied_and_ended(row: ActionRow) -> bool:
    ended = row.completed_at is not None and row.cancelled_at is None
    return row.kind is ActionKind.PROMISE and ended and row.answer is PromiseAnswer.DENIED


def _tell(turn: Turn, row: ActionRow | None, answer: SatisfactionConfirmed) -> None:
    """Who owes it and who has the case read the complainant's own words."""
    owners = (row.owner, turn.state.owner) if row is not None else (turn.state.owner,)
    open_now = row is not None and row.open
    facts = NoticeFacts(
        words=answer.text,
        number=answer.action,
        actions=(row.description,) if row else (),
        due_at=row.due_at if row is not None and open_now else None,
        category=turn.state.category,
    )
    turn.tell(Occasion.AGENT_PROMISE_DENIED, owners, facts)


def _came_from(turn: Turn) -> Status | None:
    """Any message of theirs ends the wait for an answer."""
    if turn.state.status is not Status.AWAITING_COMPLAINANT:
        return None
    return turn.state.entered_from or Status.INVESTIGATION


def _promise(turn: Turn, number: int) -> ActionRow | None:
    found = (a for a in turn.state.actions if a.number == number and a.kind is ActionKind.PROMISE)
    return next(found, None)


def _row(turn: Turn, number: int) -> ActionRow:
    return turn.state.actions[number - 1]


def _change(turn: Turn, row: ActionRow, **changes: object) -> ActionRow:
    state = turn.state
    changed = row.model_copy(update=changes)
    state.actions = [changed if a.number == row.number else a for a in state.actions]
    state.changed_actions[row.number] = turn.mark
    return changed
