"""Who has the case, and the work on it."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from complaints.messages.commands.base import Command, Line, Word
from complaints.messages.intake import Name, Text
from complaints.model import Instant
from complaints.plan import PackedPlan
from complaints.vocabulary import Metric, Severity

PlanOfReplan = Annotated[
    PackedPlan, WithJsonSchema({"type": "string", "description": "a plan, packed; left out, the policy is resolved"})
]


class Verify(Command):
    """The contact is proven and what the category needs is there."""

    act: Literal["verify"] = "verify"
    note: Line | None = None


class Assess(Command):
    act: Literal["assess"] = "assess"
    category: Word | None = None
    severity: Severity | None = None
    note: Line | None = None


class Assign(Command):
    """Give the case to a handler or a team; not counted as a transfer."""

    act: Literal["assign"] = "assign"
    to: Word  # `agent:ID`, `team:NAME`, or a bare agent id


class Transfer(Command):
    """A handler hands the case over, with a note; counted, and limited by the policy."""

    act: Literal["transfer"] = "transfer"
    to: Word
    note: Line


class Hold(Command):
    """Wait for a third party until the review date."""

    act: Literal["hold"] = "hold"
    reason: Line
    review_at: Instant | None = None  # the policy's longest hold when left out
    party: Word | None = None


class Resume(Command):
    act: Literal["resume"] = "resume"
    note: Line | None = None


class Escalate(Command):
    act: Literal["escalate"] = "escalate"
    reason: Line
    to: Word | None = None  # a higher tier's name; the next one up when left out


class DeEscalate(Command):
    act: Literal["de_escalate"] = "de_escalate"
    reason: Line
    to: Word | None = None  # a lower tier's name; the next one down when left out


class Note(Command):
    act: Literal["note"] = "note"
    text: Text


class RecordStep(Command):
    act: Literal["record_step"] = "record_step"
    step: Word
    note: Line | None = None


class Attach(Command):
    """Evidence is kept outside Temporal; the case holds its digest."""

    act: Literal["attach"] = "attach"
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Name
    media_type: Annotated[str, Field(max_length=100, pattern=r"^[\w.+-]+/[\w.+-]+$")] = "application/octet-stream"
    size: Annotated[int, Field(ge=0)] = 0


class Extend(Command):
    """Move a clock by the policy's extension, for one of its closed list of reasons."""

    act: Literal["extend"] = "extend"
    metric: Metric = Metric.RESOLUTION
    reason: Word
    note: Line | None = None


class Replan(Command):
    """Put the case under another policy, or a newer version of its own."""

    act: Literal["replan"] = "replan"
    policy: Annotated[str, Field(min_length=1, max_length=500)]  # a pack by name or path, as the sender knows it
    reason: Line
    plan: PlanOfReplan | None = None  # what the policy means for this very case; `starter` resolves it
