"""Starting the workflow of a case: once, without timeouts, with nothing personal in what Temporal shows."""

import secrets
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from complaints.messages import CASES_QUEUE, WORKFLOW, StartComplaint, workflow_id
from complaints.messages.intake import Intake
from complaints.plan import Plan
from starter import rpc
from starter.attributes import summary_of
from workflows.attributes import initial


def start_argument(reference: str, intake: Intake, plan: Plan) -> StartComplaint:
    """The salt is drawn here: it keeps the digests of the timeline from being guessed."""
    return StartComplaint(reference=reference, salt=secrets.token_hex(16), intake=intake, plan=plan)


async def start(client: Client, argument: StartComplaint, *, within: float) -> bool:
    """Start a case; False if it was started before, whether it runs or has ended."""
    try:
        async with rpc.temporal(within):
            await client.start_workflow(
                WORKFLOW,
                argument,
                id=workflow_id(argument.reference),
                task_queue=CASES_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                search_attributes=initial(argument, datetime.now(UTC)),
                static_summary=summary_of(argument),
            )
    except WorkflowAlreadyStartedError:
        return False
    return True
