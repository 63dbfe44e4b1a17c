"""What agents do: one function a command. Each checks first and changes after, so that a refusal changes nothing."""

from collections.abc import Callable
from typing import Any

from complaints import lifecycle
from complaints.case import (
    actions,
    changing,
    consent,
    conversation,
    decisions,
    endings,
    holds,
    learning,
    merging,
    moving_on,
    ownership,
    reopening,
    replanning,
    reviewing,
    surveys,
    work,
)
from complaints.case.turn import Turn, refuse
from complaints.messages.duties import Notice
from complaints.messages.merging import TakeIn
from complaints.vocabulary import Role

ON_BEHALF = ("record_reply", "record_confirmation", "record_survey", "record_withdrawal")
"""The complainant's own words, only typed by an agent: what follows from them is no contact by a person of ours."""


def carry_out(turn: Turn, command: Any) -> None:
    """Do what the command says. Raises `Refused` with a reason if the case or the actor's role does not allow it."""
    if isinstance(command, TakeIn):
        merging.take_in(turn, command)
        return
    handler = HANDLERS.get(command.act)
    if handler is None:
        raise refuse(f"`{command.act}` is not offered by this version", remedy="use another command")
    if command.actor.role in (Role.AUDITOR, Role.COMPLAINANT, Role.SYSTEM):
        raise refuse(
            f"the role {command.actor.role} may not act", field="actor.role", remedy="act as an agent or a lead"
        )
    merging.check(turn, command)
    if not lifecycle.allows(turn.state.status, command.act):
        again = reopening.already_open(turn.state) if command.act == "reopen" else None
        if again is not None:
            raise refuse(again, remedy="add what you know there: `note`, `attach` or `record_reply`")
        allowed = ", ".join(lifecycle.statuses_allowing(command.act))
        raise refuse(
            f"`{command.act}` is not allowed in status {turn.state.status}", remedy=f"it is allowed in: {allowed}"
        )
    if command.act in consent.SPEAKING and consent.withheld(turn.state):
        raise refuse(
            "nothing is said to a representative before the person they speak for has agreed",
            field="complainant.consent",
            remedy="record the consent first: `amend` with `consent`",
        )
    if not isinstance(command, TakeIn):  # what another case asks was made from no picture of this one
        moving_on.check(turn, command.based_on)
    before = len(turn.duties)
    handler(turn, command)
    if command.act not in ON_BEHALF and any(isinstance(duty, Notice) for duty in turn.duties[before:]):
        conversation.spoke(turn)


HANDLERS: dict[str, Callable[[Turn, Any], None]] = {
    "verify": work.verify,
    "assess": work.assess,
    "assign": ownership.assign,
    "transfer": ownership.transfer,
    "respond": conversation.respond,
    "send_update": conversation.send_update,
    "request_information": conversation.request_information,
    "hold": conversation.hold,
    "resume": holds.resume,
    "escalate": ownership.escalate,
    "de_escalate": ownership.de_escalate,
    "note": work.note,
    "record_step": work.record_step,
    "attach": work.attach,
    "decide": decisions.decide,
    "approve": decisions.approve,
    "decline": decisions.decline,
    "record_root_cause": learning.record_root_cause,
    "record_evaluation": reviewing.record,
    "answer_evaluation": reviewing.answer,
    "extend": decisions.extend,
    "add_action": actions.add,
    "complete_action": actions.complete,
    "change_action": changing.change_action,
    "cancel_action": changing.cancel_action,
    "record_reply": conversation.record_reply,
    "record_confirmation": conversation.record_confirmation,
    "record_survey": surveys.record,
    "record_withdrawal": conversation.record_withdrawal,
    "amend": conversation.amend,
    "close": endings.close,
    "reopen": endings.reopen,
    "decline_reopening": reopening.decline,
    "refer": endings.refer,
    "merge": merging.merge,
    "unmerge": merging.unmerge,
    "replan": replanning.replan,
}
