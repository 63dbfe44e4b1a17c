"""A worker's logs and metrics, of a real process in which things fail: never anybody's words, always the reference."""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import urllib.request
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.runtime import MetricBuffer, MetricBufferDurationFormat, Runtime, TelemetryConfig

from activities.outbox import Outbox
from channels.outbound import TransportError
from channels.outbound.console import ConsoleNotifier
from commands.stack import temporal
from commands.stack.ports import choose_ports
from complaints.messages import workflow_id
from database import complaints
from database.pool import transaction
from settings import Settings
from starter.client import connect
from telemetry.attempts import InVain
from telemetry.gauges import Gauges
from telemetry.metrics import DutyAttempts
from tests.fixtures.records import a_batch, a_notice
from tests.fixtures.smtp import MailServer
from tests.fixtures.waiting import eventually
from worker import render, workers
from workflows import meters
from workflows.runner import plugin

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
MARK = "Zyzzogeton"  # a word that occurs nowhere but in what a complainant wrote or is called
AGENT = {"actor": {"id": "budi", "role": "agent"}}

# A worker in which what usually goes well fails at first, and says so with the complainant's words.
FAILING = """
import asyncio, itertools, logging, sys, threading, warnings
import worker
from activities.outbox import Outbox
from complaints.case import Case
from database import complaints

class Once:
    def __init__(self): self.done = set()
    def __call__(self, what):
        new = what not in self.done
        self.done.add(what)
        return new

once = Once()
upsert, claim, handle = complaints.upsert, Outbox.deliver, Case.handle

async def failing_upsert(conn, batch):
    words = " ".join(filter(None, [batch.intake.text if batch.intake else "", *(e.words or "" for e in batch.entries)]))
    if words and once(("record", batch.through)):
        raise ValueError(f"cannot store {words!r}")
    return await upsert(conn, batch)

async def never_looked_at(words):
    raise ValueError(words)

async def failing_delivery(self, key):
    words = "MARK"
    if once(("beside", key)):
        warnings.warn(f"about {words}")
        threading.Thread(target=lambda: int(words)).start()
        asyncio.create_task(never_looked_at(words))
        logging.getLogger("somelib").error("refused %s of %d", words, 7)
        logging.getLogger("somelib").error(f"refused: {words}")
    return await claim(self, key)

failures = itertools.count()

def failing_handle(self, message, now):
    words = getattr(message, "text", None)
    if words and "SUSPEND" in words and next(failures) < 2:
        raise KeyError(words)
    return handle(self, message, now)

complaints.upsert, Outbox.deliver, Case.handle = failing_upsert, failing_delivery, failing_handle
sys.exit(worker.main())
""".replace("MARK", MARK)


@pytest_asyncio.fixture(scope="module")
async def address():
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        async with temporal(Path(directory)) as found:
            yield found


