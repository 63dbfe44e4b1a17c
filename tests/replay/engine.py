"""The workflow by itself: it is given one activation after the other, and answers with commands.

The SDK's own workflow instance does that, as in a worker, but without server, worker or thread: a conversation of
months takes milliseconds. Everything around it is virtual and the same each time: the clock, what became of activities,
the order in which things arrive. The instance and the names of its activations are no public interface of the SDK: an
upgrade may ask for a change here.
"""

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payloads
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.common import MetricMeter, TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DefaultFailureConverter
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, RetryState
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstanceDetails, WorkflowRunner

from complaints.messages import (
    ACT,
    CASES_QUEUE,
    MAILBOX_WORKFLOW,
    WORKFLOW,
    StartComplaint,
    mailbox_workflow_id,
    workflow_id,
)
from complaints.messages.mailbox import MailboxInput
from complaints.messages.merging import TAKE_IN
from tests.replay.world import World
from workflows import attributes
from workflows.duties import ACTIVITIES
from workflows.input import Resumption
from workflows.instance import Run

_CONVERTER = pydantic_data_converter.payload_converter
_PAYLOADS = {activity.name: activity.payload for activity in ACTIVITIES}
_TASKS = 60  # of one conversation: many go on for ever
_WATCHED_FROM = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Failed(Exception):
    """The workflow's task failed: in a worker this would suspend the case."""


@dataclass(frozen=True)
class Story:
    """What happens around one case, or one mailbox.

    `slow`: seconds until an activity of that name is done. `refused`: how often one fails for good before it is done.
    `together`: what happens at one instant is one task, else each is its own. `down`: between these nobody works, and
    what happens then is met afterwards.
    """

    start: StartComplaint | MailboxInput
    events: Sequence[tuple[float, str, dict[str, Any]]] = ()
    slow: dict[str, float] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    together: bool = False
    grown_at: float | None = None  # from then on the first run hands over to a second, as soon as it may
    down: tuple[float, float] | None = None
    world: World = field(default_factory=World)

    @property
    def began(self) -> datetime:
        if isinstance(self.start, MailboxInput):
            return _WATCHED_FROM
        assert self.start.intake.received_at is not None
        return self.start.intake.received_at

    @property
    def names(self) -> tuple[str, str]:
        """The type of the workflow, and its id."""
        if isinstance(self.start, MailboxInput):
            return MAILBOX_WORKFLOW, mailbox_workflow_id(self.start.name)
        return WORKFLOW, workflow_id(self.start.reference)


def commands_of(
    story: Story, workflow_class: type[Any], *, before_patches: bool, runner: WorkflowRunner | None = None
) -> list[str]:
    """Every task as one line: when, what came, the timeline entries and commands it answered with.

    `before_patches`: as a case that was opened before any of the patches in the code, so that `workflow.patched` is
    false; else as one that is opened today. `runner`: what it is run by; without a sandbox unless said otherwise.
    """
    runner = runner or UnsandboxedWorkflowRunner()
    return _Conversation(story, workflow_class, before_patches=before_patches, runner=runner).play()


