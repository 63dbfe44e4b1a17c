"""A changed workflow beside open cases of the old one, on a real server: with worker versioning, and without."""

import asyncio
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer, Worker
from temporalio.workflow import NondeterminismError

import worker
from commands.stack import temporal
from complaints.messages import CASES_QUEUE, NOTICES_QUEUE, RECORDS_QUEUE, workflow_id
from settings import Settings
from tests.fixtures.cases import message, start_complaint
from tests.fixtures.temporal import House, act, counted
from tests.replay.variants import PATCH, RecordsLast, RecordsLastDeprecated, RecordsLastUnversioned
from workflows import attributes
from workflows.complaint import ComplaintWorkflow
from workflows.duties import ACTIVITIES
from workflows.runner import plugin

pytestmark = pytest.mark.services

PATIENCE = 30.0
CASES = 2


@pytest_asyncio.fixture
async def house():
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        async with temporal(Path(directory)) as address:
            client = await Client.connect(address, plugins=[plugin()])
            yield House(SimpleNamespace(client=client))


@asynccontextmanager
async def running(house, workflow, *interceptors, queue_of=lambda activity: activity.queue, **given):
    """All workers of one process, by the settings of the real one. Nothing cached: every task is a replay."""
    settings = Settings(**given)
    client = await Client.connect(house.client.service_client.config.target_host, plugins=[plugin()])
    async with AsyncExitStack() as stack:
        for queue in (CASES_QUEUE, NOTICES_QUEUE, RECORDS_QUEUE):
            held = {"patch_activation_callback": lambda _: False} if settings.hold_patches else {}
            made = Worker(
                client, task_queue=queue, workflows=[workflow] if queue == CASES_QUEUE else [],
                activities=[house._activity(a.name, a.payload) for a in ACTIVITIES if queue_of(a) == queue],
                max_cached_workflows=0, deployment_config=worker.versioning(settings),
                interceptors=interceptors, **held,
            )  # fmt: skip
            await stack.enter_async_context(made)
        yield


async def set_current(house, build, **options):
    """As `temporal worker deployment set-current-version` does."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace="default", deployment_name="tuntas", build_id=build, identity="tests", **options
    )
    await house.client.workflow_service.set_worker_deployment_current_version(request)


async def make_current(house, build, **options):
    """Once all queues of the build are polled.

    Returns when every part of the server knows: until then some send tasks to the build before.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await set_current(house, build, **options)
            except RPCError as error:
                if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                    raise
                await asyncio.sleep(0.1)
            else:
                break
        while await _routing(house) != RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_COMPLETED:
            await asyncio.sleep(0.05)


async def _routing(house):
    request = DescribeWorkerDeploymentRequest(namespace="default", deployment_name="tuntas")
    found = await house.client.workflow_service.describe_worker_deployment(request)
    return found.worker_deployment_info.routing_config_update_state


async def opened(house):
    """Cases in the middle of things."""
    handles = []
    for _ in range(CASES):
        start = start_complaint(at=None)
        handle = await house.client.start_workflow(
            "ComplaintWorkflow", start, id=workflow_id(start.reference), task_queue=CASES_QUEUE, result_type=str,
            search_attributes=attributes.initial(start, start.intake.received_at),
        )  # fmt: skip
        handles.append(handle)
        await house.quiet(handle)
    return handles


async def spoken_to(handles):
    for handle in handles:
        await act(handle, "respond", text="Kami periksa.")
        await handle.signal("complainant_replied", message(text="Masih rusak"))


async def ended(handles):
    for handle in handles:
        await handle.signal("complainant_withdrew", message())
    async with asyncio.timeout(PATIENCE):
        assert [await handle.result() for handle in handles] == ["archived"] * len(handles)
    return [await handle.fetch_history() for handle in handles]


def first_activities(history):
    """Those that the first task asked for, in order."""
    names = []
    for event in history.events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            names.append(event.activity_task_scheduled_event_attributes.activity_type.name)
        elif names and event.HasField("workflow_task_scheduled_event_attributes"):
            break
    return names


