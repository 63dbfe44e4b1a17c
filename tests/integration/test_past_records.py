"""Past records as a reference: which are found, which are not, in which order, and that none is read in vain."""

from datetime import timedelta

import pytest

from complaints.errors import BadInput
from database import closures, complaints, past_records
from database.likeness import Term, chosen
from database.past_records import QUERIES, Sight, Sought
from database.pool import transaction
from tests.fixtures.records import NOW, a_batch, a_closure, an_intake

pytestmark = pytest.mark.services
LEAKS = "Ketel listrik yang saya beli bocor di bagian bawah setelah seminggu dipakai."
LATE = "Paket sudah dibayar tetapi belum dikirim, kurir tidak pernah datang ke alamat saya."
ENGLISH = "The kettle leaks at the bottom; I want a refund for this delivery."


async def closed(conn, name, problem=LEAKS, *, days=0, number=1, category="defective_product", standing=None, **more):
    """Close a case as the activities do it: its record first."""
    reference = f"TTS-{name:0>13}"
    words = an_intake(text=problem, key=name)
    who = {"category": category, "closed_at": NOW - timedelta(days=days), "status": "closed", **(standing or {})}
    await complaints.upsert(conn, a_batch(reference=reference, standing=who, intake=words))
    await closures.add(conn, a_closure(
        reference=reference, number=number, problem=problem, category=category,
        closed_at=NOW - timedelta(days=days), **more,
    ))  # fmt: skip
    return reference


async def found(conn, words, **narrowed):
    sight = narrowed.pop("sight", past_records.EVERYTHING)
    page = await past_records.search(conn, Sought(words=words, **narrowed), sight=sight)
    assert page.next is None
    return [one.reference for one in page.items]


