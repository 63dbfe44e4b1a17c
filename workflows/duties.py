"""The activities a case calls, declared by name: what they take, what they answer, how long and how often they try.

`activities/` implements them and a test matches the two, so that neither psycopg nor SMTP enters a workflow. The names
stand in histories: they never change. Duties are never given up by time: permanent errors end them, nothing else does.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar, cast

from temporalio import workflow
from temporalio.common import RetryPolicy

from complaints.messages import CASES_QUEUE, INBOX_QUEUE, NOTICES_QUEUE, RECORDS_QUEUE
from complaints.messages.duties import (
    AgentNoticeBatch,
    ArchiveDuty,
    CalendarDuty,
    ClosureDuty,
    CustomerDuty,
    Escalation,
    Moment,
    NoticeBatch,
    RecordBatch,
)
from complaints.messages.feedback import (
    CalendarsExtended,
    CustomerChecked,
    Deliveries,
    DuplicatesFound,
    DutyDone,
    MomentOutcome,
    OwnerFound,
)
from complaints.messages.mailbox import MailboxRead, MailboxWatch
from complaints.messages.merging import ForwardDuty, MergeAnswered, MergeDuty

P = TypeVar("P")
R = TypeVar("R")
NOTHING = type(None)
_SUMMARY_BYTES = 200  # what Temporal shows of a summary


@dataclass(frozen=True, kw_only=True)
class Activity(Generic[P, R]):
    """An activity as the workflow knows it. `heartbeat` tells a dead worker from a slow one within seconds."""

    name: str
    payload: type[P]
    result: type[R]
    queue: str
    start_to_close: timedelta
    schedule_to_close: timedelta | None = None
    heartbeat: timedelta | None = timedelta(seconds=20)
    retry: RetryPolicy

    def start(self, payload: P, summary: str) -> workflow.ActivityHandle[R]:
        """Start it and go on. The summary is shown to operators: never personal data in it."""
        handle: workflow.ActivityHandle[Any] = workflow.start_activity(
            self.name,
            payload,
            task_queue=self.queue,
            result_type=None if self.result is NOTHING else self.result,
            start_to_close_timeout=self.start_to_close,
            schedule_to_close_timeout=self.schedule_to_close,
            heartbeat_timeout=self.heartbeat,
            retry_policy=self.retry,
            summary=clipped(summary),
        )
        return handle


def clipped(summary: str) -> str:
    """As much of a summary as Temporal shows."""
    return summary.encode()[:_SUMMARY_BYTES].decode(errors="ignore")


def _patient(longest_pause: timedelta) -> RetryPolicy:
    """Again and again, at first soon, then with pauses of at most this."""
    return RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=longest_pause)


_RECORDS: dict[str, Any] = {
    "queue": RECORDS_QUEUE,
    "start_to_close": timedelta(minutes=2),
    "retry": _patient(timedelta(minutes=1)),
}
# What a case asks for again and again is begun by the worker that has the case, with the answer to its task: no other
# one need be asked by way of the server. That is so for activities of the workflow's own queue, and only if a slot is
# free; else they wait there like any others.
_AT_ONCE: dict[str, Any] = {**_RECORDS, "queue": CASES_QUEUE}
_NOTICES: dict[str, Any] = {
    "queue": NOTICES_QUEUE,
    "start_to_close": timedelta(minutes=30),  # a whole batch, each notice with the time SMTP may take
    "retry": _patient(timedelta(minutes=5)),
}

# Nothing, or with the first record of a case what may be the same matter.
_FOUND = cast("type[DuplicatesFound | None]", DuplicatesFound | None)

record = Activity(name="record", payload=RecordBatch, result=_FOUND, **_AT_ONCE)
carry_out = Activity(name="carry_out", payload=Moment, result=MomentOutcome, **_AT_ONCE)
record_closure = Activity(name="record_closure", payload=ClosureDuty, result=DutyDone, **_RECORDS)
archive = Activity(name="archive", payload=ArchiveDuty, result=DutyDone, **_RECORDS)
extend_calendars = Activity(name="extend_calendars", payload=CalendarDuty, result=CalendarsExtended, **_RECORDS)
escalate = Activity(name="escalate", payload=Escalation, result=OwnerFound, **_RECORDS)
merge = Activity(name="merge", payload=MergeDuty, result=MergeAnswered, **_RECORDS)
forward = Activity(name="forward", payload=ForwardDuty, result=DutyDone, **_RECORDS)
notify_complainant = Activity(name="notify_complainant", payload=NoticeBatch, result=Deliveries, **_NOTICES)
notify_agents = Activity(name="notify_agents", payload=AgentNoticeBatch, result=NOTHING, **_NOTICES)
check_customer = Activity(name="check_customer", payload=CustomerDuty, result=CustomerChecked, **_RECORDS)
read_mailbox = Activity(
    name="read_mailbox",
    payload=MailboxWatch,
    result=MailboxRead,
    queue=INBOX_QUEUE,
    start_to_close=timedelta(hours=1),  # a watch, and what had gathered before it
    retry=_patient(timedelta(minutes=5)),
)

ACTIVITIES: tuple[Activity[Any, Any], ...] = (
    record, carry_out, record_closure, archive, extend_calendars, escalate, merge, forward, notify_complainant,
    notify_agents, check_customer, read_mailbox,
)  # fmt: skip
