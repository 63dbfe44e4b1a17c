"""The lane of look-ups: whether somebody is a customer. One that is down delays nothing but its own answer.

So nobody waits for this lane: neither continue-as-new, which issues again what is under way, nor the archive.
"""

from datetime import datetime

from complaints.case import Case
from complaints.messages.duties import CustomerDuty, Duty
from complaints.messages.feedback import CustomerChecked
from workflows import duties
from workflows.lane import Call, Lane


class LookupsLane(Lane):
    name = "lookups"
    awaited = False

    def choose(self, case: Case, now: datetime) -> Call | None:
        """The look-up that the case waits for; one that nobody wants to know any more is left out."""
        self.waiting[:] = [waiting for waiting in self.waiting if waiting.duty.key == case.state.checking]
        waiting = next((w for w in self.waiting if w.ready(now)), None)
        if waiting is None or not isinstance(waiting.duty, CustomerDuty):
            return None
        summary = waiting.duty.key.removeprefix(f"{case.state.reference}/")
        return Call(duties.check_customer, waiting.duty, summary, [waiting])

    def succeeded(self, call: Call, result: CustomerChecked, case: Case, now: datetime) -> list[Duty]:
        self.waiting[:] = [waiting for waiting in self.waiting if waiting is not call.carried[0]]
        return case.learn(result, now)
