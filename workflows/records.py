"""The records lane: what became of the case, in sequence order, and the duties that rest on it.

Records are frugal, because each costs a case six events. One that would say no more than that notices were handed over,
while the complaint stands as it stood and no clock has moved, goes with the next one: the notice's own row says already
when it was sent. Whether a record goes never depends on the time: a cold worker after a crash may see an earlier one
than a later replay, and what it issues must be the same.
"""

from datetime import datetime
from typing import Any

from complaints.case import Case
from complaints.messages.duties import AgentNotice, ArchiveDuty, CalendarDuty, ClosureDuty, Duty, RecordBatch
from complaints.messages.feedback import CalendarsExtended, DuplicatesFound
from complaints.vocabulary import Kind
from workflows import duties, limits
from workflows.duties import Activity
from workflows.lane import Call, Lane
from workflows.notices import AgentsLane, alone
from workflows.pending import Pending, Setback, Waiting

_CARRIED_OUT_BY: dict[type, Activity[Any, Any]] = {
    ClosureDuty: duties.record_closure,
    ArchiveDuty: duties.archive,
    CalendarDuty: duties.extend_calendars,
}


class RecordsLane(Lane):
    """One batch in flight; the next is built when it is done, so that everything since then goes at once."""

    name = "records"

    def __init__(self, pending: Pending, agents: AgentsLane) -> None:
        super().__init__(pending.records)
        self._pending = pending
        self._agents = agents
        self._told: tuple[object, ...] | None = None  # how the case stood when it was last recorded

    @property
    def record(self) -> Setback:
        """What the record itself met with: it is no duty of the case, but made of what the case has become."""
        return self._pending.record

    def choose(self, case: Case, now: datetime) -> Call | None:
        """A duty whose entries are recorded goes first, then what is not recorded yet."""
        for waiting in self.waiting:
            if waiting.after <= case.state.recorded and waiting.ready(now):
                summary = waiting.duty.key.removeprefix(f"{case.state.reference}/")
                return Call(_CARRIED_OUT_BY[type(waiting.duty)], waiting.duty, summary, [waiting])
        if not self.record.ready(now) or not self._worth_telling(case) or (batch := case.unrecorded(now)) is None:
            return None
        riding = self._agents.ride()
        tell = tuple(w.duty for w in riding if isinstance(w.duty, AgentNotice))
        batch = bounded(batch).model_copy(update={"tell": tell})
        self._told = _outline(case)
        return Call(duties.record, batch, f"record through {batch.through}", riding)

    @property
    def riding(self) -> list[Waiting]:
        """The agents' notices that go along with the record under way."""
        return self.call.carried if self.call is not None and isinstance(self.call.payload, RecordBatch) else []

    def _worth_telling(self, case: Case) -> bool:
        state = case.state
        missing = state.timeline[-1].sequence - state.recorded
        if missing == 0:
            return False
        new = state.timeline[-missing:]
        if case.archived or any(entry.kind is not Kind.NOTICE_HANDED_OVER for entry in new):
            return True
        return self._told != _outline(case)

    def succeeded(self, call: Call, result: Any, case: Case, now: datetime) -> list[Duty]:
        if isinstance(call.payload, RecordBatch):
            self._pending.record = Setback()
            case.recorded(call.payload.through)
            following = case.learn(result, now) if isinstance(result, DuplicatesFound) else []
            return following + self._agents.told(call.carried, case, now, None)
        self.waiting.remove(call.carried[0])
        if isinstance(call.payload, ArchiveDuty):
            self._pending.kept = call.carried[0].after
        return case.learn(result, now) if isinstance(result, CalendarsExtended) else []

    def failed(self, call: Call, problem: str, case: Case, now: datetime) -> list[Duty]:
        if isinstance(call.payload, RecordBatch):
            self.record.failed(problem, now)
            alone(call.carried)
            return []
        return super().failed(call, problem, case, now)

    def retries(self) -> list[datetime]:
        if self.busy:
            return []
        return [at for at in (self.record.again_at,) if at is not None] + super().retries()

    def load(self) -> tuple[int, int]:
        """The record counts as a duty while it is under way or failing."""
        waiting, failing = super().load()
        call, failed = self.call, self.record.failures > 0
        under_way = call is not None and isinstance(call.payload, RecordBatch)
        return waiting + (under_way or failed), failing + failed

    def stuck(self) -> str | None:
        return f"the record, {self.record.problem}" if self.record.failures else super().stuck()


def _outline(case: Case) -> tuple[object, ...]:
    """What lists and queues show of a case."""
    clocks = tuple((c.key, c.state, c.due_at, c.breached_at, c.ended_at) for c in case.state.clocks)
    return case.standing(), clocks


def bounded(batch: RecordBatch) -> RecordBatch:
    """As much of a batch as one payload can carry; the rest goes with the next."""
    size = 0
    for index, entry in enumerate(batch.entries):
        size += len((entry.words or "").encode())
        if size > limits.BATCH_BYTES and index > 0:
            kept = batch.entries[:index]
            return batch.model_copy(update={"entries": kept, "through": kept[-1].sequence})
    return batch
