"""Many cases with due instants in common, on either side: opened, left to fall due, found again in what was stored."""

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import psycopg
from temporalio.client import WorkflowHistory

import policies
from bench import timers
from bench.conversations import intake
from bench.histories import activities
from bench.lateness import Wish
from bench.stack import PATIENCE, Product, Side, bare, product, running, worker
from commands.stack.child import Child
from complaints.messages import workflow_id
from complaints.policy import Policy
from settings import Settings
from starter.filing import Filing
from worker import STICKY

AT_ONCE = 32
LOOK = 0.5  # seconds between looks into what was stored
_numbers = itertools.count(1)


class Herd(Protocol):
    """Cases that fall due twice: each at its own instant, and all so much later once more."""

    process: Child

    async def open(self, dues: list[datetime], again: timedelta) -> None:
        """Open one case for each due instant, and return when all of them wait."""

    async def late(self, time: int) -> list[float]:
        """The seconds of lateness of those that have acted the first (0) or second (1) time."""

    async def stored(self) -> None:
        """Wait until all that acted the first time have stored what that is to leave."""


async def each(count: int, one: Callable[[int], Awaitable[None]]) -> None:
    """Do something so many times, not all at once."""
    turns = iter(range(count))

    async def lane() -> None:
        for number in turns:
            await one(number)

    await asyncio.gather(*[lane() for _ in range(AT_ONCE)])


class Complaints:
    """Complaints that nobody answers: the first response is breached, and an interval later they climb once more."""

    def __init__(self, side: Product) -> None:
        self.side = side
        self.process = side.process
        self.references: list[str] = []

    async def open(self, dues: list[datetime], again: timedelta) -> None:
        # Received so long ago that the first of those that are due one after the other is not in the future.
        target = dues[-1] - datetime.now(UTC) + timedelta(seconds=1)
        target = timedelta(seconds=int(target.total_seconds()) + 1)
        filing = Filing(self.side.client, self.side.tuntas.pool, _policy(target, again), within=PATIENCE)
        self.references = []

        async def one(number: int) -> None:
            raw = {**intake(next(_numbers)), "key": f"herd-{next(_numbers)}", "received_at": dues[number] - target}
            reference = (await filing.file(raw, datetime.now(UTC))).reference
            self.references.append(reference)
            await self.side.sink.told(reference, "acknowledgement")

        await each(len(dues), one)

    async def late(self, time: int) -> list[float]:
        query = (
            "SELECT extract(epoch FROM acted_at - at)::float8 FROM timeline"
            " WHERE reference = ANY (%s) AND kind = 'escalated' AND detail ->> 'cause' = %s"
        )
        cause = ("breach", "still_breached")[time]
        return await _seconds(self.side, query, [self.references, cause])

    async def stored(self) -> None:
        """That they have acted is found by what they stored."""

    async def activities_each_time(self) -> int:
        """How many activities one of them has run from its breach on."""
        handle = self.side.client.get_workflow_handle(workflow_id(self.references[0]))
        history = await handle.fetch_history()
        timer = next(i for i, e in enumerate(history.events) if e.HasField("timer_fired_event_attributes"))
        return activities(WorkflowHistory(handle.id, history.events[timer:])).total()


def _policy(target: timedelta, again: timedelta) -> Policy:
    """The standard policy, but for two targets too long to be waited for, and a warning that would come in between."""
    first = {"targets": [{"target": f"{int(target.total_seconds())} seconds"}], "warnings": []}
    climb = [{"target": f"{int(again.total_seconds())} seconds"}]
    return policies.load("id.default", {"clocks": {"first_response": first}, "escalation": {"climb": climb}})


class BareTimers:
    """Bare timers that run as many activities."""

    def __init__(self, side: Side, process: Child, number: int) -> None:
        self.side = side
        self.process = process
        self.number = number
        self.names: list[str] = []

    async def open(self, dues: list[datetime], again: timedelta) -> None:
        self.names = [f"timer-{next(_numbers)}" for _ in dues]

        async def one(index: int) -> None:
            name, due = self.names[index], dues[index]
            wish = Wish(timer=name, dues=[due, due + again], activities=self.number)
            await self.side.client.start_workflow(timers.Timers.run, wish, id=name, task_queue=timers.QUEUE)

        await each(len(dues), one)
        await acted(self, -1, len(dues))

    async def late(self, time: int) -> list[float]:
        query = (
            "SELECT extract(epoch FROM acted_at - at)::float8 FROM rows"
            " WHERE timer = ANY (%s) AND due = %s AND number = 0"
        )
        return await _seconds(self.side, query, [self.names, time])

    async def stored(self) -> None:
        query = "SELECT count(*)::float8 FROM rows WHERE timer = ANY (%s) AND due = 0"
        while await _seconds(self.side, query, [self.names]) != [len(self.names) * self.number]:  # noqa: ASYNC110
            await asyncio.sleep(LOOK)


async def _seconds(side: Side, query: str, params: list[object]) -> list[float]:
    async with await psycopg.AsyncConnection.connect(side.info.database_url) as conn:
        found = await conn.execute(query.encode(), params)
        return [seconds for (seconds,) in await found.fetchall()]


@asynccontextmanager
async def complaints() -> AsyncIterator[Complaints]:
    async with product() as side:
        yield Complaints(side)


@asynccontextmanager
async def bare_timers(number: int) -> AsyncIterator[BareTimers]:
    async with AsyncExitStack() as stack:
        side = await stack.enter_async_context(bare("bench.timers:tables"))
        told = {
            "target": side.info.temporal_address, "postgres": side.info.database_url,
            "pollers": Settings.model_fields["pollers"].default, "sticky_seconds": STICKY.total_seconds(),
        }  # fmt: skip
        program = (sys.executable, "-m", "bench.timers", json.dumps(told))
        process = worker(side.home, side.stack, program, timers.QUEUE, {})
        await stack.enter_async_context(running(process))
        yield BareTimers(side, process, number)


async def acted(herd: Herd, time: int, count: int) -> list[float]:
    """Wait until all have acted; how late each of them was."""
    while True:
        late = await herd.late(time)
        if len(late) >= count:
            return late
        await asyncio.sleep(LOOK)


def kill(herd: Herd) -> None:
    """As a crash would: without a chance to finish anything."""
    if herd.process.pid is not None:
        os.kill(herd.process.pid, signal.SIGKILL)
