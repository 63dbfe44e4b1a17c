"""The pure case under a simulated clock: the `Case` that the workflow runs, driven by a scenario's events."""

from typing import Any, NamedTuple

from complaints.case import Case
from complaints.messages.view import CaseView
from complaints.policy import Policy
from complaints.vocabulary import Kind
from simulation.carrying import Carrier
from simulation.course import PASSING, Step, What, course
from simulation.scenario import Scenario
from simulation.surroundings import Surroundings, policy_of, start_of


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
        self.surroundings = Surroundings(scenario.agents, policy, scenario.customers)
        self.carrier = Carrier(self.surroundings)
        self.now = scenario.received_at
        self.case, duties = Case.open(start_of(scenario, policy), self.now)
        self.inbox: list[Any] = []
        self.carrier.put(duties)

    def play(self) -> Simulated:
        for step in course(self.scenario, self.case.next_due):
            self.now = step.at
            self.take(step)
            if step.what not in PASSING:
                self.carrier.carry_out(self.case, self.now)
        view = self.case.view(self.scenario.instant(self.scenario.until))
        return Simulated(view, refusals(view), self.case)

    def take(self, step: Step) -> None:
        match step.what:
            case What.SAY:
                self.carrier.put(self.case.handle(step.message, self.now).duties)
            case What.POST:
                self.inbox.append(step.message)
            case What.CHANNEL_DOWN:
                self.surroundings.down_until = step.until
            case What.COME_BACK:
                while self.inbox:
                    self.carrier.put(self.case.handle(self.inbox.pop(0), self.now).duties)
                self.carrier.put(self.case.due(self.now))
            case What.WAKE:
                self.carrier.put(self.case.due(self.now))
            case _:
                pass
