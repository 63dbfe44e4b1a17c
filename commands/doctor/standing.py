"""How single cases stand in Temporal: what the search attributes say, and which duties are under way or failing."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from complaints.messages import workflow_id
from workflows import attributes

_AT_ONCE = 10
_OURS = ("TransportError", "DatabaseError", "Defect", "Busy")  # whose messages are codes: see activities.errors


class Failing(NamedTuple):
    """A duty that is tried again and again."""

    activity: str
    attempts: int
    problem: str


class Standing(NamedTuple):
    reference: str
    running: bool
    started_at: datetime
    values: attributes.Values
    failing: tuple[Failing, ...] = ()

    @property
    def next_due(self) -> datetime | None:
        due = self.values[attributes.NEXT_DUE.name]
        return due if isinstance(due, datetime) else None


async def standings(client: Client, references: Iterable[str]) -> dict[str, Standing]:
    """Describe these cases; those without a workflow are left out."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(reference: str) -> Standing | None:
        async with gate:
            try:
                described = await client.get_workflow_handle(workflow_id(reference)).describe()
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise
            pending = described.raw_description.pending_activities
            return standing_of(described, [_failing(activity) for activity in pending if activity.attempt > 1])

    found = await asyncio.gather(*(one(reference) for reference in dict.fromkeys(references)))
    return {standing.reference: standing for standing in found if standing is not None}


def standing_of(run: WorkflowExecution, failing: Sequence[Failing] = ()) -> Standing:
    return Standing(
        reference=run.id.removeprefix(workflow_id("")),
        running=run.status is WorkflowExecutionStatus.RUNNING,
        started_at=run.start_time,
        values=attributes.values_in(run.typed_search_attributes),
        failing=tuple(failing),
    )


def _failing(activity: PendingActivityInfo) -> Failing:
    """A failure's message is shown only if it is one of those that hold codes."""
    failure = activity.last_failure
    kind = failure.application_failure_info.type or failure.WhichOneof("failure_info") or "unknown"
    problem = f"{kind}: {failure.message}"[:200] if kind in _OURS else str(kind)
    return Failing(activity.activity_type.name, activity.attempt, problem)
