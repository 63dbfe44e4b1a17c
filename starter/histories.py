"""What histories say of cases: how they began and which duties were carried out, with what result."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import ValidationError
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from complaints.case import Case
from complaints.errors import BadInput
from complaints.messages import WORKFLOW, workflow_id
from complaints.messages.duties import ClosureRecord, Moment, RecordBatch
from complaints.messages.intake import Intake
from complaints.reference import reference_for
from database.intakes import Claim
from starter import rpc
from starter.claiming import SALTS, digest
from workflows.duties import ACTIVITIES, NOTHING
from workflows.input import ComplaintInput, Resumption

_ACTIVITIES = {activity.name: activity for activity in ACTIVITIES}
_PREFIX = workflow_id("")


class Run(NamedTuple):
    """A run of a case's workflow: they follow each other by continue-as-new and by reopening."""

    run_id: str
    started_at: datetime


class Done(NamedTuple):
    """A duty that was carried out."""

    payload: Any
    result: Any
    asked_at: datetime
    done_at: datetime


class Past(NamedTuple):
    """What a history says. `batches`: every record that was asked for, also what is still under way."""

    began: ComplaintInput
    began_at: datetime
    done: list[Done]
    batches: list[RecordBatch]

    @property
    def resumed(self) -> RecordBatch | None:
        """The whole record up to the beginning of this run, if there was one before it."""
        if not isinstance(self.began, Resumption):
            return None
        state = self.began.state.model_copy(update={"recorded": 0})
        return Case(state).unrecorded(self.began_at + self.began.clock_shift)

    @property
    def closures(self) -> list[ClosureRecord]:
        """The closure records that were there when this run began."""
        return self.began.state.closures if isinstance(self.began, Resumption) else []

    @property
    def claim(self) -> Claim | None:
        """The reference as it was taken for the intake's key; None if another way of taking was used."""
        intake: Intake = self.began.intake if not isinstance(self.began, Resumption) else self.began.state.intake
        reference = self.began.reference if not isinstance(self.began, Resumption) else self.began.state.reference
        for salt in range(SALTS):
            if reference_for(intake.channel, intake.key, salt=salt) == reference:
                return Claim(
                    channel=intake.channel, key=intake.key, reference=reference, salt=salt, digest=digest(intake),
                    company=intake.company, created_at=self.began_at,
                )  # fmt: skip
        return None


async def runs_of(client: Client, references: Iterable[str], *, within: float) -> dict[str, list[Run]]:
    """The runs that Temporal has of these cases, of all if none is named: the earliest first."""
    found: dict[str, list[Run]] = defaultdict(list)
    queries = [f"WorkflowType = '{WORKFLOW}' AND WorkflowId = '{workflow_id(one)}'" for one in references]
    for query in queries or [f"WorkflowType = '{WORKFLOW}'"]:
        async for reference, run in _listed(client, query, within):
            found[reference].append(run)
    return {reference: sorted(runs, key=lambda run: run.started_at) for reference, runs in found.items()}


async def _listed(client: Client, query: str, within: float) -> AsyncIterator[tuple[str, Run]]:
    listing = client.list_workflows(query)
    while True:
        async with rpc.temporal(within):
            try:
                execution = await anext(listing)
            except StopAsyncIteration:
                return
        yield execution.id.removeprefix(_PREFIX), Run(execution.run_id, execution.start_time)


async def past_of(client: Client, reference: str, run: Run, *, within: float) -> Past:
    """Read a run's history. Raises `BadInput` if a payload of it can no longer be read, `NoSuchRun` if it is gone."""
    handle = client.get_workflow_handle(workflow_id(reference), run_id=run.run_id)
    async with rpc.temporal(within):
        history = await handle.fetch_history()
    reading = _Reading(client)
    for event in history.events:
        try:
            await reading.take(event)
        except (ValidationError, ValueError, RuntimeError) as error:
            remedy = "read it with the program that wrote it, and report this"
            raise BadInput(f"event {event.event_id} cannot be read", field="history", remedy=remedy) from error
    if reading.began is None:
        raise BadInput("it has no beginning", field="history", remedy="report this")
    return Past(reading.began, run.started_at, reading.done, reading.batches)


class _Reading:
    """Goes through the events; what is asked for waits for its result."""

    def __init__(self, client: Client) -> None:
        self._converter = client.data_converter
        self._asked: dict[int, tuple[str, Any, datetime]] = {}
        self.began: ComplaintInput | None = None
        self.done: list[Done] = []
        self.batches: list[RecordBatch] = []

    async def take(self, event: HistoryEvent) -> None:
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                payloads = event.workflow_execution_started_event_attributes.input.payloads
                (self.began,) = await self._converter.decode(payloads, [ComplaintInput])  # type: ignore[list-item]
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                scheduled = event.activity_task_scheduled_event_attributes
                activity = _ACTIVITIES.get(scheduled.activity_type.name)
                if activity is None:
                    return
                (payload,) = await self._converter.decode(scheduled.input.payloads, [activity.payload])
                self._asked[event.event_id] = (activity.name, payload, event.event_time.ToDatetime(tzinfo=UTC))
                if isinstance(payload, RecordBatch):
                    self.batches.append(payload)
                if isinstance(payload, Moment):
                    self.batches.append(payload.record)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                completed = event.activity_task_completed_event_attributes
                if (asked := self._asked.pop(completed.scheduled_event_id, None)) is None:
                    return
                name, payload, at = asked
                result = None
                if (wanted := _ACTIVITIES[name].result) is not NOTHING:
                    (result,) = await self._converter.decode(completed.result.payloads, [wanted])
                self.done.append(Done(payload, result, at, event.event_time.ToDatetime(tzinfo=UTC)))
