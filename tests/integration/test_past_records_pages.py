"""Past records where people and services meet them: the desk, the HTTP interface, the command."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from complaints.model import Personal
from complaints.reference import reference_for
from complaints.vocabulary import Channel, Role
from database import closures, complaints
from database.access import Search, every
from database.pool import transaction
from tests.fixtures.records import NOW, a_batch, a_closure, an_intake

pytestmark = pytest.mark.services
LEAKS = "Ketel <b>listrik</b> yang saya beli bocor di bagian bawah. Telepon 0812 3456 7890."
CAUSE = {"method": "five_whys", "category": "supplier", "cause": "Segel tidak tahan panas."}


async def record(conn, name, text=LEAKS, **standing):
    """Write a case as it stands; return its reference."""
    reference = reference_for(Channel.EMAIL, f"past-{name}")
    given = {"category": "defective_product", **standing}
    await complaints.upsert(
        conn, a_batch(reference=reference, standing=given, intake=an_intake(text=text, key=f"past-{name}"))
    )
    return reference


async def close(conn, reference, text=LEAKS, days=1, **more):
    await closures.add(conn, a_closure(
        reference=reference, problem=Personal(text), category="defective_product", outcome="upheld",
        closed_at=NOW - timedelta(days=days), root_cause=CAUSE, satisfied=True, **more,
    ))  # fmt: skip


async def three(pool):
    """A case that is worked on, one like it that was closed, and one of another team."""
    async with transaction(pool) as conn:
        ended = {"status": "closed", "closed_at": NOW - timedelta(days=1)}
        ours, theirs = await record(conn, "2", **ended), await record(conn, "3", team="management", **ended)
        for reference in (ours, theirs):
            await close(conn, reference)
        return await record(conn, "1", "Ketel saya bocor."), ours, theirs


async def noted(pool):
    async with transaction(pool) as conn:
        return [(row.actor_id, row.what, row.reference) async for row in every(conn, Search(), limit=100)]


class TestDesk:
    async def test_the_page_of_a_case_shows_like_ones_that_were_closed(self, desk):
        case, ours, theirs = await three(desk.pool)
        await desk.account("siti", Role.AGENT, teams=("frontline",))
        siti = await desk.signed_in("siti")
        page = (await siti.get(f"/desk/cases/{case}")).text
        panel = page[page.index('id="past-records"') :]
        panel = panel[: panel.index("</details>")]
        assert f'href="/desk/cases/{ours}#closure-1"' in panel
        assert theirs not in page
        assert "Similar cases that were closed (1)" in panel
        for shown in ("<mark>bocor</mark>", "upheld", "Segel tidak tahan panas.", "supplier", "satisfied", "% alike"):
            assert shown in panel
        assert "<b>" not in panel
        assert "0812" not in panel
        assert ("siti", "similar", ours) in await noted(desk.pool)

    async def test_the_search_page_finds_narrows_and_says_what_is_wrong(self, desk):
        _, ours, theirs = await three(desk.pool)
        await desk.account("siti", Role.AGENT, teams=("frontline",))
        await desk.account("audi", Role.AUDITOR, language="id")
        await desk.account("boss", Role.ADMIN)
        siti, audi, boss = [await desk.signed_in(name) for name in ("siti", "audi", "boss")]
        page = (await siti.get("/desk/records?q=bocor")).text
        assert ours in page
        assert theirs not in page
        assert 'aria-current="page">Past records' in page
        assert ours in (await siti.get("/desk/records?category=defective_product&outcome=upheld&cause=supplier")).text
        assert ours not in (await siti.get("/desk/records?cause=people")).text
        assert ours not in (await siti.get("/desk/records?to=2020-01-01")).text
        assert ours in (await siti.get("/desk/records?from=2020-01-01&outcome=nonsense")).text
        wrong = await siti.get("/desk/records?q=-bocor&from=nonsense")
        assert wrong.status_code == 422
        assert "Give a word that the records hold" in wrong.text
        assert "This is no day" in wrong.text
        assert (await siti.get("/desk/records?after=nonsense")).status_code == 422
        assert (await siti.get(f"/desk/records?q={ours.lower()}")).headers["location"] == f"/desk/cases/{ours}"
        both = (await audi.get("/desk/records")).text
        assert ours in both
        assert theirs in both
        assert "Catatan pengaduan lama" in both
        assert (await boss.get("/desk/records")).status_code == 403
        assert ("audi", "search_records", None) in await noted(desk.pool)

    async def test_pages_go_on_with_the_same_words(self, desk):
        async with transaction(desk.pool) as conn:
            for number in range(1, 26):
                reference = await record(conn, f"{number}", status="closed", closed_at=NOW)
                await close(conn, reference, days=number)
        await desk.account("audi", Role.AUDITOR)
        audi = await desk.signed_in("audi")
        first = (await audi.get("/desk/records?q=bocor")).text
        onward = first[first.index('rel="next" href="') + 17 :].partition('"')[0].replace("&amp;", "&")
        second = (await audi.get(f"/desk/records{onward}")).text
        assert first.count("#closure-1") == 20
        assert second.count("#closure-1") == 5
        assert 'value="bocor"' in second


class TestInterface:
    async def test_a_service_sees_past_records_of_its_companies_only(self, api):
        service, other = await api.another(companies=("toko",)), await api.another(companies=("bank",))
        async with transaction(api.services.pool) as conn:
            past = await record(conn, "71", status="closed", closed_at=NOW, company="toko")
            await close(conn, past)
            case = await record(conn, "72", "Ketel saya bocor.", company="toko")
        found = await service.get(f"/complaints/{case}/similar", params={"limit": 50})
        assert found.status_code == 200, found.text
        (one,) = found.json()["items"]
        assert (one["reference"], one["outcome"], one["same_category"]) == (past, "upheld", True)
        assert {"text": "bocor", "matched": True} in one["excerpt"]
        assert "0812" not in found.text
        assert (await other.get(f"/complaints/{case}/similar")).status_code == 404
        assert [one["reference"] for one in (await service.get("/closures?q=bocor")).json()["items"]] == [past]
        assert (await other.get("/closures?q=bocor")).json() == {"items": [], "next": None}
        assert (await service.get("/closures?q=bocor&company=bank")).status_code == 403
        assert (await service.get("/closures?q=-bocor")).status_code in (400, 422)
        assert (await service.get("/closures?after=nonsense")).status_code in (400, 422)
        assert (f"apikey:{service.key_id}", "search_records", None) in await noted(api.services.pool)


class TestCommand:
    async def test_both_commands_print_what_was_found(self, pool, database_url):
        case, ours, theirs = await three(pool)
        printed = tuntas(database_url, "similar", case, "--limit", "1", "--json")
        assert [one["reference"] for one in json.loads(printed.stdout)] in ([ours], [theirs])
        assert "bocor" in tuntas(database_url, "similar", "--text", "ketel bocor").stdout
        found = json.loads(tuntas(database_url, "search", "bocor", "--cause", "supplier", "--json").stdout)
        assert {one["reference"] for one in found["items"]} == {ours, theirs}
        assert tuntas(database_url, "search", "nothing").stdout.strip() == "none"
        for wrong in (
            ("similar",),
            ("similar", case, "--text", "x"),
            ("search", "--", "-bocor"),
            ("search", "x", "--cause", "y"),
        ):
            assert tuntas(database_url, *wrong).returncode == 2, wrong
        assert tuntas(database_url, "similar", reference_for(Channel.EMAIL, "nobody")).returncode == 3


def tuntas(url, *arguments):
    environment = {**os.environ, "DATABASE_URL": url, "TEMPORAL_ADDRESS": "127.0.0.1:9"}
    command = [sys.executable, "-m", "commands.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
