"""Timelines in a real PostgreSQL, tampered with in every way by SQL: each is found, and the first entry is named."""

# ruff: noqa: S608  whoever tampers writes SQL by hand
import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from commands import main
from complaints.auditing import Finding, Verdict, Wrong
from complaints.errors import NotFound
from complaints.messages.commands import Actor
from complaints.reference import reference_for
from complaints.timeline import chain_hash, detail_digest
from complaints.vocabulary import Kind, Language, Role
from database import closures, complaints, timeline
from database.pool import Pool, transaction
from documents.findings import told
from starter.auditing import Audited, audit_all, audit_one
from tests.fixtures.records import a_batch, a_closure, an_intake, entries
from tests.unit.cases import Player, closed

pytestmark = pytest.mark.services

OURS, OTHER, NOBODY = (reference_for("form", key) for key in ("ours", "other", "nobody"))
KINDS = (Kind.RECEIVED, Kind.ASSESSED, Kind.NOTED, Kind.RESPONDED, Kind.DECIDED, Kind.NOTED, Kind.ESCALATED, Kind.NOTED)


async def record(pool: Pool, reference: str, *kinds: Kind, **standing: Any) -> list[Any]:
    """A case with a chain, recorded as a worker does."""
    chain = entries(*kinds, reference=reference, details={Kind.ASSESSED: {"severity": "major"}})
    batch = a_batch(reference=reference, through=len(chain), entries=chain, standing=standing, intake=an_intake())
    async with transaction(pool) as conn:
        await complaints.upsert(conn, batch)
        await timeline.append(conn, reference, chain)
    return list(chain)


async def run(pool: Pool, *statements: str, **params: Any) -> None:
    async with transaction(pool) as conn:
        for statement in statements:
            await conn.execute(statement.encode(), {"ref": OURS, "other": OTHER, **params})


@pytest.fixture
async def chain(pool: Pool) -> list[Any]:
    await record(pool, OTHER, *KINDS)
    return await record(pool, OURS, *KINDS)


