"""What cases say to each other when one is merged into another: a question, a parting, and messages passed on.

The case that is merged asks (`TakeIn`, an update) and closes once the other has agreed. From then on it passes on what
is said to it (`ForwardDuty`); when it is unmerged it takes its leave (`LetGo`, a signal) and keeps what is said.
"""

from typing import Any

from pydantic import ValidationInfo, field_validator

from complaints.messages.commands import Actor, Line, Word
from complaints.messages.intake import Complainant, Key, Text
from complaints.messages.signals import (
    SIGNALS,
    ComplainantReplied,
    ComplainantWithdrew,
    FactReported,
    SatisfactionConfirmed,
    SurveyAnswered,
)
from complaints.model import Frozen, Tolerant

TAKE_IN = "take_in"
LET_GO = "let_go"


class TakeIn(Frozen):
    """A case asks another to go on with it. Under one key it is answered once, however often it is asked."""

    act: str = TAKE_IN
    key: Key
    actor: Actor  # who ordered the merge
    reference: Word  # of the case that asks
    company: str | None = None
    complainant: Complainant
    text: Text  # what it is about, for those who will answer it


class LetGo(Tolerant):
    """A case that was merged goes its own way again."""

    key: Key
    actor: Actor
    reference: Word
    reason: Line | None = None


Said = ComplainantReplied | SatisfactionConfirmed | ComplainantWithdrew | FactReported | SurveyAnswered
Forwarded = Said | LetGo
_MODELS: dict[str, type[Any]] = {**SIGNALS, LET_GO: LetGo}


class MergeDuty(Frozen):
    """Ask the other case. What it answers comes back as `MergeAnswered`."""

    key: str
    into: str
    ask: TakeIn


class ForwardDuty(Frozen):
    """Bring a message to another case, as the signal `name`. Its id is derived, so that it arrives once."""

    key: str
    to: str
    name: str
    message: Forwarded

    @field_validator("message", mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        """By its name: the forms of messages are too much alike to be told apart."""
        model = _MODELS.get(info.data.get("name", ""))
        return model.model_validate(value) if model and isinstance(value, dict) else value


class MergeAnswered(Frozen):
    """What the other case said. `problem` and `remedy` are set when it refused."""

    key: str
    accepted: bool
    problem: str | None = None
    remedy: str | None = None
