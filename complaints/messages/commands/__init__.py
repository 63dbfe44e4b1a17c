"""`AgentCommand`: everything an agent can do to a case, one closed union told apart by `act`."""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from complaints.errors import BadInput
from complaints.messages.commands.base import Actor, Line, Score, Word
from complaints.messages.commands.conversation import (
    Amend,
    RecordConfirmation,
    RecordReply,
    RecordSurvey,
    RecordWithdrawal,
    RequestInformation,
    Respond,
    SendUpdate,
)
from complaints.messages.commands.deciding import Approve, Decide, Decline, Remedy
from complaints.messages.commands.ending import Close, DeclineReopening, Merge, Refer, Reopen, Unmerge
from complaints.messages.commands.handling import (
    Assess,
    Assign,
    Attach,
    DeEscalate,
    Escalate,
    Extend,
    Hold,
    Note,
    PlanOfReplan,
    RecordStep,
    Replan,
    Resume,
    Transfer,
    Verify,
)
from complaints.messages.commands.learning import (
    AddAction,
    AnswerEvaluation,
    CancelAction,
    ChangeAction,
    CompleteAction,
    Measure,
    RecordEvaluation,
    RecordRootCause,
    WeakEnd,
    Why,
)
from complaints.model import bad_input

AgentCommand = Annotated[
    Verify
    | Assess
    | Assign
    | Transfer
    | Respond
    | SendUpdate
    | RequestInformation
    | Hold
    | Resume
    | Escalate
    | DeEscalate
    | Note
    | RecordStep
    | Attach
    | Decide
    | Approve
    | Decline
    | RecordRootCause
    | RecordEvaluation
    | AnswerEvaluation
    | Extend
    | AddAction
    | CompleteAction
    | ChangeAction
    | CancelAction
    | RecordReply
    | RecordConfirmation
    | RecordSurvey
    | RecordWithdrawal
    | Amend
    | Close
    | Reopen
    | DeclineReopening
    | Refer
    | Merge
    | Unmerge
    | Replan,
    Field(discriminator="act"),
]
COMMANDS: TypeAdapter[AgentCommand] = TypeAdapter(AgentCommand)
_SPELLINGS = {"deescalate": "de_escalate", "re_plan": "replan", "request_info": "request_information"}


def read_command(raw: Any) -> AgentCommand:
    """A command from outside. Raises `BadInput` naming the field; hyphens and spaces in `act` are accepted."""
    if isinstance(raw, dict) and isinstance(raw.get("act"), str):
        act = raw["act"].strip().lower().replace("-", "_").replace(" ", "_")
        raw = {**raw, "act": _SPELLINGS.get(act, act)}
    try:
        if isinstance(raw, (str, bytes)):
            return COMMANDS.validate_json(raw)
        return COMMANDS.validate_python(raw)
    except ValidationError as error:
        problem = bad_input(error)
        head, _, rest = problem.field.partition(".")  # the union's tag is not a field of the sender's
        field = rest or ("act" if not problem.field else head)
        raise BadInput(problem.problem, field=field, remedy=problem.remedy) from None


__all__ = [
    "COMMANDS",
    "Actor",
    "AddAction",
    "AgentCommand",
    "Amend",
    "AnswerEvaluation",
    "Approve",
    "Assess",
    "Assign",
    "Attach",
    "CancelAction",
    "ChangeAction",
    "Close",
    "CompleteAction",
    "DeEscalate",
    "Decide",
    "Decline",
    "DeclineReopening",
    "Escalate",
    "Extend",
    "Hold",
    "Line",
    "Measure",
    "Merge",
    "Note",
    "PlanOfReplan",
    "RecordConfirmation",
    "RecordEvaluation",
    "RecordReply",
    "RecordRootCause",
    "RecordStep",
    "RecordSurvey",
    "RecordWithdrawal",
    "Refer",
    "Remedy",
    "Reopen",
    "Replan",
    "RequestInformation",
    "Respond",
    "Resume",
    "Score",
    "SendUpdate",
    "Transfer",
    "Unmerge",
    "Verify",
    "WeakEnd",
    "Why",
    "Word",
    "read_command",
]
