"""The records lane: what became of the case, in sequence order, and the duties that rest on it.

Records are frugal, because each costs a case six events. What else is to be done in the same moment goes along with a
record, in one activity. And a record that would say no more than that notices were handed over, or who was found as
owner, while the read model shows the complaint and its clocks as they stand, goes with the next one. Whether a record
goes never depends on the time: a cold worker after a crash may see an earlier one than a later replay, and what it
issues must be the same.
"""

from datetime import datetime
from typing import Any

from complaints.case import Case
from complaints.messages.duties import ArchiveDuty, CalendarDuty, ClosureDuty, Duty, Moment, RecordBatch
from complaints.messages.feedback import CalendarsExtended, DuplicatesFound, MomentOutcome
from complaints.vocabulary import Kind
from workflows import duties, limits
from workflows.along import Along, Companions
from workflows.duties import Activity
from workflows.lane import Call, Lane
from workflows.notices import alone
from workflows.pending import Pending, Setback, Waiting

_CARRIED_OUT_BY: dict[type, Activity[Any, Any]] = {
    ClosureDuty: duties.record_closure,
    ArchiveDuty: duties.archive,
    CalendarDuty: duties.extend_calendars,
}
_SHOWN_ALREADY = (
    Kind.NOTICE_HANDED_OVER, Kind.OWNER_CHANGED, Kind.SURVEY_ASKED, Kind.SURVEY_LEFT_OUT,
)  # fmt: skip
"""What makes no record of its own, unless the case stands otherwise than was told."""
_Outline = tuple[Any, tuple[object, ...]]


class RecordsLane(Lane):
    """One batch in flight; the next is built when it is done, so that everything since then goes at once."""

    name = "records"

    def __init__(self, pending: Pending, companions: Companions) -> None:
        super().__init__(pending.records)
        self._pending = pending
        self._companions = companions
        self._along = Along()
        self._together = True  # the last moment that was tried together was recorded, or a record since then
        self._told: _Outline | None = None  # how the case stands in the read model

    @property
    def record(self) -> Setback:
        """What the record itself met with: it is no duty of the case, but made of what the case has become."""
        return self._pending.record

    @property
    def along(self) -> Along:
        """What goes along with the record under way."""
        return self._along

    def choose(self, case: Case, now: datetime) -> Call | None:
        """A duty whose entries are recorded goes first, then what is not recorded yet."""
        for waiting in self.waiting:
            if waiting.after <= case.state.recorded and waiting.ready(now):
                summary = waiting.duty.key.removeprefix(f"{case.state.reference}/")
                return Call(_CARRIED_OUT_BY[type(waiting.duty)], waiting.duty, summary, [waiting])
        if not self.record.ready(now) or not self._worth_telling(case) or (batch := case.unrecorded(now)) is None:
            return None
        self._told = _outline(case)
        return self._with_companions(bounded(batch))

    def _with_companions(self, batch: RecordBatch) -> Call:
        together = self._together and not self.record.failures
        along = self._companions.join(self._closures(batch.through), together=together)
        self._along = along
        batch = batch.model_copy(update={"tell": along.tell})
        summary = f"record through {batch.through}"
        if not along.demanding:
            return Call(duties.record, batch, summary, along.all)
        return Call(duties.carry_out, along.moment(batch), ", ".join([summary, *along.summaries]), along.all)

    def _closures(self, through: int) -> list[Waiting]:
        return [w for w in self.waiting if isinstance(w.duty, ClosureDuty) and w.after <= through and not w.apart]

    def _worth_telling(self, case: Case) -> bool:
        state = case.state
        missing = state.timeline[-1].sequence - state.recorded
        if missing == 0:
            return False
        new = state.timeline[-missing:]
        if case.archived or any(entry.kind not in _SHOWN_ALREADY for entry in new):
            return True
        return self._told != _outline(case)

    def succeeded(self, call: Call, result: Any, case: Case, now: datetime) -> list[Duty]:
        if isinstance(call.payload, Moment):
            return self._moment_over(call.payload, result, case, now)
        if isinstance(call.payload, RecordBatch):
            found = result if isinstance(result, DuplicatesFound) else None
            return self._recorded(call.payload, case, now, found)
        self.waiting.remove(call.carried[0])
        if isinstance(call.payload, ArchiveDuty):
            self._pending.kept = call.carried[0].after
        return case.learn(result, now) if isinstance(result, CalendarsExtended) else []

    def _recorded(
        self, batch: RecordBatch, case: Case, now: datetime, found: DuplicatesFound | None
    ) -> list[Duty]:  # fmt: skip
        self._pending.record, self._together = Setback(), True
        case.recorded(batch.through)
        along, self._along = self._along, Along()
        for waiting in along.closures:
            self.waiting.remove(waiting)
        following = case.learn(found, now) if found is not None else []
        return following + self._companions.agents.told(along.agents, case, now, None)

    def _moment_over(self, moment: Moment, outcome: MomentOutcome, case: Case, now: datetime) -> list[Duty]:
        if not outcome.recorded:
            self._part()
            return []
        along = self._along
        following = self._companions.complainant.answered(along.notices, outcome.deliveries, case, now)
        following += self._recorded(moment.record, case, now, outcome.duplicates)
        if outcome.owner is not None and self._told is not None:
            following += self._companions.escalations.found(along.escalations, outcome.owner, case, now)
            standing, clocks = self._told
            self._told = standing.model_copy(update={"owner": outcome.owner.owner}), clocks
        return following

    def _part(self) -> None:
        """The moment could not be recorded: each part goes its own way, until a record has been stored again."""
        self._together, self._told = False, None
        for waiting in self._along.all:
            waiting.apart = True
        self._along = Along()

    def failed(self, call: Call, problem: str, case: Case, now: datetime) -> list[Duty]:
        if isinstance(call.payload, Moment):
            self._part()
            return []
        if isinstance(call.payload, RecordBatch):
            self._along, self._told = Along(), None
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
        under_way = call is not None and isinstance(call.payload, RecordBatch | Moment)
        return waiting + (under_way or failed), failing + failed

    def stuck(self) -> str | None:
        return f"the record, {self.record.problem}" if self.record.failures else super().stuck()


def _outline(case: Case) -> _Outline:
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
