import asyncio

import pytest
from temporalio.client import WorkflowUpdateFailedError

from complaints.messages import ActAnswer
from complaints.messages.feedback import Alike, DuplicatesFound
from complaints.messages.merging import LET_GO, TAKE_IN
from tests.fixtures.cases import message, start_complaint
from tests.fixtures.temporal import PATIENCE, act, check_replay, kinds, tidy, view

OTHER = "TTS-0000000000000"
PARTING = {"key": "p", "actor": {"id": "ani"}, "reference": OTHER}


def asking(key="ask", **over):
    return {"key": key, "actor": {"id": "ani"}, "reference": OTHER, "complainant": {}, "text": "Sama."} | over


async def test_merged_passed_on_parted_and_merged_again(house):
    house.gates["merge"] = asyncio.Event()
    handle = await house.start(start_complaint())
    await act(handle, "merge", "merge-1", into=OTHER)
    await handle.signal("complainant_replied", message("between", text="Sementara itu"))
    async with asyncio.timeout(PATIENCE):
        while not house.tried["merge"]:
            await asyncio.sleep(0.01)
    assert (await view(handle)).status == "investigation"
    house.gates.pop("merge").set()
    assert await asyncio.wait_for(handle.result(), 20) == "archived"
    (ask,) = house.given("merge")
    assert (ask.into, ask.ask.reference, ask.ask.text) == (OTHER, ask.key.split("/")[0], "Barang rusak, mohon diganti.")
    (passed,) = house.given("forward")
    assert (passed.to, passed.name, passed.message.text) == (OTHER, "complainant_replied", "Sementara itu")
    assert house.told[-1] == "closed_duplicate"
    seen = await view(handle)
    assert kinds(seen).count("merged") == 1
    tidy(await check_replay(handle))


async def test_the_survivor_takes_in_hears_and_lets_go(house):
    handle = await house.start(start_complaint())
    answer = await handle.execute_update(TAKE_IN, asking(), result_type=ActAnswer)
    again = await handle.execute_update(TAKE_IN, asking(), result_type=ActAnswer)
    assert (answer.repeated, again.repeated) == (False, True)
    await handle.signal("complainant_withdrew", message(via=OTHER))
    await handle.signal(LET_GO, PARTING)
    await house.quiet(handle)
    seen = await view(handle)
    assert kinds(seen)[-3:] == ["merged_in", "withdrawn", "taken_out"]
    assert (seen.status, seen.timeline[-2].detail["merged_from"]) == ("investigation", OTHER)
    assert house.told_agents[-3:] == ["agent_merged_in", "agent_message_received", "agent_taken_out"]
    await check_replay(handle)


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        (asking(company="toko"), "refused", "into"),
        ({"key": "k"}, "bad_input", "actor"),
        (asking(text=""), "bad_input", "text"),
        ([1], "bad_input", "payload"),
    ],
)
async def test_what_it_cannot_take_in_is_answered_with_field_and_remedy(house, given, kind, field):
    handle = await house.start(start_complaint())
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await handle.execute_update(TAKE_IN, given, result_type=ActAnswer)
    cause = caught.value.cause
    assert (cause.type, cause.details[0]["field"]) == (kind, field)
    assert cause.details[0]["remedy"]
    assert "merged_in" not in kinds(await view(handle))


async def test_a_parting_that_cannot_be_read_is_kept(house):
    handle = await house.start(start_complaint())
    await handle.signal(LET_GO, {"key": "p", "reference": 7})
    await house.quiet(handle)
    assert kinds(await view(handle))[-1] == "unreadable_message"


async def test_what_the_first_record_found_is_told_once(house, monkeypatch):
    found = DuplicatesFound(key="d", found=(Alike(reference=OTHER, similarity=0.7, same_complainant=True),))
    answered = house._answer
    monkeypatch.setattr(house, "_answer", lambda given: found if hasattr(given, "standing") else answered(given))
    handle = await house.start(start_complaint())
    await act(handle, "note", text="Catatan")
    await house.quiet(handle)
    seen = await view(handle)
    assert [e.detail for e in seen.timeline if e.kind == "duplicates_found"] == [
        {"found": [{"reference": OTHER, "similarity": 0.7, "same_complainant": True}]}
    ]
    assert house.told_agents.count("agent_duplicates_found") == 1
    await check_replay(handle)
