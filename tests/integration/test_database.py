import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from complaints.assignment import Agent
from complaints.errors import BadInput, Refused
from complaints.messages.duties import ArchiveDuty
from complaints.messages.intake import Complainant
from complaints.timeline import detail_digest
from complaints.vocabulary import Channel, Kind, Metric, Role, Severity, Status
from database import access, actions, agents, archive, clocks, closures, complaints, intakes, sql, timeline
from database.complaints import Filters, Sort
from database.migrate import DIRECTORY, migrate, pending
from database.pool import Pool, transaction
from database.report import report
from tests.fixtures.records import (
    NOW,
    REFERENCE,
    a_batch,
    a_clock,
    a_closure,
    a_standing,
    an_action,
    an_intake,
    entries,
)

pytestmark = pytest.mark.services

DUMMIES: dict[str, Any] = {
    "text": "x", "integer": 1, "bigint": 1, "boolean": True, "timestamptz": NOW, "text[]": ["x"], "integer[]": [1],
    "bigint[]": [1], "json": sql.exact_json({}), "jsonb": sql.jsonb({}), "bytea": b"x", "real": 0.5,
    "real[]": [0.5],
    "float8": 0.5, "date": NOW.date(),
}  # fmt: skip
PARAMETER = re.compile(r"%\((\w+)\)s(?:::(\w+(?:\[\])?))?")


def all_queries() -> Iterator[tuple[str, str, str]]:
    for file in sorted(sql.DIRECTORY.glob("*.sql")):
        for name, text in sql.load(file.stem).items():
            yield file.stem, name, text


def dummies(query: str) -> dict[str, Any]:
    return {name: DUMMIES[kind] for name, kind in PARAMETER.findall(query)}


async def plan(pool: Pool, query: str, params: dict[str, Any]) -> dict[str, Any]:
    async with transaction(pool) as conn:
        cursor = await conn.execute(f"EXPLAIN (FORMAT JSON) {query}".encode(), params, prepare=False)
        row = await cursor.fetchone()
        assert row is not None
        return dict(row[0][0]["Plan"])


def scans(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "Relation Name" in node:
        yield node["Node Type"], node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from scans(child)


# migrations


async def test_migrations_are_applied_once_also_by_two_at_a_time(postgres_url, database_url):
    empty = database_url.replace("/test_", "/empty_")
    name = re.search(r"/(empty_\d+)\?", empty)[1]
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as conn:
        await conn.execute(f"CREATE DATABASE {name}".encode())
    names = sorted(file.stem for file in DIRECTORY.glob("*.sql"))
    assert await asyncio.to_thread(pending, empty) == names
    applied = await asyncio.gather(*[asyncio.to_thread(migrate, empty) for _ in range(3)])
    assert sorted(applied, key=len) == [[], [], names]
    assert await asyncio.to_thread(pending, empty) == []


def test_a_url_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="postgresql://"):
        migrate("mysql://x")


# every query


@pytest.mark.parametrize(("subject", "name", "query"), [pytest.param(*q, id=f"{q[0]}.{q[1]}") for q in all_queries()])
async def test_every_query_fits_the_schema_and_types_its_parameters(pool, subject, name, query):
    assert all(kind for _, kind in PARAMETER.findall(query)), f"{subject}.{name}: a parameter without a type"
    assert await plan(pool, query, dummies(query))


@pytest.fixture
async def crowded(pool):
    async with transaction(pool) as conn:
        await conn.execute("""
            INSERT INTO complaints (reference, through, status, channel, category, severity, language, owner, team,
                tier, tier_level, received_at, next_due_at, breached, pack, policy_version)
            SELECT 'R' || lpad(n::text, 6, '0'), 1,
                (ARRAY['archived','archived','closed','investigation','resolved'])[1 + n % 5],
                (ARRAY['email','phone','form'])[1 + n % 3], 'category ' || n % 7,
                (ARRAY['minor','moderate','moderate','major','critical'])[1 + n % 5], 'id', 'agent:' || n % 50,
                'team ' || n % 9, 'tier ' || n % 4, n % 4, timestamptz '2026-01-01' + n * interval '5 minutes',
                CASE WHEN n % 5 > 1 THEN timestamptz '2026-01-01' + (n * 7919 % 20000) * interval '7 minutes' END,
                CASE WHEN n % 97 = 0 THEN ARRAY['resolution'] ELSE '{}' END, 'id.default', '1'
            FROM generate_series(1, 20000) AS n
        """)
        await conn.execute("ANALYZE complaints")
    return pool


