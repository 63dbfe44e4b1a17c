import asyncio
from datetime import timedelta

import pytest

from tests.fixtures.cases import message, start_complaint
from tests.fixtures.temporal import PATIENCE, act, check_replay, counted, details, kinds, tidy, view

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def test_a_clock_breaches_and_climbs_while_notices_fail_for_hours(house):
    house.down |= {"notify_complainant", "notify_agents"}
    handle = await house.start(start_complaint())
    await house.pass_time(handle, 25 * HOUR)
    seen = await view(handle)
    assert seen.tier == "specialist"
    assert seen.owner == "agent:rina"
    assert {"breached", "escalated", "owner_changed"} <= set(kinds(seen))
    assert house.told == []
    assert set(house.recorded) >= {
        "breached",
        "escalated",
    }  # the read model has the owner, the entry goes with the next
    await act(handle, "respond", text="Maaf, kami periksa.")
    house.down.clear()
    await house.pass_time(handle, HOUR)
    assert house.told == ["acknowledgement", "assessment", "response"]
    assert "agent_warning" in house.told_agents
    assert "owner_changed" in house.recorded
    seen = await view(handle)
    (acknowledgement,) = [clock for clock in seen.clocks if clock.metric == "acknowledgement"]
    assert acknowledgement.state == "met"
    assert acknowledgement.late_seconds > 0
    tidy(await check_replay(handle))


async def test_a_stuck_record_lane_blocks_nothing(house):
    house.down |= {"record", "record_closure"}
    handle = await house.start(start_complaint())
    await act(handle, "respond", text="Kami periksa.")
    await house.pass_time(handle, HOUR)
    await act(handle, "decide", outcome="upheld", reasons="Barang cacat.")
    await house.quiet(handle)
    await handle.signal("satisfaction_confirmed", message(satisfied=True))
    await house.pass_time(handle, HOUR)
    assert (await view(handle)).status == "closed"
    assert house.told == ["acknowledgement", "assessment", "response", "decision", "closed_confirmed"]
    assert house.recorded == []
    house.down.clear()
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    assert house.recorded == kinds(await view(handle))
    assert [name for name, _ in house.done][-1] == "archive"
    await check_replay(handle)


async def test_a_record_that_fails_for_good_is_tried_again_and_shows(house):
    house.refuse["record"] = lambda _: True
    handle = await house.start(start_complaint())
    assert "Stuck, records" in await details(handle)
    await act(handle, "respond", text="Kami periksa.")
    await house.pass_time(handle, 3 * HOUR)
    tried = house.tried["record"]
    assert 3 <= tried <= 8  # with pauses that double
    house.refuse.clear()
    await house.pass_time(handle, 6 * HOUR)
    assert house.recorded[:3] == ["received", "verified", "assessed"]
    assert "Stuck" not in await details(handle)
    await check_replay(handle)


async def test_a_record_of_no_more_than_hand_overs_is_tried_again_too(house):
    house.refuse["record"] = lambda batch: {entry.kind for entry in batch.entries} == {"notice_handed_over"}
    handle = await house.start(start_complaint())
    assert "notice_handed_over" not in house.recorded
    house.refuse.clear()
    await house.pass_time(handle, timedelta(minutes=11))
    assert "notice_handed_over" in house.recorded
    await check_replay(handle)


async def test_a_closure_that_fails_for_good_waits_and_holds_up_no_record(house):
    house.refuse["record_closure"] = lambda _: True
    handle = await house.start(start_complaint())
    await handle.signal("complainant_withdrew", message())
    await house.quiet(handle)
    await house.pass_time(handle, 12 * HOUR)
    assert (await view(handle)).status == "archived"
    assert not house.given("archive")
    assert "archived" in house.recorded
    house.refuse.clear()
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    assert [name for name, _ in house.done][-2:] == ["record_closure", "archive"]
    await check_replay(handle)


async def test_a_notice_that_fails_for_good_stops_its_path_and_no_other(house):
    house.refuse["notify_complainant"] = lambda batch: any(n.occasion == "acknowledgement" for n in batch.notices)
    handle = await house.start(start_complaint())
    await house.pass_time(handle, timedelta(minutes=1))
    seen = await view(handle)
    assert house.told == ["assessment"]  # its batch failed; alone it went
    failed = [entry for entry in seen.timeline if entry.kind == "notice_failed"]
    assert [entry.detail["occasion"] for entry in failed] == ["acknowledgement"]
    assert failed[0].detail["problem"] == "DatabaseError: will never do"
    assert "action_added" in kinds(seen)
    await check_replay(handle)


