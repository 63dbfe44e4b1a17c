import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.common import RawValue

from complaints.messages import ACT, EXPLAIN, VIEW
from complaints.messages.view import CaseView, Explanation
from tests.fixtures.cases import MONDAY, command, message, start_complaint
from tests.fixtures.temporal import act, check_replay, counted, details, kinds, view

BROKEN = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{not json \xff"))
FOREIGN = RawValue(Payload(metadata={"encoding": b"binary/unheard-of"}, data=b"\x00\x01"))


async def entries(handle, kind):
    return [entry for entry in (await view(handle)).timeline if entry.kind == kind]


async def rejected(handle, command_):
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await handle.execute_update(ACT, command_)
    return caught.value.cause


async def test_a_refused_update_leaves_no_event_and_says_why(house):
    handle = await house.start(start_complaint())
    before = (await handle.describe()).history_length
    cause = await rejected(handle, command("approve"))
    assert cause.type == "refused"
    (told,) = cause.details
    assert set(told) == {"field", "problem", "remedy"}
    assert told["field"] == "act"
    bad = await rejected(handle, command("respond", text=""))
    assert (bad.type, bad.details[0]["field"]) == ("bad_input", "text")
    assert (await rejected(handle, {"act": "dance", "key": "k"})).details[0]["field"] == "act"
    assert (await rejected(handle, BROKEN)).type == "bad_input"
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update("unheard_of", {})
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(ACT)
    assert (await handle.describe()).history_length == before
    await check_replay(handle)


async def test_the_same_key_is_done_once(house):
    handle = await house.start(start_complaint())
    first = await act(handle, "respond", "k1", text="Kami periksa.")
    again = await act(handle, "respond", "k1", text="Kami periksa.")
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.sequence, again.status) == (first.sequence, first.status)
    await handle.signal("agent_acted", command("respond", "k1", text="Kami periksa."))
    same = message("m1", text="Halo")
    await handle.signal("complainant_replied", same)
    await handle.signal("complainant_replied", same)
    await handle.signal("complainant_replied", message("k1", text="Kunci yang sama"))  # an agent's key is not ours
    await house.quiet(handle)
    assert len(await entries(handle, "responded")) == 1
    assert [entry.detail["text"] for entry in await entries(handle, "complainant_replied")] == [
        "Halo",
        "Kunci yang sama",
    ]
    await check_replay(handle)


async def test_a_refused_signal_is_an_entry_and_refused_again_under_its_key(house):
    handle = await house.start(start_complaint())
    await handle.signal("agent_acted", command("approve", "k1"))
    await house.quiet(handle)
    (entry,) = await entries(handle, "refused")
    assert entry.detail["act"] == "approve"
    assert (await rejected(handle, command("approve", "k1"))).type == "refused"
    assert len(await entries(handle, "refused")) == 1
    await check_replay(handle)


async def test_a_transfer_past_the_limit_is_refused_and_raises_the_case(house):
    handle = await house.start(start_complaint())
    for agent in ("ani", "budi"):
        await act(handle, "transfer", to=f"agent:{agent}", note="Bukan bagian saya.")
    cause = await rejected(handle, command("transfer", "third", to="agent:citra", note="Bukan juga."))
    assert cause.type == "refused"
    await house.quiet(handle)
    seen = await view(handle)
    assert (seen.tier, seen.transfers) == ("specialist", 2)
    assert (
        await rejected(handle, command("transfer", "third", to="agent:citra", note="Bukan juga."))
    ).type == "refused"
    assert kinds(await view(handle)).count("escalated") == 1
    await check_replay(handle)


UNREADABLE = {
    "no argument": ("complainant_replied", []),
    "two arguments": ("complainant_replied", [message(text="a"), message(text="b")]),
    "bytes": ("complainant_replied", [BROKEN]),
    "foreign encoding": ("complainant_replied", [FOREIGN]),
    "not an object": ("complainant_replied", [["text"]]),
    "null": ("complainant_replied", [None]),
    "nested beyond reason": (
        "fact_reported",
        [
            RawValue(
                Payload(
                    metadata={"encoding": b"json/plain"},
                    data=b'{"message_id":"m","fact":"f","details":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}",
                )
            )
        ],
    ),
    "empty text": ("complainant_replied", [message(text="  ")]),
    "no id": ("complainant_replied", [{"text": "Halo"}]),
    "an id that is none": ("complainant_replied", [{"message_id": "tidak sah \n", "text": "Halo"}]),
    "rating of seven": ("satisfaction_confirmed", [message(satisfied=True, rating=7)]),
    "unknown command": ("agent_acted", [command("dance")]),
    "unknown name": ("complainant_sang", [message(text="la")]),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_cannot_be_read_is_kept_and_told(house, name):
    signal, arguments = UNREADABLE[name]
    handle = await house.start(start_complaint())
    await handle.signal(signal, args=arguments)
    await house.quiet(handle)
    (entry,) = await entries(handle, "unreadable_message")
    assert entry.detail["name"] == signal
    assert "agent_unreadable_message" in house.told_agents
    history = await check_replay(handle)
    assert not counted(history)["WORKFLOW_TASK_FAILED"]


async def test_a_corrected_message_comes_through_under_the_same_id(house):
    handle = await house.start(start_complaint())
    await handle.signal("complainant_replied", {"message_id": "m1"})
    await handle.signal("complainant_replied", {"message_id": "m1"})
    await handle.signal("complainant_replied", {"message_id": "m1", "text": "Halo", "from_a_newer_version": 1})
    await house.quiet(handle)
    assert kinds(await view(handle)).count("unreadable_message") == 1
    assert len(await entries(handle, "complainant_replied")) == 1


async def test_queries_answer_for_the_askers_now_and_read_tolerantly(house):
    start = start_complaint()
    handle = await house.start(start)
    later = MONDAY.replace(hour=4).isoformat()
    seen = await handle.query(VIEW, {"at": later, "new": 1}, result_type=CaseView)
    (first,) = [clock for clock in seen.clocks if clock.metric == "first_response"]
    assert first.elapsed_seconds == 7200
    assert (await handle.query(VIEW, result_type=CaseView)).reference == start.reference
    explained = await handle.query(EXPLAIN, {"metric": "resolution"}, result_type=list[Explanation])
    assert [one.metric for one in explained] == ["resolution"]
    with pytest.raises(WorkflowQueryFailedError, match="at:"):
        await handle.query(VIEW, {"at": "kemarin"})


async def test_operators_see_the_case_without_anybodys_words(house):
    start = start_complaint(text="RAHASIA", category="billing")
    handle = await house.start(start)
    await handle.signal("complainant_replied", message(text="RAHASIA juga"))
    await house.quiet(handle)
    found = {pair.key.name: pair.value for pair in (await handle.describe()).typed_search_attributes}
    assert found["ComplaintStatus"] == "investigation"
    assert (found["ComplaintCategory"], found["ComplaintChannel"], found["ComplaintSeverity"]) == (
        "billing", "email", "moderate",
    )  # fmt: skip
    assert found["ComplaintPolicy"].startswith("id.default@")
    assert (found["ComplaintOwner"], found["ComplaintTier"]) == ("team:frontline", 1)
    assert found["ComplaintNextDue"] == (await view(handle)).next_due_at
    card = await details(handle)
    assert "**investigation**, tier frontline, owner team:frontline" in card
    assert "| next_response 1 | running |" in card
    assert "complainant_replied" in card
    assert "RAHASIA" not in card
    assert "sari" not in card.lower()