class _Conversation:
    def __init__(
        self, story: Story, workflow_class: type[Any], *, before_patches: bool, runner: WorkflowRunner
    ) -> None:
        self.story = story
        self.began = self.now = story.began
        self.lines: list[str] = []
        self._class = workflow_class
        self._runner = runner
        self._before = before_patches
        self._waiting: list[tuple[float, int, str, WorkflowActivationJob]] = []
        self._order = 0
        self._refusals = dict(story.refused)
        self._cancelled: set[int] = set()
        self._grown_at = story.grown_at
        # as `starter` gives them; a run that goes on has those of the one before
        self._attributes = TypedSearchAttributes.empty
        self._goes_on_from: type[Any] = MailboxInput
        if isinstance(story.start, StartComplaint):
            self._attributes, self._goes_on_from = attributes.initial(story.start, self.now), Resumption
        self._seen = 0  # timeline entries that stand in a line

    def play(self) -> list[str]:
        self._begin(self.story.start, "start")
        for index, (at, name, payload) in enumerate(self.story.events):
            self._happens(at, name, _message(name, payload, index))
        while self._running and self._waiting and len(self.lines) < _TASKS:
            self._task(self._next())
        return self.lines

    # what happens around it

    def _next(self) -> list[tuple[str, WorkflowActivationJob]]:
        at, _, name, job = heapq.heappop(self._waiting)
        found = [(name, job)]
        while self.story.together and self._waiting and self._waiting[0][0] == at:
            _, _, name, job = heapq.heappop(self._waiting)
            found.append((name, job))
        self.now = max(self.now, self.began + timedelta(seconds=at))
        # The core gives a task its signals and updates before timers and activities.
        found.sort(key=lambda one: not (one[1].HasField("signal_workflow") or one[1].HasField("do_update")))
        return [(name, job) for name, job in found if not self._is_cancelled(job)]

    def _is_cancelled(self, job: WorkflowActivationJob) -> bool:
        return job.HasField("fire_timer") and job.fire_timer.seq in self._cancelled

    def _happens(self, at: float, name: str, job: WorkflowActivationJob) -> None:
        self._order += 1
        if self.story.down is not None and self.story.down[0] <= at < self.story.down[1]:
            at = self.story.down[1]
        heapq.heappush(self._waiting, (at, self._order, name, job))

    def _begin(self, start: Any, name: str) -> None:
        """A run, the first or one that goes on."""
        definition = workflow._Definition.must_from_class(self._class)
        info = _info(*self.story.names, self.now, self._attributes)
        self._instance: Any = instance_of(definition, info, self._runner)
        job = WorkflowActivationJob()
        job.initialize_workflow.workflow_type = info.workflow_type
        job.initialize_workflow.workflow_id = info.workflow_id
        job.initialize_workflow.arguments.extend(_CONVERTER.to_payloads([start]))
        self._running, self._cancelled = True, set()
        self._task([(name, job)])

    # a task

    def _task(self, jobs: list[tuple[str, WorkflowActivationJob]]) -> None:
        if not jobs:
            return
        activation = WorkflowActivation(run_id="run", is_replaying=self._before, history_length=3)
        activation.timestamp.FromDatetime(self.now.replace(tzinfo=None))
        activation.continue_as_new_suggested = self._grown_at is not None and self._elapsed >= self._grown_at
        activation.jobs.extend(job for _, job in jobs)
        at, names = self._elapsed, ", ".join(name for name, _ in jobs)
        answer = self._instance.activate(activation)
        if answer.HasField("failed"):
            raise Failed(f"{at:.0f} s, {names}: {answer.failed.failure.message}")
        said = [self._carry_out(command) for command in answer.successful.commands]
        self.lines.append(f"{_span(at)} {names} -> {'; '.join([*self._entered(), *said]) or 'nothing'}")
        again = next((c for c in answer.successful.commands if c.HasField("continue_as_new_workflow_execution")), None)
        if again is not None:
            given = list(again.continue_as_new_workflow_execution.arguments)
            (state,) = _CONVERTER.from_payloads(given, [self._goes_on_from])
            self._waiting = [one for one in self._waiting if one[2].startswith(("signal", "update", "cancel"))]
            heapq.heapify(self._waiting)
            self._grown_at = None
            self._attributes = inside(self._instance).workflow_info().typed_search_attributes
            self._begin(state, "continued")

    @property
    def _elapsed(self) -> float:
        return (self.now - self.began).total_seconds()

    def _entered(self) -> list[str]:
        """New timeline entries and where their chain has come to: another chain than the stored one is refused."""
        case = getattr(inside(self._instance)._object, "_case", None)
        if case is None:  # a mailbox has none
            return []
        timeline = case.state.timeline
        new = timeline[self._seen :]
        self._seen = len(timeline)
        return [f"{', '.join(entry.kind for entry in new)} #{timeline[-1].hash[:8]}"] if new else []

    def _carry_out(self, command: Any) -> str:
        kind = command.WhichOneof("variant")
        told = command.user_metadata.summary if command.HasField("user_metadata") else None
        summary = _CONVERTER.from_payload(told) if told else ""
        match kind:
            case "schedule_activity":
                self._answer_later(command.schedule_activity)
                return f"{command.schedule_activity.activity_type} ({summary})"
            case "start_timer":
                started = command.start_timer
                after = started.start_to_fire_timeout.ToTimedelta()
                job = WorkflowActivationJob()
                job.fire_timer.seq = started.seq
                self._happens(self._elapsed + after.total_seconds(), "timer", job)
                return f"timer {_span(after.total_seconds())} ({summary})"
            case "request_cancel_activity":
                job = WorkflowActivationJob()
                job.resolve_activity.seq = command.request_cancel_activity.seq
                failure = job.resolve_activity.result.cancelled.failure
                DefaultFailureConverter().to_failure(CancelledError("asked to"), _CONVERTER, failure)
                self._happens(self._elapsed, "cancelled", job)
            case "cancel_timer":
                self._cancelled.add(command.cancel_timer.seq)
            case "upsert_workflow_search_attributes":
                names = command.upsert_workflow_search_attributes.search_attributes.indexed_fields
                return f"attributes {', '.join(sorted(names))}"
            case "set_patch_marker":
                return f"patch {command.set_patch_marker.patch_id}"
            case "update_response":
                return f"update {command.update_response.WhichOneof('response')}"
            case (
                "complete_workflow_execution"
                | "fail_workflow_execution"
                | "cancel_workflow_execution"
                | "continue_as_new_workflow_execution"
            ):
                self._running = False
        return str(kind).removesuffix("_workflow_execution").replace("_", " ")

    def _answer_later(self, scheduled: Any) -> None:
        name = scheduled.activity_type
        (given,) = _CONVERTER.from_payloads(list(scheduled.arguments), [_PAYLOADS.get(name, Any)])
        at = self._elapsed + self.story.slow.get(name, 0.0)
        job = WorkflowActivationJob()
        job.resolve_activity.seq = scheduled.seq
        if self._refusals.get(name, 0) > 0:
            self._refusals[name] -= 1
            DefaultFailureConverter().to_failure(_never(name), _CONVERTER, job.resolve_activity.result.failed.failure)
        else:
            answer = self.story.world.answer(given, self.began + timedelta(seconds=at))
            job.resolve_activity.result.completed.result.CopyFrom(_CONVERTER.to_payload(answer))
        self._happens(at, f"{'failed' if job.resolve_activity.result.HasField('failed') else 'done'} {name}", job)


