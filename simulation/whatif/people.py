"""The people of a case: they act as their story says, and answer what the case does. No rule of the case is here."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from complaints import lifecycle
from complaints.case import Case
from complaints.case.turn import Turn
from complaints.case.verifying import CONSENT, CONTACT, missing
from complaints.messages import commands as c
from complaints.messages.signals import ComplainantReplied, SatisfactionConfirmed
from complaints.model import Personal, made
from complaints.vocabulary import CauseCategory, Metric, Outcome, Proof, Role, Status
from simulation.whatif.hours import WorkingHours
from simulation.whatif.story import Story

_HANDLER = c.Actor(id="handler")
_LEAD = c.Actor(id="lead", role=Role.LEAD)  # whose decisions need no approval
_REVIEWER = c.Actor(id="reviewer", role=Role.LEAD)  # who had no part in it
_WORDS = Personal("-")  # no words of anybody's are in a what-if

Act = Callable[[Case, datetime], list[Any]]


class People:
    """Handlers and the complainant of one case: an agenda of what they mean to do, and what they do in its turn."""

    def __init__(self, story: Story, hours: WorkingHours) -> None:
        self._story = story
        self._hours = hours
        self._agenda: list[tuple[datetime, int, Act]] = []
        self._count = 0
        self._status = Status.RECEIVED
        self._decided = 0  # decisions whose answer was thought of
        self._decision_waits = False
        self._asked = False  # a message of the complainant awaits a response
        self._plan()

    def _plan(self) -> None:
        story = self._story
        for at, act in (
            (story.responded_at, self._respond),
            (story.asked_at, self._ask),
            (story.replied_at, self._reply),
            *((at, self._transfer) for at in story.transferred_at),
            (story.decided_at, self._decide),
        ):
            if at is not None:
                self._intend(at, act)

    def _intend(self, at: datetime, act: Act) -> None:
        self._count += 1
        heappush(self._agenda, (at, self._count, act))

    @property
    def next_at(self) -> datetime | None:
        return self._agenda[0][0] if self._agenda else None

    def act(self, case: Case, now: datetime) -> list[Any]:
        """What somebody does who is first on the agenda: messages, or none if it has become pointless."""
        return heappop(self._agenda)[2](case, now)

    def look(self, case: Case, now: datetime) -> None:
        """What people mean to do about a case as it stands now."""
        state = case.state
        status = state.status
        if status is Status.RESOLVED:
            self._think_of_decision(case, now)
        if status is not self._status:
            self._status = status
            self._answer_status(case, now)
        if self._asked:
            self._asked = False
            self._intend(self._hours.after(now, self._story.response.span()), self._respond_again)

    def _answer_status(self, case: Case, now: datetime) -> None:
        state = case.state
        if self._status is Status.INVESTIGATION and self._decision_waits:
            self._intend(now, self._decide)
        elif self._status is Status.AWAITING_COMPLAINANT and state.question is not None and state.question.automatic:
            self._intend(now + self._story.reply.span(), self._give_what_is_missing)
        elif self._status is Status.CLOSING:
            self._intend(self._hours.after(now, self._story.closing.span()), self._complete_closure)

    def _think_of_decision(self, case: Case, now: datetime) -> None:
        """Once the decision was handed over, the complainant answers it, or never will."""
        number = len(case.state.decisions)
        if number == self._decided or not any(c.metric is Metric.CONFIRMATION and c.open for c in case.state.clocks):
            return
        self._decided = number
        answer = self._story.answers[number - 1] if number <= len(self._story.answers) else None
        if answer is not None:
            self._intend(now + answer.after.span(), self._answer)

    # what handlers do

    def _respond(self, case: Case, _now: datetime) -> list[Any]:
        if case.state.status not in lifecycle.BEFORE_DECISION:
            return []
        return [self._command(c.Respond, text=_WORDS)]

    def _respond_again(self, case: Case, _now: datetime) -> list[Any]:
        """Unless it was answered with something else meanwhile."""
        waiting = any(clock.metric is Metric.NEXT_RESPONSE and clock.open for clock in case.state.clocks)
        return [self._command(c.Respond, text=_WORDS)] if waiting else []

    def _ask(self, case: Case, _now: datetime) -> list[Any]:
        if case.state.status not in lifecycle.WORKING:
            return []
        return [self._command(c.RequestInformation, text=_WORDS)]

    def _transfer(self, case: Case, _now: datetime) -> list[Any]:
        if case.state.status not in lifecycle.BEFORE_DECISION:
            return []
        return [self._command(c.Transfer, to=f"agent:handler-{self._count}", note="-")]

    def _decide(self, case: Case, _now: datetime) -> list[Any]:
        """As soon as the case is with us."""
        status = case.state.status
        self._decision_waits = status in lifecycle.BEFORE_DECISION and status is not Status.INVESTIGATION
        if status is not Status.INVESTIGATION:
            return []
        return [self._command(c.Decide, actor=_LEAD, outcome=Outcome.UPHELD, reasons=_WORDS)]

    def _complete_closure(self, case: Case, _now: datetime) -> list[Any]:
        """Everything that a closure record can lack. What it needs no more is refused, and changes nothing."""
        state = case.state
        if state.status is not Status.CLOSING:
            return []
        category = state.plan.rules.categories.get(state.category or "")
        lacking = case.missing_parts()
        found: list[Any] = []
        if "evaluation" in lacking:
            found.append(self._command(c.RecordEvaluation, actor=_REVIEWER, speed=3, solution=3, communication=3))
        if "steps" in lacking and category is not None:
            found.append(self._command(c.RecordStep, step=category.procedure[0].name))
        if "root_cause" in lacking or "corrective_action" in lacking:
            found.append(
                self._command(
                    c.RecordRootCause,
                    category=CauseCategory.PROCESS,
                    cause="-",
                    corrective_action="-",
                )
            )
        return found

    # what the complainant does

    def _reply(self, case: Case, _now: datetime) -> list[Any]:
        if not any(clock.metric is Metric.INFORMATION for clock in case.state.clocks):
            return []  # the question was never put
        return self._said()

    def _give_what_is_missing(self, case: Case, now: datetime) -> list[Any]:
        lacking = dict.fromkeys(missing(Turn(case.state, now)), "-")
        proof = Proof.REPLY if lacking.pop(CONTACT, None) else None
        consent = _WORDS if lacking.pop(CONSENT, None) else None
        return self._said(lacking, proof, consent) if lacking or proof or consent else []

    def _said(
        self, details: dict[str, Any] | None = None, proof: Proof | None = None, consent: Personal | None = None
    ) -> list[Any]:
        self._asked = True
        key = self._key()
        said = made(
            ComplainantReplied, message_id=key, text=_WORDS, details=details or {}, proof=proof, consent=consent
        )
        return [said]

    def _answer(self, case: Case, now: datetime) -> list[Any]:
        state = case.state
        answer = self._story.answers[len(state.decisions) - 1]
        if answer is None or state.status not in (Status.RESOLVED, Status.CLOSING):
            return []
        if not answer.satisfied:
            self._intend(self._hours.next_open(now + answer.rework), self._decide)
        return [made(SatisfactionConfirmed, message_id=self._key(), satisfied=answer.satisfied)]

    def _key(self) -> str:
        self._count += 1
        return f"whatif-{self._count}"

    def _command(self, model: type[Any], *, actor: c.Actor = _HANDLER, **values: Any) -> Any:
        return made(model, key=self._key(), actor=actor, **values)
