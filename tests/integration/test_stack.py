"""The local stack, with real processes: what it starts, keeps alive, remembers and leaves behind."""

import asyncio
import contextlib
import email
import email.policy
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client

from commands import stack
from commands.stack import Stack, StackError, StackInfo, StackOptions, mail, read_info, start_detached
from commands.stack.lock import HomeLock, holder
from commands.stack.postgres_place import find_place
from tests.fixtures.waiting import until

pytestmark = pytest.mark.services

WORKER = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("told", os.environ["TEMPORAL_ADDRESS"], os.environ["DATABASE_URL"], os.environ["TUNTAS_SMTP_URL"], flush=True)
while True:
    signal.pause()
"""


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def query(info: StackInfo, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(info.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def children_of(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()}


@pytest.fixture(autouse=True)
def _no_services_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TEMPORAL_") or name in {"DATABASE_URL", "TUNTAS_SMTP_URL"}:
            monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    yield home
    with contextlib.suppress(StackError):
        stack.stop(home)
    stack.erase(home)


@pytest.fixture
def options(home: Path, tmp_path: Path) -> StackOptions:
    script = tmp_path / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    return StackOptions(home=home, worker_command=(sys.executable, str(script)), worker_queue=None)


async def test_every_part_is_usable_and_a_restart_goes_on_where_it_was(options: StackOptions, home: Path) -> None:
    first = start_detached(options)

    assert list(first.model_dump()) == [
        *("temporal_address", "namespace", "ui_url", "database_url", "smtp", "web_url", "metrics_url", "processes")
    ]
    assert StackInfo.model_validate_json((home / "stack.json").read_bytes()) == first == read_info(home)
    assert set(first.processes) == {"supervisor", "postgres", "temporal", "mail", "worker"}
    parts = {pid for name, pid in first.processes.items() if name != "supervisor"}
    assert children_of(first.processes["supervisor"]) == parts
    query(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    client = await Client.connect(first.temporal_address)
    await client.start_workflow("Waiting", id="kept", task_queue="nobody")
    assert f"told {first.temporal_address} {first.database_url} smtp://{first.smtp}" in (
        home / "logs" / "worker.log"
    ).read_text(encoding="utf-8")

    stack.stop(home)

    assert not (home / "stack.json").exists()
    until(lambda: not any(lives(pid) for pid in first.processes.values()))
    again = start_detached(options)
    assert again.model_copy(update={"processes": first.processes}) == first
    assert query(again, "SELECT answer FROM kept") == [(42,)]
    client = await Client.connect(again.temporal_address)
    assert (await client.get_workflow_handle("kept").describe()).id == "kept"
    count = await client.count_workflows("ComplaintStatus = 'x' OR ComplaintTier = 1 OR ComplaintBreached = 'y'")
    assert count.count == 0


def test_a_mail_is_on_disk_when_it_is_accepted(options: StackOptions, home: Path) -> None:
    info = start_detached(options)
    host, port = (info.smtp or "").split(":")
    with smtplib.SMTP(host, int(port), local_hostname="test") as smtp:
        for number in range(12):
            smtp.sendmail("", ["a@example.org", "b@example.org"], f"Subject: {number}\r\n\r\n.dot\r\n")
        subject = "Subject: Keluhan é\r\n\r\nterima kasih 🙏\r\n"
        smtp.sendmail(
            "i@example.org", ["pengaduan@contoh-é.id"], subject.encode(), mail_options=["SMTPUTF8", "BODY=8BITMIME"]
        )

        files = sorted((home / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml"] * 13
    mails = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    assert [mail["Subject"] for mail in mails] == [*(str(number) for number in range(12)), "Keluhan é"]
    assert mails[0].get_all("X-RcptTo") == ["a@example.org", "b@example.org"]
    assert mails[0]["X-MailFrom"] == "<>"
    assert mails[0].get_payload() == ".dot\r\n"
    assert mails[12].get_all("X-RcptTo") == ["pengaduan@contoh-é.id"]


def test_mail_to_a_deferred_address_is_put_off_until_it_is_accepted_again(options: StackOptions, home: Path) -> None:
    info = start_detached(options)
    host, port = (info.smtp or "").split(":")
    mail.defer(home / "mail", "away@example.org")
    mail.defer(home / "mail", "gone@example.org")
    with smtplib.SMTP(host, int(port), local_hostname="test") as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            smtp.sendmail("", ["away@example.org"], "Subject: 1\r\n\r\nwaits\r\n")
        smtp.sendmail("", ["here@example.org"], "Subject: 2\r\n\r\ngoes\r\n")
        mail.accept(home / "mail", "away@example.org")
        smtp.sendmail("", ["away@example.org"], "Subject: 1\r\n\r\nwaits\r\n")

    assert refused.value.recipients["away@example.org"][0] == 450
    assert mail.deferred(home / "mail") == {"gone@example.org"}
    taken = [email.message_from_bytes(file.read_bytes()) for file in sorted((home / "mail").glob("*.eml"))]
    assert [one["Subject"] for one in taken] == ["2", "1"]


@pytest.mark.parametrize("name", ["temporal", "postgres", "mail", "worker"])
def test_a_killed_part_is_started_again(options: StackOptions, home: Path, name: str) -> None:
    info = start_detached(options)
    query(info, "CREATE TABLE kept AS SELECT 42 AS answer")

    os.kill(info.processes[name], signal.SIGKILL)

    until(lambda: read_info(home).processes.get(name) not in {None, info.processes[name]})
    until(lambda: _all_answer(info))
    assert query(info, "SELECT answer FROM kept") == [(42,)]
    assert f"{name} ended (SIGKILL)" in (home / "logs" / "supervisor.log").read_text(encoding="utf-8")
    assert {**read_info(home).processes, name: 0} == {**info.processes, name: 0}


def test_a_crash_within_postgres_ends_it_and_it_is_started_afresh(options: StackOptions, home: Path) -> None:
    """Its own way back from a crash can hang for good, alive and refusing everybody (`restart_after_crash`)."""
    info = start_detached(options)
    query(info, "CREATE TABLE kept AS SELECT 42 AS answer")
    [(writer,)] = query(info, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")

    os.kill(int(str(writer)), signal.SIGKILL)

    until(lambda: read_info(home).processes.get("postgres") not in {None, info.processes["postgres"]})
    until(lambda: _all_answer(info))
    assert query(info, "SELECT answer FROM kept") == [(42,)]


def _all_answer(info: StackInfo) -> bool:
    try:
        for address in (info.temporal_address, info.smtp or ""):
            host, port = address.split(":")
            socket.create_connection((host, int(port))).close()
        query(info, "SELECT 1")
    except (OSError, psycopg.OperationalError):
        return False
    return True


def test_parts_die_with_a_killed_supervisor_and_the_next_start_works(options: StackOptions) -> None:
    info = start_detached(options)
    query(info, "CREATE TABLE kept AS SELECT 42 AS answer")

    os.kill(info.processes["supervisor"], signal.SIGKILL)
    until(lambda: not lives(info.processes["supervisor"]))
    again = start_detached(options)

    until(lambda: not any(lives(pid) for pid in info.processes.values()))
    assert query(again, "SELECT answer FROM kept") == [(42,)]
    assert (again.temporal_address, again.database_url, again.smtp) == (
        *(info.temporal_address, info.database_url, info.smtp),
    )


async def test_a_stale_pid_that_now_is_somebody_else_does_not_block_postgres(home: Path) -> None:
    async with stack.postgres(home):
        pass
    place = find_place(home)
    user = place.user.uid if place.user else None
    with subprocess.Popen(["sleep", "600"], user=user) as other:  # noqa: ASYNC220
        (place.data / "postmaster.pid").write_text(f"{other.pid}\n{place.data}\n1\n5432\n", encoding="utf-8")
        async with stack.postgres(home) as url, await psycopg.AsyncConnection.connect(url) as connection:
            found = await (await connection.execute("SHOW fsync")).fetchone()
            assert found == ("on",)
        other.kill()


async def test_temporal_alone_takes_further_arguments(home: Path) -> None:
    async with stack.temporal(home, "--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true") as address:
        client = await Client.connect(address)
        assert (await client.count_workflows("ComplaintOwner = 'x'")).count == 0


def test_a_second_start_names_the_running_stack(options: StackOptions, home: Path) -> None:
    info = start_detached(options)

    with pytest.raises(
        StackError, match=f"already running in {re.escape(str(home))}: process {info.processes['supervisor']}"
    ):
        start_detached(options)
    with pytest.raises(StackError, match="already running"):
        stack.run(options, stack.until_stopped)

    assert read_info(home) == info


def test_nothing_is_signalled_when_no_stack_runs(home: Path) -> None:
    home.mkdir()
    with subprocess.Popen(["sleep", "600"]) as other:
        stale = f'{{"pid": {other.pid}, "started": "1"}}'
        (home / "supervisor.lock").write_text(stale, encoding="utf-8")
        with pytest.raises(StackError, match="no stack is running"):
            stack.stop(home)
        lock = HomeLock(home)
        lock.acquire()
        (home / "supervisor.lock").write_text(stale, encoding="utf-8")
        assert holder(home) is None
        lock.release()
        assert other.poll() is None
        other.kill()


def test_a_part_that_cannot_start_is_named_with_the_end_of_its_log(options: StackOptions, home: Path) -> None:
    broken = options.model_copy(update={"worker_command": (sys.executable, "-c", "raise SystemExit('no such table')")})

    with pytest.raises(StackError, match=r"(?s)worker ended at once.*no such table"):
        start_detached(broken)

    assert holder(home) is None
    assert not (home / "stack.json").exists()


def is_pending(pid: int) -> bool:
    """Whether a signal was sent to a process that it has not taken yet."""
    said = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return any(int(mask, 16) for mask in re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)", said, re.MULTILINE))


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT, signal.SIGINT]])
def test_signals_stop_all_in_order_even_when_repeated(
    options: StackOptions, home: Path, tmp_path: Path, signals: list[signal.Signals]
) -> None:
    script, signalled = tmp_path / "slow.py", tmp_path / "signalled"
    os.mkfifo(signalled)
    script.write_text(
        "import signal, socket, sys, os, psycopg\n"
        "def stop(*_):\n"
        f"    open({str(signalled)!r}).read()\n"
        "    psycopg.connect(os.environ['DATABASE_URL']).close()\n"
        "    host, port = os.environ['TEMPORAL_ADDRESS'].split(':')\n"
        "    socket.create_connection((host, int(port))).close()\n"
        "    print('everything was still there', flush=True)\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "print('listening', flush=True)\n"
        "while True: signal.pause()\n",
        encoding="utf-8",
    )
    info = start_detached(options.model_copy(update={"worker_command": (sys.executable, str(script))}))
    log = home / "logs" / "worker.log"
    until(lambda: "listening" in log.read_text(encoding="utf-8"))

    for number in signals:
        os.kill(info.processes["supervisor"], number)
        until(lambda: not is_pending(info.processes["supervisor"]))  # signals that come together count as one
    signalled.write_text("all of them", encoding="utf-8")  # once the worker reads: it is being stopped

    until(lambda: not lives(info.processes["supervisor"]))
    until(lambda: not any(lives(pid) for pid in info.processes.values()))
    assert "everything was still there" in log.read_text(encoding="utf-8")
    assert "killing it" not in (home / "logs" / "supervisor.log").read_text(encoding="utf-8")


async def test_in_process_with_preparation_and_several_workers(options: StackOptions, home: Path) -> None:
    prepared: list[str] = []

    async def prepare(database_url: str) -> None:
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            await connection.execute("CREATE TABLE prepared ()")
        prepared.append(database_url)

    options = options.model_copy(update={"prepare": prepare, "workers": 2, "metrics_port": 0})
    async with Stack(options) as info:
        assert prepared == [info.database_url]
        assert set(info.processes) == {"supervisor", "postgres", "temporal", "mail", "worker", "worker-2"}
        assert info.processes["supervisor"] == os.getpid()
        assert (info.metrics_url or "").endswith("/metrics")
        assert query(info, "SELECT count(*) FROM prepared") == [(0,)]

    assert not any(lives(pid) for name, pid in info.processes.items() if name != "supervisor")
    with pytest.raises(StackError, match="no stack is running"):
        read_info(home)


async def test_services_that_the_environment_names_are_not_started(options: StackOptions, home: Path) -> None:
    async with stack.postgres(home / "pg") as url, stack.temporal(home / "temporal-alone") as address:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "TEMPORAL_ADDRESS": address,
            "TUNTAS_SMTP_URL": "smtp://user:secret@127.0.0.1:2525",
        }
        async with Stack(options, environment) as info:
            assert set(info.processes) == {"supervisor", "worker"}
            assert (info.database_url, info.temporal_address, info.smtp) == (url, address, "127.0.0.1:2525")
            assert (info.ui_url, info.namespace) == (None, "default")
    stack.erase(home / "pg")


def test_a_wanted_port_that_is_taken_is_refused(options: StackOptions) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"port {port}, wanted for ui, is taken"):
            asyncio.run(_enter(options.model_copy(update={"ui_port": port})))


async def _enter(options: StackOptions) -> None:
    async with Stack(options):
        pass


POLLING_WORKER = """
import asyncio
from temporalio import workflow
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

@workflow.defn(sandboxed=False)
class Nothing:
    @workflow.run
    async def run(self) -> None: ...

async def main() -> None:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    await Worker(client, task_queue="other", workflows=[Nothing]).run()

asyncio.run(main())
"""


async def test_ready_means_that_the_queue_is_polled(options: StackOptions, tmp_path: Path) -> None:
    script = tmp_path / "polls.py"
    script.write_text(POLLING_WORKER, encoding="utf-8")
    polling = {"worker_command": (sys.executable, str(script)), "worker_queue": "other"}
    async with Stack(options.model_copy(update=polling)) as info:
        assert "worker" in info.processes


async def test_a_failed_preparation_stops_the_start(options: StackOptions, home: Path) -> None:
    def prepare(_: str) -> None:
        raise RuntimeError("migration 3 is broken")

    with pytest.raises(StackError, match="could not be prepared: RuntimeError: migration 3 is broken"):
        await _enter(options.model_copy(update={"prepare": prepare}))

    assert holder(home) is None
