import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from complaints.case import Case, CaseState
from complaints.messages.duties import ArchiveDuty
from complaints.messages.signals import FactReported
from tests.fixtures.cases import MONDAY, command, message, start_complaint
from tests.fixtures.temporal import PATIENCE, act, check_replay, counted, kinds, tidy, view
from workflows import limits
from workflows.converter import data_converter
from workflows.input import Resumption, lightened

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAYLOAD = 2 * 1024 * 1024  # bytes: what the server takes


async def runs(house, handle):
    found = [run async for run in house.client.list_workflows(f"WorkflowId = '{handle.id}'")]
    return [house.client.get_workflow_handle(run.id, run_id=run.run_id) for run in found]


async def test_continue_as_new_under_load_loses_nothing(house, monkeypatch):
    monkeypatch.setattr(limits, "EVENTS", 40)
    monkeypatch.setattr(limits, "FORCED_EVENTS", 90)
    start = start_complaint()
    first = await house.start(start)
    handle = house.client.get_workflow_handle(first.id)
    for number in range(40):
        await handle.signal("complainant_replied", message(f"m{number}", text=f"Pesan {number}"))
        if number % 4 == 0:
            await act(handle, "respond", f"r{number}", text=f"Jawaban {number}")
    await house.quiet(handle)
    seen = await view(handle)
    assert [e.detail["text"] for e in seen.timeline if e.kind == "complainant_replied"] == [
        f"Pesan {n}" for n in range(40)
    ]
    assert kinds(seen).count("responded") == 10
    assert (await act(handle, "respond", "r0", text="Jawaban 0")).repeated
    await act(handle, "decide", outcome="upheld", reasons="Barang cacat.")
    await house.quiet(handle)
    assert sorted(set(house.told)) == ["acknowledgement", "assessment", "decision", "response"]
    assert len(house.told) >= 13  # a duty that was under way is done again: the same key, so the same notice
    keys = {n.key for batch in house.given("notify_complainant") for n in batch.notices}
    assert len(keys) == 13
    through = max(batch.through for batch in house.given("record"))
    recorded = {e.sequence for batch in house.given("record") for e in batch.entries}
    assert recorded == set(range(1, through + 1))
    assert (await handle.describe()).run_id != first.first_execution_run_id
    for run in await runs(house, handle):
        await check_replay(run)
    attributes = {p.key.name: p.value for p in (await handle.describe()).typed_search_attributes}
    assert attributes["ComplaintStatus"] == "resolved"


async def test_an_update_to_a_cold_case_replays_as_it_was(house):
    """Two tasks without a command before it: the SDK takes all three for one, and the update first."""
    handle = await house.start(start_complaint())
    first = asyncio.Event()
    house.gates = {"record": first, "notify_complainant": asyncio.Event()}
    recorded, told = house.tried["record"], house.tried["notify_complainant"]
    await handle.signal("fact_reported", message(fact="delivered"))
    await until_tried(house, "record", recorded + 1)
    await act(handle, "respond", text="Kami periksa.")  # while a record is under way: by itself, and recorded after it
    await until_tried(house, "notify_complainant", told + 1)
    house.gates["record"] = asyncio.Event()
    first.set()
    await until_tried(house, "record", recorded + 2)
    for name in ("record", "notify_complainant"):
        before = (await handle.describe()).history_length
        house.gates.pop(name).set()
        async with asyncio.timeout(PATIENCE):
            while (await handle.describe()).history_length < before + 4:  # done, and a task of its own
                await asyncio.sleep(0.01)
    await house.quiet(handle)
    await act(handle, "note", text="Sudah dijawab.")
    await house.quiet(handle)
    history = await check_replay(handle)
    assert counted(history)["WORKFLOW_PROPERTIES_MODIFIED"] == 1
    assert not counted(history)["WORKFLOW_TASK_FAILED"]


async def until_tried(house, name, times):
    async with asyncio.timeout(PATIENCE):
        while house.tried[name] < times:
            await asyncio.sleep(0.01)


async def until_task_fails(handle):
    async with asyncio.timeout(PATIENCE):
        while (await handle.describe()).raw_description.pending_workflow_task.attempt < 2:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("defect", [KeyError, TimeoutError], ids=["any", "one that would end the workflow"])
async def test_a_defect_suspends_the_case_and_mending_it_goes_on(house, monkeypatch, defect):
    handle = await house.start(start_complaint())
    sound = Case.handle

    def broken(*_):
        raise defect("ours")

    monkeypatch.setattr(Case, "handle", broken)
    await handle.signal("complainant_replied", message(text="Halo"))
    await until_task_fails(handle)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    monkeypatch.setattr(Case, "handle", sound)
    await house.quiet(handle)
    assert "complainant_replied" in kinds(await view(handle))
    await check_replay(handle)


async def test_a_defect_of_time_suspends_the_case_too(house, monkeypatch):
    handle = await house.start(start_complaint())
    sound = Case.due

    def broken(*_):
        raise TimeoutError("ours")

    monkeypatch.setattr(Case, "due", broken)
    await handle.signal("complainant_replied", message(text="Halo"))
    await until_task_fails(handle)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    monkeypatch.setattr(Case, "due", sound)
    await house.quiet(handle)
    assert "complainant_replied" in kinds(await view(handle))


