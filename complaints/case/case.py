"""`Case`: one complaint, as a deterministic value driven from outside by messages, feedback and the passing of time.

The workflow drives it in production, hypothesis in tests, the simulator over past complaints: one class, never a second
implementation. It never looks at a clock and never draws an id: `now`, the salt and every key are given.
"""

from datetime import datetime
from typing import Any, NamedTuple

from complaints.case import (
    calendars,
    closing,
    delivery,
    dispatch,
    facts,
    learning,
    merging,
    opening,
    ownership,
    projection,
    recording,
    replanning,
)
from complaints.case.catching_up import CatchUp, is_late
from complaints.case.changes import CHANGES
from complaints.case.commands import carry_out
from complaints.case.effects import Following
from complaints.case.explaining import explain
from complaints.case.ownership import LimitReached
from complaints.case.previewing import preview
from complaints.case.reasons import reasons
from complaints.case.rehearsing import rehearse
from complaints.case.state import CaseState
from complaints.case.turn import Turn
from complaints.case.workbench import workbench
from complaints.errors import Refused
from complaints.messages import StartComplaint
from complaints.messages.commands import Replan, WeakEnd
from complaints.messages.duties import Duty, RecordBatch, Standing
from complaints.messages.feedback import (
    CalendarsExtended,
    CustomerChecked,
    Delivery,
    DuplicatesFound,
    Feedback,
    OwnerFound,
)
from complaints.messages.merging import MergeAnswered
from complaints.messages.reasons import Reasons
from complaints.messages.replan import ReplanPreview
from complaints.messages.view import CaseView, Explanation
from complaints.messages.workbench import Rehearsal, Workbench
from complaints.model import made
from complaints.plan import Plan, interned
from complaints.vocabulary import Kind, Status

NOTHING = 0  # the sequence of a message that wrote no entry


class Answer(NamedTuple):
    """What a message led to: duties, and the reason if it was refused. `repeated`: it had been handled before."""

    duties: list[Duty]
    refused: Refused | None = None
    repeated: bool = False


def key_of(message: Any) -> str:
    """Agents and complainants choose their keys apart: one's command never hides the other's message."""
    return f"act:{message.key}" if hasattr(message, "actor") else f"message:{message.message_id}"


