"""The workflow of a mailbox: started once however often it is asked for, looked at, stopped."""

import asyncio
import logging

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from complaints.errors import Unreachable
from complaints.messages import CASES_QUEUE, MAILBOX_WORKFLOW, mailbox_workflow_id
from complaints.messages.mailbox import MailboxInput
from starter import rpc

log = logging.getLogger(__name__)


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


async def watch_once_reached(client: Client, name: str, *, within: float, again: float) -> None:
    """Start the watch as soon as Temporal answers; `again` is the pause between attempts, in seconds."""
    while True:
        try:
            return await start_watch(client, name, within=within)
        except Unreachable as error:
            log.warning("the mailbox waits: %s", error.problem)
            await asyncio.sleep(again)


async def stop_watch(client: Client, name: str, *, within: float) -> None:
    """End the watch; what is being read is read to its end. Raises `NotFound` if there is none."""
    async with rpc.temporal(within):
        await client.get_workflow_handle(mailbox_workflow_id(name)).cancel()
