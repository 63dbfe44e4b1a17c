"""`tuntas doctor` against real services in which something is really wrong: it names it, and nothing else."""

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

from activities.mailbox import Mailboxes
from activities.outbox import Outbox
from channels.outbound.console import ConsoleNotifier
from commands.doctor import examine as examining
from commands.doctor import lanes
from commands.doctor import temporal as temporal_checks
from commands.doctor.examine import examine
from commands.doctor.finding import exit_code
from commands.doctor.places import Places
from commands.stack import StackOptions, erase, start_detached, stop, temporal
from complaints.messages import CASES_QUEUE, WORKFLOW, inbox_queue, workflow_id
from database import complaints, health
from database.pool import transaction
from settings import Settings
from starter.client import connect
from starter.mailbox.watching import start_watch
from starter.namespace import ensure
from telemetry import polling
from tests.fixtures.cases import start_complaint
from tests.fixtures.records import a_batch, a_notice
from tests.fixtures.smtp import MailServer
from tests.fixtures.waiting import eventually
from worker import render, workers
from workflows import attributes
from workflows.runner import plugin

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"  # else five failures are waited for


@pytest_asyncio.fixture(scope="module")
async def address():
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        async with temporal(Path(directory), "--dynamic-config-value", AT_ONCE) as found:
            yield found


_numbers = iter(range(1, 1000))


@pytest_asyncio.fixture
async def client(address):
    """A namespace of the test's own, with everything it needs."""
    made = await Client.connect(address, namespace=f"test-{next(_numbers)}", plugins=[plugin()])
    await ensure(made)
    return made


@pytest.fixture
def places(tmp_path, client, address, database_url):
    def at(**over):
        given = {
            "home": tmp_path, "stack": None, "temporal": {"target_host": address, "namespace": client.namespace},
            "database_url": database_url, "smtp_url": None, "mail_from": "Tuntas <care@example.co.id>",
            "policy": "demo", "imap_url": None, "web_url": None,
        }  # fmt: skip
        return Places(**(given | over))

    return at


@asynccontextmanager
async def working(client, pool, *, but=None):
    """Workers of all queues but one."""
    async with AsyncExitStack() as stack:
        outbox = Outbox(pool, ConsoleNotifier(io.StringIO()), render, now)
        for worker in workers(client, pool, outbox, Settings(graceful_shutdown_seconds=5)):
            if worker.task_queue != but:
                await stack.enter_async_context(worker)
        yield


@asynccontextmanager
async def catching():
    async with MailServer().listening() as mails:
        yield mails.url


def now():
    return datetime.now(UTC)


async def examined(places):
    """The findings by check, and the exit code."""
    found = await examine(places)
    assert not [check for check, number in Counter(finding.check for finding in found).items() if number > 1]
    for finding in found:
        assert finding.state in ("ok", "skipped") or finding.remedy, finding
    return {finding.check: finding for finding in found}, exit_code(found)


def wrong(found):
    return {check for check, finding in found.items() if finding.state == "problem"}


async def test_all_well(places, client, pool):
    async with working(client, pool), catching() as url:
        async with await connect(
            database_url=places().database_url, target_host=places().temporal["target_host"], namespace=client.namespace
        ) as tuntas:
            await tuntas.file({"channel": "form", "key": "well", "text": "Rusak.", "category": "billing"})
        found, code = await eventually(lambda: examined(places(smtp_url=url)), lambda it: it[1] == 0)
    assert (wrong(found), code) == (set(), 0)
    assert found["workers"].details["records"]["workers"] == 1
    skipped = {check: f.state for check, f in found.items() if f.state != "ok"}
    assert skipped == dict.fromkeys(("mailbox", "parts", "web"), "skipped")


async def test_a_server_that_is_down(places):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        found, code = await examined(places(temporal={"target_host": nobody, "namespace": "default"}))
    assert (wrong(found), code) == ({"temporal"}, 5)
    assert nobody in found["temporal"].what
    assert {check for check, finding in found.items() if finding.state == "skipped"} == {
        "namespace", "search_attributes", "workers", "case_tasks", "mailbox", "lanes", "parts", "web",
    }  # fmt: skip


async def test_a_namespace_that_is_missing(places, address):
    found, code = await examined(places(temporal={"target_host": address, "namespace": "nowhere"}))
    assert (wrong(found), code) == ({"namespace"}, 6)
    assert "nowhere" in found["namespace"].what


