"""Closing well on a real stack: answers and reopenings that meet at an archived case, on every channel that stands."""

import asyncio
import time
from collections import Counter

import pytest
import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus

import policies
from complaints.case import CaseState
from complaints.errors import Refused
from complaints.messages import COMPLAINANT_REPLIED, workflow_id
from complaints.messages.signals import ComplainantReplied
from complaints.vocabulary import Status
from database import archive as kept
from database import complaints
from database.pool import transaction
from starter import archive
from starter.client import Tuntas
from tests.fixtures.cases import command

pytestmark = pytest.mark.services

WITHIN = 20.0


@pytest_asyncio.fixture
async def brief(site):
    """Cases that are archived as soon as they are closed."""
    policy = policies.load("id.default")
    rules = policy.aftercare.model_copy(update={"after": ()})
    clocks = {metric: clock for metric, clock in policy.clocks.items() if metric != "follow_up"}
    yield Tuntas(
        site.tuntas.client, site.tuntas.pool, policy.model_copy(update={"aftercare": rules, "clocks": clocks})
    )  # fmt: skip


def key(name):
    return f"{name}-{time.monotonic_ns()}"


async def archived(tuntas):
    """Decided, confirmed and archived."""
    filed = await tuntas.file({
        "channel": "form", "key": key("f"), "text": "Rusak.", "category": "billing",
        "complainant": {"name": "Sari", "email": "sari@example.co.id"},
    })  # fmt: skip
    await tuntas.act(filed.reference, command("decide", key("d"), outcome="upheld", reasons="Benar.", remedies=[]))
    await tuntas.confirm(filed.reference, key="yes", satisfied=True)
    await ended(tuntas, filed.reference)
    return filed.reference


async def ended(tuntas, reference):
    async with asyncio.timeout(WITHIN):
        await tuntas.client.get_workflow_handle(workflow_id(reference)).result()


async def row(tuntas, reference):
    async with transaction(tuntas.pool) as conn:
        return await complaints.get(conn, reference)


async def waits_to_keep(tuntas):
    """Whether a run wants to archive its case and has to wait."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO archived_cases%'
    """
    async with transaction(tuntas.pool) as conn:
        return (await (await conn.execute(waiting)).fetchone())[0] > 0


def counted(seen):
    return Counter(str(entry.kind) for entry in seen.timeline)


def reopening(by):
    return {
        "act": "reopen", "key": key(by), "actor": {"id": by, "role": "agent"}, "reason": "problem_returned",
        "text": f"as {by} was told",
    }  # fmt: skip


async def test_of_two_agents_in_the_same_second_one_reopens_and_the_other_is_told_so(brief):
    reference = await archived(brief)
    said = await asyncio.gather(
        *(brief.act(reference, reopening(by)) for by in ("siti", "ani", "rina")), return_exceptions=True
    )
    done = [one for one in said if not isinstance(one, BaseException)]
    refused = [one for one in said if isinstance(one, Refused)]
    assert (len(done), len(refused)) == (1, 2), said
    assert all("open again already" in one.problem and "note" in one.remedy for one in refused)
    seen = await brief.view(reference)
    assert (seen.status, seen.reopenings, counted(seen)["reopened"]) == (Status.INVESTIGATION, 1, 1)


async def test_a_complainant_who_comes_back_while_an_agent_reopens_is_heard_once(brief):
    reference = await archived(brief)
    await asyncio.gather(
        brief.act(reference, reopening("siti")),
        brief.confirm(reference, key="no", satisfied=False, text="Muncul lagi"),
        brief.reply(reference, key="more", text="Fotonya"),
    )
    seen = await brief.view(reference)
    found = counted(seen)
    assert (seen.status, seen.reopenings, found["reopened"]) == (Status.INVESTIGATION, 1, 1)
    assert (found["satisfaction_confirmed"], found["complainant_replied"]) == (2, 1)
    assert found["disputed"] == 0
    assert [entry.sequence for entry in seen.timeline] == list(range(1, len(seen.timeline) + 1))


async def test_many_messages_at_once_to_an_archived_case_are_all_kept(brief):
    """Each wakes it, is recorded, and lets it be archived again: none starts from what was before another."""
    reference = await archived(brief)
    count = 8
    for _ in range(2):
        await asyncio.gather(*(brief.reply(reference, key=f"m{n}", text=f"Pesan {n}") for n in range(count)))
    await ended(brief, reference)
    seen = await brief.view(reference)
    said = sorted(e.detail["text"] for e in seen.timeline if e.kind == "complainant_replied")
    assert said == [f"Pesan {n}" for n in range(count)]
    assert counted(seen)["reopening_requested"] == 1
    assert seen.status == Status.ARCHIVED


async def test_whoever_wakes_a_case_never_wakes_what_it_was_before(brief):
    """A slow waker has read the case; meanwhile another's message is recorded and that run would be over."""
    reference = await archived(brief)
    async with archive.held(brief.pool, reference) as case:
        async with transaction(brief.pool) as conn:
            before = await kept.get(conn, reference)
        await brief.reply(reference, key="quick", text="Yang cepat")
        handle = brief.client.get_workflow_handle(workflow_id(reference))
        async with asyncio.timeout(WITHIN):
            while not await waits_to_keep(brief):
                assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING, "it ended meanwhile"
                await asyncio.sleep(0.05)
        async with transaction(brief.pool) as conn:
            assert await kept.get(conn, reference) == before, "it is not kept anew while somebody wakes it"
        slow = ComplainantReplied(message_id="slow", text="Yang lambat")
        await archive.wake_with_signal(brief.client, case, COMPLAINANT_REPLIED, slow, within=WITHIN)
    await ended(brief, reference)
    seen = await brief.view(reference)
    assert [e.detail["text"] for e in seen.timeline if e.kind == "complainant_replied"] == ["Yang cepat", "Yang lambat"]
    async with transaction(brief.pool) as conn:
        state = CaseState.model_validate((await kept.get(conn, reference)).state)
    assert {"message:quick", "message:slow"} <= state.seen.keys()


async def test_a_request_stands_in_the_read_model_until_it_is_answered(brief):
    reference = await archived(brief)
    await brief.confirm(reference, key="no", satisfied=False, text="Muncul lagi")
    await ended(brief, reference)
    assert (await row(brief, reference)).reopening_requested_at is not None
    await brief.act(reference, command("decline_reopening", key("decline"), reason="Sudah diganti."))
    await ended(brief, reference)
    after = await row(brief, reference)
    assert (after.reopening_requested_at, after.status) == (None, Status.ARCHIVED)
    with pytest.raises(Refused, match="no reopening is requested"):
        await brief.act(reference, command("decline_reopening", key("decline"), reason="Sekali lagi."))
    seen = await brief.view(reference)
    assert [notice.occasion for notice in seen.notices if notice.occasion == "reopening_declined"]
    assert seen.reopenings == 0
