"""What became of duties: fed back to the `Case` by whoever carried them out."""

from datetime import date

from pydantic import Field

from complaints.messages.merging import MergeAnswered
from complaints.model import Frozen, Instant, is_none
from complaints.plan import PinnedCalendar
from complaints.vocabulary import Customer, Surveying


class Delivery(Frozen):
    """A notice reached the channel at `at`, or failed for good, or was left out, because its person wants no more."""

    key: str
    handed_over: bool
    at: Instant
    problem: str | None = None
    survey: Surveying | None = Field(default=None, exclude_if=is_none)  # that it was to bring


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


class MomentOutcome(Frozen):
    """What became of a moment. If it could not be recorded, nothing of it was done; else all but its notices was.

    A notice that is not among the deliveries is written, and not handed over yet.
    """

    recorded: bool
    owner: OwnerFound | None = None
    deliveries: tuple[Delivery, ...] = ()
    duplicates: DuplicatesFound | None = None  # with the first record of a case: what may be the same matter


class CalendarsExtended(Frozen):
    key: str
    calendars: dict[str, PinnedCalendar]


class CustomerChecked(Frozen):
    """What the look-up says to a claim to be a customer, and since when they are one."""

    key: str
    customer: Customer
    since: date | None = None


Feedback = Delivery | OwnerFound | DutyDone | CalendarsExtended | CustomerChecked | MergeAnswered | DuplicatesFound