@pytest_asyncio.fixture
async def failing(address, database_url, tmp_path):
    """The worker's process: `(mails, metrics address, read its lines)`."""
    script, log = tmp_path / "failing.py", tmp_path / "worker.log"
    script.write_text(FAILING, encoding="utf-8")
    port = choose_ports(tmp_path, {"metrics": None})["metrics"]
    async with MailServer().listening() as mails:
        environment = os.environ | {
            "PYTHONPATH": str(ROOT), "TEMPORAL_ADDRESS": address, "DATABASE_URL": database_url,
            "TUNTAS_SMTP_URL": mails.url, "TUNTAS_METRICS_ADDRESS": f"127.0.0.1:{port}", "TUNTAS_LOG_LEVEL": "INFO",
        }  # fmt: skip
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(script), stdout=file, stderr=file, env=environment, cwd=tmp_path
            )
        try:
            yield mails, f"http://127.0.0.1:{port}/metrics", lambda: log.read_text(encoding="utf-8").splitlines()
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 60) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def scrape(url):
    """The samples of the metrics by name and labels."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 (our own worker's)
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def sample(samples, name, *labels):
    """The one sample of this name with these labels, 0 if there is none yet."""
    found = [v for k, v in samples.items() if k.startswith(name) and all(f'"{label}"' in k for label in labels)]
    assert len(found) <= 1, found
    return sum(found)


def an_intake(key, **over):
    person = {
        "name": f"Sari {MARK}", "email": f"{MARK.lower()}@example.co.id", "phone": "+628123456789",
        "represented_by": MARK, "consent": {"how": MARK},
    }  # fmt: skip
    given = {
        "channel": "email", "text": f"Barang {MARK} rusak.", "subject": MARK, "remedy_sought": MARK,
        "category": "billing", "complainant": person, "details": {"order_number": MARK},
    }  # fmt: skip
    return given | {"key": key} | over


async def test_logs_name_the_case_and_never_quote_and_metrics_count(failing, address, database_url):
    mails, metrics, lines = failing
    mails.refuse_recipient = [f"450 4.2.1 {MARK} is busy"]
    mails.refuse_data = [f"554 5.7.1 no {MARK}"]
    async with await connect(
        database_url=database_url, target_host=address, policy="demo", within=30, wait=30
    ) as tuntas:
        filed = await tuntas.file(an_intake("logged-1"))
        reference = filed.reference
        handle = tuntas.client.get_workflow_handle(workflow_id(reference))
        await eventually(lambda: mails.mails)
        await handle.signal("complainant_replied", {"message_id": "u-1", "text": {"no": MARK}})
        await handle.signal("complainant_replied", RawValue(Payload(data=f"{MARK} is no json".encode())))
        await handle.signal("complainant_replied", args=[MARK, MARK])
        await tuntas.reply(reference, key="r-1", text=f"{MARK} SUSPEND")
        await tuntas.act(reference, {"act": "note", "key": "n-1", "text": f"Tentang {MARK}", **AGENT})
        counted = (
            ("tuntas_lateness_seconds_count", "breached", "first_response"),
            ("tuntas_duty_attempts_total", "record", "records", "retry"),
            ("tuntas_duty_attempts_total", "notify_complainant", "notices", "failed"),  # 554: it will never arrive
        )

        def all_counted():
            found = scrape(metrics)
            return found if all(sample(found, *one) for one in counted) else None

        seen = await eventually(all_counted)
        await eventually(lambda: any("Failed activation" in line for line in lines()))
        view = await tuntas.view(reference)
        assert any(entry.kind == "complainant_replied" for entry in view.timeline), "it went on by itself"

    # logs
    said = [json.loads(line) for line in lines()]
    assert not [line for line in lines() if MARK in line or MARK.lower() in line or "628123456789" in line]
    of_the_case = [line for line in said if line.get("workflow_id") or line.get("activity_id") or line.get("run_id")]
    assert of_the_case
    assert {line.get("reference") for line in of_the_case} == {reference}
    by_message = {line["message"]: line for line in said}
    failed = by_message["Completing activity as failed"]
    assert failed["reference"] == reference
    assert failed["activity"] in {"record", "notify_complainant"}
    suspended = next(line for line in said if line["message"].startswith("Failed activation"))
    assert (suspended["reference"], suspended["exception"]) == (reference, "KeyError")
    assert any("failing_handle" in place for place in suspended["where"])
    assert "refused … of 7" in by_message
    assert {"refused", "Task exception was never retrieved"} <= set(by_message)
    assert any(line["message"].startswith("UserWarning at ") for line in said)
    assert by_message["uncaught: ValueError"]["level"] == "CRITICAL"

    # metrics
    assert sample(seen, "tuntas_lateness_seconds_sum", "breached", "first_response") < 60
    for lane in meters.LANES:
        assert f'tuntas_duties_waiting{{lane="{lane}"}}' in seen
        assert {f'tuntas_duties_failing{{lane="{lane}",outcome="{how}"}}' for how in ("failed", "retry")} <= set(seen)
    assert 'tuntas_cases{status="investigation"}' in seen
    assert not [name for name in seen if MARK in name or reference in name]
    assert any(name.startswith("temporal_workflow_task_execution_latency_seconds") for name in seen)
    ours = {re.split(r"[{]", name)[0] for name in seen if name.startswith("tuntas_")}
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in ours if re.sub("_(bucket|sum|count)$", "", name) not in documented] == []


def metering():
    """A meter, and what it was told last, by the metric's name and the values of its labels in the order of theirs."""
    buffer = MetricBuffer(10_000, duration_format=MetricBufferDurationFormat.SECONDS)
    found = {}

    def told():
        for update in buffer.retrieve_updates():
            labels = [value for name, value in sorted(update.attributes.items()) if name != "service_name"]
            found[update.metric.name, *labels] = update.value
        return found

    return Runtime(telemetry=TelemetryConfig(logging=None, metrics=buffer)).metric_meter, told


