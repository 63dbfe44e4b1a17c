"""A workflow clock without the real time that work takes: see `simulation.temporal`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

SLACK = timedelta(minutes=10)
"""How much longer every timer runs: none fires by itself while the machine is busy, only when it is skipped to."""


class CaseClock:
    """The case time of one case, as its player sets it; the other fields say what the workflow waits for.

    A move holds for every task that starts after a certain length of history, so that a replay sees the same instants.
    """

    def __init__(self, start: datetime, shift: timedelta) -> None:
        self.now = start
        self.shift = shift
        self.wakes_at: datetime | None = None  # case time of the pending timer
        self.fires_at: datetime | None = None  # by the server's clock, at the earliest
        self.disturbed = False  # a timer has fired before its time
        self.fired = 0  # timers of its run so far
        self.activities: frozenset[str] = frozenset()  # ids of those whose end the workflow has not seen
        self._began: dict[str, datetime] = {}
        self._moves: dict[str, list[tuple[int, datetime]]] = {}

    def move(self, run_id: str, length: int, at: datetime) -> None:
        self.now = at
        self._moves.setdefault(run_id, []).append((length, at))

    def began(self, run_id: str) -> datetime:
        return self._began.setdefault(run_id, self.now)

    def moved(self, run_id: str, length: int) -> list[datetime]:
        """Where it stood, at each move before a task that starts at this length."""
        return [at for known, at in self._moves.get(run_id, ()) if known < length]


class SteadyRunner(WorkflowRunner):
    """Runs workflows as another runner does, each with the clock that `clocks` has under its workflow id."""

    def __init__(self, inner: WorkflowRunner, clocks: Mapping[str, CaseClock]) -> None:
        self._inner = inner
        self._clocks = clocks

    def prepare_workflow(self, defn: workflow._Definition) -> None:
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Steady(self._inner.create_instance(det), self._clocks[det.info.workflow_id], det.info.run_id)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:
        self._inner.set_worker_level_failure_exception_types(types)


class _Steady(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance, clock: CaseClock, run_id: str) -> None:
        self._inner = inner
        self._clock = clock
        self._run_id = run_id
        self._at = clock.began(run_id)
        self._timers: dict[int, tuple[datetime, datetime]] = {}  # by case time; by the server's, at the earliest
        self._activities: dict[int, str] = {}
        self._fired = 0

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        server_time = act.timestamp.ToDatetime(UTC)
        fired = [self._timers.pop(job.fire_timer.seq)[0] for job in act.jobs if job.HasField("fire_timer")]
        for job in act.jobs:
            if job.HasField("resolve_activity"):
                self._activities.pop(job.resolve_activity.seq)
        self._at = max([self._at, *fired, *self._clock.moved(self._run_id, act.history_length)])
        act.timestamp.FromDatetime(self._at - self._clock.shift)
        completion = self._inner.activate(act)
        for command in completion.successful.commands:
            self._follow(command, server_time)
        self._fired += len(fired)
        self._clock.disturbed |= any(at > self._clock.now for at in fired)
        if not any(job.HasField("remove_from_cache") for job in act.jobs):
            self._tell()
        return completion

    def _follow(self, command: WorkflowCommand, server_time: datetime) -> None:
        if command.HasField("start_timer"):
            timer = command.start_timer
            span = timer.start_to_fire_timeout.ToTimedelta()
            self._timers[timer.seq] = self._at + span, server_time + span + SLACK
            timer.start_to_fire_timeout.FromTimedelta(span + SLACK)
        elif command.HasField("cancel_timer"):
            self._timers.pop(command.cancel_timer.seq, None)
        elif command.HasField("schedule_activity"):
            self._activities[command.schedule_activity.seq] = command.schedule_activity.activity_id

    def _tell(self) -> None:
        """In a replay too: its last word counts, and until then the server says that a task is under way."""
        self._clock.fired = self._fired
        self._clock.activities = frozenset(self._activities.values())
        self._clock.wakes_at, self._clock.fires_at = min(self._timers.values(), default=(None, None))

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> workflow.Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()
