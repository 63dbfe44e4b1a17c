"""Which case a log line belongs to: its reference, and the ids of workflow, run and activity.

Most lines of a worker are written inside a workflow or an activity, which knows. The SDK names some by their run only,
so the worker remembers of which case the latest runs are. Lines of the web process are written while a request is
answered, whose address or link says which case it is about.
"""

import logging
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from threading import Lock
from typing import Any

from temporalio import activity, workflow
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from complaints.messages import workflow_id as _workflow_id
from complaints.reference import normalise

_PREFIX = _workflow_id("")
_RUNS = 20_000
_FIELDS = {  # what of a line's extras is shown, and as what
    "workflow_id": "workflow_id",
    "workflow_run_id": "run_id",
    "run_id": "run_id",
    "workflow_type": "workflow_type",
    "activity_id": "activity_id",
    "activity_type": "activity",
    "attempt": "attempt",
    "task_queue": "queue",
    "update_name": "update",
}
_known: OrderedDict[str, str] = OrderedDict()  # run to workflow
_lock = Lock()
_Scope = MutableMapping[str, Any]  # of ASGI: all that is known of a request
_request: ContextVar[_Scope | None] = ContextVar("request", default=None)
_CASE = "tuntas.reference"


class KnownRuns(WorkflowRunner):
    """A runner that remembers which case each run is of."""

    def __init__(self, runner: WorkflowRunner) -> None:
        self._runner = runner

    def prepare_workflow(self, defn: Any) -> None:
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        with _lock:
            _known[det.info.run_id] = det.info.workflow_id
            if len(_known) > _RUNS:
                _known.popitem(last=False)
        return self._runner.create_instance(det)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:
        self._runner.set_worker_level_failure_exception_types(types)


def remembering() -> SimplePlugin:
    """Give it to `Client.connect`, after the plugin that brings the runner."""
    return SimplePlugin("tuntas-runs", workflow_runner=_remembering)


def _remembering(runner: WorkflowRunner | None) -> WorkflowRunner:
    if runner is None:
        raise ValueError("no runner to remember the runs of")
    return KnownRuns(runner)


class Answering:
    """ASGI middleware: whatever is written while a request is answered belongs to the case that it is about.

    That stays so when it has been left: the server speaks of what was not caught. Each request is a task of its own.
    """

    def __init__(self, app: Callable[[_Scope, Any, Any], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: _Scope, receive: Any, send: Any) -> None:
        _request.set(scope)
        await self._app(scope, receive, send)


def concerns(reference: str) -> None:
    """Note which case the present request is about, where its address does not name it as `reference`."""
    scope = _request.get()
    if scope is not None:
        scope[_CASE] = reference


def note(record: logging.LogRecord) -> bool:
    """Filter of a handler: note on the line in which activity it was written, if the logger has not."""
    if not hasattr(record, "temporal_activity") and activity.in_activity():
        info = activity.info()
        record.temporal_activity = {
            name: getattr(info, name)
            for name in ("workflow_id", "workflow_run_id", "activity_id", "activity_type", "attempt", "task_queue")
        }
    return True


def of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields that say to which case and step a line belongs."""
    found: dict[str, Any] = {}
    core = getattr(getattr(record, "temporal_log", None), "fields", None)
    for extra in (core, getattr(record, "temporal_workflow", None), getattr(record, "temporal_activity", None)):
        if isinstance(extra, Mapping):
            found |= {name: extra[given] for given, name in _FIELDS.items() if extra.get(given) is not None}
    run = found.get("run_id") or _run_among(record.args)
    workflow_id = str(found.get("workflow_id") or _known.get(str(run), ""))
    reference = getattr(record, "reference", None)
    if reference is None and workflow_id.startswith(_PREFIX):
        reference = workflow_id.removeprefix(_PREFIX)
    reference = reference or _of_request()
    return ({"reference": reference} if reference else {}) | found | _trace()


def _of_request() -> str | None:
    """Return the case that the present request is about; what an address holds in its place may be anything."""
    scope = _request.get() or {}
    named = scope.get(_CASE) or scope.get("path_params", {}).get("reference")
    return normalise(named) if named else None


def _run_among(arguments: Any) -> str | None:
    """Return the run that the SDK names in its sentence."""
    if not isinstance(arguments, tuple):
        return None
    return next((argument for argument in arguments if isinstance(argument, str) and argument in _known), None)


def _trace() -> dict[str, str]:
    """Return the trace that is going on, if traces are wanted."""
    traces = sys.modules.get("opentelemetry.trace")
    if traces is None or workflow.in_workflow():
        return {}
    span = traces.get_current_span().get_span_context()
    return {"trace_id": f"{span.trace_id:032x}"} if span.is_valid else {}