class Mail:
    """A mail server that may be away."""

    away = True

    async def send(self, message):
        del message
        if self.away:
            raise TransportError("smtp 451 away", permanent=False)


async def test_an_outage_of_mail_shows_in_its_lane_and_in_no_other(address, pool, database_url):
    """What `DutiesFail` of deploy/prometheus/alerts.yml looks at."""
    meter, told = metering()
    mail, in_vain = Mail(), InVain()
    client = await Client.connect(address, plugins=[plugin()])
    gauges = Gauges(meter, pool, lambda: datetime.now(UTC), in_vain)

    def read():
        gauges.read_lanes()
        return told()

    async with AsyncExitStack() as stack:
        outbox = Outbox(pool, mail, render, lambda: datetime.now(UTC))
        for one in workers(client, pool, outbox, Settings(graceful_shutdown_seconds=5), DutyAttempts(meter, in_vain)):
            await stack.enter_async_context(one)
        tuntas = await stack.enter_async_context(await connect(database_url=database_url, target_host=address))
        await tuntas.file(an_intake("away-1"))
        found = await eventually(read, lambda it: it.get(("tuntas_duties_failing", "notices", "retry")))
        assert found["tuntas_duties_waiting", "notices"] >= 1
        failing = {key[1:]: number for key, number in found.items() if key[0] == "tuntas_duties_failing" and number}
        assert failing == {("notices", "retry"): 1}
        ends = {key[1:] for key in found if key[0] == "tuntas_duty_attempts"}
        assert {
            ("carry_out", "records", "done"), ("carry_out", "notices", "apart"),
            ("notify_complainant", "notices", "retry"),
        } <= ends  # fmt: skip
        assert not {end for end in ends if end[1:] == ("notices", "done")}
        mail.away = False
        found = await eventually(read, lambda it: it["tuntas_duties_failing", "notices", "retry"] == 0)
        assert ("tuntas_duty_attempts", "notify_complainant", "notices", "done") in found


async def test_gauges_are_read_from_postgresql(pool):
    meter, told = metering()
    now = datetime.now(UTC)
    outbox = Outbox(pool, ConsoleNotifier(), render, lambda: now - timedelta(minutes=3))
    late, fine = now - timedelta(minutes=10), now + timedelta(hours=1)
    async with transaction(pool) as conn:
        await outbox.write(conn, a_notice())
        for number, due in enumerate((late, late + timedelta(minutes=5), fine)):
            await complaints.upsert(conn, a_batch(reference=f"TTS-{number:013d}", standing={"next_due_at": due}))
        await complaints.upsert(conn, a_batch(reference="TTS-9", standing={"next_due_at": None, "status": "archived"}))
    gauges = Gauges(meter, pool, lambda: now)
    await gauges.read_database()
    found = told()
    assert found["tuntas_cases", "investigation"] == 3
    assert found["tuntas_cases", "archived"] == 1
    assert found["tuntas_cases", "closed"] == 0
    assert found["tuntas_overdue_cases",] == 2
    assert found["tuntas_most_overdue_seconds",] == 600
    assert found["tuntas_notices_waiting", "complainant"] == 1
    assert found["tuntas_notices_waiting", "agent"] == 0
    assert found["tuntas_notices_oldest_waiting_seconds", "complainant"] == 180
