"""Plays one scenario: takes its steps one by one, each to its end, before the clock moves on."""

import asyncio
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from temporalio.api.enums.v1 import PendingActivityState, WorkflowExecutionStatus
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse, ResetActivityRequest
from temporalio.client import RPCTimeoutOrCancelledError, WorkflowUpdateFailedError
from temporalio.worker import Worker

from complaints.case import CaseState
from complaints.messages import ACT, AGENT_ACTED, REASONS, VIEW, WORKFLOW, ActAnswer, ViewRequest, workflow_id
from complaints.messages.reasons import Reasons
from complaints.messages.signals import SIGNALS
from complaints.messages.view import CaseView
from complaints.policy import Policy
from simulation.course import Step, What, course
from simulation.engine import refusals
from simulation.scenario import Scenario
from simulation.surroundings import Surroundings, start_of
from simulation.temporal.house import House
from simulation.temporal.steady import CaseClock
from starter import rpc
from workflows.attributes import initial
from workflows.input import ComplaintInput, Resumption
from workflows.runner import WORKFLOWS

if TYPE_CHECKING:
    from simulation.temporal.stage import Stage

PATIENCE = 60.0  # seconds that one step may take
_BEFORE = timedelta(milliseconds=30)  # a jump past a timer may go on to the next one
_LOOK = 0.005  # seconds between two looks at a workflow
_STICKY = timedelta(seconds=1)  # how long a task waits for a worker that has gone
_NAMES: dict[type, str] = {model: name for name, model in SIGNALS.items()}


class Disturbed(Exception):
    """The server's clock went further than it was told, so that this play says nothing of the case."""


class Played(NamedTuple):
    """What came of a scenario: the printed view at `until`, how many commands were refused, and why all is as it is."""

    view: CaseView
    refused: int
    reasons: Reasons