FILTERS = {
    "none": Filters(),
    "status": Filters(statuses=(Status.RESOLVED,)),
    "owner": Filters(owner="agent:7"),
    "team": Filters(team="team 3"),
    "tier": Filters(tier="tier 2"),
    "category": Filters(category="category 3"),
    "severity": Filters(severities=(Severity.CRITICAL, Severity.MAJOR)),
    "channel": Filters(channels=(Channel.PHONE,)),
    "breached": Filters(breached=Metric.RESOLUTION),
    "open": Filters(open=True),
    "received": Filters(
        received_from=datetime(2026, 1, 2, tzinfo=UTC), received_before=datetime(2026, 1, 3, tzinfo=UTC)
    ),
    "due": Filters(due_before=datetime(2026, 1, 2, tzinfo=UTC), open=True),
}


async def test_every_listing_goes_by_an_index(crowded):
    cursors = ({"after": None, "after_due": None, "after_received": None, "after_rank": None}, {
        "after": "R000500", "after_due": datetime(2026, 2, 1, tzinfo=UTC), "after_rank": 1,
        "after_received": datetime(2026, 2, 1, tzinfo=UTC),
    })  # fmt: skip
    for name, filters in FILTERS.items():
        for sort in Sort:
            for cursor in cursors:
                params = filters.params() | cursor | {"limit": 51}
                found = list(scans(await plan(crowded, complaints.QUERIES[f"list_{sort}"], params)))
                # A scan of the table itself also shows that the function with the filters was inlined.
                assert [node for node, table in found if table == "complaints" and node != "Seq Scan"], (
                    name,
                    sort,
                    found,
                )
                assert ("Seq Scan", "complaints") not in found, (name, sort, cursor["after"])


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_add_up_to_the_whole_listing(crowded, sort):
    filters = Filters(tier="tier 2", owner="agent:6")
    async with transaction(crowded) as conn:
        whole = await complaints.fetch_page(conn, filters, sort=sort, limit=1000)
        assert whole.next is None
        assert len(whole.items) == await complaints.count(conn, filters) == 200
        paged, after = [], None
        while True:
            page = await complaints.fetch_page(conn, filters, sort=sort, limit=30, after=after)
            paged += page.items
            if (after := page.next) is None:
                break
    assert tuple(paged) == whole.items
    keys = {
        Sort.DUE: lambda r: (r.next_due_at is None, r.next_due_at or NOW, r.reference),
        Sort.OLDEST: lambda r: (r.received_at, r.reference),
        Sort.NEWEST: lambda r: (-r.received_at.timestamp(), r.reference),
        Sort.SEVERITY: lambda r: (-list(Severity).index(r.severity), r.next_due_at is None, r.next_due_at or NOW),
    }
    assert paged == sorted(paged, key=keys[sort])


async def test_a_foreign_cursor_or_limit_is_bad_input(pool):
    async with transaction(pool) as conn:
        for bad in ({"after": "nonsense"}, {"limit": 0}, {"after": "eyJzb3J0IjogIm5ld2VzdCJ9"}):
            with pytest.raises(BadInput):
                await complaints.fetch_page(conn, Filters(), **bad)


# the read model


