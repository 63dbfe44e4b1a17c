"""Both sides on what the product runs on: development server with SQLite in WAL mode, PostgreSQL, worker processes.

Each side has a stack of its own, started by the product's own supervisor, so that neither finds what the other left.
Both stay up for a whole line; the one that is not measured is idle.
"""

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bench.sink import Sink
from commands.session import quiet_runtime
from commands.stack import Service, Stack, StackInfo, StackOptions, erase
from commands.stack.child import Child
from commands.stack.options import ROOT
from commands.stack.temporal_server import is_polled
from complaints.assignment import Agent
from complaints.messages import CASES_QUEUE
from complaints.model import Personal
from database import agents
from database.pool import transaction
from starter.client import Tuntas, connect

TIERS = ("frontline", "specialist", "supervisor", "management")
PATIENCE = 300.0  # seconds for one call: a busy server is measured, not given up
NO_MAIL = "smtp://127.0.0.1:9"  # for a side that sends none
# The mail provider's limit is set out of reach, as it would be what is measured. Nothing else is changed.
WORKER = {"TUNTAS_NOTICES_PER_SECOND": "100000", "TUNTAS_LOG_LEVEL": "WARNING"}
_OURS = ("TEMPORAL_", "TUNTAS_", "DATABASE_URL")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One stack, running."""

    home: Path
    stack: Stack
    client: Client

    @property
    def info(self) -> StackInfo:
        return self.stack.info

    @property
    def temporal_bytes(self) -> int:
        """What Temporal's database takes on the disk, its journal included."""
        return sum(file.stat().st_size for file in (self.home / "temporal").glob("temporal.db*"))

    @property
    def postgres_bytes(self) -> int:
        with psycopg.connect(self.info.database_url, autocommit=True) as conn:
            row = conn.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


@dataclass(frozen=True, kw_only=True)
class Product(Side):
    tuntas: Tuntas
    sink: Sink
    process: Child

    @property
    def worker(self) -> int:
        """The process id of the worker as it is now."""
        return self.process.pid or 0


@asynccontextmanager
async def product(keep: Path | None = None) -> AsyncIterator[Product]:
    """The product as `make up` starts it, with one worker and an agent on each tier, nothing switched off.

    `keep` is a home that stays, with what is in it; else there is one of its own, and nothing is left.
    """
    async with Sink().listening() as sink, _stack("database.migrate:migrate", sink.url, keep) as (home, stack):
        info = stack.info
        environment = {
            "DATABASE_URL": info.database_url,
            "TUNTAS_HOME": str(home),
            "TUNTAS_SMTP_URL": sink.url,
            "TEMPORAL_ADDRESS": info.temporal_address,
            "TEMPORAL_NAMESPACE": info.namespace,
            "TEMPORAL_CONFIG_FILE": os.devnull,
        }
        tuntas = await connect(
            database_url=info.database_url,
            target_host=info.temporal_address,
            namespace=info.namespace,
            runtime=quiet_runtime(),
            within=PATIENCE,
            wait=PATIENCE,
        )
        program = (sys.executable, str(ROOT / "worker.py"))
        process = worker(home, stack, program, CASES_QUEUE, {**environment, **WORKER})
        async with tuntas, running(process):
            await _hire(tuntas)
            yield Product(home=home, stack=stack, client=tuntas.client, tuntas=tuntas, sink=sink, process=process)


@asynccontextmanager
async def bare(prepare: str) -> AsyncIterator[Side]:
    """A stack without a worker, for a side that brings its own; `prepare` names the function that makes its tables."""
    async with _stack(prepare, NO_MAIL) as (home, stack):
        client = await Client.connect(
            stack.info.temporal_address,
            namespace=stack.info.namespace,
            data_converter=pydantic_data_converter,
            runtime=quiet_runtime(),
        )
        yield Side(home=home, stack=stack, client=client)


def worker(home: Path, stack: Stack, program: tuple[str, ...], queue: str, environment: Mapping[str, str]) -> Child:
    """A worker process, ready when it polls its queue; it is not started again unless we do."""
    connection = {"target_host": stack.info.temporal_address, "namespace": stack.info.namespace}
    service = Service(
        name="worker",
        argv=program,
        environment={**_environment(NO_MAIL), "PYTHONPATH": str(ROOT), **environment},
        ready=partial(is_polled, connection, queue),
        grace=90.0,
    )
    return Child(service, home / "logs")


@asynccontextmanager
async def running(process: Child) -> AsyncIterator[None]:
    try:
        await process.start()
        yield
    finally:
        await process.stop()


@asynccontextmanager
async def _stack(prepare: str, smtp_url: str, keep: Path | None = None) -> AsyncIterator[tuple[Path, Stack]]:
    """A stack without workers. The product's own mail catcher is not started: it would write every mail to the disk."""
    with _home() if keep is None else nullcontext(keep) as home:
        options = StackOptions.model_validate({"home": home, "prepare": prepare, "workers": 0})
        stack = Stack(options, _environment(smtp_url))
        async with stack:
            yield home, stack


async def _hire(tuntas: Tuntas) -> None:
    async with transaction(tuntas.pool) as conn:
        for tier in TIERS:
            email = Personal(f"{tier}@example.test")
            await agents.save(conn, Agent(id=tier, tier=tier, team=tier, name=Personal(tier.title()), email=email))


@contextmanager
def _home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="tuntas-bench-"))
    home.chmod(0o711)  # run as root, PostgreSQL's own user must pass through it
    try:
        yield home
    finally:
        erase(home)


def _environment(smtp_url: str) -> dict[str, str]:
    """Ours without what would lead a side to other services."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "TUNTAS_SMTP_URL": smtp_url}