def inside(instance: Any) -> Any:
    """The SDK's instance, which a sandbox holds within its own."""
    return instance.inside if isinstance(instance, Run) else instance


def instance_of(definition: Any, info: workflow.Info, runner: WorkflowRunner) -> Any:
    details = WorkflowInstanceDetails(
        payload_converter_factory=lambda: _CONVERTER,
        failure_converter_class=DefaultFailureConverter,
        interceptor_classes=(),
        defn=definition,
        info=info,
        randomness_seed=1,
        extern_functions={"__temporal_get_metric_meter": lambda: MetricMeter.noop},
        disable_eager_activity_execution=False,
        worker_level_failure_exception_types=(),
        patch_activation_callback=None,
        last_completion_result=Payloads(),
        last_failure=None,
    )

    async def created() -> Any:  # a worker creates it on its loop; afterwards it is a loop of its own
        return runner.create_instance(details)

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(created())
    finally:
        loop.close()


def _message(name: str, payload: dict[str, Any], index: int) -> WorkflowActivationJob:
    job = WorkflowActivationJob()
    data = _CONVERTER.to_payload(payload)
    if name == "cancel":
        job.cancel_workflow.reason = payload["reason"]
    elif name.startswith("update"):
        job.do_update.id = job.do_update.protocol_instance_id = f"update-{index}"
        job.do_update.name = TAKE_IN if name == f"update {TAKE_IN}" else ACT
        job.do_update.input.append(data)
        job.do_update.run_validator = True
    else:
        job.signal_workflow.originating_event_id = index + 1
        job.signal_workflow.signal_name = name.removeprefix("signal ")
        job.signal_workflow.input.append(data)
    return job


def _never(name: str) -> ActivityError:
    error = ActivityError(
        "failed", scheduled_event_id=1, started_event_id=2, identity="", activity_type=name, activity_id="1",
        retry_state=RetryState.NON_RETRYABLE_FAILURE,
    )  # fmt: skip
    error.__cause__ = ApplicationError("will never do", type="DatabaseError", non_retryable=True)
    return error


def _info(workflow_type: str, id_: str, now: datetime, attributes: TypedSearchAttributes) -> workflow.Info:
    """What the workflow may know of its run: all but the time is the same each time."""
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(workflow.Info))
    return workflow.Info(**{
        **nothing, "attempt": 1, "first_execution_run_id": "run", "headers": {}, "namespace": "default",
        "original_execution_run_id": "run", "raw_memo": {}, "run_id": "run", "search_attributes": {},
        "start_time": now, "workflow_start_time": now, "task_queue": CASES_QUEUE,
        "task_timeout": timedelta(seconds=10), "typed_search_attributes": attributes,
        "workflow_id": id_, "workflow_type": workflow_type,
    })  # fmt: skip


def _span(seconds: float) -> str:
    """Elapsed time without rounding what could matter: `+3d04:05:06.5`."""
    whole, rest = divmod(round(seconds * 1_000_000), 1_000_000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"{days}d{hour:02}:{minute:02}:{second:02}" + (f".{rest:06}" if rest else "")