def failed_tasks(histories):
    return sum(counted(history)["WORKFLOW_TASK_FAILED"] for history in histories)


def marked(history):
    return counted(history)["MARKER_RECORDED"]


async def replays(workflow, history):
    try:
        await Replayer(workflows=[workflow], plugins=[plugin()]).replay_workflow(history)
    except NondeterminismError:
        return False
    return True


async def build_of(handle):
    info = (await handle.describe()).raw_description.workflow_execution_info.versioning_info
    return info.deployment_version.build_id


OLD = ["carry_out"]
NEW = ["notify_complainant", "notify_agents", "record"]


async def test_open_cases_go_over_to_the_new_build_and_keep_their_branch(house):
    async with running(house, ComplaintWorkflow, build_id="1"):
        await make_current(house, "1")
        old = await opened(house)
        await spoken_to(old)
        async with running(house, RecordsLast, build_id="2"):
            await make_current(house, "2")  # both builds run side by side, as in a rolling upgrade
            new = await opened(house)
            await spoken_to(old + new)
            assert [await build_of(handle) for handle in old + new] == ["2"] * 2 * CASES
    async with running(house, RecordsLast, build_id="2"):
        old_histories, new_histories = await ended(old), await ended(new)

    assert [first_activities(history) for history in old_histories] == [OLD] * CASES
    assert [first_activities(history) for history in new_histories] == [NEW] * CASES
    assert [marked(history) for history in old_histories + new_histories] == [0] * CASES + [1] * CASES
    assert failed_tasks(old_histories + new_histories) == 0
    without = f"(TemporalChangeVersion IS NULL OR TemporalChangeVersion != '{PATCH}')"
    for query in (f"TemporalChangeVersion = '{PATCH}'", f"WorkflowType = 'ComplaintWorkflow' AND {without}"):
        assert (await house.client.count_workflows(query)).count == CASES

    for history in old_histories:  # the same change without a patch would wedge every one of them
        assert await replays(RecordsLast, history)
        assert not await replays(RecordsLastUnversioned, history)
        assert not await replays(RecordsLastDeprecated, history)  # too early
    for history in new_histories:
        assert await replays(RecordsLast, history)
        assert await replays(RecordsLastDeprecated, history)
        assert not await replays(ComplaintWorkflow, history)  # what a rollback would meet


async def test_a_patch_is_deprecated_and_then_removed(house):
    async with running(house, RecordsLast):
        patched = await ended(await opened(house))
    async with running(house, RecordsLastDeprecated):
        deprecated = await ended(await opened(house))
    for history in patched:
        assert await replays(RecordsLastDeprecated, history)
        assert not await replays(RecordsLastUnversioned, history)  # removed too early
    for history in deprecated:
        assert await replays(RecordsLastUnversioned, history)


async def test_without_versioning_the_patch_is_held_while_the_old_workers_run(house):
    async with running(house, ComplaintWorkflow):
        old = await opened(house)
        async with running(house, RecordsLast, hold_patches=True):
            beside = await opened(house)
            for _ in range(3):
                await spoken_to(old + beside)
    async with running(house, RecordsLast):
        new = await opened(house)
        await spoken_to(old + beside + new)
        histories = [await ended(handles) for handles in (old, beside, new)]

    assert failed_tasks([history for group in histories for history in group]) == 0
    assert [marked(history) for group in histories for history in group] == [0] * 2 * CASES + [1] * CASES
    assert [first_activities(history) for history in histories[1]] == [OLD] * CASES
    assert [first_activities(history) for history in histories[2]] == [NEW] * CASES


async def test_not_held_old_workers_fail_tasks_of_new_cases_and_the_cases_go_on_all_the_same(house):
    async with running(house, RecordsLast):
        new = await opened(house)
        async with running(house, ComplaintWorkflow):
            for handle in new:
                await handle.signal("complainant_replied", message(text="Masih rusak"))
    async with running(house, RecordsLast):
        histories = await ended(new)
    assert [marked(history) for history in histories] == [1] * CASES
    for history in histories:
        assert await replays(RecordsLast, history)
