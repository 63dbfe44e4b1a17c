"""Carrying out the duties of a simulated case: in lanes, each in its order, as the workflow has them."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime

from complaints.case import Case
from complaints.messages.duties import AgentNotice, CalendarDuty, CustomerDuty, Duty, Escalation, Notice
from complaints.messages.feedback import Delivery, Feedback
from complaints.messages.merging import ForwardDuty, MergeDuty
from complaints.model import made
from simulation.surroundings import Surroundings

# In the order of the workflow's; all others are records.
_LANES = {AgentNotice: 0, Escalation: 1, CustomerDuty: 3, MergeDuty: 4, ForwardDuty: 4}
_RECORDS = 2


class Carrier:
    """Does at once what can be done at once. Notices to the complainant wait while their channel does not take them."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.complainant: deque[Notice] = deque()  # the first lane
        self.others: tuple[deque[Duty], ...] = tuple(deque() for _ in range(max(_LANES.values()) + 1))

    def put(self, duties: Iterable[Duty]) -> None:
        for duty in duties:
            if isinstance(duty, Notice):
                self.complainant.append(duty)
            else:
                self.others[_LANES.get(type(duty), _RECORDS)].append(duty)

    def carry_out(self, case: Case, now: datetime) -> None:
        """Do what can be done, and what follows from it, always in the first lane that has something."""
        while (duty := self._next(now)) is not None:
            for feedback in self._do(duty, now):
                self.put(case.learn(feedback, now))

    def reaches(self, notice: Notice, now: datetime) -> bool:
        """Whether a notice to the complainant is handed to its channel now."""
        del notice
        return self.surroundings.reaches(now)

    def _next(self, now: datetime) -> Duty | None:
        complainant = self.complainant
        if complainant and self.reaches(complainant[0], now):
            return complainant.popleft()
        for lane in self.others:
            if lane:
                return lane.popleft()
        return None

    def _do(self, duty: Duty, now: datetime) -> list[Feedback]:
        match duty:
            case Notice():
                return [self.surroundings.handed_over(duty, now, now)]
            case AgentNotice():
                return [_handed_over(key, now) for key in duty.keys]
            case Escalation() | CustomerDuty() | MergeDuty() | CalendarDuty():
                return [self.surroundings.answer(duty)]
            case _:
                return []  # a case that hears of it at the very instant does nothing


def _handed_over(key: str, now: datetime) -> Delivery:
    return made(Delivery, key=key, handed_over=True, at=now)
