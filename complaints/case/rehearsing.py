"""What a command would send to the complainant, found by doing it to a copy of the case."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from complaints.case.catching_up import CatchUp
from complaints.case.commands import carry_out
from complaints.case.turn import Turn
from complaints.errors import Refused
from complaints.messages.duties import Notice
from complaints.messages.workbench import Rehearsal

if TYPE_CHECKING:
    from complaints.case.case import Case


def rehearse(copy: "Case", command: Any, now: datetime) -> Rehearsal:
    """Do it to `copy`, which is nobody's case any more afterwards."""
    CatchUp(copy.following, now).act(inclusive=False)
    turn = Turn(copy.state, now)
    try:
        carry_out(turn, command)
    except Refused as refused:
        return Rehearsal(refused=refused.problem, field=refused.field)
    return Rehearsal(notices=tuple(duty for duty in turn.duties if isinstance(duty, Notice)))
