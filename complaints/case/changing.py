"""Actions that are changed or taken back, always with a reason; a promise's complainant is told.

A changed date is a promise of its own: the old clock ends, late if it was late, and a new one begins.
"""

from datetime import datetime

from complaints.case import actions, consent, timing
from complaints.case.ownership import owner_named
from complaints.case.turn import Turn, refuse
from complaints.errors import Refused
from complaints.messages import commands as c
from complaints.messages.duties import ActionRow, NoticeFacts
from complaints.vocabulary import ActionKind, ClockState, Kind, Metric, Occasion


def change_action(turn: Turn, command: c.ChangeAction) -> None:
    action = actions.find(turn, command.action)
    moves = command.due_at is not None or command.within is not None
    if moves and action.kind is ActionKind.TASK:
        raise refuse("the date of a task is the case's own", field="due_at", remedy="give it to another owner instead")
    owner = owner_named(turn, command.owner, field="owner") if command.owner else action.owner
    if owner == action.owner and not moves:
        raise refuse("nothing to change", field="owner", remedy="give another owner, or `due_at` or `within`")
    when = actions.due(turn, command.due_at, command.within) if moves else None
    due_at = renew_clock(turn, action.number, when) if when else action.due_at
    row = actions.change(turn, action.number, owner=owner, due_at=due_at)
    turn.enter(
        Kind.ACTION_CHANGED,
        command.actor,
        number=row.number,
        action_kind=row.kind,
        owner=owner if owner != action.owner else None,
        previous=action.owner if owner != action.owner else None,
        due_at=due_at if moves else None,
        due_before=action.due_at if moves else None,
        reason=command.reason,
    )
    _tell_changed(turn, action, row, command.reason)
    if moves and row.kind is ActionKind.PROMISE:
        facts = NoticeFacts(actions=(row.description,), due_at=due_at, reason=command.reason, number=row.number)
        turn.notify(Occasion.PROMISE_CHANGED, facts)


def _tell_changed(turn: Turn, before: ActionRow, row: ActionRow, reason: str) -> None:
    facts = NoticeFacts(reason=reason, due_at=row.due_at, number=row.number, actions=(row.description,))
    turn.tell(Occasion.AGENT_ACTION_CHANGED, (before.owner,), facts)
    if row.owner != before.owner:
        actions.tell_owner(turn, row)


def renew_clock(turn: Turn, number: int, when: actions.Due) -> datetime:
    """End the clock of an action, if it runs, and begin another one. Late is late: a breach stays with the old one."""
    _end_clock(turn, number)
    clock = timing.start(turn, Metric.ACTION, rule=when.rule, base_due=when.at, action=number)
    if clock is None:
        raise refuse("the policy has no clock for actions", remedy="add one to the policy")
    timing.refresh_ladder(turn)
    return clock.base_due


def _end_clock(turn: Turn, number: int) -> None:
    for clock in turn.open_clocks():
        if clock.action == number:
            timing.end(turn, clock, ClockState.CANCELLED)


def cancel_action(turn: Turn, command: c.CancelAction) -> None:
    action = actions.find(turn, command.action)
    if action.kind is ActionKind.TASK:
        raise refuse(
            "a task ends when the complainant is reached", field="action", remedy="amend the address, or complete it"
        )
    if action.kind is ActionKind.PROMISE and (untold := _cannot_be_told(turn)) is not None:
        raise untold
    _end_clock(turn, action.number)
    timing.refresh_ladder(turn)
    actions.change(turn, action.number, cancelled_at=turn.at, note=command.reason)
    turn.enter(
        Kind.ACTION_CANCELLED,
        command.actor,
        number=action.number,
        action_kind=action.kind,
        description=action.description,
        reason=command.reason,
    )
    facts = NoticeFacts(reason=command.reason, number=action.number, actions=(action.description,))
    turn.tell(Occasion.AGENT_ACTION_CANCELLED, (action.owner,), facts)
    if action.kind is ActionKind.PROMISE:
        turn.notify(Occasion.PROMISE_CANCELLED, facts)


def _cannot_be_told(turn: Turn) -> Refused | None:
    """A promise is not taken back behind the complainant's back."""
    who = turn.state.complainant
    if not (who.email or who.phone or who.address_on(who.preferred_channel or turn.state.intake.channel)):
        return refuse(
            "the complainant has no address, and a promise is not taken back untold",
            field="action",
            remedy="amend the address, or keep the promise",
        )
    if consent.withheld(turn.state):
        return refuse(
            "nothing of it is told to a representative before the person they speak for has agreed",
            field="complainant.consent",
            remedy="record the consent first: `amend` with `consent`",
        )
    return None
