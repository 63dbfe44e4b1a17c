"""Starting the workflow of a case: once, without timeouts, with nothing personal in what Temporal shows."""

import secrets
from datetime import datetime
from typing import NamedTuple

from temporalio.client import Client
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from complaints.messages import CASES_QUEUE, WORKFLOW, StartComplaint, workflow_id
from complaints.messages.intake import Intake
from complaints.model import made
from complaints.plan import Plan, interned
from starter import rpc
from starter.attributes import summary_of
from workflows.attributes import initial


class Prepared(NamedTuple):
    """All that a start says."""

    argument: StartComplaint
    attributes: TypedSearchAttributes


def prepare(reference: str, intake: Intake, plan: Plan, now: datetime) -> Prepared:
    """The salt is drawn here: it keeps the digests of the timeline from being guessed."""
    salt = secrets.token_hex(16)
    argument = made(StartComplaint, reference=reference, salt=salt, intake=intake, plan=interned(plan))
    return Prepared(argument, initial(argument, now))


async def start(client: Client, prepared: Prepared, *, within: float) -> bool:
    """Start a case; False if it was started before, whether it runs or has ended."""
    argument = prepared.argument
    try:
        async with rpc.temporal(within):
            await client.start_workflow(
                WORKFLOW,
                argument,
                id=workflow_id(argument.reference),
                task_queue=CASES_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                search_attributes=prepared.attributes,
                static_summary=summary_of(argument),
            )
    except WorkflowAlreadyStartedError:
        return False
    return True
