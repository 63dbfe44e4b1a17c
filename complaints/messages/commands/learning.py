"""Why it happened, how it was handled, and what is owed for it."""

from typing import Annotated, Literal

from pydantic import Field

from complaints.messages.commands.base import Command, Line, Score, Word
from complaints.messages.intake import Text
from complaints.model import Frozen, Instant, is_empty, is_none
from complaints.targets import Target
from complaints.vocabulary import ActionKind, CauseCategory, FishboneClass, RootCauseMethod, Weakness

Owner = Annotated[Word, Field(pattern=r"^\S+$")]
"""`agent:ID`, `team:NAME`, or a bare agent id: never blank."""


class Why(Frozen):
    """One answer of a chain of whys, with what shows that it is so: in words, or a file of the case by its SHA-256."""

    why: Line
    answer: Line
    evidence: Line | None = None


class WeakEnd(Frozen):
    """What makes an analysis weak, where, and what would make it stronger."""

    field: str
    weakness: Weakness
    remedy: str


class Measure(Frozen):
    """What is done about a cause: an action of the case with an owner, due at an instant or in a target from now."""

    description: Line
    owner: Owner
    due_at: Instant | None = None
    within: Target | None = None


class RecordRootCause(Command):
    """Why it happened, and what is done so that it does not happen again.

    A chain of whys that loops, or whose next why does not follow, is refused. Weak ends are pointed out in the answer.
    """

    act: Literal["record_root_cause"] = "record_root_cause"
    method: RootCauseMethod = RootCauseMethod.FIVE_WHYS
    category: CauseCategory
    cause: Line
    whys: Annotated[tuple[Why, ...], Field(max_length=20)] = ()
    fishbone_class: FishboneClass | None = None
    evidence: Line | None = None
    corrective_action: Line | None = None  # in words alone: nobody owns it, and no clock runs
    corrective_actions: tuple[Measure, ...] = Field(default=(), max_length=20, exclude_if=is_empty)
    preventive_actions: tuple[Measure, ...] = Field(default=(), max_length=20, exclude_if=is_empty)
    effective: bool | None = None  # said later: did the corrective action work


class RecordEvaluation(Command):
    """Score speed, solution and communication of a closing (by default the last, or the coming one), 1 to 5."""

    act: Literal["record_evaluation"] = "record_evaluation"
    speed: Score | None = None
    solution: Score | None = None
    communication: Score | None = None
    note: Line | None = None
    coaching: Line | None = Field(default=None, exclude_if=is_none)  # what to do better next time
    closing: Annotated[int, Field(ge=1)] | None = Field(default=None, exclude_if=is_none)


class AnswerEvaluation(Command):
    """Answer the evaluation of one's own handling, once; `closing` as in the evaluation, by default the last."""

    act: Literal["answer_evaluation"] = "answer_evaluation"
    text: Text
    closing: Annotated[int, Field(ge=1)] | None = None


class AddAction(Command):
    """Promise something: who owes it, and by when (an instant, or a target from now; else the policy's).

    A promise without an owner is the case owner's; a corrective or preventive action needs one.
    """

    act: Literal["add_action"] = "add_action"
    description: Line
    kind: ActionKind = ActionKind.PROMISE
    owner: Owner | None = None
    due_at: Instant | None = None
    within: Target | None = None


class CompleteAction(Command):
    act: Literal["complete_action"] = "complete_action"
    action: Annotated[int, Field(ge=1)]
    note: Line | None = None
    effective: bool | None = Field(default=None, exclude_if=is_none)  # of a measure, or of what a review asks about


class ChangeAction(Command):
    """Give an action another owner or due date, with the reason; a promise's new date is told to the complainant."""

    act: Literal["change_action"] = "change_action"
    action: Annotated[int, Field(ge=1)]
    reason: Line
    owner: Owner | None = None
    due_at: Instant | None = None
    within: Target | None = None


class CancelAction(Command):
    """Take an action back, with the reason; a promise only if the complainant can be told."""

    act: Literal["cancel_action"] = "cancel_action"
    action: Annotated[int, Field(ge=1)]
    reason: Line