SHIFT = (
    "UPDATE timeline SET sequence = sequence + 1000 WHERE reference = %(ref)s AND sequence >= 4",
    "UPDATE timeline SET sequence = sequence - 999 WHERE reference = %(ref)s AND sequence > 1000",
    "UPDATE complaints SET through = through + 1 WHERE reference = %(ref)s",
)
COLUMNS = "reference, sequence, at, acted_at, kind, actor_id, actor_role, detail, words, salt, digest, previous, hash"
COPIED = "acted_at, kind, actor_id, actor_role, detail, words, salt, digest, previous, hash FROM timeline"
SWAP = (
    "UPDATE timeline SET sequence = 1000 WHERE reference = %(ref)s AND sequence = 3",
    "UPDATE timeline SET sequence = 3 WHERE reference = %(ref)s AND sequence = {0}",
    "UPDATE timeline SET sequence = {0} WHERE reference = %(ref)s AND sequence = 1000",
)
ONE = " WHERE reference = %(ref)s AND sequence = "
AND_LAST = " AND sequence = 8"
TAMPERED = {
    "detail": (["UPDATE timeline SET detail = '{\"severity\": \"minor\"}'" + ONE + "2"], Wrong.DETAIL, 2, 2, None),
    "words": (["UPDATE timeline SET words = 'something else'" + ONE + "3"], Wrong.DETAIL, 3, 3, None),
    "words taken away": (["UPDATE timeline SET words = NULL" + ONE + "3"], Wrong.DETAIL, 3, 3, None),
    "salt taken away": (["UPDATE timeline SET salt = NULL" + ONE + "3"], Wrong.UNPROVABLE, 3, 3, None),
    "salt": (["UPDATE timeline SET salt = 'no number'" + ONE + "3"], Wrong.DETAIL, 3, 3, None),
    "at": (["UPDATE timeline SET at = at - interval '1 hour'" + ONE + "4"], Wrong.CHANGED, 4, 4, "acted_at"),
    "at and acted_at, by a microsecond": (
        ["UPDATE timeline SET (at, acted_at) = (at + interval '1 us', acted_at + interval '1 us')" + ONE + "4"],
        Wrong.CHANGED, 4, 4, None,
    ),
    "kind": (["UPDATE timeline SET kind = 'noted'" + ONE + "4"], Wrong.CHANGED, 4, 4, "kind responded"),
    "kind, to none of ours": (["UPDATE timeline SET kind = 'x'" + ONE + "7"], Wrong.CHANGED, 7, 7, "kind escalated"),
    "actor": (["UPDATE timeline SET actor_id = 'siti'" + ONE + "5"], Wrong.CHANGED, 5, 5, None),
    "role": (["UPDATE timeline SET actor_role = 'lead'" + ONE + "5"], Wrong.CHANGED, 5, 5, "role agent"),
    "hash": (["UPDATE timeline SET hash = repeat('0', 64)" + ONE + "5"], Wrong.CHANGED, 5, 5, None),
    "link": (["UPDATE timeline SET previous = repeat('0', 64)" + ONE + "5"], Wrong.CHANGED, 5, 5, None),
    "first removed": (["DELETE FROM timeline" + ONE + "1"], Wrong.MISSING, 1, 1, None),
    "middle removed": (["DELETE FROM timeline" + ONE + "4"], Wrong.MISSING, 4, 4, None),
    "two removed": (
        ["DELETE FROM timeline WHERE reference = %(ref)s AND sequence IN (4, 5)"], Wrong.MISSING, 4, 5, None,
    ),
    "last removed": (["DELETE FROM timeline" + ONE + "8"], Wrong.MISSING, 8, 8, None),
    "tail removed": (["DELETE FROM timeline WHERE reference = %(ref)s AND sequence > 5"], Wrong.MISSING, 6, 8, None),
    "all removed": (["DELETE FROM timeline WHERE reference = %(ref)s"], Wrong.MISSING, 1, 8, None),
    "one removed, those after it moved up": (
        [
            "DELETE FROM timeline" + ONE + "4",
            "UPDATE timeline SET sequence = sequence + 1000 WHERE reference = %(ref)s AND sequence > 4",
            "UPDATE timeline SET sequence = sequence - 1001 WHERE reference = %(ref)s AND sequence > 1000",
            "UPDATE complaints SET through = through - 1 WHERE reference = %(ref)s",
        ], Wrong.MISSING, 4, 4, None,
    ),
    "swapped": ([one.format(6) for one in SWAP], Wrong.MOVED, 3, 3, "6"),
    "neighbours swapped": ([one.format(4) for one in SWAP], Wrong.MOVED, 3, 3, "4"),
    "a copy inserted": (
        [*SHIFT, f"INSERT INTO timeline ({COLUMNS}) SELECT reference, 4, at, {COPIED}" + ONE + "5"],
        Wrong.INSERTED, 5, 5, None,
    ),
    "a copy added": (
        [f"INSERT INTO timeline ({COLUMNS}) SELECT reference, 9, at, {COPIED}" + ONE + "8"],
        Wrong.INSERTED, 9, 9, None,
    ),
    "a row of another case in its place": (
        ["DELETE FROM timeline" + ONE + "4",
         "UPDATE timeline SET reference = %(ref)s WHERE reference = %(other)s AND sequence = 4"],
        Wrong.FOREIGN, 4, 4, None,
    ),
    "a row of another case added": (
        [f"INSERT INTO timeline ({COLUMNS}) SELECT %(ref)s, 9, at, {COPIED} WHERE reference = %(other)s" + AND_LAST],
        Wrong.FOREIGN, 9, 9, None,
    ),
    "the case removed": (["DELETE FROM complaints WHERE reference = %(ref)s"], Wrong.NO_CASE, None, None, None),
}  # fmt: skip


@pytest.mark.parametrize("way", TAMPERED)
async def test_what_was_tampered_with_is_named(pool: Pool, chain, way):
    assert (await audit_one(pool, OURS)).finding is None
    statements, wrong, first, last, was = TAMPERED[way]
    await run(pool, *statements)
    found = (await audit_one(pool, OURS)).finding
    assert found is not None, "not found"
    named = (found.first, found.last if found.last is not None else found.first)
    assert (found.wrong, *named, found.was) == (wrong, first, last, was)