async def test_search_attributes_that_are_missing_or_of_another_type(places, address):
    bare = await Client.connect(address, namespace="bare")
    day = timedelta(days=1)
    request = RegisterNamespaceRequest(namespace="bare")
    request.workflow_execution_retention_period.FromTimedelta(day)
    await bare.workflow_service.register_namespace(request)
    wrong_type = {"ComplaintTier": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
    adding = AddSearchAttributesRequest(namespace="bare", search_attributes=wrong_type)

    async def add():
        try:
            await bare.operator_service.add_search_attributes(adding)
        except Exception:  # noqa: BLE001 (a fresh namespace is not known everywhere at once)
            return False
        return True

    await eventually(add, bool)
    here = places(temporal={"target_host": address, "namespace": "bare"})
    found, code = await eventually(
        lambda: examined(here), lambda it: it[0]["search_attributes"].details.get("mistyped")
    )
    assert code == 6
    assert "search_attributes" in wrong(found)
    assert found["search_attributes"].details["mistyped"] == {"ComplaintTier": "KEYWORD"}
    assert "ComplaintNextDue" in found["search_attributes"].details["missing"]
    assert found["lanes"].state == "skipped"


async def test_no_worker(places):
    found, code = await examined(places())
    assert (wrong(found), code) == ({"workers"}, 6)
    for queue in ("cases", "notices", "records"):
        assert queue in found["workers"].what


@pytest.mark.parametrize("missing", polling.QUEUES)
async def test_one_queue_without_a_worker(places, client, pool, missing):
    async with working(client, pool, but=missing):
        others = set(polling.QUEUES) - {missing}
        found, code = await eventually(
            lambda: examined(places()), lambda it: all(it[0]["workers"].details[q]["workers"] for q in others)
        )
    assert (wrong(found), code) == ({"workers"}, 6)
    assert found["workers"].what == f"no worker asks for the tasks of: {missing} (nobody)"


@asynccontextmanager
async def reading(client, name):
    """A worker of the mailbox, in the midst of a watch: until then it asks for nothing more."""
    begun, over = asyncio.Event(), asyncio.Event()

    class Reader:
        async def listen(self, seconds, stop):
            del seconds, stop
            begun.set()
            await over.wait()
            return Counter()

    await start_watch(client, name, within=10)
    async with Worker(
        client, task_queue=inbox_queue(name), activities=Mailboxes(Reader()).activities, max_concurrent_activities=1
    ):
        try:
            await asyncio.wait_for(begun.wait(), 20)
            yield
        finally:
            over.set()


async def test_a_mailbox_that_nobody_reads(places, client, pool, monkeypatch):
    here = places(imap_url="imap://care%40tuntas.example:secret@127.0.0.1:1/INBOX")  # what is there is another check
    queue = "inbox-care@tuntas.example"
    async with working(client, pool):
        found, _ = await eventually(
            lambda: examined(here), lambda it: all(it[0]["workers"].details[q]["workers"] for q in polling.QUEUES)
        )
        assert found["workers"].what == f"no worker asks for the tasks of: {queue} (nobody)"
        assert "TUNTAS_IMAP_URL" in found["workers"].remedy
        assert (await examined(places()))[0]["workers"].state == "ok", "no mailbox is set"
        assert (await examined(places(imap_url="pop3://x")))[0]["workers"].state == "ok", "the check of it says so"
        async with reading(client, "care@tuntas.example"):
            found, _ = await examined(here)
            assert found["workers"].state == "ok", found["workers"].what
            monkeypatch.setattr(temporal_checks, "SILENT", timedelta(0))  # all have asked for the last time long ago
            found, _ = await examined(here)
    assert found["workers"].state == "problem"
    assert queue not in found["workers"].what
    assert found["workers"].details[queue]["workers"] == 1


async def test_a_database_that_is_away_or_bare_or_refuses(places, postgres_url, tmp_path):
    away = f"postgresql://tuntas@/tuntas?host={tmp_path}"
    found, code = await examined(places(database_url=away))
    assert (wrong(found) - {"workers"}, code) == ({"database"}, 5)
    assert found["migrations"].state == "skipped"
    nobody = postgres_url.replace("/tuntas?", "/no_such_database?")
    found, code = await examined(places(database_url=nobody))
    assert "does not exist" in found["database"].what
    found, code = await examined(places(database_url=postgres_url))
    assert (wrong(found) - {"workers"}, code) == ({"migrations"}, 6)
    assert "0001.initial" in found["migrations"].what
    assert "tuntas migrate" in found["migrations"].remedy
    assert found["messages"].state == "skipped"


@asynccontextmanager
async def strict(**options):
    """A mail server that lets only some log in, or refuses the sender."""

    class Handler:
        async def handle_MAIL(self, _server, _session, envelope, address, _options):  # noqa: N802
            if options.get("refuse_sender"):
                return "553 5.7.1 not yours"
            envelope.mail_from = address
            return "250 OK"

    loop, sessions = asyncio.get_running_loop(), []

    def session():
        sessions.append(SMTP(
            Handler(), loop=loop, auth_required=bool(options.get("refuse_login")), auth_require_tls=False,
            authenticator=lambda *_: AuthResult(success=False, handled=False),
        ))  # fmt: skip
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in sessions:
            if isinstance(one.transport, asyncio.WriteTransport):
                one.transport.abort()
        await server.wait_closed()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_mail_that_is_refused(places):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
        found, code = await examined(places(smtp_url=nobody))
    assert (found["mail"].details["refused"], code) == ("unreachable", 5)
    async with strict(refuse_login=True) as port:
        found, code = await examined(places(smtp_url=f"smtp://us:secret@127.0.0.1:{port}"))
    assert (found["mail"].details, code) == ({"refused": "login", "said": "smtp 535 SMTPAuthenticationError"}, 6)
    assert "secret" not in found["mail"].model_dump_json()
    async with strict(refuse_sender=True) as port:
        found, code = await examined(places(smtp_url=f"smtp://127.0.0.1:{port}"))
    assert (found["mail"].details, code) == ({"refused": "sender", "said": "smtp 553 SMTPSenderRefused"}, 6)
    found, _ = await examined(places(smtp_url="http://mail"))
    assert found["mail"].state == "problem"


async def test_a_case_that_a_defect_suspends(places, client, pool, monkeypatch):
    monkeypatch.setattr(lanes, "GRACE", timedelta(seconds=0))
    async with working(client, pool):
        reference = start_complaint().reference
        await client.start_workflow(WORKFLOW, "no complaint", id=workflow_id(reference), task_queue=CASES_QUEUE)
        found, code = await eventually(lambda: examined(places()), lambda it: "case_tasks" in wrong(it[0]))
        found, code = await examined(places())  # it answers no query either
    assert code == 6
    assert found["case_tasks"].details == {"cases": 1, "references": [reference]}
    assert found["lanes"].details["stuck"]["records"] == {reference: "not in PostgreSQL"}


async def a_late_case(client, pool, *, due, recorded, without=()):
    """A case whose search attribute says it was due then, and whose record says it was due at `recorded`.

    Temporal lacks the attributes that it is `without`.
    """
    start = start_complaint(at=None)
    pairs = attributes.initial(start, now()).search_attributes
    pairs = [pair for pair in pairs if pair.key != attributes.NEXT_DUE] + [
        SearchAttributePair(attributes.NEXT_DUE, due)
    ]
    pairs = [pair for pair in pairs if pair.key not in without]
    await client.start_workflow(
        WORKFLOW, start, id=workflow_id(start.reference), task_queue=CASES_QUEUE,
        search_attributes=TypedSearchAttributes(pairs),
    )  # fmt: skip
    batch = a_batch(reference=start.reference, standing={"next_due_at": recorded})
    async with transaction(pool) as conn:
        await complaints.upsert(conn, batch)
    return start.reference


async def test_a_case_that_is_late(places, client, pool):
    due = (now() - timedelta(minutes=10)).replace(microsecond=0)
    reference = await a_late_case(client, pool, due=due, recorded=due)
    found, code = await eventually(lambda: examined(places()), lambda it: "lateness" in wrong(it[0]))
    assert code == 6
    assert found["lateness"].details["references"] == [reference]
    assert "10m" in found["lateness"].what
    # without Temporal the records alone say so, without PostgreSQL Temporal alone
    found, _ = await examined(places(temporal=None))
    assert found["lateness"].details["cases_by_records"] == 1
    found, _ = await examined(places(database_url=None))
    assert found["lateness"].details["cases"] == 1


async def test_a_record_that_is_behind_is_no_lateness_but_a_stuck_lane(places, client, pool):
    due, recorded = now() + timedelta(hours=1), now() - timedelta(minutes=10)
    reference = await a_late_case(client, pool, due=due, recorded=recorded)
    found, _ = await examined(places())
    assert found["lateness"].state == "ok"
    said = found["lanes"].details["stuck"]["records"]
    assert list(said) == [reference]
    assert "ComplaintNextDue" in said[reference]


async def test_a_search_attribute_that_was_removed_and_added_again_is_no_stuck_lane(places, client, pool, monkeypatch):
    """PostgreSQL and the case are right; only Temporal's lists lack the value, until it changes."""
    monkeypatch.setattr(lanes, "GRACE", timedelta(0))
    due = (now() + timedelta(hours=1)).replace(microsecond=0)
    reference = await a_late_case(client, pool, due=due, recorded=due, without=[attributes.TIER])
    found, _ = await eventually(lambda: examined(places()), lambda it: it[0]["lanes"].state != "ok")
    assert (found["lanes"].state, found["lanes"].details["lost"]) == ("warning", {reference: ("ComplaintTier",)})
    assert "stuck" not in found["lanes"].details


async def test_an_attribute_that_a_case_may_lack_is_not_taken_for_a_removed_one(places, client, pool, monkeypatch):
    """The case may have nothing due any more, and its record be behind."""
    monkeypatch.setattr(lanes, "GRACE", timedelta(0))
    due = (now() + timedelta(hours=1)).replace(microsecond=0)
    reference = await a_late_case(client, pool, due=due, recorded=due, without=[attributes.TIER, attributes.NEXT_DUE])
    found, _ = await eventually(lambda: examined(places()), lambda it: it[0]["lanes"].state != "ok")
    said = {reference: "PostgreSQL and Temporal differ in ComplaintTier, ComplaintNextDue"}
    assert found["lanes"].details["stuck"]["records"] == said


async def test_records_that_postgresql_refuses(places, client, pool, monkeypatch):
    monkeypatch.setattr(lanes, "GRACE", timedelta(seconds=1))
    async with transaction(pool) as conn:
        await conn.execute("ALTER TABLE complaints ADD CONSTRAINT nothing CHECK (false) NOT VALID")
    async with working(client, pool):
        start = start_complaint(at=None)
        await client.start_workflow(
            WORKFLOW, start, id=workflow_id(start.reference), task_queue=CASES_QUEUE,
            search_attributes=attributes.initial(start, now()),
        )  # fmt: skip
        found, code = await eventually(lambda: examined(places()), lambda it: "lanes" in wrong(it[0]))
    assert code == 6
    said = found["lanes"].details["stuck"]["records"][start.reference]
    assert said == "the record, DatabaseError: PostgreSQL: CheckViolation 23514"


async def test_records_that_are_tried_again_and_again(places, client, pool):
    async with transaction(pool) as conn:
        await conn.execute("ALTER TABLE timeline RENAME TO elsewhere")
    async with working(client, pool):
        start = start_complaint(at=None)
        await client.start_workflow(
            WORKFLOW, start, id=workflow_id(start.reference), task_queue=CASES_QUEUE,
            search_attributes=attributes.initial(start, now()),
        )  # fmt: skip
        found, _ = await eventually(lambda: examined(places()), lambda it: "lanes" in wrong(it[0]))
    said = found["lanes"].details["stuck"]["records"][start.reference]
    assert said.endswith("DatabaseError: PostgreSQL: UndefinedTable 42P01")
    assert "attempt" in said


async def filed(tuntas, *keys, **intake):
    given = {"channel": "form", "text": "Rusak.", "category": "billing", **intake}
    return [(await tuntas.file(given | {"key": key})).reference for key in keys]


async def test_an_escalation_that_failed_for_good_long_ago(places, client, pool, monkeypatch):
    """No activity is pending, its record is stored, and newer cases hide it: the case itself says so."""
    monkeypatch.setitem(lanes.SAMPLES, "", 1)
    async with transaction(pool) as conn:
        await conn.execute("ALTER TABLE escalations ADD CONSTRAINT nothing CHECK (false) NOT VALID")
    async with (
        working(client, pool),
        await connect(
            database_url=places().database_url, target_host=places().temporal["target_host"], namespace=client.namespace
        ) as tuntas,
    ):
        [raised] = await filed(tuntas, "raised", severity="critical")
        others = await filed(tuntas, "newer-1", "newer-2")
        found, code = await eventually(lambda: examined(places()), lambda it: "lanes" in wrong(it[0]))
        sampled = {standing.reference for standing in await lanes.sampled(client)}
    assert sampled < {raised, *others}, "not everything was looked at"
    assert (wrong(found), code) == ({"lanes"}, 6)
    said = {raised: "1 failing, DatabaseError: PostgreSQL: CheckViolation 23514"}
    assert found["lanes"].details["stuck"] == {"escalations": said}


async def test_cases_that_do_not_answer_are_not_waited_for_one_by_one(client, monkeypatch):
    for _ in range(12):
        start = start_complaint(at=None)
        await client.start_workflow(
            WORKFLOW, start, id=workflow_id(start.reference), task_queue=CASES_QUEUE,
            search_attributes=attributes.initial(start, now()),
        )  # fmt: skip
    await eventually(lambda: lanes.sampled(client), lambda found: len(found) == 12)
    asked = []
    ask = WorkflowHandle.query

    async def noted(handle, *args, **options):
        asked.append(handle.id)
        return await ask(handle, *args, **options)

    monkeypatch.setattr(WorkflowHandle, "query", noted)
    found = await lanes.lanes(client, None)
    assert len(set(asked)) == len(asked) == 5
    assert found.details == {"looked_at": 12, "silent": 12}
    assert found.what.endswith("12 of them did not answer what failed for good")


async def test_a_message_that_waits(places, pool):
    long_ago = now() - timedelta(hours=2)
    outbox = Outbox(pool, ConsoleNotifier(), render, lambda: long_ago)
    async with transaction(pool) as conn:
        await outbox.write(conn, a_notice())
    found, code = await examined(places())
    assert "messages" in wrong(found)
    assert code == 6
    assert found["messages"].what == "messages wait: 1 to complainants, the oldest for 2h"
    assert found["messages"].details["waiting"] == [{"reference": a_notice().reference, "occasion": "acknowledgement"}]


async def test_a_clock_that_goes_wrong(places, monkeypatch):
    async def ahead(*_):
        return timedelta(seconds=-90)

    monkeypatch.setattr(health, "clock_difference", ahead)
    found, _ = await examined(places())
    assert found["clock"].what == "PostgreSQL's clock is 90 s behind ours"


async def test_a_check_that_hangs_or_breaks_keeps_no_other_from_running(places, monkeypatch):
    async def hang(*_):
        await asyncio.Event().wait()

    async def break_down(*_):
        raise KeyError("x")

    monkeypatch.setattr(examining.messages, "messages", break_down)
    monkeypatch.setattr(examining.lateness, "lateness", hang)
    monkeypatch.setattr(examining, "PATIENCE", 0.2)
    found, code = await examined(places())
    assert wrong(found) == {"workers", "messages", "lateness"}
    assert found["messages"].what == "the check itself broke: KeyError"
    assert code == 5


# the command, and the parts of the local stack


def environment(home):
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("TEMPORAL_", "DATABASE_URL", "TUNTAS_"))}
    return kept | {"TUNTAS_HOME": str(home), "PYTHONPATH": str(ROOT)}


