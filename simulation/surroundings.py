"""What a simulated case meets with in the world, the same for every engine: agents, calendars, the channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import policies
from complaints.assignment import AGENT, Agent, choose
from complaints.messages import StartComplaint
from complaints.messages.duties import CalendarDuty, CustomerDuty, Escalation, Notice
from complaints.messages.feedback import CalendarsExtended, CustomerChecked, Delivery, Feedback, OwnerFound
from complaints.messages.merging import MergeAnswered, MergeDuty
from complaints.model import made
from complaints.policy import Policy
from complaints.reference import reference_for
from complaints.vocabulary import Customer, Surveying
from simulation.scenario import Scenario

Asking = Escalation | CustomerDuty | MergeDuty | CalendarDuty
SALT = "simulation"
_NOBODY: Mapping[str, Customer] = {}


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


class Surroundings:
    """Everything is answered at once, but for notices to the complainant while the channel is down."""

    def __init__(self, agents: Sequence[Agent], policy: Policy, customers: Mapping[str, Customer] = _NOBODY) -> None:
        self._agents = agents
        self._customers = customers
        self._policy = policy
        self._asked: dict[str, datetime] = {}  # the notices that brought a survey, and when
        self.down_until: datetime | None = None

    def reaches(self, now: datetime) -> bool:
        """Whether a notice is handed to the complainant's channel now."""
        return self.down_until is None or now >= self.down_until

    def handed_over(self, notice: Notice, now: datetime, at: datetime) -> Delivery:
        """`now` in the case's time; `at` as whoever hands it over reads it off the clock."""
        return made(Delivery, key=notice.key, handed_over=True, at=at, survey=self._survey(notice, now))

    def _survey(self, notice: Notice, now: datetime) -> Surveying | None:
        """There is one case here, but it may be closed twice within the quiet period."""
        who = notice.survey
        if who is None or not who.ask:
            return None
        if notice.key not in self._asked and any(now < at + who.quiet for at in self._asked.values()):
            return Surveying.QUIET_PERIOD
        self._asked.setdefault(notice.key, now)
        return Surveying.ASKED

    def answer(self, duty: Asking) -> Feedback:
        """What the world says to a duty that asks something of it."""
        match duty:
            case Escalation():
                return self.owner(duty)
            case CustomerDuty():  # of a number that the scenario does not list, nothing is known
                customer = self._customers.get(duty.customer_number, Customer.UNKNOWN)
                return CustomerChecked(key=duty.key, customer=customer)
            case MergeDuty():  # there is one case here, and any other that it names is open and agrees
                return MergeAnswered(key=duty.key, accepted=True)
            case CalendarDuty():
                return self._extended(duty)

    def owner(self, duty: Escalation) -> OwnerFound:
        if not duty.owner_changes:
            return made(OwnerFound, key=duty.key, owner=duty.previous_owner)
        chosen = choose(self._agents, tier=duty.tier, team=duty.team, skill=duty.skill, language=duty.language)
        return made(OwnerFound, key=duty.key, owner=AGENT + chosen if chosen else f"team:{duty.team}")

    def _extended(self, duty: CalendarDuty) -> CalendarsExtended:
        policy = self._policy if duty.pack == self._policy.pack else policies.load(duty.pack)  # since a re-plan
        found = policies.extend(policy, duty.names, duty.since, duty.until)
        return CalendarsExtended(key=duty.key, calendars=found)
