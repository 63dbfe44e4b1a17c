"""Two cases that are one, against a real Temporal server and PostgreSQL: found alike, merged, and parted again."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
import pytest_asyncio
from temporalio import activity

from activities.cases import Cases
from complaints.errors import BadInput, NotFound, Refused
from complaints.messages.duties import DuplicateSearch
from complaints.messages.intake import Complainant
from complaints.messages.merging import MergeAnswered, MergeDuty
from complaints.model import Personal
from complaints.policy import DuplicateRules
from complaints.vocabulary import Status
from database import complaints, duplicates, sql
from database.pool import transaction
from tests.fixtures.records import NOW, a_batch, an_intake
from tests.fixtures.waiting import eventually
from tests.fixtures.workers import workers
from tests.integration.test_database import plan, scans
from tests.integration.test_starter import (
    address,
    command,
    tuntas,
)
from tests.integration.test_starter import an_intake as a_complaint

pytestmark = pytest.mark.services

__all__ = ["address", "tuntas"]  # fixtures are found by their names

KETTLE = "Ketel yang saya beli minggu lalu bocor di bagian bawah, dan air panasnya mengenai tangan anak saya."
PHONE = "Ponsel saya mati sesudah pembaruan; toko tidak mau menggantinya walaupun masih bergaransi penuh setahun."
SARI = Complainant(name=Personal("Sari"), email=Personal("sari@example.co.id"))
RULES = DuplicateRules()


# the search


async def stored(pool, reference, text, *, days=1, status="investigation", company=None, reason=None, **who):
    person = {"name": "Sari", "email": "sari@example.co.id"} | who
    standing = {"received_at": NOW - timedelta(days=days), "status": status,
                "company": company, "closing_reason": reason}  # fmt: skip
    intake = an_intake(text=text, key=reference, complainant=person)
    async with transaction(pool) as conn:
        await complaints.upsert(conn, a_batch(1, reference=reference, standing=standing, intake=intake))


async def found(pool, text=KETTLE, *, who=SARI, company=None, rules=RULES, reference=None, limit=5):
    search = DuplicateSearch(
        reference=reference, company=company, complainant=who, text=Personal(text), received_at=NOW, rules=rules
    )
    async with transaction(pool) as conn:
        return await duplicates.find(conn, search, until=NOW, limit=limit)


async def test_the_same_person_is_found_by_address_number_and_else_by_name(pool):
    await stored(pool, "R1", KETTLE, email="SARI@example.co.id")
    await stored(pool, "R2", KETTLE + " Tolong.", email="lain@example.co.id", phone="+628123456789", name="S.")
    await stored(pool, "R3", KETTLE + " Segera.", email=None, name="  sari ")
    by = {
        "email": Complainant(email=Personal("sari@example.co.id"), name=Personal("Sari")),
        "phone": Complainant(phone=Personal("+628123456789")),
        "name": Complainant(name=Personal("Sari")),
    }
    same = {
        key: {one.reference for one in await found(pool, who=who) if one.same_complainant} for key, who in by.items()
    }
    assert same == {"email": {"R1"}, "phone": {"R2"}, "name": {"R1", "R3"}}


async def test_what_is_found_says_how_alike_it_is_and_where_it_stands(pool):
    await stored(pool, "R1", KETTLE, status="closed", reason="confirmed", days=3)
    (one,) = await found(
        pool, "Ketel yang saya beli bulan lalu bocor di bawah, air panasnya mengenai tangan anak saya!"
    )
    assert (one.reference, one.status, one.received_at, one.same_complainant) == (
        "R1", Status.CLOSED, NOW - timedelta(days=3), True,
    )  # fmt: skip
    assert 0.6 < one.similarity < 1


async def test_nearly_the_same_words_by_anybody_are_a_weaker_hint(pool):
    await stored(pool, "R1", KETTLE.replace("minggu", "bulan"), email="lain@example.co.id", name="Lain")
    await stored(pool, "R2", KETTLE[:60] + " Sudah saya laporkan.", days=2)
    hints = await found(pool)
    assert [(one.reference, one.same_complainant) for one in hints] == [("R2", True), ("R1", False)]
    assert await found(pool, rules=DuplicateRules(similar=1, identical=1)) == ()


@pytest.mark.parametrize(
    ("text", "over"),
    [
        (PHONE, {}),  # another matter
        (KETTLE, {"days": 31}),
        (KETTLE, {"days": -1}),
        (KETTLE, {"company": "toko-lain"}),
        (KETTLE, {"status": "archived", "reason": "duplicate"}),
        ("Barang rusak", {"email": "lain@example.co.id", "name": "Lain"}),
    ],
)
async def test_what_is_not_one(pool, text, over):
    await stored(pool, "R1", text, **over)
    assert await found(pool, text if text == "Barang rusak" else KETTLE) == ()


async def test_within_a_company_its_own_are_found(pool):
    await stored(pool, "R1", KETTLE, company="toko")
    assert [one.reference for one in await found(pool, company="toko")] == ["R1"]


async def test_a_contact_that_is_amended_and_words_that_are_erased_are_followed(pool):
    await stored(pool, "R1", KETTLE, email="lama@example.co.id")
    amended = a_batch(2, reference="R1", standing={"received_at": NOW}, complainant=SARI)
    async with transaction(pool) as conn:
        await complaints.upsert(conn, amended)
    assert [one.same_complainant for one in await found(pool)] == [True]
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE complaints SET problem = NULL, contact_email = NULL, contact_name = NULL, contact_phone = NULL"
        )
        assert await (await conn.execute("SELECT people, sketch FROM likeness")).fetchall() == [([], None)]
    assert await found(pool) == ()


@pytest.mark.parametrize("text", ["", "\x00", "💥" * 30, "a " * 10_000, "' OR 1=1 -- %s %(x)s"])
async def test_any_text_can_be_searched_for(pool, text):
    await stored(pool, "R1", KETTLE)
    assert isinstance(await found(pool, text), tuple)


async def test_among_many_it_goes_by_indexes(pool):
    async with transaction(pool) as conn:
        await conn.execute("""
            INSERT INTO complaints (reference, through, status, channel, severity, language, owner, team, tier,
                tier_level, received_at, pack, policy_version, problem, contact_email)
            SELECT 'R' || n, 1, 'investigation', 'email', 'minor', 'id', 'o', 't', 't', 1,
                timestamptz '2026-11-20' + n * interval '1 second', 'p', '1',
                md5(n::text) || ' ' || md5((n + 1)::text) || ' ' || md5((n / 7)::text),
                'p' || n % 900 || '@example.co.id'
            FROM generate_series(1, 5000) AS n
        """)
        await conn.execute("ANALYZE")
    params = {
        "reference": None, "company": None, "email": "p7@example.co.id", "phone": None, "name": None, "words": KETTLE,
        "since": NOW - timedelta(days=30), "until": NOW, "similar": 0.45, "identical": 0.8, "shortest": 40, "limit": 5,
    }  # fmt: skip
    assert set(sql.load("duplicates")) == {"possible"}
    nodes = list(scans(await plan(pool, duplicates.QUERIES["possible"], params)))
    assert {table for _, table in nodes} == {"likeness", "complaints"}
    assert "Seq Scan" not in {node for node, _ in nodes}


async def test_what_is_asked_is_computed_once_not_for_each_row(pool):
    """A statement that was prepared is planned for all parameters after five times, whatever they are."""
    for number in range(30):
        await stored(pool, f"R{number}", f"{KETTLE} {number}", email=f"p{number}@example.co.id")
    search = DuplicateSearch(
        reference=None, company=None, complainant=SARI, text=Personal(KETTLE), received_at=NOW, rules=RULES
    )
    async with transaction(pool) as conn:
        await conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await conn.execute("SET LOCAL track_functions = 'all'")
        assert await duplicates.find(conn, search, until=NOW, limit=5)
        calls = await conn.execute("SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'text_sketch'")
        assert await calls.fetchone() == (1,)


# two cases


class Interrupted(Cases):
    """A worker that is killed after the other case has agreed, and before anybody has learned of it."""

    killed = 0

    @activity.defn(name="merge")
    async def merge(self, duty: MergeDuty) -> MergeAnswered:
        answer = await super().merge(duty)
        if not self.killed:
            Interrupted.killed += 1
            raise psycopg.OperationalError("killed")
        return answer


@pytest_asyncio.fixture
async def working(address, pool):
    async with workers(address, pool):
        yield


async def kinds(tuntas, reference):
    return [str(entry.kind) for entry in await tuntas.timeline(reference)]


async def has(tuntas, reference, kind, times=1):
    await eventually(lambda: kinds(tuntas, reference), lambda found: found.count(kind) >= times)


async def details(tuntas, reference, kind):
    return [entry.detail for entry in await tuntas.timeline(reference) if entry.kind == kind]


async def two(tuntas):
    first = (await tuntas.file(a_complaint(text=KETTLE))).reference
    await eventually(tuntas.count, lambda number: number >= 1)
    second = (await tuntas.file(a_complaint(text=KETTLE + " Mohon segera dijawab."))).reference
    return first, second


async def archived(tuntas, reference):
    """Its workflow has completed: what is said to it now wakes it."""
    handle = tuntas.client.get_workflow_handle(f"complaint-{reference}")
    await asyncio.wait_for(handle.result(), 20)


@pytest.mark.usefixtures("working")
async def test_a_second_complaint_shows_the_first_one_to_its_owner_and_to_whoever_asks(tuntas):
    first, second = await two(tuntas)
    await has(tuntas, second, "duplicates_found")
    ((found,),) = [entry["found"] for entry in await details(tuntas, second, "duplicates_found")]
    assert (found["reference"], found["same_complainant"]) == (first, True)
    assert "duplicates_found" not in await kinds(tuntas, first)
    assert [one.reference for one in await tuntas.possible_duplicates(second)] == [first]
    asked = await tuntas.possible_duplicates(a_complaint(text=KETTLE), limit=1)
    assert len(asked) == 1


@pytest.mark.usefixtures("working")
async def test_what_cannot_be_searched_for_is_named(tuntas):
    with pytest.raises(NotFound, match="not recorded"):
        await tuntas.possible_duplicates("TTS-0000000000000")
    for wrong, field in (("TTS-1", "reference"), (a_complaint(text=""), "text")):
        with pytest.raises(BadInput) as caught:
            await tuntas.possible_duplicates(wrong)
        assert caught.value.field == field
    with pytest.raises(BadInput) as caught:
        await tuntas.possible_duplicates("TTS-0000000000000", limit=0)
    assert caught.value.field == "limit"


@pytest.mark.usefixtures("working")
async def test_a_whole_story_with_both_cases_archived_in_between(tuntas):
    first, second = await two(tuntas)
    await tuntas.act(second, command("merge", into=first))
    await archived(tuntas, second)
    await tuntas.reply(second, key="mail-1", text="Masih bocor")  # wakes the merged case
    await tuntas.reply(second, key="mail-1", text="Masih bocor")
    await has(tuntas, first, "complainant_replied")
    await archived(tuntas, second)
    await tuntas.act(first, command("close", reason="out_of_scope", explanation="Bukan kami."))
    await archived(tuntas, first)
    with pytest.raises(Refused) as refused:
        await tuntas.act(second, command("reopen", reason="new_facts", text="bukti"))
    assert first in refused.value.problem
    await tuntas.act(second, command("unmerge", reason="ketel lain"))
    await has(tuntas, first, "taken_out")
    await tuntas.reply(second, key="mail-2", text="Yang kedua")
    assert (await tuntas.view(second)).status is Status.INVESTIGATION
    assert [entry["text"] for entry in await details(tuntas, first, "complainant_replied")] == ["Masih bocor"]
    assert [entry.get("forwarded_to") for entry in await details(tuntas, second, "complainant_replied")] == [
        first,
        None,
    ]
    row = await eventually(tuntas.list, lambda page: any(item.reference == second for item in page.items))
    assert row


@pytest.mark.usefixtures("working")
async def test_a_survivor_that_is_archived_is_woken_and_one_that_cannot_take_it_refuses(tuntas):
    first, second = await two(tuntas)
    third = (await tuntas.file(a_complaint(text=PHONE))).reference
    await tuntas.withdraw(third, key="w")
    await archived(tuntas, third)
    for number, into in enumerate((third, "TTS-0000000000000")):
        await tuntas.act(second, command("merge", into=into))
        await has(tuntas, second, "merge_refused", number + 1)
    problems = [entry["reason"] for entry in await details(tuntas, second, "merge_refused")]
    assert "it is archived" in problems[0]
    assert "no such case" in problems[1]
    await tuntas.act(second, command("merge", into=first))
    await has(tuntas, first, "merged_in")
    await tuntas.withdraw(first, key="w")
    await archived(tuntas, first)
    await tuntas.reply(second, key="late", text="Masih bocor")
    await has(tuntas, first, "reopening_requested")
    assert (await details(tuntas, first, "complainant_replied"))[-1]["merged_from"] == second


async def test_a_worker_killed_between_the_two_sides_merges_them_once(address, pool, tuntas, monkeypatch):
    monkeypatch.setattr("worker.Cases", Interrupted)
    Interrupted.killed = 0
    async with workers(address, pool):
        first, second = await two(tuntas)
        await tuntas.act(second, command("merge", into=first))
        await tuntas.reply(second, key="meanwhile", text="Satu lagi")
        await has(tuntas, first, "complainant_replied")
        assert Interrupted.killed == 1
        assert (await kinds(tuntas, first)).count("merged_in") == 1
        assert (await kinds(tuntas, second)).count("merged") == 1


@pytest.mark.usefixtures("working")
async def test_many_messages_race_with_merging_and_parting_and_none_is_lost_or_doubled(tuntas):
    first, second = await two(tuntas)

    async def talk():
        for number in range(30):
            await tuntas.reply(second, key=f"m{number}", text=f"Pesan {number}")

    async def move():
        for _ in range(3):
            await tuntas.act(second, command("merge", into=first))
            await eventually(lambda: tuntas.view(second), lambda seen: seen.closing_reason == "duplicate")
            await tuntas.act(second, command("unmerge", reason="beda"))

    await asyncio.gather(talk(), move())
    await has(tuntas, first, "taken_out", 3)
    own = await details(tuntas, second, "complainant_replied")
    assert [entry["text"] for entry in own] == [f"Pesan {number}" for number in range(30)]
    passed = [entry["text"] for entry in own if "forwarded_to" in entry]
    there = [entry["text"] for entry in await details(tuntas, first, "complainant_replied")]
    assert len(there) == len(set(there))
    assert set(passed) <= set(there)