async def test_a_cancel_request_is_kept_and_told_and_the_case_goes_on(house):
    handle = await house.start(start_complaint())
    await handle.cancel()
    await house.quiet(handle)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    (entry,) = [e for e in (await view(handle)).timeline if e.kind == "unreadable_message"]
    assert entry.detail["name"] == "workflow_cancel"
    assert "agent_unreadable_message" in house.told_agents
    await act(handle, "respond", text="Kami periksa.")
    await handle.signal("complainant_withdrew", message())
    assert await handle.result() == "archived"  # withdrawn: no aftercare
    await check_replay(handle)


async def test_a_message_while_it_is_archived_is_kept_and_archived_with_it(house):
    house.down.add("archive")
    handle = await house.start(start_complaint())
    await handle.signal("complainant_withdrew", message())
    await house.pass_time(handle, HOUR)
    assert (await view(handle)).status == "archived"
    await handle.signal("complainant_replied", message(text="Masih rusak"))
    await house.quiet(handle)
    house.down.clear()
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    assert house.recorded == kinds(await view(handle))
    assert "reopening_requested" in house.recorded
    assert "reopening_request_received" in house.told
    last = house.given("archive")[-1]
    assert [entry["kind"] for entry in last.state["timeline"]] == house.recorded
    await check_replay(handle)


async def test_an_archived_case_is_reopened_by_a_new_run_and_a_message(house):
    start = start_complaint()
    handle = await house.start(start)
    await act(handle, "decide", outcome="upheld", reasons="Barang cacat.")
    await handle.signal("satisfaction_confirmed", message("yes", satisfied=True))
    await house.quiet(handle)
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    before = len(house.recorded)
    kept = house.given("archive")[-1].state
    age = CaseState.model_validate(kept).archived_at - datetime.now(UTC)
    again = Resumption(state=CaseState.model_validate(kept), clock_shift=age + DAY)
    with house.env.with_time_skipping_disabled():
        handle = await house.client.start_workflow(
            "ComplaintWorkflow", again, id=handle.id, task_queue="cases", result_type=str,
            start_signal="agent_acted", start_signal_args=[command("reopen", reason="new_facts", text="Foto baru")],
        )  # fmt: skip
    await house.quiet(handle)
    seen = await view(handle)
    assert (seen.status, seen.reopenings) == ("investigation", 1)
    assert house.recorded[before:][0] == "reopened"
    assert house.told[-1] == "reopened"
    tidy(await check_replay(handle))


async def test_the_clock_is_shifted_for_simulation_only(house):
    handle = await house.start(start_complaint(at=MONDAY))
    seen = await view(handle)
    assert abs(seen.timeline[0].at - MONDAY) < timedelta(seconds=1)
    assert all(notice.handed_over_at - MONDAY < timedelta(minutes=1) for notice in seen.notices)
    handle = await house.start(start_complaint(at=None))
    now = datetime.now(UTC)
    assert abs((await view(handle)).timeline[0].at - now) < timedelta(minutes=1)


async def test_a_case_too_large_for_a_payload_lets_recorded_words_go(monkeypatch):
    start = start_complaint(text="x" * 1000)
    case, _ = Case.open(start, MONDAY)
    assert lightened(case.state) is case.state
    monkeypatch.setattr(limits, "STATE_BYTES", 500)
    assert lightened(case.state).timeline[0].words  # not recorded yet
    case.recorded(1)
    light = lightened(case.state)
    assert light.timeline[0].words is None
    assert light.timeline[0].hash == case.state.timeline[0].hash
    assert case.state.timeline[0].words


def test_a_case_of_thousands_of_entries_is_handed_on_and_archived_whole():
    case, _ = Case.open(start_complaint(), MONDAY)
    for number in range(6000):
        case.handle(FactReported(message_id=f"parcel-{number}", fact="returned", source="logistics"), MONDAY)
    state = case.state
    (handed_on,) = data_converter.payload_converter.to_payloads([Resumption(state=state)])
    duty = ArchiveDuty(key="k", reference=state.reference, at=MONDAY, state=state.model_dump(mode="json"))
    (archived,) = data_converter.payload_converter.to_payloads([duty])
    assert len(state.model_dump_json()) > 2 * PAYLOAD
    assert max(handed_on.ByteSize(), archived.ByteSize()) < PAYLOAD
    (again,) = data_converter.payload_converter.from_payloads([handed_on], [Resumption])
    assert again.state == state
    (kept,) = data_converter.payload_converter.from_payloads([archived], [ArchiveDuty])
    assert CaseState.model_validate(kept.state) == state


def test_what_is_small_stays_readable_in_temporals_tools():
    case, _ = Case.open(start_complaint(), MONDAY)
    (handed_on,) = data_converter.payload_converter.to_payloads([Resumption(state=case.state)])
    assert b'"kind":"received"' in handed_on.data
