"""How workflows are run, the same for worker, starter, tests and replay: one plugin with converter and sandbox.

The pure core and the workflows pass through the sandbox (a fifth of the memory, a seventh of the time); what else a
workflow module imports raises at the worker's construction, so that no I/O library gets in unnoticed.
"""

from dataclasses import dataclass, field

from temporalio import workflow
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.worker.workflow_sandbox._importer import Importer

from workflows.complaint import ComplaintWorkflow
from workflows.converter import data_converter
from workflows.instance import Run, looks_at_contexts, room
from workflows.mailbox import MailboxWorkflow

WORKFLOWS = (ComplaintWorkflow, MailboxWorkflow)


@dataclass(frozen=True)
class Runner(SandboxedWorkflowRunner):
    """The SDK's sandbox, furnished once for each workflow and entered for workflow code only."""

    _rooms: dict[type, Importer] = field(default_factory=dict, init=False)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """The first one is made when the worker is, before there are threads: it furnishes the room."""
        workflow_class = det.defn.cls
        if workflow_class not in self._rooms:
            self._rooms[workflow_class] = room(self.restrictions, workflow_class.__module__)
        shared = self._rooms[workflow_class]
        return Run(det, self.runner_class, shared, contexts=looks_at_contexts(data_converter))


def runner() -> SandboxedWorkflowRunner:
    restrictions = SandboxRestrictions.default.with_passthrough_modules("complaints", "workflows")
    return Runner(
        restrictions=restrictions.with_import_notification_policy(
            workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        )
    )


def plugin() -> SimplePlugin:
    """Give it to `Client.connect(plugins=[…])`, whose workers take it over, or to a `Replayer`."""
    return SimplePlugin("tuntas", data_converter=data_converter, workflow_runner=_runner)


def _runner(_given: WorkflowRunner | None) -> WorkflowRunner:
    return runner()
