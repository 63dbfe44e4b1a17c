"""How workflows are run, the same for worker, starter, tests and replay: one plugin with converter and sandbox.

The pure core and the workflows pass through the sandbox (a fifth of the memory, a seventh of the time); what else a
workflow module imports raises at the worker's construction, so that no I/O library gets in unnoticed.
"""

from temporalio import workflow
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.complaint import ComplaintWorkflow
from workflows.converter import data_converter
from workflows.instance import WithoutContexts, looks_at_contexts
from workflows.mailbox import MailboxWorkflow

WORKFLOWS = (ComplaintWorkflow, MailboxWorkflow)


class Runner(SandboxedWorkflowRunner):
    """The SDK's sandbox, entered for workflow code only."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = super().create_instance(det)
        return instance if looks_at_contexts(data_converter) else WithoutContexts(instance)


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
