"""The lanes of a case: to the complainant, to agents, up the ladder, records, look-ups, other cases.

None holds up another.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from complaints.case import Case
from complaints.messages.duties import AgentNotice, ArchiveDuty, CalendarDuty, CustomerDuty, Duty, Escalation, Notice
from complaints.messages.feedback import OwnerFound
from complaints.messages.merging import ForwardDuty, MergeAnswered, MergeDuty
from workflows import duties
from workflows.input import lightened
from workflows.lane import Call, Lane
from workflows.lookups import LookupsLane
from workflows.notices import AgentsLane, ComplainantLane
from workflows.pending import Pending, Waiting
from workflows.records import RecordsLane


class EscalationsLane(Lane):
    name = "escalations"

    def choose(self, case: Case, now: datetime) -> Call | None:
        del case
        waiting = next((w for w in self.waiting if w.ready(now)), None)
        if waiting is None or not isinstance(waiting.duty, Escalation):
            return None
        summary = f"escalation {waiting.duty.number} to {waiting.duty.tier}: {waiting.duty.cause}"
        return Call(duties.escalate, waiting.duty, summary, [waiting])

    def succeeded(self, call: Call, result: OwnerFound, case: Case, now: datetime) -> list[Duty]:
        self.waiting.remove(call.carried[0])
        return case.learn(result, now)


class CasesLane(Lane):
    """What this case has to say to others, one after the other: a question, what was said to it, a parting."""

    name = "cases"

    def choose(self, case: Case, now: datetime) -> Call | None:
        del case
        waiting = next((w for w in self.waiting if w.ready(now)), None)
        if waiting is None:
            return None
        duty = waiting.duty
        if isinstance(duty, MergeDuty):
            return Call(duties.merge, duty, f"merge into {duty.into}", [waiting])
        return Call(duties.forward, duty, f"{_name(duty)} to another case", [waiting])

    def succeeded(self, call: Call, result: Any, case: Case, now: datetime) -> list[Duty]:
        self.waiting.remove(call.carried[0])
        return case.learn(result, now) if isinstance(result, MergeAnswered) else []


def _name(duty: Duty) -> str:
    return duty.name if isinstance(duty, ForwardDuty) else type(duty).__name__


class Lanes:
    """All lanes of a case, and what they have still to do."""

    def __init__(self, pending: Pending, clock_shift: timedelta) -> None:
        self.pending = pending
        self._complainant = ComplainantLane(pending.complainant, clock_shift)
        self._escalations = EscalationsLane(pending.escalations)
        self._agents = AgentsLane(pending.agents, lambda: self.records.riding)
        self.records = RecordsLane(pending, self._agents)
        self._lookups = LookupsLane(pending.lookups)
        self._cases = CasesLane(pending.cases)
        # The order in which activities are issued: part of every history. A record takes agents' notices along.
        self.all: tuple[Lane, ...] = (
            self._complainant, self._escalations, self.records, self._agents, self._lookups, self._cases,
        )  # fmt: skip

    @property
    def busy(self) -> bool:
        return any(lane.busy for lane in self.all if lane.awaited)

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
