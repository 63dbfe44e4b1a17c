"""Intake through the HTTP interface to durable acceptance, beside the bare start of a workflow.

Both sides start workflows on stacks alike that nobody works on, so that it is the acceptance that is measured: here the
whole way through the web application's own process (key, allowance, checks, claim, plan, start), there the SDK's call
alone. Each client is a connection of its own that waits for its answer before it sends the next. What it sends is made
before: neither the writing of a complaint nor that of a start's argument is measured.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from bench.conversations import intake
from bench.measure import Options, alternating, cpu_seconds, middle, percentile, ratio, show
from bench.skeletons import LOCAL, QUEUE, driver
from bench.stack import Side, bare
from commands.stack.child import Child
from commands.stack.options import ROOT
from commands.stack.parts import _is_live
from commands.stack.ports import LOOPBACK, choose_ports
from commands.stack.service import Service
from database import api_keys
from database.api_keys import NewKey, Scope
from database.pool import open_pool, transaction
from web.api.keys import new_id, new_secret

LEAST_RATE = 0.6
CLIENTS = (1, 8, 64)
_numbers = itertools.count(1)


class Run(NamedTuple):
    """`seconds` of all, and of each."""

    seconds: float
    latencies: list[float]
    cpu: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


T = TypeVar("T")
Send = Callable[[T], Awaitable[None]]


async def run(options: Options) -> None:
    async with (
        bare("database.migrate:migrate") as ours,
        bare("bench.skeletons:tables") as theirs,
        served(ours) as ours_served,
    ):
        url, token, pid = ours_served
        for clients in CLIENTS:
            cases = clients * options.sized(max(12, 200 // clients), max(3, 24 // clients))
            ways = partial(_ours, url, token, clients, cases, pid), partial(_theirs, theirs, clients, cases)
            await asyncio.gather(ways[0](), ways[1]())  # warm
            _show(clients, cases, await alternating(options.pairs, *ways))


def _show(clients: int, cases: int, pairs: list[tuple[Run, Run]]) -> None:
    found = ratio([(a.rate, b.rate) for a, b in pairs])
    sides = {
        name: {
            "cases_a_second": middle(run.rate for run in runs),
            **{f"p{n}_ms": middle(percentile(run.latencies, n) * 1e3 for run in runs) for n in (50, 99)},
        }
        for name, runs in zip(("api", "bare_start"), zip(*pairs, strict=True), strict=True)
    }
    show(
        "api_intake", clients=clients, cases=cases, **sides, ratio=found, at_least=LEAST_RATE,
        web_cpu_ms=middle(a.cpu / cases * 1e3 for a, _ in pairs), pairs=len(pairs), holds=found >= LEAST_RATE,
    )  # fmt: skip


async def _ours(url: str, token: str, clients: int, cases: int, pid: int) -> Run:
    lines = [await Line.open(url, token) for _ in range(clients)]
    sent = [lines[0].request(next(_numbers)) for _ in range(cases)]
    before = cpu_seconds([pid])
    done = await _many([line.file for line in lines], sent)
    for line in lines:
        line.close()
    return done._replace(cpu=cpu_seconds([pid]) - before)


async def _theirs(side: Side, clients: int, cases: int) -> Run:
    skeleton = driver()
    flow = skeleton.ComplaintFlow.run

    async def start(argument: Any) -> None:
        await side.client.start_workflow(flow, argument, id=argument.case_id, task_queue=QUEUE)

    return await _many([start] * clients, [skeleton.sample(f"start-{next(_numbers)}", LOCAL, 0) for _ in range(cases)])


async def _many(clients: list[Send[T]], sent: list[T]) -> Run:
    turns, latencies = iter(sent), []

    async def client(send: Send[T]) -> None:
        for one in turns:
            since = time.perf_counter()
            await send(one)
            latencies.append(time.perf_counter() - since)

    began = time.perf_counter()
    await asyncio.gather(*map(client, clients))
    return Run(time.perf_counter() - began, latencies, 0.0)


class Line:
    """One connection that is kept: as little of a client as there can be, since it shares the processors."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    @classmethod
    async def open(cls, url: str, token: str) -> "Line":
        where = urlsplit(url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        head = (
            f"POST /api/v1/complaints HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {token}\r\n"
            "content-type: application/json\r\n"
        )
        return cls(reader, writer, head)

    def request(self, number: int) -> bytes:
        """A complaint to be filed, as it goes over the line."""
        body = intake(number)
        key = body.pop("key")
        content = json.dumps(body).encode()
        return f"{self._head}idempotency-key: {key}\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content

    async def file(self, request: bytes) -> None:
        self._writer.write(request)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.partition("content-length: ")[2].split("\r\n", 1)[0])
        said = await self._reader.readexactly(length)
        if " 201 " not in answer.split("\r\n", 1)[0]:
            raise RuntimeError(f"not accepted: {said.decode()}")

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def served(side: Side) -> AsyncIterator[tuple[str, str, int]]:
    """The application: its address, a key whose allowance is out of reach, its process."""
    token = await _key(side.info.database_url)
    async with web(side) as (url, pid):
        yield url, token, pid


@asynccontextmanager
async def web(side: Side) -> AsyncIterator[tuple[str, int]]:
    """The application as `tuntas web` serves it, a process: its address and its number."""
    port = choose_ports(side.home, {"web": None})["web"]
    environment = {
        "DATABASE_URL": side.info.database_url, "TEMPORAL_ADDRESS": side.info.temporal_address,
        "TEMPORAL_NAMESPACE": side.info.namespace, "TEMPORAL_CONFIG_FILE": os.devnull,
        "TUNTAS_SECRET": "of the bench, and long enough", "TUNTAS_LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    service = Service(
        name="web", argv=(sys.executable, "-m", "commands.main", "web", "--port", str(port)),
        environment={**{k: v for k, v in os.environ.items() if not k.startswith("TUNTAS_")}, **environment},
        ready=partial(_is_live, port), grace=30.0,
    )  # fmt: skip
    process = Child(service, side.home / "logs")
    try:
        await process.start()
        yield f"http://{LOOPBACK}:{port}", process.pid or 0
    finally:
        await process.stop()


async def _key(database_url: str) -> str:
    key = NewKey(
        id=new_id(), service="bench", scopes=(Scope.FILE,), per_minute=1_000_000, created_at=datetime.now(UTC)
    )  # fmt: skip
    secret = new_secret(key.id)
    async with open_pool(database_url) as pool, transaction(pool) as conn:
        await api_keys.add(conn, key, secret.digest)
    return secret.token
