"""No page of the desk reads a large table from end to end, whatever it is narrowed to: by plans, then by counts."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from itertools import product

import psycopg
import pytest
import pytest_asyncio

from bench.desk import plans
from bench.desk.filling import fill
from complaints.vocabulary import Role
from database import clocks, complaints, desk, notices, sql, timeline
from database.migrate import migrate
from database.pool import open_pool, transaction
from tests.fixtures.desk import desk_on
from tests.fixtures.postgres import _run, _url_of
from web.auth.user import User
from web.desk.queues import Asked, Queue, narrowing

pytestmark = pytest.mark.services
ROWS = 20_000
NOW = datetime.now(UTC)
TEAMS = ("frontline", "specialist", "supervisor", "management")
SITI = User(id="bench-1", name="Siti", role=Role.AGENT, team="frontline", teams=frozenset({"frontline"}))
LEAD = User(id="bench-2", name="Rina", role=Role.LEAD, team="frontline", teams=frozenset(TEAMS))
WORDS = (None, "tagihan", "nomor 17000")
NARROWED: tuple[dict[str, str], ...] = (
    {},
    {"severity": "major", "category": "billing", "channel": "phone"},
    {"owner": "agent:bench-3"},
)
LARGE = "|".join(plans.TABLES)


@pytest_asyncio.fixture(scope="module")
async def crowded(postgres_url):
    """A database with some ten thousand cases, as it is after some years."""
    await _run(postgres_url, "CREATE DATABASE crowded")
    url = _url_of(postgres_url, "crowded")
    await asyncio.to_thread(migrate, url)
    await asyncio.to_thread(fill, url, ROWS, 10)
    yield url
    await _run(postgres_url, "DROP DATABASE crowded WITH (FORCE)")


def names_of(queue, words):
    if queue not in (Queue.ENDED, Queue.REQUESTS):
        return ("queue",)
    return ("ended",) if words is None else ("ended", "ended_with_words")


def asked():
    """Every statement that a page reads large tables with, and the values of one reader."""
    for user, queue, words, more in product((SITI, LEAD), Queue, WORDS, NARROWED):
        narrowed = narrowing(queue, Asked(q=words, **more), user, tuple(sorted(user.teams)), NOW)
        for after, at in ((None, None), ("TTS-7D3K9QX2M4R8V", NOW)):
            params = narrowed.params() | {
                "after": after,
                "after_at": at,
                "limit": 41,
                "within": 41 if words is None else desk.LATELY,
            }
            for name in names_of(queue, words):
                yield f"{name} {queue} of {user.id} {words} {more} {after}", desk.QUERIES[name], params
    for user, teams in ((SITI, ["frontline"]), (LEAD, [*TEAMS]), (LEAD, None)):
        counted = {"me": user.owner, "teams": teams, "now": NOW, "soon": NOW + timedelta(days=1), "most": desk.MOST}
        yield f"counts of {teams}", desk.QUERIES["counts"], counted
        yield f"load of {teams}", desk.QUERIES["load_of_teams"], {"teams": teams}
        since = {"teams": teams, "since": NOW - timedelta(days=30), "limit": 100}
        yield f"breaches of {teams}", desk.QUERIES["breaches"], since
        yield f"handlers of {teams}", desk.QUERIES["agents"], {"teams": teams, "at": NOW, "limit": 500}
    owners = [f"agent:bench-{number}" for number in range(10)]
    yield "load of handlers", desk.QUERIES["load_of_owners"], {"owners": owners}
    reference = "TTS-7D3K9QX2M4R8V"
    yield "next promises", desk.QUERIES["clocks_of"], {"references": [reference] * 40}
    one = {"reference": reference, "after": 0, "limit": 1000}
    for name, query in {
        "record": complaints.QUERIES["get"], "timeline": timeline.QUERIES["fetch"], "clocks": clocks.QUERIES["fetch"],
        "letters": notices.QUERIES["fetch"],
    }.items():  # fmt: skip
        yield name, query, one


def sequential(conn, query, params):
    plan = "\n".join(row[0] for row in conn.execute(f"EXPLAIN {query}".encode(), params).fetchall())
    return plan if re.search(rf"Seq Scan on ({LARGE})\b", plan) else None


def test_no_plan_reads_a_large_table_from_end_to_end(crowded):
    with psycopg.connect(crowded, autocommit=True, prepare_threshold=None) as conn:
        found = {name: sequential(conn, query, params) for name, query, params in asked()}
        assert len(found) > 200
        assert {name: plan for name, plan in found.items() if plan} == {}
        # What would be found if there were something to find.
        assert sequential(conn, "SELECT FROM complaints WHERE problem LIKE '%%x%%' AND %(n)s = 1", {"n": 1})


def looked_at(conn, query, params):
    """How many rows a statement fetched from complaints, only to leave them out."""
    plan = "\n".join(row[0] for row in conn.execute(f"EXPLAIN ANALYZE {query}".encode(), params).fetchall())
    return sum(int(number) for number in re.findall(r"Rows Removed by Filter: (\d+)", plan)), plan


def test_what_has_ended_is_narrowed_by_several_things_without_a_look_at_the_rows_between(crowded):
    several = {"severity": "major", "category": "billing", "channel": "phone"}
    with psycopg.connect(crowded, autocommit=True, prepare_threshold=None) as conn:
        for words in (None, "tagihan"):
            narrowed = narrowing(Queue.ENDED, Asked(q=words, **several), LEAD, TEAMS, NOW)
            params = narrowed.params() | {
                "after": None,
                "after_at": None,
                "limit": 41,
                "within": 41 if words is None else desk.LATELY,
            }
            rows, plan = looked_at(conn, desk.QUERIES[names_of(Queue.ENDED, words)[0]], params)
            assert rows < ROWS // 50, plan


async def test_a_rare_word_among_all_that_has_ended_is_found_by_the_index_of_words(crowded):
    with psycopg.connect(crowded) as conn:
        one = conn.execute("SELECT reference FROM complaints WHERE NOT is_open ORDER BY closed_at LIMIT 1").fetchone()
        conn.execute("UPDATE complaints SET problem = 'sekali saja: zamrud' WHERE reference = %s", one)
    async with open_pool(crowded) as pool, transaction(pool) as conn:
        found = await desk.ended(conn, desk.Narrowing(words="zamrud"))
        assert [row.reference for row in found.rows] == [one[0]]
        plan = await conn.execute("EXPLAIN ANALYZE SELECT * FROM ended_with('zamrud')")
        assert "rows=1" in str(await plan.fetchall())
        assert (await desk.ended(conn, desk.Narrowing(words="zamrud", owner="agent:nobody"))).rows == ()
        many = await desk.ended(conn, desk.Narrowing(words="tagihan"))
        assert len(many.rows) == desk.PAGE
        further = await desk.ended(conn, desk.Narrowing(words="tagihan"), after=many.next)
        assert further.rows[0].closed_at <= many.rows[-1].closed_at
        assert not {row.reference for row in further.rows} & {row.reference for row in many.rows}


async def test_no_page_reads_a_large_table_from_end_to_end(crowded):
    """The same of whatever a page asks, as PostgreSQL counts it. Temporal is away: cases come from the records."""
    with psycopg.connect(crowded, autocommit=True) as conn:
        row = conn.execute("SELECT reference FROM complaints WHERE is_open AND team = 'frontline' LIMIT 1").fetchone()
    before = plans.scans(crowded)
    async with await desk_on(crowded) as opened:
        await opened.account("lead", Role.LEAD, teams=TEAMS)
        lead = await opened.signed_in("lead")
        paths = [
            "/desk", "/desk/team", f"/desk/cases/{row[0]}", f"/desk/cases/{row[0]}/why",
            *(f"/desk/queues/{queue}{more}" for queue, more in product(Queue, ("", "?q=tagihan", "?q=17000"))),
        ]  # fmt: skip
        for path in paths:
            assert (await lead.get(path)).status_code == 200, path
        similar = await lead.submit("/desk/new/similar", text="Tagihan saya dihitung dua kali", name="Ratna Wijaya")
        assert similar.status_code == 200
        await lead.aclose()
    assert plans.scans(crowded) == before


@pytest.mark.parametrize("text", sorted(set(sql.load("desk")) - {"save_draft", "drop_draft", "drop_old_drafts"}))
def test_every_query_of_the_desk_is_asked_here(text):
    """A new one belongs into `asked`, unless it reads small tables only."""
    small = {"owed", "drafts"}
    known = {query for _, query, _ in asked()}
    assert text in small or desk.QUERIES[text] in known
