"""The workflow of a mailbox: started once however often it is asked for, looked at, stopped."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from complaints.messages import CASES_QUEUE, MAILBOX_WORKFLOW, mailbox_workflow_id
from complaints.messages.mailbox import MailboxInput
from starter import rpc


async def start_watch(client: Client, name: str, *, within: float) -> None:
    """See to it that the mailbox is watched."""
    async with rpc.temporal(within):
        await client.start_workflow(
            MAILBOX_WORKFLOW,
            MailboxInput(name=name),
            id=mailbox_workflow_id(name),
            task_queue=CASES_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="mailbox",
        )


async def stop_watch(client: Client, name: str, *, within: float) -> None:
    """End the watch; what is being read is read to its end. Raises `NotFound` if there is none."""
    async with rpc.temporal(within):
        await client.get_workflow_handle(mailbox_workflow_id(name)).cancel()
