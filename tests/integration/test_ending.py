"""A worker that is to end finishes what it has begun, begins nothing more, and breaks off no message."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from temporalio.client import Client

import worker
from activities.outbox import Outbox
from channels.outbound import Message, UntilStopped
from complaints.messages import CASES_QUEUE, RECORDS_QUEUE, workflow_id
from database import notices
from database.notices import State
from database.pool import transaction
from settings import Settings
from tests.fixtures.waiting import eventually
from tests.fixtures.workers import workers
from tests.integration.test_starter import address, an_intake, tuntas
from workflows.runner import plugin

pytestmark = pytest.mark.services

__all__ = ["address", "tuntas"]  # fixtures are found by their names


class Held:
    """A channel that takes a message, and does not say so before it may."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.may = asyncio.Event()

    async def send(self, message: Message) -> None:
        await self.may.wait()
        self.sent.append(message.key)


async def under_way(client, reference, activity):
    """Whether a worker has begun an activity of a case and not ended it."""
    description = await client.get_workflow_handle(workflow_id(reference)).describe()
    pending = description.raw_description.pending_activities
    return any(one.activity_type.name == activity and one.HasField("last_started_time") for one in pending)


async def marked(pool, reference):
    """Which messages were sent and when, as the records have it."""
    async with transaction(pool) as conn:
        return {row.key: row.sent_at for row in await notices.fetch(conn, reference) if row.state is State.SENT}


async def test_all_queues_stop_at_once_while_a_message_is_finished(address, pool, tuntas):
    held, stopping = Held(), asyncio.Event()
    outbox = Outbox(pool, UntilStopped(held, stopping.is_set), worker.render, lambda: datetime.now(UTC))
    client = await Client.connect(address, plugins=[plugin()])
    made = worker.workers(client, pool, outbox, Settings(graceful_shutdown_seconds=60, pollers=3))
    async with AsyncExitStack() as stack:
        for one in made:
            await stack.enter_async_context(one)
        told = (await tuntas.file(an_intake())).reference
        # What is not handed over in time is asked for again, so that the queue of notices is at it too.
        await eventually(lambda: under_way(client, told, "notify_complainant"))
        stopping.set()
        ending = asyncio.create_task(worker.stop(made))
        await eventually(lambda: {one.task_queue for one in made if one.is_shutdown} == {CASES_QUEUE, RECORDS_QUEUE})
        late = (await tuntas.file(an_intake())).reference
        held.may.set()
        await ending
        await outbox.settle(within=10)
    assert len(held.sent) == 1
    finished = await marked(pool, told)
    assert [*finished] == held.sent
    assert await marked(pool, late) == {}
    # Whoever comes next does the rest, and does not do again what was finished.
    async with workers(address, pool):
        await eventually(lambda: marked(pool, late))
        await eventually(lambda: marked(pool, told), lambda sent: any("acknowledgement" in key for key in sent))
    assert finished.items() <= (await marked(pool, told)).items()
