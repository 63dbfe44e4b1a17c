"""Why a case is as it is, as data: its clocks, its way up the ladder, how it was closed.

`tuntas explain --json` prints `Explanation` (DESIGN, section 10), `--why` the two documents below; the words for all
of it live in `policies/reasons`. Nothing here is stored: a case derives it from its state whenever it is asked.
"""

from typing import Literal

from complaints.messages.commands import Actor
from complaints.model import Frozen, Personal, PrintedInstant
from complaints.vocabulary import (
    Cause,
    ClockState,
    ClosingReason,
    MetBy,
    Metric,
    Occasion,
    OnDue,
    Outcome,
    Status,
)

StepKind = Literal["open", "closed", "holiday", "pause", "extension", "replan", "reassessment"]


class StepReasons(Frozen):
    """One stretch of a clock's time, or what changed it at an instant; only `open` counts towards the due instant.

    `counted_seconds` of an extension is what it adds to the target.
    """

    kind: StepKind
    since: PrintedInstant
    until: PrintedInstant
    counted_seconds: int = 0
    note: str | None = None  # as `Explanation` prints it
    names: dict[str, str] = {}  # of a holiday, by language
    reason: str | None = None  # of a pause or an extension: a word of the code or of the policy
    said: str | None = None  # what an agent wrote about it
    by: Actor | None = None
    before: str | None = None  # the target as it was and became
    after: str | None = None
    due_before: PrintedInstant | None = None  # of a re-plan
    due_after: PrintedInstant | None = None
    policies: tuple[str, str] | None = None  # of a re-plan: pack@version, before and after
    working_day: int | None = None  # of a target in working days: which of them this is


class ClockReasons(Frozen):
    """Why a clock is due then. Seconds are in its own time: `counted` is `target` plus extensions, less `remaining`."""

    metric: Metric
    occurrence: int
    state: ClockState
    on_due: OnDue
    sentence: str
    start: PrintedInstant
    target: str
    target_seconds: int
    calendar: str | None
    version: str | None
    steps: tuple[StepReasons, ...]
    counted_seconds: int
    remaining_seconds: int | None  # while it is paused
    due_at: PrintedInstant | None
    breached_at: PrintedInstant | None
    late_seconds: int
    ended_at: PrintedInstant | None
    met_by: MetBy | None


class LadderStep(Frozen):
    """The case moved on the ladder, or could have and did not."""

    at: PrintedInstant
    kind: Literal["raised", "not_raised", "lowered", "reminded"]
    cause: Cause | None
    metric: Metric | None  # the clock whose breach it was
    occurrence: int | None
    due_at: PrintedInstant | None
    from_tier: str
    tier: str
    previous_owner: str
    owner: str  # after it, once somebody was found
    told: tuple[str, ...]
    by: Actor
    reason: str | None  # what an agent wrote
    why_not: Literal["raised_lately", "at_top", "raised_at_this_instant"] | None
    until: PrintedInstant | None  # how long a tier had to itself: the end of the climb interval
    number: int | None  # of a reminder at the top


class EscalationReasons(Frozen):
    """Why the case is at its tier, and what will move it next."""

    reference: str
    tier: str
    owner: str
    raises: int
    steps: tuple[LadderStep, ...]
    next: Literal["raise", "remind"] | None
    next_at: PrintedInstant | None  # None while every breached clock is paused
    breached: tuple[Metric, ...]  # the clocks that keep it going


class ClosingStep(Frozen):
    """Something that led to a closing."""

    at: PrintedInstant
    kind: Literal[
        "decided",
        "asked",
        "handed_over",
        "not_handed_over",
        "reminded",
        "skipped",
        "rearmed",
        "lapsed",
        "confirmed",
        "disputed",
        "withdrawn",
        "ordered",
        "began",
        "part_given",
        "closed",
    ]
    by: Actor
    occasion: Occasion | None
    number: int | None  # of the decision, the dispute, the reminder
    how: str | None  # an answer that an agent recorded: how it was given
    due_at: PrintedInstant | None
    outcome: Outcome | None
    final: bool
    parts: tuple[str, ...]  # of the closure record: still missing, or given now
    text: Personal | None  # an agent's explanation, meant for the complainant


class Closing(Frozen):
    """One closing; a case that was reopened may have several. `closed_at` is null while parts are missing."""

    number: int
    reason: ClosingReason
    outcome: Outcome | None
    by: Actor
    began_at: PrintedInstant
    closed_at: PrintedInstant | None
    silence: bool
    disputes: int
    reminders: int
    missing: tuple[str, ...]
    steps: tuple[ClosingStep, ...]


class ClosingReasons(Frozen):
    reference: str
    status: Status
    reopenings: int
    closings: tuple[Closing, ...]


class Reasons(Frozen):
    """All of it, and what is needed to say it: the pack, its texts, its time zone, its names of tiers."""

    reference: str
    at: PrintedInstant
    pack: str
    policy_version: str
    texts: str
    languages: tuple[str, ...]
    timezone: str
    tiers: dict[str, dict[str, str]]
    clocks: tuple[ClockReasons, ...]
    escalations: EscalationReasons
    closings: ClosingReasons
