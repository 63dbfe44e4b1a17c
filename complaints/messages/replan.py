"""What a re-plan would do to a case: the argument and the answer of the query `preview`."""

from typing import Literal

from complaints.messages.commands import PlanOfReplan
from complaints.model import Frozen, Instant, PrintedInstant, Tolerant
from complaints.vocabulary import ClockState, Metric, Status


class PreviewRequest(Tolerant):
    """`at` is the asker's now. Breaches are looked for up to `until`, as if nobody answered; left out, up to `at`."""

    plan: PlanOfReplan
    at: Instant | None = None
    until: Instant | None = None


class ClockChange(Frozen):
    """A clock before and after; a due instant is null while it does not run.

    `breach`: broken at once by the re-plan, or up to the horizon under one policy and not under the other.
    `breached_at`: since when it is broken, be that from before, which a re-plan does not change, or because of it.
    """

    metric: Metric
    occurrence: int
    state_before: ClockState | None
    state_after: ClockState
    target_before: str | None
    target_after: str
    due_before: PrintedInstant | None
    due_after: PrintedInstant | None
    breached_at: PrintedInstant | None
    breach: Literal["appears", "vanishes"] | None


class Objection(Frozen):
    """Why the case would refuse it."""

    field: str
    problem: str
    remedy: str


class ReplanPreview(Frozen):
    """`unchanged`: the case is under this policy already. `promised_at`: the date the complainant would be told."""

    reference: str
    status: Status
    policy_before: str  # pack@version
    policy_after: str
    unchanged: bool = False
    refused: Objection | None = None
    clocks: tuple[ClockChange, ...] = ()
    promised_at: PrintedInstant | None = None

    @property
    def appearing(self) -> int:
        return sum(clock.breach == "appears" for clock in self.clocks)

    @property
    def vanishing(self) -> int:
        return sum(clock.breach == "vanishes" for clock in self.clocks)

    @property
    def moved(self) -> bool:
        """Whether any due instant moves."""
        return any(clock.due_before != clock.due_after for clock in self.clocks)
