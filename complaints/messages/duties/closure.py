"""The closure record."""

from typing import Any

from pydantic import Field

from complaints.evaluation import Scores
from complaints.messages.duties.standing import ActionRow, ClockRow, RemedyRow
from complaints.model import Frozen, Instant, Personal, is_none
from complaints.vocabulary import ClosingReason, Kind, Outcome, ReopeningReason, Severity


class FactRow(Frozen):
    """A new fact: the entry of the timeline that it stands in, with what was written there."""

    sequence: int
    at: Instant
    kind: Kind
    words: Personal | None = None


class ReopeningRow(Frozen):
    """Why the case was opened again since the record before (`previous`), and which parts of it are others now."""

    number: int
    at: Instant
    actor: str
    reason: ReopeningReason
    explanation: str
    facts: tuple[FactRow, ...] = ()
    previous: int
    changed: tuple[str, ...] = ()


class ClosureRecord(Frozen):
    """Everything an auditor asks of a closed case. Immutable; a reopening adds a further one."""

    number: int
    reference: str
    closed_at: Instant
    reason: ClosingReason
    problem: Personal
    category: str | None
    severity: Severity
    findings: Personal | None
    outcome: Outcome | None
    reasons: Personal | None
    final: bool
    remedies: tuple[RemedyRow, ...]
    cost: int
    currency: str
    approved_by: str | None
    steps: tuple[dict[str, Any], ...]
    actions: tuple[ActionRow, ...]
    root_cause: dict[str, Any] | None
    evaluation: dict[str, Any] | None
    clocks: tuple[ClockRow, ...]
    transfers: int
    disputes: int
    reopenings: int
    escalations: int
    satisfied: bool | None
    rating: int | None
    silence: bool  # closed because nobody answered
    owner: str
    tier: str
    pack: str
    policy_version: str
    chain_head: str  # hash of the last timeline entry the record rests on
    # How it was handled, as far as that could be said at closing; null in records that are older than scores.
    scores: Scores | None = Field(default=None, exclude_if=is_none)
    reopened: ReopeningRow | None = Field(default=None, exclude_if=is_none)


class ClosureDuty(Frozen):
    key: str
    record: ClosureRecord