async def test_agents_are_told_by_themselves_what_a_record_that_failed_for_good_took_along(house):
    handle = await house.start(start_complaint())
    house.refuse["record"] = lambda batch: bool(batch.tell)
    await handle.signal("complainant_replied", message(text="Halo"))
    await house.pass_time(handle, timedelta(minutes=1))
    assert [n.occasion for batch in house.given("notify_agents") for n in batch.notices] == ["agent_message_received"]
    assert "complainant_replied" not in house.recorded
    await house.pass_time(handle, timedelta(minutes=10))
    assert "complainant_replied" in house.recorded
    assert house.told_agents.count("agent_message_received") == 1
    await check_replay(handle)


@pytest.mark.parametrize("part", ["record", "record_closure", "escalate"])
async def test_what_cannot_be_done_together_is_done_apart(house, part):
    """The part that fails holds up no other: each goes its own way at once."""
    house.refuse[part] = lambda _: True
    handle = await house.start(start_complaint(severity="critical"))
    await handle.signal("complainant_withdrew", message())
    await house.quiet(handle)
    assert (await view(handle)).status == "archived"
    assert house.told == ["acknowledgement", "assessment", "closed_withdrawn"]
    assert "agent_assigned" in house.told_agents
    assert bool(house.recorded) is (part != "record")
    assert bool(house.given("escalate")) is (part != "escalate")
    house.refuse.clear()
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    assert house.recorded == kinds(await view(handle))
    assert (len(house.given("record_closure")), len(house.given("escalate"))) == (1, 1)
    assert len(house.told) == len(set(house.told))
    await check_replay(handle)


async def test_a_mail_that_waits_holds_up_no_record_of_its_moment(house):
    house.down.add("notify_complainant")
    handle = await house.start(start_complaint())
    await act(handle, "respond", text="Kami periksa.")
    await house.quiet(handle)
    assert set(house.recorded) >= {"received", "assessed", "responded"}
    assert house.told == []
    house.down.clear()
    await house.pass_time(handle, 2 * HOUR)
    assert house.told == ["acknowledgement", "assessment", "response"]
    assert len(house.given("notify_complainant")) <= 2
    await check_replay(handle)


async def test_an_owner_found_with_the_record_is_told_to_operators_at_once(house):
    handle = await house.start(start_complaint())
    await house.pass_time(handle, 25 * HOUR)
    assert (await view(handle)).owner == "agent:rina"
    values = {pair.key.name: pair.value for pair in (await handle.describe()).typed_search_attributes}
    assert (values["ComplaintOwner"], values["ComplaintTier"]) == ("agent:rina", 2)
    assert values["ComplaintBreached"] == ["first_response"]
    history = await check_replay(handle)
    assert counted(history)["ACTIVITY_TASK_SCHEDULED"] <= 4, "two at the beginning, a warning, the breach"


async def test_what_agents_are_told_waits_for_no_record_under_way(house):
    house.gates["record"] = asyncio.Event()
    handle = await house.start(start_complaint())
    await handle.signal("complainant_replied", message(text="Halo"))
    async with asyncio.timeout(PATIENCE):
        while not house.given("notify_agents"):
            await asyncio.sleep(0.01)
    assert house.given("record") == []
    house.gates.pop("record").set()
    await house.quiet(handle)
    apart = {n.occasion for batch in house.given("notify_agents") for n in batch.notices}
    along = {n.occasion for batch in house.given("record") for n in batch.tell}
    assert (apart, along) == ({"agent_message_received"}, {"agent_assigned"})
    await check_replay(handle)


async def test_an_agents_notice_that_fails_for_good_is_an_entry(house):
    house.refuse["notify_agents"] = lambda _: True
    house.refuse["record"] = lambda batch: bool(batch.tell)
    handle = await house.start(start_complaint())
    await house.pass_time(handle, timedelta(minutes=1))
    failed = [entry for entry in (await view(handle)).timeline if entry.kind == "notice_failed"]
    assert [entry.detail["occasion"] for entry in failed] == ["agent_assigned"]
    await check_replay(handle)


async def test_an_escalation_that_fails_for_good_is_tried_again(house):
    house.refuse["escalate"] = lambda _: True
    handle = await house.start(start_complaint(severity="critical"))
    await house.pass_time(handle, timedelta(minutes=5))
    assert (await view(handle)).owner == "team:specialist"
    house.refuse.clear()
    await house.pass_time(handle, timedelta(minutes=10))
    assert (await view(handle)).owner == "agent:rina"
    await check_replay(handle)


async def test_records_that_wait_go_in_one_batch(house):
    house.down.add("record")
    handle = await house.start(start_complaint())
    for number in range(5):
        await handle.signal("fact_reported", message(fact=f"delivered_{number}"))
    await house.quiet(handle)
    house.down.clear()
    await house.pass_time(handle, 2 * HOUR)
    assert len(house.given("record")) == 2
    assert house.recorded.count("fact_reported") == 5
    await check_replay(handle)
