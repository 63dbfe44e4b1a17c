"""The decision and its approval."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from complaints.messages.commands.base import Command, Line, Word
from complaints.messages.intake import Text
from complaints.model import Frozen
from complaints.vocabulary import Outcome

_OUTCOMES = {"partly": "partly_upheld", "not": "not_upheld"}


class Remedy(Frozen):
    """What is offered: a solution from the category's catalogue, its cost in whole currency units."""

    solution: Word
    detail: Line | None = None
    cost: Annotated[int, Field(ge=0)] = 0


class Decide(Command):
    """The decision on the complaint. Above the category's approval limit it is proposed, not communicated."""

    act: Literal["decide"] = "decide"
    outcome: Annotated[Outcome, BeforeValidator(lambda v: _OUTCOMES.get(v, v) if isinstance(v, str) else v)]
    reasons: Text
    findings: Text | None = None
    remedies: tuple[Remedy, ...] = ()

    @property
    def cost(self) -> int:
        return sum(remedy.cost for remedy in self.remedies)


class Approve(Command):
    act: Literal["approve"] = "approve"
    note: Line | None = None


class Decline(Command):
    act: Literal["decline"] = "decline"
    reason: Line
