"""Back to a build whose workers do `record` and `carry_out` on the queue `records` only, and not on `cases`."""

import asyncio

import pytest
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError
from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowOutboundInterceptor

from complaints.messages import CASES_QUEUE, RECORDS_QUEUE
from tests.fixtures.cases import message
from tests.fixtures.waiting import eventually
from tests.integration.test_versions import (
    CASES,
    ended,
    failed_tasks,
    house,
    make_current,
    opened,
    running,
    set_current,
)
from workflows.complaint import ComplaintWorkflow

pytestmark = pytest.mark.services

__all__ = ["house"]  # fixtures are found by their names

MISSING = {"ignore_missing_task_queues": True}


def before(queue):
    return RECORDS_QUEUE if queue == CASES_QUEUE else queue


class Asking(WorkflowOutboundInterceptor):
    def start_activity(self, asked):
        asked.task_queue = before(asked.task_queue)
        return super().start_activity(asked)


class Running(WorkflowInboundInterceptor):
    def init(self, outbound):
        super().init(Asking(outbound))


class AsBefore(Interceptor):
    def workflow_interceptor_class(self, given):
        return Running


def older(house, **given):
    return running(house, ComplaintWorkflow, AsBefore(), queue_of=lambda activity: before(activity.queue), **given)


def newer(house, **given):
    return running(house, ComplaintWorkflow, **given)


async def described(house):
    """The activities' part of the queue `cases`."""
    kind = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    request = DescribeTaskQueueRequest(
        namespace="default", task_queue=TaskQueue(name=CASES_QUEUE), task_queue_type=kind, report_stats=True
    )
    return await house.client.workflow_service.describe_task_queue(request)


async def waiting(house):
    return (await described(house)).stats.approximate_backlog_count


async def asked_by(house, build):
    return any(poller.deployment_options.build_id == build for poller in (await described(house)).pollers)


async def begun(house):
    """Cases with a record under way."""
    cases = await opened(house)
    house.gates["record"] = asyncio.Event()
    tried = house.tried["record"]
    for case in cases:
        await case.signal("complainant_replied", message(text="Masih rusak"))
    await eventually(lambda: house.tried["record"] >= tried + CASES)
    return cases


async def still_to_do(case):
    return [one.activity_type.name for one in (await case.describe()).raw_description.pending_activities]


async def builds(case):
    """Those that did its tasks, one by one."""
    events = (await case.fetch_history()).events
    done = [event for event in events if event.HasField("workflow_task_completed_event_attributes")]
    return [event.workflow_task_completed_event_attributes.deployment_version.build_id for event in done]


async def done_by_a_worker_without_a_build(house, cases):
    house.gates.clear()
    so_far = [len(await builds(case)) for case in cases]
    async with newer(house, build_id="2"):  # one that is not current gets nothing
        await eventually(lambda: asked_by(house, "2"))
        await ended(await opened(house))  # the older workers do what they know
        assert [await still_to_do(case) for case in cases] == [["record"]] * CASES
    async with newer(house):
        assert failed_tasks(await ended(cases)) == 0
    for case, tasks in zip(cases, so_far, strict=True):
        assert set((await builds(case))[tasks:]) == {"1"}  # what it did were activities only


async def test_from_a_newer_build(house):
    async with older(house, build_id="1"):
        async with newer(house, build_id="2"):
            await make_current(house, "2")
            cases = await begun(house)
        await eventually(lambda: waiting(house), lambda count: count == CASES)
        with pytest.raises(RPCError, match="missing active task queues"):
            await set_current(house, "1")
        await make_current(house, "1", **MISSING)
        await done_by_a_worker_without_a_build(house, cases)


async def test_from_newer_workers_without_builds(house):
    async with newer(house):
        cases = await begun(house)
    async with older(house, build_id="1"):
        await make_current(house, "1", **MISSING)
        await eventually(lambda: waiting(house), lambda count: count == CASES)
        await done_by_a_worker_without_a_build(house, cases)


async def test_afterwards_workers_may_do_without_builds_again(house):
    async with older(house, build_id="1"):
        await make_current(house, "1")
        cases = await opened(house)
    async with older(house):
        await make_current(house, "")
        assert failed_tasks(await ended(cases + await opened(house))) == 0
