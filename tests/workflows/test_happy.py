import logging
from datetime import timedelta

from tests.fixtures.cases import message, start_complaint
from tests.fixtures.temporal import act, check_replay, counted, kinds, tidy, view

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
MOST = 120  # events of the happy conversation to `closed`
SKIPPING = (
    "WORKFLOW_EXECUTION_OPTIONS_UPDATED",
    "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
)  # the test server's own


async def converse(house, handle):
    await house.pass_time(handle, HOUR)
    await act(handle, "respond", text="Kami periksa.")
    await house.pass_time(handle, HOUR)
    await handle.signal("complainant_replied", message(text="Terima kasih, ini fotonya."))
    await house.pass_time(handle, HOUR)
    assert (await act(handle, "decide", outcome="upheld", reasons="Barang cacat.")).status == "resolved"
    await house.pass_time(handle, HOUR)
    await handle.signal("satisfaction_confirmed", message(satisfied=True, rating=5))
    await house.quiet(handle)


async def test_from_receipt_to_archive(house):
    handle = await house.start(start_complaint())
    await converse(house, handle)
    assert (await view(handle)).status == "closed"
    closed = counted(await handle.fetch_history())
    events = closed.total() - sum(closed[name] for name in SKIPPING)
    log.info("%s events to closed: %s", events, dict(closed))
    assert events <= MOST, closed

    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    history = await check_replay(handle)
    seen = await view(handle)
    assert house.recorded == kinds(seen)
    assert house.told == [
        "acknowledgement", "assessment", "response", "decision", "closed_confirmed", "follow_up",
    ]  # fmt: skip
    assert house.told_agents == ["agent_assigned", "agent_message_received"]
    assert [duty.record.reason for duty in house.given("record_closure")] == ["confirmed"]
    (archived,) = house.given("archive")
    assert archived.state["status"] == "archived"
    assert len(archived.state["timeline"]) == len(seen.timeline)
    assert all(notice.handed_over_at for notice in seen.notices)
    tidy(history)


async def test_each_duty_follows_its_records(house):
    handle = await house.start(start_complaint())
    await converse(house, handle)
    await house.env.fast_forward(handle)
    await handle.result()
    order = [(name, given) for name, given in house.done if name in ("record", "record_closure", "archive")]
    names = [name for name, _ in order]
    assert names[-1] == "archive"
    before = names.index("record_closure")
    written = [e.kind for name, g in order[:before] if name == "record" for e in g.entries]
    assert "closure_recorded" in written
    throughs = [given.through for name, given in order if name == "record"]
    assert throughs == sorted(set(throughs))