async def test_a_lower_sequence_never_overwrites_a_higher(pool):
    async with transaction(pool) as conn:
        assert await complaints.upsert(conn, a_batch(5, standing={"status": "resolved"}))
        assert not await complaints.upsert(conn, a_batch(4, standing={"status": "investigation"}, intake=an_intake()))
        await clocks.upsert(conn, REFERENCE, 5, (a_clock(state="met"),))
        await clocks.upsert(conn, REFERENCE, 4, (a_clock(),))
        await actions.upsert(conn, REFERENCE, 5, (an_action(completed_at=NOW),))
        await actions.upsert(conn, REFERENCE, 4, (an_action(),))
        stored = await complaints.get(conn, REFERENCE)
        assert stored is not None
        assert (stored.status, stored.through, stored.problem) == ("resolved", 5, "Barang rusak.")
        assert [c.state for c in await clocks.fetch(conn, REFERENCE)] == ["met"]
        assert [a.completed_at for a in await actions.fetch(conn, REFERENCE)] == [NOW]
        assert await complaints.upsert(
            conn, a_batch(5, standing={"owner": "agent:budi"})
        )  # equal: what changed silently


async def test_an_amended_contact_replaces_the_intakes_and_a_late_intake_does_not_undo_it(pool):
    async with transaction(pool) as conn:
        await complaints.upsert(conn, a_batch(1, intake=an_intake(details={"order": "7", "nul": "a\x00b"})))
        amended = Complainant.model_validate({"email": "new@example.co.id"})
        await complaints.upsert(conn, a_batch(3, complainant=amended))
        await complaints.upsert(conn, a_batch(1, intake=an_intake(text="Lain.")))
        stored = await complaints.get(conn, REFERENCE)
    assert stored is not None
    assert (stored.contact_email, stored.contact_name, stored.problem) == ("new@example.co.id", None, "Barang rusak.")
    assert stored.details == {"order": "7", "nul": "ab"}
    assert "Barang" not in repr(stored)


async def test_history_is_added_once_without_a_workflow(pool):
    old = a_standing(status="archived", closed_at=NOW, archived_at=NOW, next_due_at=None, owner="team:frontline")
    async with transaction(pool) as conn:
        assert await complaints.add_history(conn, old, an_intake())
        assert not await complaints.add_history(conn, old, an_intake())
        stored = await complaints.get(conn, REFERENCE)
        assert stored is not None
        assert stored.imported
        assert stored.contact_phone == "+6281234567890"


async def test_the_timeline_comes_back_so_that_its_digests_can_be_recomputed(pool):
    odd = {"n": 1e22, "f": 1.0, "nul": "\x00", "deep": {"b": [True, None, "é😀"], "a": 0.1}}
    chain = entries(Kind.RECEIVED, Kind.FACT_REPORTED, Kind.NOTED, details={Kind.FACT_REPORTED: odd})
    async with transaction(pool) as conn:
        await timeline.append(conn, REFERENCE, chain[:2])
        await timeline.append(conn, REFERENCE, chain)
        stored = await timeline.fetch(conn, REFERENCE)
        assert stored == chain
        assert await timeline.fetch(conn, REFERENCE, after=1, limit=1) == chain[1:2]
    assert detail_digest(stored[1].salt, stored[1].detail, stored[1].words) == stored[1].digest


async def test_another_entry_in_the_place_of_one_is_refused(pool):
    async with transaction(pool) as conn:
        await timeline.append(conn, REFERENCE, entries(Kind.RECEIVED, Kind.NOTED))
        with pytest.raises(Refused, match="another hash"):
            await timeline.append(conn, REFERENCE, entries(Kind.RECEIVED, Kind.DECIDED))
        assert [entry.kind for entry in await timeline.fetch(conn, REFERENCE)] == ["received", "noted"]


async def test_root_causes_evaluations_and_answers_derive_from_entries(pool):
    details = {
        Kind.ROOT_CAUSE_RECORDED: {
            "method": "five_whys", "category": "process", "cause": "c", "whys": [{"why": "w", "answer": "a"}],
        },
        Kind.EVALUATION_RECORDED: {"speed": 4, "solution": "unreadable"},
        Kind.SATISFACTION_CONFIRMED: {"rating": 5, "decision": 2, "key": "m-1"},
        Kind.DISPUTED: {"decision": 1, "applied": False},
    }  # fmt: skip
    chain = entries(
        Kind.RECEIVED, Kind.DISPUTED, *[kind for kind in details if kind is not Kind.DISPUTED], details=details
    )
    async with transaction(pool) as conn:
        await timeline.append(conn, REFERENCE, chain)
        await timeline.append(conn, REFERENCE, chain)
        (cause,) = await timeline.root_causes(conn, REFERENCE)
        (evaluation,) = await timeline.evaluations(conn, REFERENCE)
        answers = await timeline.answers(conn, REFERENCE)
    assert (cause.category, cause.whys, cause.actor_id) == ("process", ({"why": "w", "answer": "a"},), "budi")
    assert (evaluation.speed, evaluation.sequence) == (None, 4)  # what cannot be read stands in the entry only
    assert [(a.satisfied, a.applied, a.rating) for a in answers] == [(False, False, None), (True, True, 5)]


