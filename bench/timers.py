"""Bare timers: a workflow that does nothing but wait for its due instants and store so many rows at each of them.

The limit for bursts: as many activities as the product runs for a breach, in the plainest code, not even in a sandbox.
Run as a worker of its own: `python -m bench.timers JSON`, with the addresses, and with the pollers and the patience of
a task that the product's worker has, so that the code is all that differs.
"""

import asyncio
import json
import signal
import sys
from datetime import timedelta

import psycopg
import uvloop
from psycopg_pool import AsyncConnectionPool
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import PollerBehaviorSimpleMaximum, UnsandboxedWorkflowRunner, Worker

from bench.lateness import Row, Wish

QUEUE = "timers"
LIMIT = timedelta(seconds=30)
SCHEMA = """
CREATE TABLE IF NOT EXISTS timers (id text PRIMARY KEY, changed timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS rows (
    timer text NOT NULL, due integer NOT NULL, number integer NOT NULL, at timestamptz NOT NULL,
    acted_at timestamptz NOT NULL, PRIMARY KEY (timer, due, number)
);
"""
_TOUCH = "INSERT INTO timers (id) VALUES (%(timer)s) ON CONFLICT (id) DO UPDATE SET changed = now()"
_ADD = "INSERT INTO rows VALUES (%(timer)s, %(due)s, %(number)s, %(at)s, %(acted_at)s) ON CONFLICT DO NOTHING"


def tables(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute(SCHEMA)


@workflow.defn
class Timers:
    @workflow.run
    async def run(self, wish: Wish) -> None:
        await self._store(wish, -1)  # opened
        for number, at in enumerate(wish.dues):
            await workflow.sleep(at - workflow.now())
            await self._store(wish, number)

    async def _store(self, wish: Wish, due: int) -> None:
        now = workflow.now()
        at = wish.dues[due] if due >= 0 else now
        rows = [Row(timer=wish.timer, due=due, number=i, at=at, acted_at=now) for i in range(wish.activities)]
        await asyncio.gather(*[workflow.execute_activity("store", row, start_to_close_timeout=LIMIT) for row in rows])


class Store:
    """Two statements and one commit, as in the skeleton."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    @activity.defn
    async def store(self, row: Row) -> None:
        async with self._pool.connection() as conn:
            await conn.execute(_TOUCH, row.model_dump())
            await conn.execute(_ADD, row.model_dump())


async def work(target: str, postgres: str, pollers: int, sticky_seconds: float) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    client = await Client.connect(target, data_converter=pydantic_data_converter)
    behavior = PollerBehaviorSimpleMaximum(maximum=pollers)
    async with AsyncConnectionPool(postgres, min_size=4, max_size=8, open=False) as pool:
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[Timers],
            activities=[Store(pool).store],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_cached_workflows=10_000,
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=sticky_seconds),
            workflow_task_poller_behavior=behavior,
            activity_task_poller_behavior=behavior,
        )
        async with worker:
            await stopping.wait()


if __name__ == "__main__":
    uvloop.run(work(**json.loads(sys.argv[1])))