async def rewritten(pool: Pool, entry: Any, **changes: Any) -> str:
    """Change an entry and compute its digest and its hash anew, as somebody does who knows how."""
    changed = entry.model_copy(update=changes)
    digest = detail_digest(changed.salt, changed.detail, changed.words)
    new = chain_hash(
        reference=OURS, sequence=changed.sequence, at=changed.at, kind=changed.kind, actor=changed.actor,
        digest=digest, previous=changed.previous,
    )  # fmt: skip
    await run(
        pool,
        "UPDATE timeline SET words = %(words)s, digest = %(digest)s, hash = %(hash)s, previous = %(previous)s" + ONE +
        "%(seq)s", words=changed.words, digest=digest, hash=new, seq=changed.sequence, previous=changed.previous,
    )  # fmt: skip
    return new


async def test_a_digest_computed_anew_gives_the_entry_away(pool: Pool, chain):
    words = "We never heard of it."
    await run(pool, "UPDATE timeline SET words = %(words)s, digest = %(digest)s" + ONE + "5",
              words=words, digest=detail_digest(chain[4].salt, chain[4].detail, words))  # fmt: skip
    found = (await audit_one(pool, OURS)).finding
    assert (found.wrong, found.first) == (Wrong.CHANGED, 5)


async def test_a_hash_computed_anew_gives_the_entry_away_by_the_next_one(pool: Pool, chain):
    await rewritten(pool, chain[4], words="We never heard of it.")
    found = (await audit_one(pool, OURS)).finding
    assert (found.wrong, found.first) == (Wrong.REPLACED, 5)


async def test_a_forged_entry_with_a_sound_hash_is_named_by_the_one_it_pushed_on(pool: Pool, chain):
    await run(pool, *SHIFT)
    actor, digest = Actor(id="budi", role=Role.AGENT), detail_digest("00", {}, "forged")
    forged = chain_hash(reference=OURS, sequence=4, at=chain[3].at, kind="noted", actor=actor, digest=digest,
                        previous=chain[2].hash)  # fmt: skip
    await run(
        pool,
        f"INSERT INTO timeline ({COLUMNS}) VALUES (%(ref)s, 4, %(at)s, %(at)s, 'noted', 'budi', 'agent', '{{}}',"
        " 'forged', '00', %(digest)s, %(previous)s, %(hash)s)",
        at=chain[3].at, digest=digest, previous=chain[2].hash, hash=forged,
    )  # fmt: skip
    found = (await audit_one(pool, OURS)).finding
    assert (found.wrong, found.first) == (Wrong.INSERTED, 4)


async def test_an_end_rewritten_whole_is_found_by_a_head_that_was_kept_elsewhere_only(pool: Pool, chain):
    head = chain[-1].hash
    assert (await audit_one(pool, OURS, head=head)).finding is None
    assert (await audit_one(pool, OURS, head=chain[3].hash)).finding is None  # of an earlier day
    new = await rewritten(pool, chain[7], words="Nothing happened.")
    found = await audit_one(pool, OURS)
    assert (found.finding, found.head) == (None, new)
    assert (await audit_one(pool, OURS, head=head)).finding.wrong is Wrong.HEAD


async def test_an_end_cut_off_together_with_what_the_case_says_is_found_by_the_closure_record(pool: Pool):
    chain = await record(pool, OURS, *KINDS, Kind.CLOSED, Kind.CLOSURE_RECORDED, status="closed")
    async with transaction(pool) as conn:
        await closures.add(conn, a_closure(reference=OURS, chain_head=chain[8].hash))
    assert (await audit_one(pool, OURS)).finding is None
    await run(
        pool,
        "DELETE FROM timeline WHERE reference = %(ref)s AND sequence > 8",
        "UPDATE complaints SET through = 8 WHERE reference = %(ref)s",
    )
    found = (await audit_one(pool, OURS)).finding
    assert (found.wrong, found.closure) == (Wrong.CLOSURE, 1)


