"""What `view` and `explain` answer: the printed forms that others script against (DESIGN, section 10)."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from complaints.messages.commands import Actor
from complaints.messages.duties import ClosureRecord
from complaints.model import Frozen, PrintedInstant
from complaints.vocabulary import (
    ActionKind,
    ClockState,
    ClosingReason,
    Kind,
    Language,
    MetBy,
    Metric,
    Occasion,
    OnDue,
    Outcome,
    PromiseAnswer,
    Status,
)


class WarningView(Frozen):
    fraction: float
    at: PrintedInstant | None


class ClockView(Frozen):
    """A clock; seconds are in its own time. `due_at` is null while paused and stays after the clock ended."""

    metric: Metric
    occurrence: int
    state: ClockState
    target: str
    calendar: str | None
    on_due: OnDue
    started_at: PrintedInstant
    due_at: PrintedInstant | None
    warnings: tuple[WarningView, ...]
    breached_at: PrintedInstant | None
    met_at: PrintedInstant | None
    met_by: MetBy | None
    paused_seconds: int
    elapsed_seconds: int
    remaining_seconds: int | None
    late_seconds: int


class EntryView(Frozen):
    sequence: int
    at: PrintedInstant
    kind: Kind
    actor: Actor
    detail: dict[str, Any]


class NoticeView(Frozen):
    at: PrintedInstant
    key: str
    occasion: Occasion
    to: str
    channel: str
    language: Language
    handed_over_at: PrintedInstant | None


class ActionView(Frozen):
    """Something owed. `answer` is the complainant's to a promise that we said is kept: nothing said is no yes."""

    number: int
    kind: ActionKind
    description: str
    owner: str
    due_at: PrintedInstant
    added_at: PrintedInstant
    completed_at: PrintedInstant | None
    cancelled_at: PrintedInstant | None
    note: str | None
    answer: PromiseAnswer | None
    answered_at: PrintedInstant | None
    effective: bool | None
    of: int | None


class CaseView(Frozen):
    reference: str
    status: Status
    outcome: Outcome | None
    closing_reason: ClosingReason | None
    tier: str
    owner: str
    transfers: int
    disputes: int
    reopenings: int
    next_due_at: PrintedInstant | None
    clocks: tuple[ClockView, ...]
    timeline: tuple[EntryView, ...]
    notices: tuple[NoticeView, ...]
    actions: tuple[ActionView, ...]
    closure: ClosureRecord | None


class StepView(Frozen):
    """One stretch of an explanation; `counted_seconds` is what it adds to the clock's own time."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    kind: Literal["open", "closed", "holiday", "pause", "extension", "replan"]
    since: PrintedInstant = Field(alias="from")
    until: PrintedInstant = Field(alias="to")
    counted_seconds: int
    note: str | None = None


class Explanation(Frozen):
    """Why a clock is due then."""

    metric: Metric
    occurrence: int
    sentence: str
    start: PrintedInstant
    target: str
    calendar: str | None
    version: str | None
    steps: tuple[StepView, ...]
    due_at: PrintedInstant | None
