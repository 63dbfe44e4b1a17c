"""The deployment without containers: its scripts, its jobs and its worker, from the wheel, on real services."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
import temporalio
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, RemoveSearchAttributesRequest
from temporalio.client import Client

from commands.stack import temporal
from commands.stack.ports import choose_ports
from tests.fixtures import backup
from tests.fixtures.compose import REQUIRED, ROOT, cluster, compose
from tests.fixtures.waiting import until
from tests.unit.test_compose import read_alerts
from workflows.attributes import KINDS
from workflows.meters import LATENESS

pytestmark = pytest.mark.services

SERVICES = compose()["services"]
CODE = ("activities", "channels", "commands", "complaints", "database", "policies", "simulation", "starter",
        "telemetry", "workflows")  # fmt: skip
OURS = ("TEMPORAL_", "DATABASE_URL", "TUNTAS_", "PG", "OTEL_", "PYTHON")


@pytest.fixture(scope="module")
def installed():
    """An empty folder to work in, and the wheel, unpacked: nothing of the checkout is at hand."""
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        wheel, place, empty = (Path(directory) / name for name in ("wheel", "installed", "empty"))
        empty.mkdir()
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheel)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        with zipfile.ZipFile(next(wheel.glob("*.whl"))) as packed:
            packed.extractall(place)
        yield place, empty


@pytest.fixture(scope="module")
def postgresql():
    """With the roles and databases of the deployment, made twice over."""
    with cluster(REQUIRED["POSTGRES_PASSWORD"]) as found:
        for _ in range(2):
            make_roles(found)
        yield found


def make_roles(found, **changed):
    job = SERVICES["postgres-roles"]
    environment = os.environ | job["environment"] | found.connection | changed
    arguments = [word.replace("/deploy/", f"{ROOT}/deploy/postgres/") for word in job["command"]]
    program = str(found.programs / job["entrypoint"][0])
    return subprocess.run([program, *arguments], env=environment, check=not changed, capture_output=True, text=True)


@pytest_asyncio.fixture(scope="module")
async def address():
    """Temporal with the server's settings of the deployment, and without our namespace."""
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        async with temporal(Path(directory)) as found:
            yield found


