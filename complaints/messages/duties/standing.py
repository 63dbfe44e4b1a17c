"""The complaint, its clocks and its actions as they stand: rows of the read model."""

from pydantic import Field

from complaints.model import Frozen, Instant, is_none
from complaints.vocabulary import (
    ActionKind,
    Channel,
    ClockState,
    ClosingReason,
    Language,
    MetBy,
    Metric,
    OnDue,
    Outcome,
    PromiseAnswer,
    Severity,
    Status,
)


class Standing(Frozen):
    """The complaint as it stands: one row of the read model."""

    reference: str
    status: Status
    channel: Channel
    category: str | None
    severity: Severity
    language: Language
    company: str | None
    owner: str
    team: str
    tier: str
    tier_level: int
    outcome: Outcome | None
    closing_reason: ClosingReason | None
    transfers: int
    disputes: int
    reopenings: int
    received_at: Instant
    assessed_at: Instant | None
    decided_at: Instant | None
    closed_at: Instant | None
    archived_at: Instant | None
    next_due_at: Instant | None
    next_due: str | None
    breached: tuple[Metric, ...]
    satisfied: bool | None
    rating: int | None
    awaiting_approval: bool
    remedies_owed: int
    reopening_requested_at: Instant | None = Field(default=None, exclude_if=is_none)
    pack: str
    policy_version: str


class ClockRow(Frozen):
    """A clock as it stands, with what a report needs: seconds are in the clock's own time."""

    metric: Metric
    occurrence: int
    state: ClockState
    target: str
    calendar: str | None
    on_due: OnDue
    started_at: Instant
    due_at: Instant | None
    breached_at: Instant | None
    ended_at: Instant | None
    met_by: MetBy | None
    elapsed_seconds: int
    paused_seconds: int
    late_seconds: int


class ActionRow(Frozen):
    """What is owed. `answer` is the complainant's, to a promise that we said is kept at `completed_at`.

    A promise that they deny is open again: `completed_at` is empty, and `answer` stays `denied` until it is done anew.
    """

    number: int
    kind: ActionKind
    description: str
    owner: str
    due_at: Instant
    added_at: Instant
    completed_at: Instant | None = None
    note: str | None = None
    cancelled_at: Instant | None = Field(default=None, exclude_if=is_none)
    asked: str | None = Field(default=None, exclude_if=is_none)  # key of the notice that asked whether it is kept
    answer: PromiseAnswer | None = Field(default=None, exclude_if=is_none)
    answered_at: Instant | None = Field(default=None, exclude_if=is_none)
    effective: bool | None = Field(default=None, exclude_if=is_none)  # of a measure: whether it worked
    of: int | None = Field(default=None, exclude_if=is_none)  # of a review: the measure it asks about

    @property
    def open(self) -> bool:
        return self.completed_at is None and self.cancelled_at is None


class RemedyRow(Frozen):
    solution: str
    detail: str | None = None
    cost: int = 0