async def test_a_closure_record_is_immutable_and_a_reopening_adds_one(pool):
    async with transaction(pool) as conn:
        assert await closures.add(conn, a_closure())
        assert not await closures.add(conn, a_closure(reason="withdrawn"))
        assert await closures.add(conn, a_closure(number=2, reason="unconfirmed"))
        stored = await closures.fetch(conn, REFERENCE)
        assert [record.reason for record in stored] == ["confirmed", "unconfirmed"]
        assert stored[0].steps[0]["note"] == "nul  in it"
    for change in ("UPDATE closure_records SET reason = 'x'", "DELETE FROM closure_records"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="immutable"):
            async with transaction(pool) as conn:
                await conn.execute(change.encode())


async def test_an_archived_case_comes_back_exactly(pool):
    state = {"words": "\x00 é", "n": 1e22, "nested": [{"z": 1, "a": None}]}
    duty = ArchiveDuty(key="k", reference=REFERENCE, at=NOW, state=state)
    async with transaction(pool) as conn:
        assert await archive.keep(conn, duty)
        assert not await archive.keep(conn, duty.model_copy(update={"at": NOW - timedelta(1), "state": {}}))
        kept = await archive.get(conn, REFERENCE)
        assert kept is not None
        assert json.dumps(kept.state, sort_keys=True) == json.dumps(state, sort_keys=True)
        later = duty.model_copy(update={"at": NOW + timedelta(30), "state": {"second": 1}})
        assert await archive.keep(conn, later)
        assert await archive.get(conn, "TTS-other") is None


# intakes, agents, access


async def test_a_key_keeps_its_reference_and_a_reference_its_key(pool):
    first = intakes.Claim(channel=Channel.EMAIL, key="a", reference="TTS-1", digest="d", created_at=NOW)
    async with transaction(pool) as conn:
        assert await intakes.claim(conn, first) == first
        assert await intakes.claim(conn, first.model_copy(update={"reference": "TTS-2", "digest": "e"})) == first
        clash = first.model_copy(update={"key": "b"})
        assert await intakes.claim(conn, clash) is None
        salted = clash.model_copy(update={"reference": "TTS-3", "salt": 1})
        assert await intakes.claim(conn, salted) == salted
        assert await intakes.by_reference(conn, "TTS-3") == salted


async def test_an_import_remembers_its_lines(pool):
    async with transaction(pool) as conn:
        for line in (2, 5, 2):
            await intakes.mark_imported(conn, "digest", line, f"TTS-{line}", NOW)
        assert await intakes.imported_lines(conn, "digest") == {2, 5}
        assert await intakes.imported_lines(conn, "other") == set()


async def test_agents_go_away_and_come_back(pool):
    ani = Agent(id="ani", tier="frontline", team="frontline", skills=("billing",))
    async with transaction(pool) as conn:
        await agents.save(conn, ani)
        assert await agents.fetch(conn, NOW) == (ani,)
        assert await agents.away(conn, "ani", until=NOW, substitute="budi")
        await agents.save(conn, ani.model_copy(update={"substitute": "budi", "email": "ani@example.co.id"}))
        assert not (await agents.fetch(conn, NOW - timedelta(seconds=1), agent_id="ani"))[0].present
        assert (await agents.fetch(conn, NOW, agent_id="ani"))[0].present
        assert await agents.back(conn, "ani")
        assert not await agents.away(conn, "nobody")


