"""What a case asks for again and again is begun by the worker that has the case, without going by way of a queue."""

from collections import defaultdict

import pytest
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from complaints.messages import CASES_QUEUE, RECORDS_QUEUE, workflow_id
from tests.fixtures.waiting import eventually
from tests.fixtures.workers import workers
from tests.integration.test_starter import address, an_intake, command, tuntas
from workflows.pulse import Pulse

pytestmark = pytest.mark.services

__all__ = ["address", "tuntas"]  # fixtures are found by their names


async def added(client, queue, kind):
    """How many tasks of a kind a second came to a queue, these last seconds."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_stats=True
    )
    return (await client.workflow_service.describe_task_queue(request)).stats.tasks_add_rate


async def test_records_and_moments_never_wait_in_a_queue_while_there_is_room(address, pool, tuntas, monkeypatch):
    monkeypatch.setattr("worker.PULSE", Pulse())  # which nothing beats: no rush, in which activities stand back
    async with workers(address, pool):
        filed = await tuntas.file(an_intake())
        await tuntas.act(filed.reference, command("respond", text="Kami periksa."))
        await tuntas.withdraw(filed.reference, key="withdrawn")
        handle = tuntas.client.get_workflow_handle(workflow_id(filed.reference))
        await handle.result()
    events = (await handle.fetch_history()).events
    asked = [event.activity_task_scheduled_event_attributes for event in events]
    queues = defaultdict(set)
    for one in asked:
        queues[one.activity_type.name].add(one.task_queue.name)
    assert (queues["record"], queues["carry_out"], queues["archive"]) == ({CASES_QUEUE}, {CASES_QUEUE}, {RECORDS_QUEUE})
    activity = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    # The queue of those that go by way of the server says that they came, so that a number of none says something.
    await eventually(lambda: added(tuntas.client, RECORDS_QUEUE, activity))
    assert await added(tuntas.client, CASES_QUEUE, activity) == 0