@pytest.fixture
def run(installed, postgresql, address):
    """Start `tuntas` with the environment of a service, and the places of this machine instead of the containers'."""

    def start(service, *arguments, **changed):
        place, empty = installed
        given = SERVICES[service]["environment"] | {"TEMPORAL_ADDRESS": address, "PYTHONPATH": str(place)} | changed
        if "DATABASE_URL" in given:
            given["DATABASE_URL"] = given["DATABASE_URL"].replace("postgres:5432", f"127.0.0.1:{postgresql.port}")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        command = [sys.executable, "-m", "commands.main", *(arguments or SERVICES[service]["command"])]
        return subprocess.Popen(
            command, cwd=empty, env=kept | given, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return start


def ended(process, code=0):
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, out + err
    return json.loads(out) if out.startswith(("{", "[")) else out + err


def told(process):
    return "".join(process.communicate(timeout=60))


def connect(found, user, password, database):
    return psycopg.connect(host="127.0.0.1", port=found.port, user=user, password=password, dbname=database)


def test_the_wheel_holds_everything(installed):
    place, empty = installed
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *CODE],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    wanted = tracked or [
        str(path.relative_to(ROOT))
        for folder in CODE
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    missing = [name for name in wanted if (ROOT / name).exists() and not (place / name).exists()]
    assert not missing
    assert any(name.endswith(".sql") for name in wanted)
    assert any(name.endswith(".yaml") for name in wanted)
    # and it is what the tests below run, not the checkout
    where = "import commands, settings, worker; print(commands.__file__, settings.__file__, worker.__file__)"
    told = subprocess.run(
        [sys.executable, "-c", where],
        cwd=empty, env=os.environ | {"PYTHONPATH": str(place)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert all(file.startswith(str(place)) for file in told.split())


class TestRoles:
    def test_each_owns_its_own_and_may_enter_nowhere_else(self, postgresql):
        own = {"temporal": {"temporal", "temporal_visibility"}, "tuntas": {"tuntas"}}
        secret = {"temporal": REQUIRED["TEMPORAL_DATABASE_PASSWORD"], "tuntas": REQUIRED["DATABASE_PASSWORD"]}
        for user, databases in own.items():
            for database in databases:
                with connect(postgresql, user, secret[user], database) as connection:
                    connection.execute("CREATE TABLE mine ()")
                    connection.execute("DROP TABLE mine")
                    # Temporal's visibility tables need it; a database's owner may have it
                    connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
                    connection.rollback()
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute("CREATE ROLE another")
            for database in {"temporal", "temporal_visibility", "tuntas", "postgres"} - databases:
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    connect(postgresql, user, secret[user], database)

    def test_a_changed_password_takes_effect(self, postgresql):
        make_roles(postgresql, DATABASE_PASSWORD="another")  # noqa: S106 (of this test)
        connect(postgresql, "tuntas", "another", "tuntas").close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(postgresql, "tuntas", REQUIRED["DATABASE_PASSWORD"], "tuntas")
        make_roles(postgresql)

    def test_without_a_password_nothing_is_done(self, postgresql):
        job = SERVICES["postgres-roles"]
        environment = os.environ | job["environment"] | postgresql.connection
        del environment["DATABASE_PASSWORD"]
        arguments = [word.replace("/deploy/", f"{ROOT}/deploy/postgres/") for word in job["command"]]
        done = subprocess.run(
            [str(postgresql.programs / "psql"), *arguments], env=environment, capture_output=True, check=False
        )
        assert done.returncode != 0
        connect(postgresql, "tuntas", REQUIRED["DATABASE_PASSWORD"], "tuntas").close()


class TestBackup:
    """The commands of the documentation, with the roles of the deployment."""

    OWN = {"tuntas": "tuntas", "temporal": "temporal", "temporal_visibility": "temporal"}
    SECRET = {"temporal": REQUIRED["TEMPORAL_DATABASE_PASSWORD"], "tuntas": REQUIRED["DATABASE_PASSWORD"]}

    def test_each_database_is_as_it_was_and_no_others_to_enter(self, postgresql, tmp_path):
        superuser = postgresql.connection | {"PGPASSWORD": REQUIRED["POSTGRES_PASSWORD"]}
        for database, user in self.OWN.items():
            with connect(postgresql, user, self.SECRET[user], database) as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
                connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
            backup.back_up(database, tmp_path, superuser)
            with connect(postgresql, user, self.SECRET[user], database) as connection:
                connection.execute("UPDATE kept SET one = 2")
                connection.execute("CREATE TABLE newer ()")  # a later migration, that it must be possible to run again
                connection.commit()
                with pytest.raises(AssertionError, match="being accessed by other users"):
                    backup.restore(database, tmp_path, superuser)
                assert connection.execute("SELECT one FROM kept").fetchone() == (2,)
        for database in self.OWN:
            backup.restore(database, tmp_path, superuser)
        for database, user in self.OWN.items():
            with connect(postgresql, user, self.SECRET[user], database) as connection:
                assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
                connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
                connection.execute("CREATE TABLE newer ()")
                connection.execute("DROP TABLE newer, kept")
            for other in self.OWN.keys() - {name for name, owner in self.OWN.items() if owner == user}:
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    connect(postgresql, user, self.SECRET[user], other)


class TestTemporalSchema:
    @pytest.fixture
    def tool(self, tmp_path):
        """`temporal-sql-tool` notes how it was called, and fails from a given call on."""
        fake = tmp_path / "temporal-sql-tool"
        fake.write_text(
            '#!/bin/sh\necho "$SQL_USER@$SQL_HOST:$SQL_PORT $*" >>calls\n[ "$(wc -l <calls)" -lt "$FAIL" ]\n'
        )
        fake.chmod(0o755)

        def run(fail):
            job = SERVICES["temporal-schema"]
            environment = job["environment"] | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FAIL": str(fail)}
            script = ROOT / "deploy" / "temporal" / Path(job["entrypoint"][1]).name
            done = subprocess.run([job["entrypoint"][0], str(script)], cwd=tmp_path, env=environment, check=False)
            return done.returncode, (tmp_path / "calls").read_text().splitlines()

        return run

    def test_both_databases_are_set_up_and_then_updated(self, tool):
        code, calls = tool(fail=99)
        tables = "/etc/temporal/schema/postgresql/v12"
        assert code == 0
        assert [call.removeprefix("temporal@postgres:5432 --database ") for call in calls] == [
            "temporal setup-schema --version 0.0",
            f"temporal update-schema --schema-dir {tables}/temporal/versioned",
            "temporal_visibility setup-schema --version 0.0",
            f"temporal_visibility update-schema --schema-dir {tables}/visibility/versioned",
        ]

    def test_what_fails_stops_it(self, tool):
        code, calls = tool(fail=2)
        assert code != 0
        assert len(calls) == 2


class TestNamespace:
    def test_it_is_made_once_and_then_there(self, run):
        made = ended(run("namespace", *SERVICES["namespace"]["command"], "--json", TEMPORAL_NAMESPACE="first"))
        assert made == {
            "namespace": "first", "created": True, "retention_seconds": 30 * 86_400, "retention_changed": False,
            "search_attributes_added": list(KINDS),
        }  # fmt: skip
        again = ended(run("namespace", *SERVICES["namespace"]["command"], "--json", TEMPORAL_NAMESPACE="first"))
        assert again == made | {"created": False, "search_attributes_added": []}

    def test_two_jobs_at_once_do_no_harm(self, run):
        jobs = [run("namespace", "namespace", "ensure", "--json", TEMPORAL_NAMESPACE="raced") for _ in range(3)]
        done = [ended(job) for job in jobs]
        assert sum(found["created"] for found in done) == 1

    def test_retention_is_changed_when_it_is_given(self, run):
        ensure = ("namespace", "ensure", "--json")
        ended(run("namespace", *ensure, "--retention", "48h", TEMPORAL_NAMESPACE="kept"))
        assert ended(run("namespace", *ensure, TEMPORAL_NAMESPACE="kept"))["retention_seconds"] == 48 * 3600
        changed = ended(run("namespace", *ensure, "--retention", "90d", TEMPORAL_NAMESPACE="kept"))
        assert (changed["retention_changed"], changed["retention_seconds"]) == (True, 90 * 86_400)
        told = ended(run("namespace", "namespace", "ensure", "--retention", "9 weeks"), code=2)
        assert "30d" in told

    async def test_what_is_missing_is_added_and_a_wrong_type_is_refused(self, run, address):
        space = "mended"
        ended(run("namespace", "namespace", "ensure", TEMPORAL_NAMESPACE=space))
        client = await Client.connect(address, namespace=space)
        await client.operator_service.remove_search_attributes(
            RemoveSearchAttributesRequest(namespace=space, search_attributes=["ComplaintTier", "ComplaintOwner"])
        )
        found = ended(run("namespace", "namespace", "ensure", "--json", TEMPORAL_NAMESPACE=space))
        assert set(found["search_attributes_added"]) == {"ComplaintTier", "ComplaintOwner"}

        await client.operator_service.remove_search_attributes(
            RemoveSearchAttributesRequest(namespace=space, search_attributes=["ComplaintTier"])
        )
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=space, search_attributes={"ComplaintTier": 2})
        )
        told = ended(run("namespace", "namespace", "ensure", TEMPORAL_NAMESPACE=space), code=2)
        assert "ComplaintTier: the search attribute is registered as KEYWORD, not as INT" in told
        assert f"search-attribute remove --namespace {space} --name ComplaintTier" in told

    def test_a_server_that_does_not_come_is_not_waited_for_for_ever(self, run):
        process = run("namespace", "namespace", "ensure", "--patience", "1", TEMPORAL_ADDRESS="127.0.0.1:1")
        assert "Temporal cannot be reached" in ended(process, code=5)


class TestWorker:
    @pytest.fixture
    def port(self, tmp_path):
        return choose_ports(tmp_path, {"metrics": None})["metrics"]

    async def test_from_migrations_to_its_end(self, run, port, installed):
        _, empty = installed
        assert "0001.initial" in ended(run("migrate"))
        assert ended(run("migrate")) == "up to date\n"
        ended(run("namespace"))
        check = SERVICES["worker"]["healthcheck"]["test"][2:]
        assert "no worker on this machine asks for work of cases, notices, records" in ended(run("worker", *check), 5)

        worker = run("worker", TUNTAS_METRICS_ADDRESS=f"127.0.0.1:{port}")
        try:
            deadline = time.monotonic() + 60
            while (said := told(run("worker", *check))) != "working\n":
                assert worker.poll() is None, worker.communicate()
                assert time.monotonic() < deadline, said
            filed = ended(run("tuntas", "file", "--channel", "form", "--text", "x", "--category", "billing", "--json"))
            names, kind = await asyncio.to_thread(scraped, port, "tuntas_cases", deadline)
        finally:
            worker.send_signal(signal.SIGTERM)
            _, log = worker.communicate(timeout=30)
        assert filed["created"]
        assert worker.returncode == 0
        assert "stopping: what is under way is finished" in log
        assert list(empty.iterdir()) == []

        assert kind.startswith(("text/plain", "application/openmetrics-text"))  # Prometheus 3 refuses any other
        for alert in read_alerts():
            for metric in re.findall(r"\b(?:tuntas|temporal)_\w+", alert["expr"]):
                assert metric in names or metric in rare(), metric


def scraped(port, wanted, deadline):
    """The names that a worker shows, once this one is among them; and the type of the page."""

    def look():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            return set(re.findall(r"^(\w+)[{ ]", page.read().decode(), re.MULTILINE)), page.headers["Content-Type"]

    return until(look, lambda seen: wanted in seen[0], deadline - time.monotonic())


def rare():
    """What shows only after something went wrong or late."""
    core = Path(temporalio.__file__).parent / "bridge" / "sdk-core"
    known = {LATENESS + "_seconds_bucket"}
    for file in core.rglob("*.rs"):
        known |= {f"temporal_{name}_total" for name in re.findall(r'"(\w+_failed)"', file.read_text(encoding="utf-8"))}
    return known


class TestEnvironmentFile:
    @pytest.fixture
    def make(self, tmp_path):
        place = tmp_path / "a checkout"
        (place / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "compose-env", place / "scripts")
        shutil.copy(ROOT / ".env.example", place)

        def run(*arguments):
            command = ["sh", str(place / "scripts" / "compose-env"), *arguments]
            done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
            return done, place / ".env"

        return run

    def test_it_has_random_passwords_and_is_nobody_elses_to_read(self, make):
        done, file = make()
        assert done.returncode == 0, done.stderr
        found = values(file)
        passwords = [value for name, value in found.items() if name.endswith("PASSWORD")]
        assert len(set(passwords)) == len(passwords) == 3
        assert all(re.fullmatch(r"[0-9a-f]{48}", password) for password in passwords)
        assert file.stat().st_mode & 0o777 == 0o600
        assert re.fullmatch(r"[0-9a-f]{48}", found["TUNTAS_SECRET"])
        assert found["TUNTAS_SECRET"] not in passwords
        assert found["TUNTAS_SMTP_URL"] == found["TUNTAS_WEB_URL"] == found["COMPOSE_PROFILES"] == ""
        assert [path.name for path in file.parent.glob(".env*") if path != file] == [".env.example"]

    def test_what_is_there_stays(self, make):
        _, file = make()
        before = file.read_text()
        done, _ = make("--trial")
        assert done.returncode == 1
        assert file.read_text() == before

    def test_a_trial_starts_with_it(self, make):
        done, file = make("--trial")
        assert done.returncode == 0, done.stderr
        found = values(file)
        filled = compose(found)["services"]
        assert found["COMPOSE_PROFILES"] == filled["mail"]["profiles"][0]
        assert filled["worker"]["environment"]["TUNTAS_SMTP_URL"].startswith("smtp://mail:1025")
        assert (
            filled["web"]["environment"]["TUNTAS_WEB_URL"].rpartition(":")[2] == filled["web"]["ports"][0].split(":")[1]
        )
        done, _ = make("--production")
        assert done.returncode == 2


def values(file):
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)
