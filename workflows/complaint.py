"""`ComplaintWorkflow`: one complaint from receipt to archive.

The rules are in `complaints.case`; here are order and waiting. Handlers are synchronous and only change the case; one
coroutine issues every command, so that nothing interleaves.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from complaints.case import Case
from complaints.case.case import key_of
from complaints.case.changes import CHANGES
from complaints.errors import Refused
from complaints.messages import (
    ACT,
    EXPLAIN,
    PREVIEW,
    REASONS,
    REHEARSE,
    VIEW,
    WORKBENCH,
    WORKFLOW,
    ActAnswer,
    AgentCommand,
)
from complaints.messages.merging import TAKE_IN, TakeIn
from complaints.messages.reasons import Reasons
from complaints.messages.replan import ReplanPreview
from complaints.messages.view import CaseView, Explanation
from complaints.messages.workbench import Rehearsal, Workbench
from workflows import attributes, incoming, limits, meters
from workflows.card import card
from workflows.defects import suspending
from workflows.input import ComplaintInput, Resumption, lightened
from workflows.lanes import Lanes
from workflows.pending import Pending
from workflows.timer import Timer, next_due_in_words

_NO_ARGUMENT = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{}"))


@workflow.defn(name=WORKFLOW)
class ComplaintWorkflow:
    """A complaint. It completes only when it is archived: it ends by being closed, never by being cancelled."""

    @workflow.init
    def __init__(self, start: ComplaintInput) -> None:
        self._clock_shift = start.clock_shift
        self._timer = Timer()
        self._attributes = attributes.values_in(workflow.info().typed_search_attributes)
        self._woken = False
        self._silent = False  # the last task issued no command
        self._cancel_told = False
        changes = tuple(change for change in CHANGES if workflow.patched(change))
        if isinstance(start, Resumption):
            start.state.changes = changes  # a run that goes on has the rules of its own day
            self._case, self._lanes = Case(start.state), Lanes(start.pending, start.clock_shift)
            self._metered = self._case.state.timeline[-1].sequence
            meters.hold(self._lanes)
            return
        with suspending():
            self._case, duties = Case.open(start, self._now(), changes)
            self._lanes = Lanes(Pending(), start.clock_shift)
            self._lanes.put(duties, self._case)
        self._metered = 0  # the sequence up to which metrics have been told
        meters.hold(self._lanes)

    @workflow.run
    async def run(self, start: ComplaintInput) -> str:
        """Until the case is archived: act on what is due, carry out what follows, and wait for what comes."""
        del start  # the constructor has it
        try:
            while not self._step():
                await self._something_new()
        finally:
            meters.release(self._lanes)
        return str(self._case.state.status)

    def _step(self) -> bool:
        """Whether it was the last one."""
        with suspending():
            now, self._woken = self._now(), False
            self._lanes.settle(self._case, now)  # what became of duties
            self._lanes.put(self._case.due(now), self._case)  # what time alone has brought
            self._meter()
            self._lanes.keep(self._case, now)  # the last duty, once nothing else is left
            ended = self._lanes.kept(self._case)
            if not ended:
                if self._grown():
                    self._continue_as_new()
                issued = self._lanes.dispatch(self._case, now)
                issued += self._arm(now)
                self._speak_up(issued + self._project())
            else:
                self._project()
        return ended

    # messages: facts from outside are never refused, commands are answered

    @workflow.signal(dynamic=True, description="What complainants, services and agents say; raw, read tolerantly")
    def signalled(self, name: str, values: Sequence[RawValue]) -> None:
        """Every signal, whatever its name and arguments: a named handler would lose what the SDK cannot decode."""
        self._handle(incoming.signalled(name, values, self._case.state.timeline[-1].sequence))

    @workflow.update(name=ACT, description="An agent's command, validated and answered")
    def act(self, command: RawValue) -> ActAnswer:
        """Refused only if it has changed the case (a transfer past the limit); else its validator has refused it."""
        return self._answer(incoming.commanded(command))

    @act.validator
    def _may_act(self, command: RawValue) -> None:
        self._may(incoming.commanded(command))

    @workflow.update(name=TAKE_IN, description="Another case asks to be merged into this one")
    def take_in(self, ask: RawValue) -> ActAnswer:
        return self._answer(incoming.taking_in(ask))

    @take_in.validator
    def _may_take_in(self, ask: RawValue) -> None:
        self._may(incoming.taking_in(ask))

    def _may(self, command: AgentCommand | TakeIn) -> None:
        refused = self._case.refusal(command, self._now())
        if refused is not None:
            raise incoming.rejection(refused, "refused")

    def _answer(self, read_command: AgentCommand | TakeIn) -> ActAnswer:
        refused, repeated = self._handle(read_command)
        if refused is not None:
            raise incoming.rejection(refused, "refused")
        state = self._case.state
        return ActAnswer(
            reference=state.reference,
            status=state.status,
            sequence=state.seen[key_of(read_command)] or state.timeline[-1].sequence,
            repeated=repeated,
            unchanged=self._case.unchanged(read_command),
            weak_ends=self._case.weak_ends(read_command),
        )

    @workflow.query(name=VIEW, description="The case as it stands")
    def view(self, request: RawValue = _NO_ARGUMENT) -> CaseView:
        return self._case.view(incoming.asked(request).at or self._now())

    @workflow.query(name=EXPLAIN, description="Why each clock is due when it is")
    def explain(self, request: RawValue = _NO_ARGUMENT) -> list[Explanation]:
        asked = incoming.asked(request)
        return self._case.explain(asked.at or self._now(), asked.metric)

    @workflow.query(name=REASONS, description="Why it is due, escalated or closed, as data to put into words")
    def reasons(self, request: RawValue = _NO_ARGUMENT) -> Reasons:
        return self._case.reasons(incoming.asked(request).at or self._now())

    @workflow.query(name=PREVIEW, description="What a re-plan would change; it changes nothing")
    def preview(self, request: RawValue) -> ReplanPreview:
        asked = incoming.previewed(request)
        return self._case.preview(asked.plan, asked.at or self._now(), asked.until)

    @workflow.query(name=WORKBENCH, description="The case as its handler works on it, and what may be done now")
    def workbench(self, request: RawValue = _NO_ARGUMENT) -> Workbench:
        return self._case.workbench(incoming.asked(request).at or self._now())

    @workflow.query(name=REHEARSE, description="What a command would send to the complainant; it does nothing")
    def rehearse(self, request: RawValue) -> Rehearsal:
        asked = incoming.rehearsed(request)
        return self._case.rehearse(asked.command, asked.at or self._now())

    def _handle(self, message: incoming.Message) -> tuple[Refused | None, bool]:
        with suspending():
            answer = self._case.handle(message, self._now())
            self._lanes.put(answer.duties, self._case)
        self._woken = True
        return answer.refused, answer.repeated

    # the steps of the loop

    def _now(self) -> datetime:
        return workflow.now() + self._clock_shift

    async def _something_new(self) -> None:
        """Wait for a message, a due instant or a finished duty."""
        try:
            await workflow.wait_condition(lambda: self._woken or self._timer.fired or self._lanes.finished)
        except asyncio.CancelledError:
            if workflow.cancellation_reason() is None or self._cancel_told:
                raise  # not an operator: the worker puts this run out of its memory
            self._cancel_told = True
            self._handle(incoming.cancel_request(workflow.info().original_execution_run_id))

    def _speak_up(self, issued: int) -> None:
        """Never two tasks in a row without a command.

        The SDK replays such tasks as one with a task that follows, and in that one an update is handled before the
        duties that were done before it: what a cold worker then does is not what every later replay does
        (sdk-python#1591). The memo tells operators how far the case is recorded.
        """
        if not issued and self._silent:
            workflow.upsert_memo({"recorded": self._case.state.recorded})
            issued = 1
        self._silent = not issued

    def _arm(self, now: datetime) -> bool:
        due, again = self._case.next_due(), self._lanes.again_at(now)
        if again is not None and (due is None or again < due):
            return self._timer.arm(again, now, "a duty that waits")
        return self._timer.arm(due, now, next_due_in_words(self._case.state))

    def _project(self) -> bool:
        """Tell operators, and only what changed: each upsert is an event. Whether there was one.

        While an owner is sought along with a record, everything is told a moment later, the owner with it.
        """
        values = self._attributes if self._lanes.seeks_owner else attributes.values_of(self._case.standing())
        if changes := attributes.updates(self._attributes, values):
            workflow.upsert_search_attributes(changes)
            self._attributes = values
        state = self._case.state
        workflow.set_current_details(card(state, self._case.next_due(), next_due_in_words(state), self._lanes.stuck()))
        return bool(changes)

    def _meter(self) -> None:
        """Tell metrics of what is new; nothing is commanded."""
        timeline = self._case.state.timeline
        meters.lateness(timeline, self._metered)
        self._metered = timeline[-1].sequence

    def _grown(self) -> bool:
        """Whether this run should hand over: at a moment without a duty under way, or long past its time."""
        info = workflow.info()
        events = info.get_current_history_length()
        if self._lanes.busy:
            return events > limits.FORCED_EVENTS
        return info.is_continue_as_new_suggested() or events > limits.EVENTS

    def _continue_as_new(self) -> NoReturn:
        """Duties under way are issued again by the next run: each is the same done twice."""
        workflow.continue_as_new(
            Resumption(state=lightened(self._case.state), pending=self._lanes.pending, clock_shift=self._clock_shift)
        )
