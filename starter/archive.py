"""Cases whose workflow has completed: looked at as they were kept, and woken when something happens to them.

A woken case is a new run of the same workflow id whose start argument is the archived state. What woke it comes with
the start, so that it cannot be lost between the two: a message is recorded and offered as a reopening request, and the
run archives the case again; a reopening goes on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from complaints.case import Case, CaseState
from complaints.case.case import key_of
from complaints.errors import NotFound, Refused
from complaints.messages import ACT, CASES_QUEUE, WORKFLOW, ActAnswer, AgentCommand, workflow_id
from complaints.messages.merging import TakeIn
from database import archive, complaints, intakes
from database.archive import ArchivedCase
from database.pool import Pool, transaction
from database.sql import Connection
from starter import rpc
from starter.attributes import attributes_as_of, summary_as_of
from workflows.input import Resumption


async def archived_case(pool: Pool | None, reference: str) -> Case:
    """Return the case as it was archived. Raises `NotFound`, saying what is known of the reference instead."""
    async with rpc.postgres(), transaction(_known(pool)) as conn:
        return await _read(conn, reference, await archive.get(conn, reference))


@asynccontextmanager
async def held(pool: Pool | None, reference: str) -> AsyncIterator[Case]:
    """The case as it was archived, to be woken within the block: until its end no run archives it anew.

    Two may wake it at once. Without this the second could start from the state before what the first one said, if the
    run of the first had ended already; so the second waits here, or speaks to the run that is there.
    """
    async with rpc.postgres(), transaction(_known(pool)) as conn:
        yield await _read(conn, reference, await archive.hold(conn, reference))


def _known(pool: Pool | None) -> Pool:
    if pool is None:
        raise rpc.NoSuchRun(
            "there is no running case", field="reference", remedy="check it; set DATABASE_URL for archived ones"
        )
    return pool


async def _read(conn: Connection, reference: str, found: ArchivedCase | None) -> Case:
    if found is not None:
        return Case(CaseState.model_validate(found.state))
    row = await complaints.get(conn, reference)
    if row is not None and row.imported:
        raise NotFound(
            "imported as closed history: it has no timeline", field="reference", remedy="see it with `tuntas list`"
        )
    if row is None and await intakes.by_reference(conn, reference) is not None:
        remedy = "file it again under the same key: that goes on where it was interrupted"
        raise NotFound("its filing was not completed", field="reference", remedy=remedy)
    remedy = "check the reference; `tuntas list` shows those that are there"
    raise NotFound("there is no such case", field="reference", remedy=remedy)


async def wake_with_signal(client: Client, case: Case, name: str, message: Any, *, within: float) -> None:
    """Give an archived case a message; if it was woken meanwhile, the running one gets it."""
    async with rpc.temporal(within):
        await client.start_workflow(
            WORKFLOW,
            Resumption(state=case.state),
            id=workflow_id(case.state.reference),
            task_queue=CASES_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=name,
            start_signal_args=[message],
            search_attributes=attributes_as_of(case.standing()),
            static_summary=summary_as_of(case.standing()),
        )


async def wake_with_command(client: Client, case: Case, command: AgentCommand) -> ActAnswer:
    """Give an archived case a command, and wait for its answer."""
    operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        WORKFLOW,
        Resumption(state=case.state),
        id=workflow_id(case.state.reference),
        task_queue=CASES_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=attributes_as_of(case.standing()),
        static_summary=summary_as_of(case.standing()),
    )
    answer: ActAnswer = await client.execute_update_with_start_workflow(
        ACT, command, start_workflow_operation=operation, id=command.key, result_type=ActAnswer
    )
    return answer


def answered_before(case: Case, command: AgentCommand | TakeIn) -> ActAnswer | None:
    sequence = case.state.seen.get(key_of(command))
    if sequence is None:
        return None
    state = case.state
    last = state.timeline[-1].sequence  # of a command that changed nothing, and wrote nothing
    return ActAnswer(reference=state.reference, status=state.status, sequence=sequence or last, repeated=True)


def refusal(case: Case, command: AgentCommand | TakeIn, now: datetime) -> Refused | None:
    """Why an archived case would refuse this: nearly everything but a reopening. Nothing is woken for that."""
    return case.refusal(command, now)