class TestSearch:
    async def test_words_are_found_by_their_stems_in_both_languages(self, pool):
        async with transaction(pool) as conn:
            late, leaks, english = (
                await closed(conn, "1", LATE),
                await closed(conn, "2"),
                await closed(conn, "3", ENGLISH),
            )
            assert await found(conn, "kirim") == await found(conn, "kiriman") == [late]
            assert await found(conn, "pengiriman") == []  # the stemmer does not give back the k that "peng" took
            assert await found(conn, "pembayaran") == [late]
            assert await found(conn, "leaking deliveries") == [english]
            assert await found(conn, "bocor KETEL") == [leaks]
            assert await found(conn, "bocor kurir") == []  # all of the words
            assert set(await found(conn, "bocor or kurir")) == {late, leaks}
            assert await found(conn, '"bagian bawah"') == [leaks]
            assert await found(conn, '"bawah bagian"') == []
            assert set(await found(conn, "saya -kurir")) == {leaks}

    async def test_what_was_found_and_why_it_happened_is_searched_too(self, pool):
        cause = {"method": "five_whys", "category": "supplier", "cause": "Segel tidak tahan panas."}
        async with transaction(pool) as conn:
            one = await closed(conn, "1", findings="Retak pada las.", reasons="Garansi berlaku.", root_cause=cause)
            for words in ("retak", "garansi", "segel", one):
                assert await found(conn, words) == [one]
            assert await found(conn, "supplier") == []  # the name of a category is no word of anybody's
            assert await found(conn, "bocor", cause="supplier") == [one]
            assert await found(conn, "bocor", cause="people") == []

    async def test_accents_count_and_a_mistyped_word_is_another_word(self, pool):
        async with transaction(pool) as conn:
            one = await closed(conn, "1", "Kafé di lantai satu menagih dua kali.")
            assert await found(conn, "kafé") == [one]
            assert await found(conn, "kafe") == []
            assert await found(conn, "lantia") == []

    @pytest.mark.parametrize("words", [
        "'", '"', '"bocor', "bocor'); DROP TABLE complaints; --", "& | ! ( ) <->", "a:*", "\\", "\x00bocor", "%s %(q)s",
        "😀", "!!!", "or", "bocor -", "((((", "x" * 100_000, "kata " * 20_000, "<script>", "\x02\x03",
    ])  # fmt: skip
    async def test_whatever_is_typed_is_only_words(self, pool, words):
        async with transaction(pool) as conn:
            await closed(conn, "1")
            page = await past_records.search(conn, Sought(words=words))
            assert len(page.items) <= 1
            assert len(await past_records.alike(conn, words, category=None)) <= 1

    async def test_words_that_only_exclude_are_refused_with_a_remedy(self, pool):
        async with transaction(pool) as conn:
            with pytest.raises(BadInput) as refused:
                await past_records.search(conn, Sought(words="-bocor"))
        assert refused.value.field == "words"
        assert refused.value.remedy

    async def test_pages_follow_each_other_while_others_are_closed(self, pool):
        async with transaction(pool) as conn:
            expected = [await closed(conn, f"{number}", days=(number // 2) ** 3) for number in range(25)]
            expected.sort(key=lambda one: (-((int(one[-2:].lstrip("0") or 0) // 2) ** 3), one), reverse=True)
            seen, after = [], None
            while True:
                page = await past_records.search(conn, Sought(words="bocor"), after=after, limit=4)
                seen += [one.reference for one in page.items]
                if (after := page.next) is None:
                    break
                await closed(conn, f"9{len(seen)}", days=-1)  # after all that is being read
            assert seen == expected
            with pytest.raises(BadInput):
                await past_records.search(conn, Sought(), after="nonsense")

    async def test_it_is_narrowed_by_what_was_decided_and_when(self, pool):
        async with transaction(pool) as conn:
            new = await closed(conn, "1", outcome="upheld", standing={"company": "toko"})
            old = await closed(conn, "2", days=400, outcome="not_upheld", category="billing")
            assert await found(conn, None) == [new, old]
            assert await found(conn, "bocor", outcome="upheld") == [new]
            assert await found(conn, None, category="billing") == [old]
            assert await found(conn, "bocor", company="toko") == [new]
            assert await found(conn, None, closed_from=NOW - timedelta(days=1)) == [new]
            assert await found(conn, None, closed_before=NOW - timedelta(days=1)) == [old]


class TestAlike:
    async def test_the_same_category_comes_first_then_the_likest(self, pool):
        async with transaction(pool) as conn:
            other = await closed(conn, "1", category="billing")
            same = await closed(conn, "2", "Ketel listrik bocor saat dipakai pertama kali oleh istri saya di dapur.")
            likest = await closed(conn, "3", days=30)
            await closed(conn, "4", LATE)
            for _ in range(3):
                hits = await past_records.alike(conn, LEAKS, category="defective_product", limit=3)
                assert [one.reference for one in hits] == [likest, same, other]
            assert [one.likeness for one in hits][::2] == [1.0, 1.0]
            assert 0.1 < hits[1].likeness < 1
            assert [one.same_category for one in hits] == [True, True, False]

    async def test_a_hit_says_what_was_decided_and_what_matched(self, pool):
        cause = {"method": "five_whys", "category": "supplier", "cause": "Segel tidak tahan panas."}
        async with transaction(pool) as conn:
            await closed(conn, "1", outcome="upheld", root_cause=cause, satisfied=True, rating=4)
            (hit,) = await past_records.alike(conn, "bocor", category=None)
        assert (hit.outcome, hit.satisfied, hit.rating, hit.cause_category) == ("upheld", True, 4, "supplier")
        assert hit.remedies[0].solution == "refund"
        assert hit.cause == "Segel tidak tahan panas."
        assert [part.text for part in hit.excerpt if part.matched] == ["bocor"]

    async def test_contact_data_are_hidden_wherever_they_were_written(self, pool):
        told = "Ketel A-10473 bocor. Telepon 0812-3456 7890 atau +62 (21) 555 1234, sari.dewi@example.co.id."
        async with transaction(pool) as conn:
            await closed(conn, "1", told)
            for text in ("bocor", "bocor 0812 3456 7890 sari.dewi@example.co.id"):
                (hit,) = await past_records.alike(conn, text, category=None)
                shown = "".join(part.text for part in hit.excerpt)
                assert not {"0812", "3456", "7890", "555", "1234", "sari", "example"} & set(
                    shown.replace("@", " ").split()
                )
                assert "example" not in shown
                assert "7890" not in shown
                assert "A-10473" in shown

    async def test_of_a_case_that_was_closed_again_the_last_record_is_offered(self, pool):
        async with transaction(pool) as conn:
            one = await closed(conn, "1", days=30)
            await closed(conn, "1", number=2, findings="Segel retak.")
            hits = await past_records.alike(conn, LEAKS, category=None)
            assert [(hit.reference, hit.number) for hit in hits] == [(one, 2)]
            page = await past_records.search(conn, Sought(words="bocor"))
            assert [(hit.number, hit.superseded) for hit in page.items] == [(2, False), (1, True)]
            # Records may also come in the wrong order.
            await closed(conn, "2", number=2)
            await closed(conn, "2", days=3, number=1)
            assert {hit.number for hit in await past_records.alike(conn, LEAKS, category=None)} == {2}

    async def test_neither_the_case_itself_nor_a_duplicate_is_offered(self, pool):
        async with transaction(pool) as conn:
            one = await closed(conn, "1")
            await closed(conn, "2", reason="duplicate")
            assert await past_records.alike(conn, LEAKS, category=None, reference=one) == ()
            assert len(await past_records.alike(conn, LEAKS, category=None)) == 1

    async def test_nothing_to_go_by_finds_nothing(self, pool):
        async with transaction(pool) as conn:
            assert await past_records.alike(conn, "bocor", category=None) == ()
            await closed(conn, "1")
            for text in ("", "   ", "!!!"):
                assert await past_records.alike(conn, text, category="defective_product") == ()


class TestSight:
    async def test_cases_of_other_teams_and_companies_are_invisible(self, pool):
        async with transaction(pool) as conn:
            ours = await closed(conn, "1", standing={"team": "frontline", "company": "toko"})
            theirs = await closed(conn, "2", standing={"team": "management", "owner": "agent:boss", "company": "bank"})
            for sight, visible in (
                (Sight(teams=("frontline",), me="agent:siti"), [ours]), (Sight(teams=(), me="agent:boss"), [theirs]),
                (Sight(teams=(), me=None), []), (Sight(companies=("toko",)), [ours]), (Sight(companies=()), []),
            ):  # fmt: skip
                assert await found(conn, "bocor", sight=sight) == visible
                assert await found(conn, None, sight=sight) == visible
                hits = await past_records.alike(conn, LEAKS, category=None, sight=sight)
                assert [hit.reference for hit in hits] == visible

    async def test_a_case_that_goes_to_another_team_is_seen_there(self, pool):
        async with transaction(pool) as conn:
            one = await closed(conn, "1")
            moved = {"team": "management", "owner": "team:management", "status": "investigation", "reopenings": 1}
            await complaints.upsert(conn, a_batch(2, reference=one, standing=moved))
            assert await found(conn, "bocor", sight=Sight(teams=("frontline",), me="agent:siti")) == []
            assert await found(conn, "bocor", sight=Sight(teams=("management",))) == [one]
            (hit,) = await past_records.alike(conn, LEAKS, category=None)
            assert hit.open_again

    async def test_a_record_that_comes_before_its_case_is_seen_by_its_team_afterwards(self, pool):
        reference = "TTS-0000000000001"
        async with transaction(pool) as conn:
            await closures.add(conn, a_closure(reference=reference, problem=LEAKS))
            mine = Sight(teams=("frontline",))
            assert await found(conn, "bocor", sight=mine) == []
            standing = {"closed_at": NOW, "status": "closed"}
            await complaints.upsert(conn, a_batch(reference=reference, standing=standing, intake=an_intake(text=LEAKS)))
            assert await found(conn, "bocor", sight=mine) == [reference]

    @pytest.mark.parametrize("erasing", [
        "UPDATE complaints SET problem = NULL, subject = NULL WHERE reference = %s",
        "DELETE FROM complaints WHERE reference = %s",
    ])  # fmt: skip
    async def test_an_erased_case_is_not_found_any_more(self, pool, erasing):
        async with transaction(pool) as conn:
            one, other = await closed(conn, "1"), await closed(conn, "2")
            await conn.execute(erasing.encode(), (one,))
            assert await found(conn, "bocor") == [other]
            assert [hit.reference for hit in await past_records.alike(conn, LEAKS, category=None)] == [other]


MANY = """
WITH groups AS MATERIALIZED (
    SELECT g, to_tsvector('indonesian', 'barang yang dikirim rusak kelompok' || g
        || (SELECT string_agg(' kata' || (g * k) %% 5000, '') FROM generate_series(2, 50) AS k)) AS words
    FROM generate_series(0, 399) AS g
)
INSERT INTO past_records (reference, number, closed_at, reason, category, outcome, team, owner, latest, words)
SELECT 'TTS-' || n, 1, now() - n * interval '3 hours', 'confirmed', 'category_' || n %% 9, 'upheld',
    CASE n %% 3 WHEN 0 THEN 'frontline' ELSE 'management' END, 'agent:a' || n %% 50, true,
    words || array_to_tsvector(ARRAY['nomor' || n])
FROM generate_series(1, %(rows)s) AS n JOIN groups ON g = n %% 400
"""


@pytest.fixture
async def crowded(pool):
    async with transaction(pool) as conn:
        # Made over the whole, the index is there in a tenth of the time.
        made = await (await conn.execute("SELECT pg_get_indexdef('past_records_search'::regclass)")).fetchone()
        await conn.execute("DROP INDEX past_records_search")
        await conn.execute(MANY.encode(), {"rows": 20_000})
        await conn.execute(made[0].encode())
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        await conn.execute(b"VACUUM ANALYZE past_records")
        await conn.set_autocommit(False)
    return pool


async def test_no_search_reads_all_records(crowded, monkeypatch):
    plans: list[tuple[str, str]] = []
    fetch_all = past_records.sql.fetch_all

    async def explained(conn, model, query, params, *, prepare=None):
        rows = await (await conn.execute(f"EXPLAIN {query}".encode(), params, prepare=False)).fetchall()
        plans.append((query[:60], "\n".join(row[0] for row in rows)))
        return await fetch_all(conn, model, query, params, prepare=prepare)

    monkeypatch.setattr(past_records.sql, "fetch_all", explained)
    team = Sight(teams=("frontline",), me="agent:a1")
    async with transaction(crowded) as conn:
        for sight in (past_records.EVERYTHING, team, Sight(companies=("toko",))):
            for words in (
                None,
                "barang",
                "nomor77",
                "barang rusak kelompok7",
                "barang nothing",
                '"barang yang"',
                "nowhere",
            ):
                for narrowed in ({}, {"category": "category_4"}, {"category": "none"}, {"closed_from": NOW}):
                    await past_records.search(conn, Sought(words=words, **narrowed), sight=sight)
            for text in ("barang rusak", "kelompok7 rusak", "nomor77", "nowhere", LEAKS):
                await past_records.alike(conn, text, category="category_4", sight=sight)
    read_whole = [(query, plan) for query, plan in plans if "Seq Scan on past_records" in plan]
    assert len(plans) > 100
    assert not read_whole, "\n".join(f"{query}\n{plan}" for query, plan in read_whole)


async def test_common_words_pass_through_a_part_of_the_records_only(crowded):
    async with transaction(crowded) as conn:
        terms = await past_records.sql.fetch_all(conn, Term, QUERIES["terms"], {"text": "barang rusak nomor77"})
        choice = chosen(terms)
    assert [term.lexeme for term in choice.scanned] == ["nomor77"]
    assert {term.lexeme for term in choice.further} == {"barang", "rusak"}
    assert all(term.records == 20_000 for term in terms)
