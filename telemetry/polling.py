"""Who polls a task queue, as the server sees it; and a watch over a worker's own polling.

A worker can be alive and ask for no work at all, as one with autoscaling pollers was after an outage of the server. It
does not know of that; the server does. Whoever runs it starts it again when it ends.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.messages import CASES_QUEUE, NOTICES_QUEUE, RECORDS_QUEUE

log = logging.getLogger(__name__)

WORKFLOW, ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
QUEUES: Mapping[str, tuple["TaskQueueType.ValueType", ...]] = {  # of every worker; mailboxes have theirs besides
    CASES_QUEUE: (WORKFLOW, ACTIVITY),
    NOTICES_QUEUE: (ACTIVITY,),
    RECORDS_QUEUE: (ACTIVITY,),
}
PATIENCE = timedelta(seconds=5)  # for one answer of the server
PAUSE = 30.0  # seconds between looks
LOOKS = 10  # in which nothing was polled: an idle poller asks anew each minute, so five minutes are silence


class QueueState(NamedTuple):
    """Who asked for tasks of a queue, of every type it has, and when last, by the server's clock; what waits there."""

    polled_at: Mapping[str, datetime]  # by the identity of the worker
    backlog: int
    backlog_age: timedelta


async def look(client: Client, queue: str) -> QueueState:
    """Ask the server. The queue of a mailbox has activities only. Raises `RPCError`."""
    states = [await _look(client, queue, kind) for kind in QUEUES.get(queue, (ACTIVITY,))]
    everything = set.intersection(*(set(state.polled_at) for state in states))
    return QueueState(
        {worker: min(state.polled_at[worker] for state in states) for worker in everything},
        sum(state.backlog for state in states),
        max(state.backlog_age for state in states),
    )


async def _look(client: Client, queue: str, kind: "TaskQueueType.ValueType") -> QueueState:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=kind,
        report_stats=True,
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
    polled = {poller.identity: poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in answer.pollers}
    stats = answer.stats
    return QueueState(polled, stats.approximate_backlog_count, stats.approximate_backlog_age.ToTimedelta())


async def until_silent(client: Client, *, pause: float = PAUSE, looks: int = LOOKS) -> None:
    """Return when this client's workers have polled no queue at all for so many looks.

    Looks that the server does not answer do not count: then the server is away, and not the worker. One silent queue
    is no sign: a worker with its hands full does not ask for more.
    """
    silent, latest = 0, None
    while silent < looks:
        await asyncio.sleep(pause)
        try:
            # Of any kind: one whose activities all wait for something may ask for workflow tasks only.
            seen = [await _look(client, queue, kind) for queue, kinds in QUEUES.items() for kind in kinds]
        except RPCError:
            continue
        polled_at = max((at for state in seen if (at := state.polled_at.get(client.identity))), default=None)
        silent = silent + 1 if polled_at == latest or polled_at is None else 0
        latest = polled_at
    log.critical("this worker has polled no queue for %d looks at the server, %g s apart", looks, pause)
