"""What metrics say of cases in memory, and that a replay says nothing again."""

import asyncio
from datetime import timedelta

from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.worker import Replayer

from tests.fixtures.cases import start_complaint
from tests.fixtures.temporal import PATIENCE, act, kinds, view
from workflows import meters
from workflows.runner import WORKFLOWS, plugin


async def test_duties_that_wait_and_fail_are_counted_by_lane(house, cold):
    before, failing_before = meters.loads()
    house.refuse["record"] = lambda _: True
    house.down.add("notify_complainant")
    handle = await house.start(start_complaint())
    if cold:
        async with asyncio.timeout(PATIENCE):  # a case that is not in memory is not counted, once it has left it
            while meters.loads()[0] != before:
                await asyncio.sleep(0.01)
        return
    waiting, failing = meters.loads()
    assert waiting["notices"] - before["notices"] == 2  # acknowledgement and assessment
    assert waiting["records"] - before["records"] == 1
    assert failing["records"] - failing_before["records"] == 1
    assert failing["notices"] == failing_before["notices"], "what is down is tried again, and has not failed for good"
    house.refuse.clear()
    house.down.clear()
    await house.pass_time(handle, timedelta(hours=2))
    waiting, failing = meters.loads()
    assert waiting["notices"] == before["notices"]
    assert failing["records"] == failing_before["records"]


async def test_a_replay_records_no_lateness(house):
    handle = await house.start(start_complaint())
    await house.pass_time(handle, timedelta(hours=30))
    await act(handle, "note", text="Lihat.")
    history = await handle.fetch_history()
    assert "breached" in kinds(await view(handle)), "there is lateness to record"
    buffer = MetricBuffer(10_000)
    runtime = Runtime(telemetry=TelemetryConfig(logging=None, metrics=buffer))
    await Replayer(workflows=WORKFLOWS, plugins=[plugin()], runtime=runtime).replay_workflow(history)
    assert [update.metric.name for update in buffer.retrieve_updates() if update.metric.name == meters.LATENESS] == []