async def test_the_access_log_is_read_by_case_and_by_actor(pool):
    async with transaction(pool) as conn:
        for what, who in (("view", "ani"), ("decide", "budi")):
            await access.note(
                conn, access.Access(at=NOW, actor_id=who, actor_role=Role.AGENT, what=what, reference=REFERENCE)
            )
        assert [a.what for a in await access.fetch(conn, reference=REFERENCE)] == ["decide", "view"]
        assert [a.what for a in await access.fetch(conn, actor_id="ani")] == ["view"]


# the report


async def test_the_report_counts_promises_kept_and_missed(pool):
    hour = timedelta(hours=1)
    met = {"state": "met", "ended_at": NOW + 2 * hour, "met_by": "person", "elapsed_seconds": 3600}
    late = {
        "state": "met",
        "ended_at": NOW + 6 * hour,
        "met_by": "person",
        "breached_at": NOW + 4 * hour,
        "elapsed_seconds": 9000,
    }
    async with transaction(pool) as conn:
        closed = {"status": "closed", "closed_at": NOW, "decided_at": NOW, "outcome": "upheld", "next_due_at": None}
        await complaints.upsert(conn, a_batch(1, reference="A", standing=closed | {"satisfied": True, "disputes": 1}))
        await complaints.upsert(conn, a_batch(1, reference="B", standing=closed | {"channel": "phone"}))
        await complaints.upsert(conn, a_batch(1, reference="C", standing={"category": None, "transfers": 1}))
        await complaints.upsert(conn, a_batch(1, reference="D", standing={"received_at": NOW - timedelta(40)}))
        await actions.upsert(conn, "B", 1, (an_action(), an_action(number=2, kind="corrective")))
        await actions.upsert(conn, "A", 1, (an_action(completed_at=NOW), an_action(number=2, kind="task")))
        update = {"metric": "progress_update", "on_due": "send"}
        await clocks.upsert(conn, "A", 1, (
            a_clock(**met), a_clock(**update, **met | {"met_by": "automatic"}), a_clock(**update, occurrence=2, **met),
            a_clock(metric="confirmation", on_due="lapse", state="lapsed"),
            a_clock(metric="closure", state="cancelled"),
        ))  # fmt: skip
        await clocks.upsert(conn, "B", 1, (a_clock(**late),))
        await clocks.upsert(conn, "C", 1, (a_clock(), a_clock(metric="resolution", state="paused", due_at=None)))
        await timeline.append(conn, "C", entries(Kind.RECEIVED, Kind.ESCALATED, Kind.ESCALATED, reference="C"))
        found = await report(conn, NOW + 5 * hour, received_from=NOW - timedelta(1))
        early = await report(conn, NOW + hour, received_before=NOW - timedelta(100))
    total = found.totals
    assert (total.received, total.open, total.closed) == (3, 1, 2)
    assert (total.satisfied_share, total.response_rate, total.carried_out_share) == (0.5, 0.5, 0.5)
    assert (total.reopened, total.disputed, total.escalated, total.transferred) == (0, 1, 1, 1)
    assert (found.first_response.mean_hours, found.first_response.median_hours) == (4.0, 4.0)
    assert [(d.metric, d.median_seconds, d.p90_seconds) for d in found.durations] == [
        ("first_response", 6300.0, 8460.0)
    ]
    shares = {c.metric: c for c in found.clocks}
    assert set(shares) == {"first_response", "progress_update", "resolution"}
    assert (shares[Metric.FIRST_RESPONSE].met, shares[Metric.FIRST_RESPONSE].missed) == (1, 2)  # C: open and late
    update_share = shares[Metric.PROGRESS_UPDATE]
    assert (update_share.share_met, update_share.met_automatically, update_share.met_by_person) == (1.0, 1, 1)
    assert shares[Metric.RESOLUTION].share_met is None
    assert [(g.value, g.received, g.late) for g in found.by_channel] == [("email", 2, 1), ("phone", 1, 1)]
    assert [(g.value, g.received) for g in found.by_category] == [("billing", 2), (None, 1)]
    assert [g.median_first_response_hours for g in found.by_tier] == [4.0]
    assert early.totals.received == 0
    assert early.totals.satisfied_share is None
    assert early.first_response.median_hours is None
    assert json.loads(found.model_dump_json())["totals"]["response_rate"] == 0.5
