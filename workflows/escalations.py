"""The lane up the ladder: one escalation after the other, with a record or by itself."""

from collections.abc import Callable, Sequence
from datetime import datetime

from complaints.case import Case
from complaints.messages.duties import Duty, Escalation
from complaints.messages.feedback import OwnerFound
from workflows import duties
from workflows.lane import Call, Lane
from workflows.pending import Waiting


class EscalationsLane(Lane):
    """`riding` is what goes along with a record under way."""

    name = "escalations"

    def __init__(self, waiting: list[Waiting], riding: Callable[[], Sequence[Waiting]]) -> None:
        super().__init__(waiting)
        self._riding = riding

    @property
    def busy(self) -> bool:
        return super().busy or bool(self._riding())

    def ride(self) -> list[Waiting]:
        """The one that may go along with a record: the only one there is, and not tried yet."""
        first = self.waiting[0] if len(self.waiting) == 1 and not self.busy else None
        return [] if first is None or first.apart or first.failures else [first]

    def choose(self, case: Case, now: datetime) -> Call | None:
        del case
        waiting = next((w for w in self.waiting if w.ready(now)), None)
        if waiting is None or not isinstance(waiting.duty, Escalation):
            return None
        summary = f"escalation {waiting.duty.number} to {waiting.duty.tier}: {waiting.duty.cause}"
        return Call(duties.escalate, waiting.duty, summary, [waiting])

    def succeeded(self, call: Call, result: OwnerFound, case: Case, now: datetime) -> list[Duty]:
        return self.found(call.carried, result, case, now)

    def found(self, carried: Sequence[Waiting], found: OwnerFound, case: Case, now: datetime) -> list[Duty]:
        """The case learns who its owner is."""
        for waiting in carried:
            self.waiting.remove(waiting)
        return case.learn(found, now)