async def test_a_timeline_whose_record_is_behind_is_sound(pool: Pool):
    """What is not recorded yet is neither missing nor tampered with, also when the closure record came first."""
    await record(pool, OURS, *KINDS)
    async with transaction(pool) as conn:
        await closures.add(conn, a_closure(reference=OURS, chain_head="f" * 64))
    found = await audit_one(pool, OURS)
    assert (found.finding, found.pending) == (None, (1,))


async def test_erased_details_are_counted_and_no_tampering(pool: Pool, chain):
    await run(
        pool,
        "UPDATE timeline SET detail = NULL, words = NULL, salt = NULL" + ONE + "3",
        "UPDATE timeline SET detail = NULL, words = NULL" + ONE + "5",
    )
    found = await audit_one(pool, OURS)
    assert (found.finding, found.erased, found.entries) == (None, 2, 8)
    await run(pool, "UPDATE timeline SET kind = 'noted'" + ONE + "5")
    assert (await audit_one(pool, OURS)).finding.first == 5


async def test_a_whole_case_as_the_rules_make_it_is_sound(pool: Pool):
    """With details of every kind, numbers and nulls among them: they come back from PostgreSQL as they were."""
    player = closed(reference=OURS)
    player.wait(timedelta(days=40))
    chain = tuple(player.state.timeline)
    async with transaction(pool) as conn:
        await complaints.upsert(conn, a_batch(reference=OURS, through=len(chain), intake=an_intake()))
        await timeline.append(conn, OURS, chain)
        for one in player.state.closures:
            await closures.add(conn, one)
    found = await audit_one(pool, OURS)
    assert (found.finding, found.head) == (None, chain[-1].hash)


async def a_closed_case(pool: Pool, *, days: int) -> Player:
    player = closed(reference=OURS)
    player.wait(timedelta(days=days))
    chain = tuple(player.state.timeline)
    async with transaction(pool) as conn:
        await complaints.upsert(conn, a_batch(reference=OURS, through=len(chain), intake=an_intake()))
        await timeline.append(conn, OURS, chain)
        for one in player.state.closures:
            await closures.add(conn, one)
    assert (await audit_one(pool, OURS)).finding is None
    return player


UNHELD = "ALTER TABLE closure_records DISABLE TRIGGER closure_records_immutable"
HELD = "ALTER TABLE closure_records ENABLE TRIGGER closure_records_immutable"


@pytest.mark.parametrize(
    ("tampering", "wrong"),
    [
        ("DELETE FROM closure_records WHERE reference = %(ref)s", Wrong.RECORD_MISSING),
        (
            """UPDATE closure_records SET record = record || '{"cost": 1}' WHERE reference = %(ref)s""",
            Wrong.RECORD_CHANGED,
        ),
        ("UPDATE closure_records SET record = record - 'problem' WHERE reference = %(ref)s", Wrong.RECORD_CHANGED),
    ],
)
async def test_a_closure_record_that_was_deleted_or_changed_is_named(pool: Pool, tampering, wrong):
    player = await a_closed_case(pool, days=40)
    at = next(e.sequence for e in player.state.timeline if e.kind is Kind.CLOSURE_RECORDED)
    await run(pool, UNHELD, tampering, HELD)
    found = (await audit_one(pool, OURS)).finding
    assert (found.wrong, found.first, found.closure) == (wrong, at, 1)


async def test_a_closure_record_that_may_be_on_its_way_is_not_missed_yet(pool: Pool):
    await a_closed_case(pool, days=0)
    await run(pool, UNHELD, "DELETE FROM closure_records WHERE reference = %(ref)s", HELD)
    assert (await audit_one(pool, OURS)).finding is None


async def test_erased_content_of_a_closure_record_is_no_tampering_once_its_entry_is_erased_too(pool: Pool):
    player = await a_closed_case(pool, days=40)
    at = next(e.sequence for e in player.state.timeline if e.kind is Kind.CLOSURE_RECORDED)
    erased = "UPDATE closure_records SET record = record || '{\"problem\": null}' WHERE reference = %(ref)s"
    await run(pool, UNHELD, erased, HELD, f"UPDATE timeline SET detail = NULL, salt = NULL{ONE}{at}")
    found = await audit_one(pool, OURS)
    assert (found.finding, found.erased) == (None, 1)


