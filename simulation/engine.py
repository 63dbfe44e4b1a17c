"""The pure case under a simulated clock: the `Case` that the workflow runs, driven by a scenario's events."""

from collections import deque
from datetime import datetime
from typing import Any, NamedTuple

import policies
from complaints.assignment import AGENT, choose
from complaints.case import Case
from complaints.messages import StartComplaint
from complaints.messages.commands import read_command
from complaints.messages.duties import AgentNotice, CalendarDuty, Duty, Escalation, Notice
from complaints.messages.feedback import CalendarsExtended, Delivery, DutyDone, Feedback, OwnerFound
from complaints.messages.signals import SIGNALS
from complaints.messages.view import CaseView
from complaints.policy import Policy
from complaints.reference import reference_for
from simulation.scenario import ChannelDown, Outage, Scenario

SALT = "simulation"


class Simulated(NamedTuple):
    """What came of a scenario: the printed view at `until`, and how many commands were refused."""

    view: CaseView
    refused: int
    case: Case


def policy_of(scenario: Scenario) -> Policy:
    return policies.load(scenario.policy, scenario.overrides or None)


def start_of(scenario: Scenario, policy: Policy) -> StartComplaint:
    intake = scenario.complaint
    return StartComplaint(
        reference=reference_for(intake.channel, intake.key),
        salt=SALT,
        intake=intake,
        plan=policies.resolve(policy, scenario.received_at),
    )


def message_of(event: Any, index: int) -> Any:
    """The message or command that an event stands for; without an id of its own it is named by its place."""
    raw = event.model_dump(mode="json", exclude_none=True, exclude={"at", "message"})
    if hasattr(event, "act"):
        return read_command({"key": f"event-{index}", **raw})
    return SIGNALS[event.message].model_validate({"message_id": f"event-{index}", **raw})


def simulate(scenario: Scenario, policy: Policy | None = None) -> Simulated:
    """Play a scenario to its end. Notices are handed over at once, unless the channel is down.

    `policy` spares loading the scenario's own again, for whoever plays many.
    """
    return _Player(scenario, policy or policy_of(scenario)).play()


class _Player:
    """Time goes from event to due instant to event; nothing waits for real."""

    def __init__(self, scenario: Scenario, policy: Policy) -> None:
        self.scenario = scenario
        self.policy = policy
        self.now = scenario.received_at
        self.case, duties = Case.open(start_of(scenario, policy), self.now)
        self.refused = 0
        self.down_until: datetime | None = None
        self.away_until: datetime | None = None
        self.undelivered: deque[Notice] = deque()
        self.inbox: deque[Any] = deque()
        self.carry_out(duties)

    def play(self) -> Simulated:
        until = self.scenario.instant(self.scenario.until)
        for index, event in enumerate(self.scenario.events):
            at = self.scenario.instant(event.at)  # type: ignore[attr-defined]  # every event has it
            if at > until:
                break
            self.run_to(at, inclusive=False)
            self.now = at
            self.happen(event, index)
        self.run_to(until, inclusive=True)
        return Simulated(self.case.view(until), self.refused, self.case)

    def happen(self, event: Any, index: int) -> None:
        if isinstance(event, ChannelDown):
            self.down_until = self.scenario.instant(event.channel_down_until)
        elif isinstance(event, Outage):
            self.away_until = self.scenario.instant(event.outage_until)
        elif self.away_until is not None and self.now < self.away_until:
            self.inbox.append(message_of(event, index))
        else:
            self.handle(message_of(event, index))

    def run_to(self, limit: datetime, *, inclusive: bool) -> None:
        """Let everything happen that is due before `limit` (up to it, if inclusive)."""
        while (at := self.next_instant()) is not None and (at < limit or (inclusive and at == limit)):
            self.now = max(self.now, at)
            if self.away_until is not None and at >= self.away_until:
                self.come_back()
            elif self.down_until is not None and at >= self.down_until:
                self.channel_up()
            else:
                self.carry_out(self.case.due(self.now))

    def next_instant(self) -> datetime | None:
        if self.away_until is not None:
            return self.away_until  # nothing of ours happens before
        candidates = [self.case.next_due(), self.down_until]
        return min((at for at in candidates if at is not None), default=None)

    def come_back(self) -> None:
        """The outage is over: waiting messages first, in order, each after what had fallen due."""
        self.away_until = None
        while self.inbox:
            self.handle(self.inbox.popleft())
        self.carry_out(self.case.due(self.now))

    def channel_up(self) -> None:
        self.down_until = None
        waiting, self.undelivered = self.undelivered, deque()
        self.carry_out(list(waiting))

    def handle(self, message: Any) -> None:
        answer = self.case.handle(message, self.now)
        self.refused += answer.refused is not None
        self.carry_out(answer.duties)

    def carry_out(self, duties: list[Duty]) -> None:
        queue = deque(duties)
        while queue:
            queue.extend(self.do(queue.popleft()))

    def do(self, duty: Duty) -> list[Duty]:
        """Carry out one duty at once; a notice waits while the channel is down."""
        match duty:
            case Notice():
                if self.down_until is not None and self.now < self.down_until:
                    self.undelivered.append(duty)
                    return []
                return self.learn(Delivery(key=duty.key, handed_over=True, at=self.now))
            case AgentNotice():
                return self.learn(*(Delivery(key=f"{duty.key}/{to}", handed_over=True, at=self.now) for to in duty.to))
            case Escalation():
                return self.learn(OwnerFound(key=duty.key, owner=self.owner_for(duty)))
            case CalendarDuty():
                found = policies.extend(self.policy, duty.names, duty.since, duty.until)
                return self.learn(CalendarsExtended(key=duty.key, calendars=found))
            case _:
                return self.learn(DutyDone(key=duty.key))

    def learn(self, *told: Feedback) -> list[Duty]:
        return [duty for feedback in told for duty in self.case.learn(feedback, self.now)]

    def owner_for(self, duty: Escalation) -> str:
        if not duty.owner_changes:
            return duty.previous_owner
        chosen = choose(self.scenario.agents, tier=duty.tier, team=duty.team, skill=duty.skill, language=duty.language)
        return AGENT + chosen if chosen else f"team:{duty.team}"
