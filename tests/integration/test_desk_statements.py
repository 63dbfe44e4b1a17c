"""How often a page of the desk asks PostgreSQL: each statement is a turn of the one loop that all pages share."""

import asyncio
import re
from contextlib import contextmanager

import psycopg
import pytest

from database import access, complaints, desk, sessions
from tests.fixtures.temporal import PATIENCE
from tests.fixtures.working_desk import *  # noqa: F403 (fixtures are found by their names)

pytestmark = pytest.mark.services


@contextmanager
def written_down(monkeypatch, pool):
    """Every statement of the application's own connections, `BEGIN` for a transaction: two round trips more."""
    said = []
    execute, many = psycopg.AsyncCursor.execute, psycopg.AsyncCursor.executemany
    begin, name = psycopg.AsyncConnection.transaction, pool.name

    def ours(conn):
        return conn.info.parameter_status("application_name") == name

    async def executed(self, query, *args, **options):
        if query and ours(self.connection):  # an empty one tries a connection that has lain idle
            said.append(query)
        return await execute(self, query, *args, **options)

    async def executed_many(self, query, *args, **options):
        if ours(self.connection):
            said.append(query)
        return await many(self, query, *args, **options)

    def begun(self, *args, **options):
        if ours(self):
            said.append("BEGIN")
        return begin(self, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", executed)
        patch.setattr(psycopg.AsyncCursor, "executemany", executed_many)
        patch.setattr(psycopg.AsyncConnection, "transaction", begun)
        yield said


@pytest.fixture
async def siti(working):
    await working.people()
    browser = await working.signed_in("siti")
    await browser.get("/desk")  # the names of agents are known
    yield browser
    await browser.aclose()


FIND, NOTE = sessions.QUERIES["find"], access.QUERIES["note"]


async def test_pages_ask_for_what_they_show_and_no_more(working, siti, monkeypatch):
    with written_down(monkeypatch, working.pool) as said:
        assert (await siti.get("/desk/queues/team")).status_code == 200
    assert said == [FIND, desk.QUERIES["counts"], desk.QUERIES["queue"], desk.QUERIES["clocks_of"], NOTE]
    with written_down(monkeypatch, working.pool) as said:
        assert (await siti.get("/desk")).status_code == 200
    assert len(said) == 7  # the session, counts, two queues, their clocks, what is owed, the access log
    assert "BEGIN" not in said


async def test_the_page_of_a_case_notes_all_that_it_shows_in_three_statements(working, siti, monkeypatch):
    text = "Tagihan dihitung dua kali untuk nomor pelanggan yang sama."
    references = [await working.file(text=text) for _ in range(4)]
    async with asyncio.timeout(PATIENCE):  # until they are recorded
        while {*references} - {*re.findall(r"TTS-\w+", (await siti.get(f"/desk/cases/{references[0]}")).text)}:
            await asyncio.sleep(0.1)
    with written_down(monkeypatch, working.pool) as said:
        page = await siti.get(f"/desk/cases/{references[0]}")
    assert page.status_code == 200
    assert all(reference in page.text for reference in references)  # the others may be the same matter
    assert "BEGIN" not in said
    assert said.count(NOTE) <= 3  # the case, what may be the same, what is like it
    assert said.count(complaints.QUERIES["get_each"]) == 1
    assert len(said) <= 20
    async with working.pool.connection() as conn:
        seen = {one.reference for one in await access.fetch(conn, actor_id="siti") if one.what == "duplicates"}
    assert seen == set(references[1:])


async def test_names_that_have_grown_old_are_asked_for_by_one_page(working, siti, monkeypatch):
    working.app.state.desk.named_at = float("-inf")
    with written_down(monkeypatch, working.pool) as said:
        pages = await asyncio.gather(*(siti.get("/desk/queues/team") for _ in range(6)))
    assert {page.status_code for page in pages} == {200}
    assert said.count(desk.QUERIES["agents"]) == 1
