"""Runs in the SDK's sandbox, all in one room of it, and none keeping more than it needs.

The SDK furnishes a room for each run: a table of the modules that its code may see, with a restricted stand-in for
some. Nothing in the table is a run's own, since our modules pass through and any other one is refused; so all runs of a
workflow share one. What says whether workflow code is running is kept by thread, as several runs are carried out at a
time, each in a thread.

Between its tasks the SDK's instance keeps parts of what it was last told and of what it answered, and each part of such
a message holds the whole of it. They are let go.

Nor is a run asked for the context of each payload. The SDK asks twice or more for every payload, and each time the
sandbox compiles and runs a piece of code. Only a codec or an external store needs the answer; converters get theirs
inside.

Much of this is no public interface of the SDK: an upgrade may ask for a change here, and `tests/replay/test_sandbox.py`
says so. `docs/performance.md` has what each part is worth.
"""

import dataclasses
import threading
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.converter import DataConverter, SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxRestrictions
from temporalio.worker.workflow_sandbox._importer import Importer
from temporalio.worker.workflow_sandbox._restrictions import RestrictionContext
from temporalio.worker.workflow_sandbox._runner import _Instance

from workflows.pulse import PULSE

_NOTHING = Payloads()


def looks_at_contexts(converter: DataConverter) -> bool:
    """Whether it matters to whom a payload belongs once it is bytes."""
    return converter.payload_codec is not None or converter.external_storage is not None


class _InThisThread(threading.local, RestrictionContext):
    """Whether workflow code is running, in the thread that asks."""


def room(restrictions: SandboxRestrictions, workflow_module: str) -> Importer:
    """What the code of a workflow may see."""
    return Importer(restrictions, _InThisThread(), workflow_module_name=workflow_module)


class Run(_Instance):
    """A run in a room that it shares; `contexts`: whether payloads are asked for theirs."""

    def __init__(
        self, details: WorkflowInstanceDetails, runner_class: type[WorkflowRunner], shared: Importer, *, contexts: bool
    ) -> None:
        if not details.last_completion_result.payloads:
            details = dataclasses.replace(details, last_completion_result=_NOTHING)
        # As the SDK's own, but for the room.
        self.instance_details = details
        self.runner_class = runner_class
        self.importer = shared
        self.globals_and_locals = {"__file__": "workflow_sandbox.py"}
        self._current_thread_id = None
        self._contexts = contexts
        self._create_instance()

    def activate(self, act: Any) -> Any:
        PULSE.beat()
        completion = super().activate(act)
        self._let_go()
        return completion

    @property
    def inside(self) -> Any:
        """The SDK's instance, which carries out the workflow."""
        in_sandbox: Any = self.globals_and_locals["__temporal_in_sandbox"]
        return in_sandbox.instance

    def _let_go(self) -> None:
        inside = self.inside
        inside._current_completion = None  # the next task makes its own
        version = inside._deployment_version_for_current_task
        inside._deployment_version_for_current_task = type(version).FromString(version.SerializeToString())
        if inside._workflow_input is not None and not inside._workflow_input.headers:
            inside._workflow_input.headers = {}

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        return super().get_serialization_context(command_info) if self._contexts else None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        if self._contexts:
            return super().get_external_store_context(command_info)
        return StorageDriverStoreContext(target=None)
