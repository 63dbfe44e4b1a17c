"""The desk's queries: pages follow each other, and what moves is told."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from complaints.vocabulary import Role
from database import complaints, desk
from database.desk import Narrowing
from database.pool import transaction
from tests.fixtures.records import REFERENCE, a_batch
from web.auth.user import User
from web.desk.live import Hub
from web.desk.streams import told

pytestmark = pytest.mark.services
NOW = datetime.now(UTC)
SITI = User(id="siti", name="Siti", role=Role.AGENT, team="frontline", teams=frozenset({"frontline"}))


async def test_pages_of_a_queue_follow_each_other_without_gap_or_repetition(pool):
    async with transaction(pool) as conn:
        for number in range(7):
            due = NOW + timedelta(minutes=number // 2)
            await complaints.upsert(conn, a_batch(reference=f"TTS-{number}", standing={"next_due_at": due}))
        seen, after = [], None
        while True:
            page = await desk.queue(conn, Narrowing(), after=after, limit=2)
            seen += [row.reference for row in page.rows]
            if (after := page.next) is None:
                break
    assert seen == [f"TTS-{number}" for number in range(7)]


async def test_what_moves_is_told_to_those_who_may_see_it(pool):
    hub = Hub()
    nobody = SITI.model_copy(update={"id": "far", "teams": frozenset()})
    mine, other = told(hub, pool.conninfo, SITI), told(hub, pool.conninfo, nobody)
    for stream in (mine, other):
        assert (await anext(stream)).startswith("retry")
    assert "resync" in await asyncio.wait_for(anext(mine), 10)  # now PostgreSQL is listened to
    later = told(hub, pool.conninfo, SITI)  # who comes to a process that listens already is told so too
    assert [(await asyncio.wait_for(anext(later), 10)).split("\n")[0] for _ in range(2)] == [
        "retry: 3000",
        "event: resync",
    ]
    async with transaction(pool) as conn:
        await complaints.upsert(conn, a_batch())
    heard = await asyncio.wait_for(anext(mine), 10)
    assert REFERENCE in heard
    hub.close()
    rest = [part async for part in other]
    assert not any(REFERENCE in part for part in rest)
    for stream in (mine, later):
        await stream.aclose()


async def test_who_does_not_keep_up_hears_that_something_was_missed():
    hub = Hub()
    async with hub.hearing("host=127.0.0.1 port=9 connect_timeout=1") as ears:
        for _ in range(100):
            hub.tell(None)
        assert ears.qsize() < 66
