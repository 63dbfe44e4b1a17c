"""What became of duties: fed back to the `Case` by whoever carried them out."""

from complaints.model import Frozen, Instant
from complaints.plan import PinnedCalendar


class Delivery(Frozen):
    """A notice reached the channel at `at`, or failed for good."""

    key: str
    handed_over: bool
    at: Instant
    problem: str | None = None


class Deliveries(Frozen):
    """What became of a batch of notices, in its order."""

    deliveries: tuple[Delivery, ...]


class OwnerFound(Frozen):
    """The owner that an escalation found: `agent:ID` or `team:NAME`."""

    key: str
    owner: str


class MomentOutcome(Frozen):
    """What became of a moment. If it could not be recorded, nothing of it was done; else all but its notices was.

    A notice that is not among the deliveries is written, and not handed over yet.
    """

    recorded: bool
    owner: OwnerFound | None = None
    deliveries: tuple[Delivery, ...] = ()


class DutyDone(Frozen):
    """A closure record was stored, or the case archived."""

    key: str


class CalendarsExtended(Frozen):
    key: str
    calendars: dict[str, PinnedCalendar]


Feedback = Delivery | OwnerFound | DutyDone | CalendarsExtended