async def test_a_case_that_is_not_there_is_not_found(pool: Pool):
    with pytest.raises(NotFound):
        await audit_one(pool, OURS)


@pytest.mark.parametrize("processes", [1, 2])
async def test_the_whole_database_is_audited_in_order_and_can_go_on(pool: Pool, database_url, monkeypatch, processes):
    monkeypatch.setattr("starter.auditing.PAGE", 3)
    names = sorted(f"TTS-{number:013d}" for number in range(10))
    for name in names:
        await record(pool, name, *KINDS[:3])
    await run(pool, "UPDATE timeline SET kind = 'closed' WHERE reference = %(ref)s AND sequence = 2", ref=names[4])
    await run(pool, "DELETE FROM complaints WHERE reference = %(ref)s", ref=names[7])
    seen: list[Audited] = []
    whole = await audit_all(pool, database_url, processes=processes, told=lambda found, total: seen.append(found))
    assert [one.reference for one in whole.findings] == [names[4], names[7]]
    assert (whole.cases, whole.entries, whole.tampered, whole.last) == (10, 30, 2, names[-1])
    assert [one.last for one in seen] == [names[2], names[5], names[8], names[9]]
    rest = await audit_all(pool, database_url, after=seen[1].last, processes=processes, told=lambda *_: None)
    assert (rest.cases, [one.reference for one in rest.findings]) == (4, [names[7]])


FINDINGS = [Finding(wrong=wrong, first=3, last=7, closure=1, was="4") for wrong in Wrong]
FINDINGS += [Finding(wrong=Wrong.CHANGED, first=3, was=was) for was in ("kind noted", "role lead", "acted_at", None)]


@pytest.mark.parametrize("finding", FINDINGS)
def test_each_is_told_in_both_languages(finding):
    verdict = Verdict(reference=OURS, entries=8, erased=0, head=None, finding=finding)
    indonesian, english = told(verdict, Language.ID), told(verdict, Language.EN)
    assert {OURS in indonesian, OURS in english, indonesian != english} == {True}
    assert "{" not in indonesian + english
    assert finding.wrong in (Wrong.NO_CASE, Wrong.CLOSURE, Wrong.HEAD) or "3" in english.replace(OURS, "")


def command(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.run(["audit", "verify", *arguments])
    return code, out.getvalue(), err.getvalue()


async def test_the_command_says_it_and_ends_with_six(pool: Pool, chain, database_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    code, out, _ = await asyncio.to_thread(command, OURS, "--language", "en")
    assert (code, f"{OURS}: sound. 8 entries" in out, chain[-1].hash in out) == (0, True, True)
    await run(pool, "UPDATE timeline SET detail = '[]'" + ONE + "2")
    code, out, err = await asyncio.to_thread(command, OURS)
    assert (code, "Entri 2 sudah berubah" in out, "docs/audit.md" in err) == (6, True, True)
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "commands.main", "audit", "verify", "--all", "--json"],
        env={**os.environ, "DATABASE_URL": database_url}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 6, done.stderr
    assert json.loads(done.stderr)["problem"] == "1 not as recorded"
    whole = json.loads(done.stdout)
    assert (whole["cases"], whole["tampered"], whole["findings"][0]["finding"]["first"]) == (2, 1, 2)
    assert (await asyncio.to_thread(command, NOBODY))[0] == 3


@pytest.mark.parametrize(
    ("arguments", "field"),
    [((), "REFERENCE"), ((OURS, "--all"), "REFERENCE"), ((OURS, "--since", OURS), "--since"),
     (("--all", "--head", "0" * 64), "--head"), ((OURS, "--head", "xyz"), "--head")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(arguments, field):
    code, _, err = command(*arguments, "--json")
    assert (code, json.loads(err)["field"]) == (2, field)
