"""What became of duties: fed back to the `Case` by whoever carried them out."""

from datetime import date

from complaints.messages.merging import MergeAnswered
from complaints.model import Frozen, Instant
from complaints.plan import PinnedCalendar
from complaints.vocabulary import Customer


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


class DutyDone(Frozen):
    """A closure record was stored, or the case archived."""

    key: str


class Alike(Frozen):
    """An earlier complaint that may be the same matter."""

    reference: str
    similarity: float
    same_complainant: bool


class DuplicatesFound(Frozen):
    """The answer to a complaint's first record, if there are any."""

    key: str
    found: tuple[Alike, ...]


class CalendarsExtended(Frozen):
    key: str
    calendars: dict[str, PinnedCalendar]


class CustomerChecked(Frozen):
    """What the look-up says to a claim to be a customer, and since when they are one."""

    key: str
    customer: Customer
    since: date | None = None


Feedback = Delivery | OwnerFound | DutyDone | CalendarsExtended | CustomerChecked | MergeAnswered | DuplicatesFound
