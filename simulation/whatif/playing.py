"""One past complaint under one policy: the case, the people of its story, and time, until it is over."""

from datetime import datetime

import policies
from complaints.case import Case
from complaints.messages import StartComplaint
from complaints.messages.duties import AgentNotice, Duty, Notice
from complaints.messages.feedback import Feedback
from complaints.messages.intake import Complainant, Intake
from complaints.model import Personal, made
from complaints.policy import Policy
from complaints.reference import reference_for
from complaints.vocabulary import Language
from simulation.carrying import Carrier
from simulation.surroundings import SALT, Surroundings
from simulation.whatif.hours import WorkingHours
from simulation.whatif.past import PastComplaint
from simulation.whatif.people import People
from simulation.whatif.story import Story

_REACHABLE = Complainant(email=Personal("complainant@example.org"), language=Language.EN)


class _Later(Carrier):
    """Notices are handed to the complainant's channel some time after they were written."""

    def __init__(self, surroundings: Surroundings, story: Story) -> None:
        super().__init__(surroundings)
        self._hand_over = story.hand_over

    def reaches(self, notice: Notice, now: datetime) -> bool:
        return now >= notice.at + self._hand_over

    def _do(self, duty: Duty, now: datetime) -> list[Feedback]:
        """What agents are told is handed over at once, and nothing in a case hangs on when: it need not hear of it."""
        return [] if isinstance(duty, AgentNotice) else super()._do(duty, now)

    @property
    def next_at(self) -> datetime | None:
        return self.complainant[0].at + self._hand_over if self.complainant else None


def play(past: PastComplaint, story: Story, policy: Policy, hours: WorkingHours, until: datetime) -> Case:
    """The case as it stands at `until`, inclusive, or when it was archived before."""
    now = story.received_at
    case, duties = Case.open(start_of(past, now, policy), now, chained=False)
    people, carrier = People(story, hours), _Later(Surroundings((), policy), story)
    while not case.archived:
        carrier.put(duties)
        carrier.carry_out(case, now)
        people.look(case, now)
        acts_at, hands_over_at, due_at = people.next_at, carrier.next_at, case.next_due()
        following = due_at
        if acts_at is not None and (following is None or acts_at < following):
            following = acts_at
        if hands_over_at is not None and (following is None or hands_over_at < following):
            following = hands_over_at
        if following is None or following > until:
            break
        now, duties = max(now, following), []
        if acts_at is not None and acts_at <= now:  # a message is heard before what is due
            for message in people.act(case, now):
                duties += case.handle(message, now).duties
        elif hands_over_at is None or hands_over_at > now:
            duties = case.due(now)
    return case


def start_of(past: PastComplaint, received_at: datetime, policy: Policy) -> StartComplaint:
    """The complaint as it would have come in: without words or names, from somebody who can be reached."""
    intake = made(
        Intake,
        channel=past.channel,
        key=past.id,
        text=Personal("-"),
        received_at=received_at,
        complainant=_REACHABLE,
        category=past.category,
        severity=past.severity,
    )
    return made(
        StartComplaint,
        reference=reference_for(past.channel, past.id),
        salt=SALT,
        intake=intake,
        plan=policies.resolve(policy, received_at),
    )
