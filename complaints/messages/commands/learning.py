"""Why it happened, how it was handled, and what is owed for it."""

from typing import Annotated, Literal

from pydantic import Field

from complaints.messages.commands.base import Command, Line, Score, Word
from complaints.messages.intake import Text
from complaints.model import Frozen, Instant
from complaints.targets import Target
from complaints.vocabulary import ActionKind, CauseCategory, RootCauseMethod


class Why(Frozen):
    """One answer of a chain of whys, with what shows that it is so."""

    why: Line
    answer: Line
    evidence: Line | None = None


class RecordRootCause(Command):
    act: Literal["record_root_cause"] = "record_root_cause"
    method: RootCauseMethod = RootCauseMethod.FIVE_WHYS
    category: CauseCategory
    cause: Line
    whys: tuple[Why, ...] = ()
    fishbone_class: Word | None = None
    evidence: Line | None = None
    corrective_action: Line | None = None
    effective: bool | None = None  # said later: did the corrective action work


class RecordEvaluation(Command):
    """Score speed, solution and communication of a closing (by default the last, or the coming one), 1 to 5."""

    act: Literal["record_evaluation"] = "record_evaluation"
    speed: Score | None = None
    solution: Score | None = None
    communication: Score | None = None
    note: Line | None = None
    coaching: Line | None = Field(default=None, exclude_if=lambda value: value is None)  # what to do better next time
    closing: Annotated[int, Field(ge=1)] | None = Field(default=None, exclude_if=lambda value: value is None)


class AnswerEvaluation(Command):
    """Answer the evaluation of one's own handling, once; `closing` as in the evaluation, by default the last."""

    act: Literal["answer_evaluation"] = "answer_evaluation"
    text: Text
    closing: Annotated[int, Field(ge=1)] | None = None


class AddAction(Command):
    """Promise something: who owes it, and by when (an instant, or a target from now; else the policy's)."""

    act: Literal["add_action"] = "add_action"
    description: Line
    kind: ActionKind = ActionKind.PROMISE
    owner: Word | None = None
    due_at: Instant | None = None
    within: Target | None = None


class CompleteAction(Command):
    act: Literal["complete_action"] = "complete_action"
    action: Annotated[int, Field(ge=1)]
    note: Line | None = None
