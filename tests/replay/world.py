"""What the world says to what a case, or a mailbox, wants done. All is well unless a story says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from complaints.messages import duties as d
from complaints.messages import feedback as f
from complaints.messages import merging
from complaints.messages.mailbox import MailboxRead, MailboxWatch
from complaints.plan import PinnedCalendar
from complaints.vocabulary import Customer, Surveying


@dataclass(frozen=True)
class World:
    """Everything is handed over, and Rina takes every case that climbs."""

    surveying: Surveying | None = None  # what becomes of the survey of a follow-up
    customer: Customer = Customer.YES
    alike: tuple[f.Alike, ...] = ()  # what the first record of a case finds
    merge_problem: str | None = None  # why the other case does not agree to a merge
    calendars: dict[str, PinnedCalendar] | None = None  # the longer ones

    def answer(self, given: Any, at: datetime) -> Any:  # noqa: PLR0911 (a table)
        """The answer to one activity that is done at `at`."""
        match given:
            case d.Moment():
                return self._moment(given, at)
            case d.RecordBatch():
                return self._found(given)
            case d.NoticeBatch():
                return f.Deliveries(deliveries=self._delivered(given.notices, at))
            case d.Escalation():
                return f.OwnerFound(key=given.key, owner="agent:rina" if given.owner_changes else given.previous_owner)
            case d.CustomerDuty():
                return f.CustomerChecked(key=given.key, customer=self.customer)
            case d.CalendarDuty():
                return f.CalendarsExtended(key=given.key, calendars=self.calendars or {})
            case merging.MergeDuty():
                problem = self.merge_problem
                return merging.MergeAnswered(key=given.key, accepted=problem is None, problem=problem)
            case d.ClosureDuty() | d.ArchiveDuty() | merging.ForwardDuty():
                return f.DutyDone(key=given.key)
            case MailboxWatch():
                return MailboxRead(brought={"case": 1})
        return None

    def _moment(self, moment: d.Moment, at: datetime) -> f.MomentOutcome:
        owner = self.answer(moment.escalation, at) if moment.escalation else None
        deliveries = self._delivered(moment.notices, at)
        duplicates = self._found(moment.record)
        return f.MomentOutcome(recorded=True, owner=owner, deliveries=deliveries, duplicates=duplicates)

    def _delivered(self, notices: Sequence[d.Notice], at: datetime) -> tuple[f.Delivery, ...]:
        return tuple(
            f.Delivery(key=n.key, handed_over=True, at=at, survey=self.surveying if n.survey else None) for n in notices
        )

    def _found(self, record: d.RecordBatch) -> f.DuplicatesFound | None:
        if record.search is None or not self.alike:
            return None
        return f.DuplicatesFound(key=f"{record.reference}/duplicates", found=self.alike)
