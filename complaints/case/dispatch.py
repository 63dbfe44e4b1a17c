"""Which rule a message goes to: what complainants and services tell, what agents command."""

from typing import Any

from complaints.case import complainant, facts, merging, promises, surveys
from complaints.case.commands import carry_out
from complaints.case.turn import Turn
from complaints.errors import Refused
from complaints.messages.merging import LetGo
from complaints.messages.signals import (
    ComplainantReplied,
    ComplainantWithdrew,
    FactReported,
    SatisfactionConfirmed,
    SurveyAnswered,
    Unreadable,
)
from complaints.vocabulary import Kind


def apply(turn: Turn, message: Any) -> Refused | None:
    """Do what a message asks for. The reason if it was refused: only commands are, and then it is in the timeline."""
    if merging.passed_on(turn, message):
        return None
    match message:
        case ComplainantReplied():
            complainant.said(turn, message)
        case SatisfactionConfirmed() if message.action is not None:
            promises.answered(turn, message)
        case SatisfactionConfirmed():
            complainant.confirmed(turn, message)
        case ComplainantWithdrew():
            complainant.withdrew(turn, message.text, via=message.via)
        case SurveyAnswered():
            surveys.answered(turn, message)
        case FactReported():
            facts.reported(turn, message)
        case Unreadable():
            complainant.unreadable(turn, message)
        case LetGo():
            merging.let_go(turn, message)
        case _:
            return _command(turn, message)
    return None


def _command(turn: Turn, command: Any) -> Refused | None:
    try:
        carry_out(turn, command)
    except Refused as refused:
        kept = command.text if command.act == "reopen" else None  # what is new is not lost with the reopening
        turn.enter(
            Kind.REFUSED, command.actor, act=command.act, field=refused.field, reason=refused.problem,
            explanation=kept,
        )  # fmt: skip
        return refused
    return None