class Case:
    """The state of a complaint and its rules. `handle`, `due` and `learn` change it; everything else only looks."""

    def __init__(self, state: CaseState) -> None:
        self.state = state
        self.following = Following(state)

    @classmethod
    def open(
        cls, start: StartComplaint, now: datetime, changes: tuple[str, ...] | None = None, *, chained: bool = True
    ) -> tuple["Case", list[Duty]]:
        """A new case at its receipt instant; what has fallen due since receipt is acted on, as after an outage.

        `changes` of the rules hold for it; all of them, unless a replay of an older case says otherwise. `chained`
        False: for a case that nobody keeps, whose entries carry no digests.
        """
        intake = start.intake
        rules = start.plan.rules
        category = rules.categories.get(intake.category) if intake.category else None
        received_at = min(intake.received_at or now, now)
        state = made(
            CaseState,
            reference=start.reference,
            salt=start.salt,
            intake=intake,
            complainant=intake.complainant,
            plan=interned(start.plan),
            received_at=received_at,
            category=intake.category,
            details=dict(intake.details),
            severity=intake.severity or (category.severity if category else None) or rules.default_severity,
            owner=f"team:{rules.tiers[0].team}",
            changes=CHANGES if changes is None else changes,
            chained=chained,
        )
        case = cls(state)
        catching = CatchUp(case.following, now)
        turn = catching.turn(received_at)
        opening.receive(turn)
        catching.add(turn.duties, overdue=turn.late)
        return case, case._finish(catching)

    # driven from outside

    def handle(self, message: Any, now: datetime) -> Answer:
        """A message: first what was due before `now`, then the message, then what is due at `now`.

        A refused command becomes an entry of kind `refused`; a message whose id was handled before changes nothing.
        """
        key = key_of(message)
        repeated = key in self.state.seen
        catching = CatchUp(self.following, now, frozenset() if repeated else self._answered_by(message, now))
        self._pass_time(catching, inclusive=False)
        if repeated:
            return Answer(self._finish(catching), self._refused_before(key), repeated=True)
        turn = Turn(self.state, now)
        before = turn.sequence
        refused = dispatch.apply(turn, message)
        self.state.seen[key] = turn.sequence if turn.sequence > before else NOTHING
        closing.settle(turn)
        self.following.forget()
        catching.add(turn.duties)
        return Answer(self._finish(catching), refused)

    def due(self, now: datetime) -> list[Duty]:
        """Everything that is due up to and including `now`."""
        return self._finish(CatchUp(self.following, now))

    def learn(self, feedback: Feedback, now: datetime) -> list[Duty]:
        """What became of a duty."""
        catching = CatchUp(self.following, now, frozenset((feedback.key,)))
        self._pass_time(catching, inclusive=False)
        turn = Turn(self.state, now)
        if isinstance(feedback, Delivery):
            if delivery.learn(turn, feedback):
                self.following.forget()
        elif isinstance(feedback, OwnerFound):
            ownership.found(turn, feedback)
        elif isinstance(feedback, MergeAnswered):
            merging.answered(turn, feedback)
            self.following.forget()
        elif isinstance(feedback, DuplicatesFound):
            merging.found_alike(turn, feedback)
        elif isinstance(feedback, CalendarsExtended):
            calendars.extended(turn, feedback)
            self.following.forget()
        elif isinstance(feedback, CustomerChecked):
            facts.customer_found(turn, feedback)
            self.following.forget()
        catching.add(turn.duties)
        return self._finish(catching)

    def refusal(self, command: Any, now: datetime) -> Refused | None:
        """Why a command would be refused, without doing it. A transfer past the limit passes: it has effects."""
        if key_of(command) in self.state.seen:
            return None
        copy = self._copy()
        CatchUp(copy.following, now).act(inclusive=False)
        try:
            carry_out(Turn(copy.state, now), command)
        except LimitReached:
            return None
        except Refused as refused:
            return refused
        return None

    def preview(self, plan: Plan, now: datetime, until: datetime | None = None) -> ReplanPreview:
        """What a re-plan would do to the case now, without doing it; `until` as in `PreviewRequest`."""
        return preview(self._copy(), plan, now, until)

    def unchanged(self, command: Any) -> bool:
        """Whether a command that was accepted found nothing to change: a re-plan to the policy the case is under."""
        return isinstance(command, Replan) and not replanning.happened(self.state, command.key)

    def weak_ends(self, command: Any) -> tuple[WeakEnd, ...]:
        """What makes the root cause weak that a command has given: told with the answer."""
        return learning.weak_ends(self.state, command)

    # looked at from outside

    def next_due(self) -> datetime | None:
        """When time alone will next do something to this case."""
        effect = self.following.effect()
        return effect.at if effect else None

    def next_due_what(self) -> str | None:
        """What `next_due` is about, in a word or two: the clock's metric, `ladder`, `aftercare`."""
        effect = self.following.effect()
        if effect is None:
            return None
        if effect.clock is not None:
            return str(effect.clock.metric)
        if effect.part is not None:
            return "delivery"
        return "ladder" if effect.rank == 2 else "aftercare"  # noqa: PLR2004  as in `Effect`

    @property
    def archived(self) -> bool:
        return self.state.status is Status.ARCHIVED

    def rehearse(self, command: Any, now: datetime) -> Rehearsal:
        """What a command would send to the complainant if it came now; nothing is done."""
        return rehearse(self._copy(), command, now)

    def workbench(self, now: datetime) -> Workbench:
        return workbench(self.state, now, self.next_due())

    def view(self, now: datetime) -> CaseView:
        return projection.view(self.state, now, self.next_due())

    def standing(self) -> Standing:
        return recording.standing(self.state, self.next_due(), self.next_due_what())

    def explain(self, now: datetime, metric: str | None = None) -> list[Explanation]:
        return explain(self.state, now, metric)

    def reasons(self, now: datetime) -> Reasons:
        """Everything that `explain` puts into words."""
        return reasons(self.state, now)

    def unrecorded(self, now: datetime) -> RecordBatch | None:
        return recording.unrecorded(self.state, now, self.next_due(), self.next_due_what())

    def recorded(self, through: int) -> None:
        """A record up to this sequence is stored; the next one carries what came after."""
        recording.recorded(self.state, through)

    def missing_parts(self) -> tuple[str, ...]:
        return closing.missing_parts(self.state)

    # inside

    def _copy(self) -> "Case":
        """To try something on."""
        return Case(self.state.model_copy(update={"chained": False}, deep=True))

    def _pass_time(self, catching: CatchUp, *, inclusive: bool) -> None:
        catching.act(inclusive=inclusive)
        if asked := calendars.wanted(self.state, catching.now):
            catching.add(asked)

    def _finish(self, catching: CatchUp) -> list[Duty]:
        self._pass_time(catching, inclusive=True)
        return catching.duties()

    def _answered_by(self, message: Any, now: datetime) -> frozenset[str]:
        """The clocks that a message ends which waited through an outage: nobody is reminded of what they have sent."""
        effect = self.following.effect()
        if effect is None or effect.at >= now or not is_late(self.state, effect.at, now):
            return frozenset()
        copy = self._copy()
        CatchUp(copy.following, now).act(inclusive=False)
        dispatch.apply(Turn(copy.state, now), message)
        return frozenset(clock.key for clock in copy.state.clocks if clock.reminders and not clock.open)

    def _refused_before(self, key: str) -> Refused | None:
        """A repeated command is answered as it was the first time."""
        sequence = self.state.seen[key]
        entry = self.state.timeline[sequence - 1]
        if sequence == NOTHING or entry.kind is not Kind.REFUSED:
            return None
        return Refused(entry.detail["reason"], field=entry.detail["field"], remedy="look at the case, and act anew")
