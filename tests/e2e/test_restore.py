"""Backup and restore, tried on a real stack: PostgreSQL older than Temporal, and Temporal older than PostgreSQL."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import policy as mail_policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from channels.signing import Signer
from commands import reconciling
from commands.outgoing import outgoing
from commands.reconciling import Reconciler
from commands.session import quiet_runtime
from commands.stack import Stack, StackOptions, erase
from commands.stack.alone import postgres
from commands.stack.postgres_server import ROLE, PostgresServer
from commands.stack.secret import kept_secret
from complaints.messages import workflow_id
from starter.auditing import audit_one
from starter.client import connect
from starter.histories import runs_of
from tests.fixtures import backup

pytestmark = pytest.mark.services

PATIENCE = 60
AGENT, LEAD = {"id": "siti", "role": "agent"}, {"id": "rina", "role": "lead"}
PAGES, DOMAIN = "https://care.example.test", "care.example.test"
LINK = re.compile(rf"(?<={PAGES}/id/case/)[\w.-]+")
# What `tuntas reconcile` makes as it was. Left out is what the page says is lost: when a row was written.
COMPARED = {
    "complaints": "to_jsonb(t) - 'recorded_at' - 'contact_through'",
    "timeline": "t",
    "clocks": "t",
    "actions": "t",
    "root_causes": "t",
    "evaluations": "t",
    "reviews": "t",
    "evaluation_answers": "t",
    "case_scores": "t",
    "surveys": "t",
    "surveyed": "to_jsonb(t) - 'asked_at'",
    "answers": "t",
    "closure_records": "to_jsonb(t) - 'stored_at'",
    "past_records": "t",
    "likeness": "t",
    "archived_cases": "t",
    "escalations": "to_jsonb(t) - 'found_at'",
    "notices": "CASE WHEN audience = 'complainant' THEN to_jsonb(t) - 'written_at' END",
    "intakes": "to_jsonb(t) - 'created_at'",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Of a service that has pages and a sender: so the workers are told, and so is `tuntas reconcile`."""
    for name, value in {
        "TUNTAS_HOME": str(tmp_path / "home"), "TUNTAS_WEB_URL": PAGES, "TUNTAS_MAIL_FROM": f"Tuntas <tuntas@{DOMAIN}>",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    yield tmp_path / "home"
    erase(tmp_path / "home")


@asynccontextmanager
async def stack(home):
    options = StackOptions.model_validate({"home": home, "prepare": "database.migrate:migrate"})
    async with (
        Stack(options) as info,
        await connect(
            database_url=info.database_url, target_host=info.temporal_address, namespace=info.namespace,
            runtime=quiet_runtime(),
        ) as tuntas,
    ):  # fmt: skip
        yield tuntas


async def file(tuntas, key):
    intake = {
        "channel": "email", "key": key, "text": f"Kompor saya mati: {key}", "category": "billing",
        "complainant": {"name": "Sari", "email": f"{key}@example.test"},
    }  # fmt: skip
    return (await tuntas.file(intake)).reference


async def act(tuntas, reference, name, *, actor=AGENT, **fields):
    key = f"{name}-{datetime.now(UTC):%H%M%S%f}"
    return await tuntas.act(reference, {"act": name, "key": key, "actor": actor, **fields})


async def at_rest(tuntas, *references):
    """Until nothing is under way: every activity done, and every timeline recorded as far as it will be."""
    async with asyncio.timeout(PATIENCE):
        for reference in references:
            handle = tuntas.client.get_workflow_handle(workflow_id(reference))
            while True:
                found = (await handle.describe()).raw_description
                begun = found.workflow_execution_info.history_length > 2
                if begun and not found.pending_activities and not found.HasField("pending_workflow_task"):
                    break
                await asyncio.sleep(0.1)


async def rows(tuntas):
    """Everything that is compared, as text, table by table."""
    found = {}
    async with tuntas.pool.connection() as conn:
        for table, columns in COMPARED.items():
            cursor = await conn.execute(f"SELECT ({columns})::text FROM {table} AS t".encode())  # noqa: S608
            found[table] = sorted(row[0] for row in await cursor.fetchall() if row[0] is not None)
    found["notices"] = sorted(LINK.sub(opened, row) for row in found["notices"])
    return found


def opened(found):
    """What a link opens. Until when is left out: it counts from when the notice was written."""
    link = Signer(kept_secret(Path(os.environ["TUNTAS_HOME"]))).read(found[0], datetime.now(UTC))
    return f"{link.reference} {link.purpose} {link.generation}"


async def forget(tuntas, reference, tables):
    async with tuntas.pool.connection() as conn:
        for table in tables:
            await conn.execute(f"DELETE FROM {table} WHERE reference = %s".encode(), [reference])  # noqa: S608


async def sequences(tuntas, reference):
    """The entries that are recorded of a case."""
    async with tuntas.pool.connection() as conn:
        cursor = await conn.execute("SELECT sequence FROM timeline WHERE reference = %s ORDER BY 1", [reference])
        return [row[0] for row in await cursor.fetchall()]


def mails(home):
    """How many mails carry each notice's key."""
    read = BytesParser(policy=mail_policy.default).parsebytes
    return Counter(str(read(path.read_bytes())["X-Tuntas-Notice"]) for path in (home / "mail").glob("*.eml"))


async def last_runs_of(*given, **options):
    return {reference: runs[-1:] for reference, runs in (await runs_of(*given, **options)).items()}


def reconciler(tuntas, **options):
    made = outgoing(str(tuntas.pool.conninfo))
    return Reconciler(
        tuntas.client, tuntas.pool, datetime.now(UTC), domain=made.domain, links=made.links, **options
    )  # fmt: skip


async def told_by_the_command():
    """Its exit code and document."""
    argv = [sys.executable, "-m", "commands.main", "reconcile", "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
    ended = await asyncio.to_thread(subprocess.run, argv, check=False, capture_output=True, env=environment)
    return ended.returncode, json.loads(ended.stdout)


def place(home):
    return {"PGHOST": str(PostgresServer(home).place.sockets), "PGUSER": ROLE}


async def restore(home, folder):
    """In the place of the database that is there, with nothing else running."""
    async with postgres(home):
        await asyncio.to_thread(backup.restore, "tuntas", folder, place(home))


def test_the_page_says_what_is_compared_here():
    said = "".join(re.findall(r"^\| (`.+?) \| as they were", backup.section(), re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", said)) == COMPARED.keys()


async def test_postgresql_older_than_temporal_is_rebuilt(home, tmp_path, monkeypatch):  # noqa: PLR0915 (one story)
    async with stack(home) as tuntas:
        answered, held, waiting = [await file(tuntas, key) for key in ("answered", "held", "waiting")]
        gone_before = await file(tuntas, "gone-before")
        await act(tuntas, answered, "respond", text="Kami periksa.")
        await tuntas.withdraw(gone_before, key="w-1")
        everything = [answered, held, waiting, gone_before]
        await at_rest(tuntas, *everything)
        await asyncio.to_thread(backup.back_up, "tuntas", tmp_path, place(home))

        await act(tuntas, answered, "add_action", description="kirim nota", within="2 days")
        await act(tuntas, answered, "decide", outcome="upheld", reasons="Cacat.")
        await at_rest(tuntas, answered)
        await tuntas.confirm(answered, key="c-0", satisfied=False, text="Belum menyala.")
        await at_rest(tuntas, answered)
        await act(tuntas, answered, "decide", outcome="upheld", reasons="Memang cacat.")
        await at_rest(tuntas, answered)
        await tuntas.confirm(answered, key="c-1", satisfied=True, rating=5)
        await act(tuntas, held, "record_root_cause", category="process", cause="salah input")
        await act(tuntas, held, "escalate", reason="perlu")
        await act(tuntas, held, "amend", email="baru@example.test")
        await act(tuntas, held, "hold", reason="bank")
        after, gone_after = await file(tuntas, "after"), await file(tuntas, "gone-after")
        await tuntas.withdraw(gone_after, key="w-2")
        await tuntas.reopen(gone_before, key="r-1", reason="new_facts", text="Bukti baru", actor=AGENT)
        everything += [after, gone_after]
        await at_rest(tuntas, *everything)
        assert (await tuntas.view(answered)).status == "closed"
        await act(tuntas, answered, "record_evaluation", actor=LEAD, speed=4, coaching="Tanya dahulu.")
        await act(tuntas, answered, "answer_evaluation", text="Baik.")
        await tuntas.survey(answered, key="s-1", outcome=4, stop=True)
        await at_rest(tuntas, answered)
        before, told = await rows(tuntas), mails(home)
        assert all(f"@{DOMAIN}>" in notice for notice in before["notices"])
        assert any(f"{PAGES}/id/case/{answered} follow 0/answer?solved=yes" in notice for notice in before["notices"])
        assert (await reconciler(tuntas).run()).in_order == len(everything)

    await restore(home, tmp_path)

    async with stack(home) as tuntas:
        older = await rows(tuntas)
        assert all(older[name] != before[name] for name in before)
        touched = {answered, held, gone_before, after, gone_after}
        seen = await reconciler(tuntas, dry_run=True).run()
        assert {one.reference for one in seen.rebuilt} == touched
        assert await rows(tuntas) == older

        assert await told_by_the_command() == (0, seen.model_dump(mode="json"))
        assert (seen.in_order, seen.left) == (1, 0)
        rebuilt = {one.reference: one.rows for one in seen.rebuilt}
        assert rebuilt[answered]["closure_records"] == 1
        assert rebuilt[after]["intakes"] == 1
        assert await rows(tuntas) == before
        again = await reconciler(tuntas).run()
        assert (again.in_order, again.rebuilt) == (len(everything), ())

        # After the retention only the last run of a case that was reopened is left: its start carries the whole case.
        lost = ("complaints", "timeline", "clocks", "intakes")
        await forget(tuntas, gone_before, lost)
        with monkeypatch.context() as patched:
            patched.setattr(reconciling, "runs_of", last_runs_of)
            assert set((await reconciler(tuntas).run([gone_before])).rebuilt[0].rows) == set(lost)
        now = await rows(tuntas)
        # How long the clocks of then had run is counted as of now; past records went with their complaint.
        assert {name for name in now if now[name] != before[name]} <= {"clocks", "past_records"}

        assert (await file(tuntas, "after")) == after
        await act(tuntas, held, "resume")
        await tuntas.reply(gone_after, key="m-1", text="Masih rusak")
        await at_rest(tuntas, held, gone_after)
        view = await tuntas.view(held)
        assert len((await rows(tuntas))["timeline"]) > len(before["timeline"])
        assert [e.sequence for e in view.timeline] == list(range(1, len(view.timeline) + 1))
        assert all(count == 1 for count in mails(home).values())
        assert all(mails(home)[key] == count for key, count in told.items())


async def test_temporal_older_than_postgresql_is_told_and_set_aside(home, tmp_path):
    async with stack(home) as tuntas:
        decided, waiting = [await file(tuntas, key) for key in ("decided", "waiting")]
        await act(tuntas, decided, "respond", text="Kami periksa.")
        await at_rest(tuntas, decided, waiting)
        common = max(await sequences(tuntas, decided))
    shutil.copytree(home / "temporal", tmp_path / "temporal")

    async with stack(home) as tuntas:
        await act(tuntas, decided, "decide", outcome="upheld", reasons="Cacat.")
        await at_rest(tuntas, decided)
        await tuntas.confirm(decided, key="c-1", satisfied=True)
        lost = await file(tuntas, "lost")
        await at_rest(tuntas, decided, lost)
        assert (await tuntas.view(decided)).status == "closed"
        told = mails(home)
        assert told[f"{decided}/decision/1/complainant"] == 1
        stored = await rows(tuntas)

    shutil.rmtree(home / "temporal")
    shutil.copytree(tmp_path / "temporal", home / "temporal")

    async with stack(home) as tuntas:
        found = await reconciler(tuntas).run()
        assert await rows(tuntas) == stored
        assert await told_by_the_command() == (6, found.model_dump(mode="json"))
        (ahead,) = found.ahead
        assert (ahead.reference, ahead.sequence, ahead.set_aside) == (decided, common, False)
        assert ahead.notices == (f"{decided}/decision/1/complainant", f"{decided}/closed_confirmed/1/complainant")
        assert (found.unknown, found.in_order, found.left) == ((lost,), 1, 2)
        assert (await tuntas.view(decided)).status == "investigation"

        done = await reconciler(tuntas, set_aside=True).run([decided])
        assert (done.ahead[0].set_aside, done.left) == (True, 0)
        now = await rows(tuntas)
        assert len(now["timeline"]) == len(stored["timeline"]) - ahead.entries
        assert now["notices"] == stored["notices"]
        async with tuntas.pool.connection() as conn:
            kept = await (await conn.execute("SELECT part, count(*) FROM set_aside GROUP BY part")).fetchall()
        assert dict(kept).items() >= {"timeline": ahead.entries, "closure_records": 1, "case_scores": 1}.items()
        assert (now["closure_records"], now["case_scores"]) == ([], [])
        assert (await reconciler(tuntas).run([decided])).in_order == 1

        # The case goes on where the backup was; its next decision has the key of the one that was told already.
        await act(tuntas, decided, "decide", outcome="not_upheld", reasons="Tidak terbukti.")
        await at_rest(tuntas, decided)
        view = await tuntas.view(decided)
        assert view.status == "resolved"
        assert mails(home) == told
        assert await sequences(tuntas, decided) == [entry.sequence for entry in view.timeline]
        await tuntas.confirm(decided, key="c-2", satisfied=True)
        await at_rest(tuntas, decided)
        assert (await tuntas.view(decided)).closure.outcome == "not_upheld"
        assert (await reconciler(tuntas).run([decided])).in_order == 1
        assert (await audit_one(tuntas.pool, decided)).finding is None  # the record is of the closing that counts
