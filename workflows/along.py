"""What goes along with a record: agents' and the complainant's notices, an escalation, a closure record.

The record and what is to be done in the same moment are tried together once, in one activity: it takes a third of the
events. The lanes stay as they are. What could not be done together is done apart, each by its own lane, and what comes
up while a record is under way waits for no record.
"""

from typing import NamedTuple

from complaints.messages.duties import AgentNotice, ClosureDuty, Escalation, Moment, Notice, RecordBatch
from workflows.escalations import EscalationsLane
from workflows.notices import AgentsLane, ComplainantLane
from workflows.pending import Waiting


class Along(NamedTuple):
    """The duties that go along, by their lanes."""

    agents: tuple[Waiting, ...] = ()
    notices: tuple[Waiting, ...] = ()
    escalations: tuple[Waiting, ...] = ()
    closures: tuple[Waiting, ...] = ()

    @property
    def all(self) -> list[Waiting]:
        return [waiting for lane in self for waiting in lane]

    @property
    def demanding(self) -> bool:
        """Whether there is more than messages to agents, which go along with any record."""
        return bool(self.notices or self.escalations or self.closures)

    @property
    def tell(self) -> tuple[AgentNotice, ...]:
        return tuple(w.duty for w in self.agents if isinstance(w.duty, AgentNotice))

    @property
    def summaries(self) -> list[str]:
        said = [f"escalation {w.duty.number}" for w in self.escalations if isinstance(w.duty, Escalation)]
        said += [f"closure {w.duty.record.number}" for w in self.closures if isinstance(w.duty, ClosureDuty)]
        return said + [f"{w.duty.occasion} {w.duty.occurrence}" for w in self.notices if isinstance(w.duty, Notice)]

    def moment(self, batch: RecordBatch) -> Moment:
        return Moment(
            record=batch,
            closures=tuple(w.duty.record for w in self.closures if isinstance(w.duty, ClosureDuty)),
            escalation=next((w.duty for w in self.escalations if isinstance(w.duty, Escalation)), None),
            notices=tuple(w.duty for w in self.notices if isinstance(w.duty, Notice)),
        )


class Companions(NamedTuple):
    """The lanes whose duties may go along."""

    complainant: ComplainantLane
    escalations: EscalationsLane
    agents: AgentsLane

    def join(self, closures: list[Waiting], *, together: bool) -> Along:
        """What goes along with a record that is issued now; without `together` only what agents are told."""
        agents = tuple(self.agents.ride())
        if not together:
            return Along(agents)
        return Along(agents, tuple(self.complainant.ride()), tuple(self.escalations.ride()), tuple(closures))