class Player:
    """Drives one workflow. As a context it gives the case a worker, and takes the workflow away at the end."""

    def __init__(self, stage: "Stage", scenario: Scenario, policy: Policy, number: int) -> None:
        self._stage = stage
        self._scenario = scenario
        start = start_of(scenario, policy)
        self._start = start.model_copy(update={"clock_shift": scenario.received_at - stage.now})
        self._id = f"{workflow_id(start.reference)}-{number}"  # the same complaint may be played again
        self._queue = f"cases-{number}"  # an outage is one of this case alone
        self._house = House(
            Surroundings(scenario.agents, policy, scenario.customers), self._start.clock_shift, scenario.received_at
        )
        self._clock = CaseClock(scenario.received_at, self._start.clock_shift)
        self._handle = stage.client.get_workflow_handle(self._id)
        self._worker: Worker | None = None
        self._working: asyncio.Task[None] | None = None
        self._seen = DescribeWorkflowExecutionResponse()  # the workflow as it was looked at last
        self._posted = False  # something waits for us
        self._left_with: Played | None = None  # how it stands at `until`, while nobody works on the case

    async def __aenter__(self) -> Self:
        self._stage.houses[self._id], self._stage.clocks[self._id] = self._house, self._clock
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._seen.workflow_execution_info.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING:
            await self._handle.terminate("played")
        self._house.close()
        await self._stop_worker()

    async def play(self) -> Played:
        for step in course(self._scenario, lambda: self._clock.wakes_at):
            async with asyncio.timeout(PATIENCE):
                try:
                    await self._take(step)
                except RPCTimeoutOrCancelledError as error:
                    if rpc.was_cancelled():  # what the SDK makes of it hides it
                        raise asyncio.CancelledError from error
                    raise
            if self._clock.disturbed:
                raise Disturbed
        return self._left_with or await self._played()

    async def _take(self, step: Step) -> None:
        self._house.now = step.at
        match step.what:
            case What.CHANNEL_DOWN:
                self._house.surroundings.down_until = step.until
            case What.POST:
                await self._say(step.message)
                self._posted = True
            case What.LEAVE:
                await self._leave(step)
            case _:
                before = self._clock.fired if step.what is What.WAKE else None
                await self._act(step)
                await self._settle(before)

    async def _act(self, step: Step) -> None:
        if step.what is What.RECEIVE:
            self._start_worker()
            shifted = self._house.now - self._start.clock_shift
            await self._begin(self._start, search_attributes=initial(self._start, shifted))
            return
        self._move(step.at)
        match step.what:
            case What.SAY:
                await self._say(step.message)
            case What.WAKE:
                await self._skip_to_timer()
            case What.COME_BACK:
                await self._come_back(step.at)
            case _:
                pass

    # the worker, and who is away

    def _start_worker(self) -> None:
        self._worker = Worker(
            self._stage.client,
            task_queue=self._queue,
            workflows=WORKFLOWS,
            sticky_queue_schedule_to_start_timeout=_STICKY,
        )
        self._working = asyncio.create_task(self._worker.run())

    async def _stop_worker(self) -> None:
        if self._worker is not None and self._working is not None:
            await self._worker.shutdown()
            await self._working
        self._worker = self._working = None

    async def _leave(self, step: Step) -> None:
        """No worker from now on. A timer that fires meanwhile makes a task that nobody takes."""
        self._left_with = await self._played()
        await self._stop_worker()
        if step.until is not None and self._due(step.until):
            await self._skip_to_timer()
            self._posted = True

    async def _come_back(self, at: datetime) -> None:
        if self._due(at) and not self._posted:
            await self._skip_to_timer()
        self._posted, self._left_with = False, None
        self._start_worker()

    # time

    def _move(self, at: datetime) -> None:
        """Set the case's clock. It holds for every task from here on."""
        info = self._seen.workflow_execution_info
        self._clock.move(info.execution.run_id, info.history_length, at)

    def _due(self, at: datetime) -> bool:
        return self._clock.wakes_at is not None and self._clock.wakes_at <= at

    async def _skip_to_timer(self) -> None:
        """Let the server's clock for this workflow jump to just before its timer, which then fires."""
        now = await self._stage.skipper.get_current_time(self._handle)
        if self._clock.fires_at is not None and (span := self._clock.fires_at - now - _BEFORE) > timedelta(0):
            await self._stage.skipper.fast_forward(self._handle, span)

    # what is said

    async def _begin(self, start: ComplaintInput, **options: Any) -> None:
        await self._stage.client.start_workflow(WORKFLOW, start, id=self._id, task_queue=self._queue, **options)
        await self._look()

    async def _say(self, message: Any) -> None:
        """Commands go as updates; a refused one again as a signal, which the timeline keeps.

        An archived case is woken with what it gets.
        """
        signal = _NAMES.get(type(message), AGENT_ACTED)
        if self._seen.workflow_execution_info.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED:
            state = CaseState.model_validate(self._house.archived)
            again = Resumption(state=state, clock_shift=self._start.clock_shift)
            await self._begin(again, start_signal=signal, start_signal_args=[message])
            return
        if signal == AGENT_ACTED and self._worker is not None:
            try:
                await self._handle.execute_update(ACT, message, id=message.key, result_type=ActAnswer)
            except WorkflowUpdateFailedError:
                pass
            else:
                return
        await self._handle.signal(signal, message)

    async def _played(self) -> Played:
        asked = ViewRequest(at=self._scenario.instant(self._scenario.until))
        view: CaseView = await self._handle.query(VIEW, asked, result_type=CaseView)
        reasons: Reasons = await self._handle.query(REASONS, asked, result_type=Reasons)
        return Played(view, refusals(view), reasons)

    # until nothing is left to do

    async def _look(self) -> None:
        self._seen = (await self._handle.describe()).raw_description

    async def _settle(self, fired_before: int | None) -> None:
        """Until a timer that is awaited has fired, and nothing is left to do but notices that wait for the channel.

        Activities that wait for leave get it in their turn.
        """
        while True:
            if self._clock.fired != fired_before and self._house.leaves(self._clock.activities):
                await self._look()
                if not self._seen.HasField("pending_workflow_task") and self._rests():
                    if self._house.put_off and self._house.surroundings.reaches(self._house.now):
                        await self._try_again()
                    elif not self._house.let_answer():
                        return
            await asyncio.sleep(_LOOK)

    def _rests(self) -> bool:
        """Whether every activity waits for us."""
        scheduled = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
        return all(
            one.state == scheduled if one.activity_id in self._house.put_off else self._house.holds(one.activity_id)
            for one in self._seen.pending_activities
        )

    async def _try_again(self) -> None:
        """The channel is up: the server need not wait any longer before it gives the notices out anew."""
        client, execution = self._stage.client, self._seen.workflow_execution_info.execution
        for activity_id in self._house.put_off:
            await client.workflow_service.reset_activity(
                ResetActivityRequest(namespace=client.namespace, execution=execution, id=activity_id)
            )
        self._house.put_off.clear()
