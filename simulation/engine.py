"""The pure case under a simulated clock: the `Case` that the workflow runs, driven by a scenario's events."""

from collections import deque
from collections.abc import Iterable
from typing import Any, NamedTuple

from complaints.case import Case
from complaints.messages.duties import AgentNotice, CalendarDuty, Duty, Escalation, Notice
from complaints.messages.feedback import Delivery, DutyDone, Feedback
from complaints.messages.view import CaseView
from complaints.policy import Policy
from complaints.vocabulary import Kind
from simulation.course import PASSING, Step, What, course
from simulation.scenario import Scenario
from simulation.surroundings import Surroundings, policy_of, start_of

_LANES = (Notice, AgentNotice, Escalation)  # in the order of the workflow's; all others are records


class Simulated(NamedTuple):
    """What came of a scenario: the printed view at `until`, how many commands were refused, and the case itself."""

    view: CaseView
    refused: int
    case: Case


def simulate(scenario: Scenario, policy: Policy | None = None) -> Simulated:
    """Play a scenario to its end. Notices are handed over at once, unless the channel is down.

    `policy` spares loading the scenario's own again, for whoever plays many.
    """
    return _Player(scenario, policy or policy_of(scenario)).play()


def refusals(view: CaseView) -> int:
    """How many commands were refused."""
    return sum(entry.kind is Kind.REFUSED for entry in view.timeline)


class _Player:
    """Time goes from event to due instant to event; nothing waits for real."""

    def __init__(self, scenario: Scenario, policy: Policy) -> None:
        self.scenario = scenario
        self.surroundings = Surroundings(scenario, policy)
        self.now = scenario.received_at
        self.case, duties = Case.open(start_of(scenario, policy), self.now)
        self.lanes: tuple[deque[Duty], ...] = tuple(deque() for _ in range(len(_LANES) + 1))
        self.inbox: list[Any] = []
        self.put(duties)

    def play(self) -> Simulated:
        for step in course(self.scenario, self.case.next_due):
            self.now = step.at
            self.take(step)
            if step.what not in PASSING:
                self.carry_out()
        view = self.case.view(self.scenario.instant(self.scenario.until))
        return Simulated(view, refusals(view), self.case)

    def take(self, step: Step) -> None:
        match step.what:
            case What.SAY:
                self.put(self.case.handle(step.message, self.now).duties)
            case What.POST:
                self.inbox.append(step.message)
            case What.CHANNEL_DOWN:
                self.surroundings.down_until = step.until
            case What.COME_BACK:
                while self.inbox:
                    self.put(self.case.handle(self.inbox.pop(0), self.now).duties)
                self.put(self.case.due(self.now))
            case What.WAKE:
                self.put(self.case.due(self.now))
            case _:
                pass

    # duties: in lanes, each in its order, as the workflow has them

    def put(self, duties: Iterable[Duty]) -> None:
        for duty in duties:
            lane = next((i for i, kind in enumerate(_LANES) if isinstance(duty, kind)), len(_LANES))
            self.lanes[lane].append(duty)

    def carry_out(self) -> None:
        """Do what can be done at once, and what follows from it, always in the first lane that has something."""
        while (duty := self.next_duty()) is not None:
            for feedback in self.do(duty):
                self.put(self.case.learn(feedback, self.now))

    def next_duty(self) -> Duty | None:
        complainant, *others = self.lanes
        lanes = self.lanes if complainant and self.surroundings.reaches(self.now) else others
        return next((lane.popleft() for lane in lanes if lane), None)

    def do(self, duty: Duty) -> list[Feedback]:
        match duty:
            case Notice():
                return [Delivery(key=duty.key, handed_over=True, at=self.now)]
            case AgentNotice():
                return [Delivery(key=key, handed_over=True, at=self.now) for key in duty.keys]
            case Escalation():
                return [self.surroundings.owner(duty)]
            case CalendarDuty():
                return [self.surroundings.extended(duty)]
            case _:
                return [DutyDone(key=duty.key)]
