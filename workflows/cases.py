"""The lane to other cases: what a merged case and the surviving one say to each other."""

from datetime import datetime
from typing import Any

from complaints.case import Case
from complaints.messages.duties import Duty
from complaints.messages.merging import ForwardDuty, MergeAnswered, MergeDuty
from workflows import duties
from workflows.lane import Call, Lane


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
