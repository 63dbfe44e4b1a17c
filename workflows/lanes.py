"""The lanes of a case: to the complainant, to agents, up the ladder, records, look-ups, other cases.

None holds up another.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from complaints.case import Case
from complaints.messages.duties import AgentNotice, ArchiveDuty, CalendarDuty, CustomerDuty, Duty, Escalation, Notice
from complaints.messages.merging import ForwardDuty, MergeDuty
from workflows.along import Companions
from workflows.cases import CasesLane
from workflows.escalations import EscalationsLane
from workflows.input import lightened
from workflows.lane import Lane
from workflows.lookups import LookupsLane
from workflows.notices import AgentsLane, ComplainantLane
from workflows.pending import Pending, Waiting
from workflows.records import RecordsLane


class Lanes:
    """All lanes of a case, and what they have still to do."""

    def __init__(self, pending: Pending, clock_shift: timedelta) -> None:
        self.pending = pending
        self._complainant = ComplainantLane(pending.complainant, clock_shift, lambda: self.records.along.notices)
        self._escalations = EscalationsLane(pending.escalations, lambda: self.records.along.escalations)
        self._agents = AgentsLane(pending.agents, lambda: self.records.along.agents)
        self.records = RecordsLane(pending, Companions(self._complainant, self._escalations, self._agents))
        self._lookups = LookupsLane(pending.lookups)
        self._cases = CasesLane(pending.cases)
        # The order in which activities are issued: part of every history. A record takes along what the others have.
        told: tuple[Lane, ...] = (self.records, self._complainant, self._escalations, self._agents)
        self.all: tuple[Lane, ...] = (*told, self._lookups, self._cases)

    @property
    def busy(self) -> bool:
        return any(lane.busy for lane in self.all if lane.awaited)

    @property
    def seeks_owner(self) -> bool:
        """Whether an escalation that goes along with a record is under way."""
        return bool(self.records.along.escalations)

    @property
    def finished(self) -> bool:
        return any(lane.finished for lane in self.all)

    def put(self, found: Iterable[Duty], case: Case) -> None:
        """Hand duties to their lanes."""
        sequence = case.state.timeline[-1].sequence
        for duty in found:
            match duty:
                case Notice():
                    self._complainant.waiting.append(Waiting(duty=duty))
                case AgentNotice():
                    self._agents.waiting.append(Waiting(duty=duty))
                case Escalation():
                    self._escalations.waiting.append(Waiting(duty=duty))
                case CustomerDuty():
                    self._lookups.waiting.append(Waiting(duty=duty))
                case MergeDuty() | ForwardDuty():
                    self._cases.waiting.append(Waiting(duty=duty))
                case CalendarDuty():
                    self.records.waiting.append(Waiting(duty=duty))
                case _:
                    self.records.waiting.append(Waiting(duty=duty, after=sequence))

    def settle(self, case: Case, now: datetime) -> None:
        for lane in self.all:
            self.put(lane.settle(case, now), case)

    def dispatch(self, case: Case, now: datetime) -> int:
        """How many activities were started."""
        started = 0
        for lane in self.all:
            started += lane.dispatch(case, now)
        return started

    def again_at(self, now: datetime) -> datetime | None:
        """When something that waits, or failed for good, is tried again."""
        return min((at for lane in self.all for at in lane.retries() if at > now), default=None)

    # the end

    def clear(self, case: Case) -> bool:
        """Whether nothing is left to do but to archive."""
        return (
            all(lane.clear for lane in self.all if lane.awaited)
            and case.state.recorded == case.state.timeline[-1].sequence
        )

    def kept(self, case: Case) -> bool:
        return self.clear(case) and self.pending.kept == case.state.timeline[-1].sequence

    def keep(self, case: Case, now: datetime) -> None:
        """Once nothing else is left, archive the case as it stands; a later message makes that happen again."""
        if not case.archived or not self.clear(case) or self.kept(case):
            return
        state, sequence = lightened(case.state), case.state.timeline[-1].sequence
        duty = ArchiveDuty(
            key=f"{state.reference}/archive/{sequence}", reference=state.reference, at=now, state=_dumped(state)
        )
        self.records.waiting.append(Waiting(duty=duty, after=sequence))

    def stuck(self) -> dict[str, str]:
        return {lane.name: words for lane in self.all if (words := lane.stuck())}


def _dumped(state: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = state.model_dump(mode="json")
    return dumped