def doctor(home, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "commands.main", "doctor", *arguments],
        capture_output=True, text=True, timeout=120, env=environment(home), check=False,
    )  # fmt: skip


def test_nothing_says_where_the_services_are(tmp_path):
    done = doctor(tmp_path / "nothing", "--json")
    assert done.returncode == 5
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert {tuple(finding) for finding in found} == {("check", "state", "what", "remedy", "details")}
    assert {finding["check"] for finding in found if finding["state"] == "problem"} == {"temporal", "database"}
    people = doctor(tmp_path / "nothing")
    assert people.returncode == 5
    assert "tuntas up" in people.stdout


def test_a_part_that_ends_again_and_again(tmp_path):
    home, flag, script = tmp_path / "home", tmp_path / "flag", tmp_path / "worker.py"
    script.write_text(  # once the flag is there it ends whenever it is started
        "import pathlib, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})\n"
        f"if not pathlib.Path({str(flag)!r}).exists(): signal.sigwait({{signal.SIGUSR1}})\n"
        "raise SystemExit(3)\n",
        encoding="utf-8",
    )
    options = {"home": home, "worker_command": (sys.executable, str(script)), "worker_queue": None}
    info = start_detached(
        StackOptions.model_validate(options | {"prepare": "database.migrate:migrate"}), environment=environment(home)
    )
    try:
        with psycopg.connect(info.database_url) as connection:
            assert connection.execute("SELECT count(*) FROM complaints").fetchone() == (0,)
        assert not (home / "ends.json").exists()
        flag.touch()
        os.kill(info.processes["worker"], signal.SIGUSR1)
        deadline = datetime.now(UTC) + timedelta(seconds=60)
        while True:
            assert datetime.now(UTC) < deadline
            done = doctor(home, "--json")
            found = {finding["check"]: finding for finding in json.loads(done.stdout)}
            if found["parts"]["state"] == "problem" and found["parts"]["details"]["worker"]["in_a_row"] >= 3:
                break
        assert done.returncode == 6
        assert "worker (exit code 3" in found["parts"]["what"]
        assert {c for c, f in found.items() if f["state"] == "problem"} == {"parts", "workers"}
        noted = (home / "logs" / "supervisor.log").read_text(encoding="utf-8")
        pauses = [line.partition("again in ")[2].split()[0] for line in noted.splitlines() if "again in" in line]
        assert pauses[:3] == ["0.5", "1.0", "2.0"]
    finally:
        stop(home)
        assert not (home / "ends.json").exists()
        erase(home)
