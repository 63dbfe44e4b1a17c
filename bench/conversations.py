"""The happy conversation, on either side: filed, acknowledged, answered, replied to, decided, confirmed, closed.

The product's steps are the skeleton's: the driver waits for the acknowledgement and for the decision to be handed over
before it goes on, as a person would, and the conversation ends when the closure record is stored.
"""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.measure import cpu_seconds
from bench.skeletons import LOCAL, QUEUE, Skeleton, driver
from bench.stack import Product

AGENT = {"id": "frontline", "role": "agent"}
LOOK = 0.05  # seconds between looks for new closure records
_WORDS = [
    "kettle",
    "base",
    "cracked",
    "agent",
    "promised",
    "replacement",
    "within",
    "days",
    "nothing",
    "arrived",
    "the",
]
_LENGTH = 220  # about as long as the skeleton's
_numbers = itertools.count(1)


@dataclass
class Run:
    """What a run of many conversations came to."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    ends: list[float] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    cpu: float = 0.0  # seconds, of server, database, worker and driver

    def took(self, what: str, since: float) -> None:
        self.latencies.setdefault(what, []).append(time.perf_counter() - since)

    @property
    def rate(self) -> float:
        """Conversations a second in the middle of the run, away from the ramps."""
        ends = sorted(self.ends)
        low, high = int(len(ends) * 0.3), int(len(ends) * 0.8)
        return (high - low) / (ends[high] - ends[low])


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How many conversations, how many at a time, and the mean pause of seconds before each outside step."""

    cases: int
    at_once: int
    gap: float = 0.0


def intake(number: int, **over: Any) -> dict[str, Any]:
    return {
        "channel": "email",
        "key": f"bench-{number}",
        "subject": "Cracked kettle, no replacement",
        "text": " ".join(random.Random(number).choices(_WORDS, k=_LENGTH)),  # no two people write the same
        "category": "defective_product",
        "complainant": {"name": "Rina", "email": f"someone-{number}@example.test", "language": "en"},
        **over,
    }


async def product_run(side: Product, pace: Pace) -> Run:
    async with _closures(side) as closed:
        return await _many(pace, side, lambda run: _product_case(side, closed, pace.gap, run))


async def skeleton_run(side: Skeleton, pace: Pace, extra: int) -> Run:
    async def one(run: Run) -> None:
        case = f"case-{next(_numbers)}"
        await driver().one_case(side.client, side.workers, case, QUEUE, LOCAL, pace.gap, run.latencies, extra)
        run.references.append(case)

    return await _many(pace, side, one)


async def _many(pace: Pace, side: Product | Skeleton, one: Callable[[Run], Awaitable[None]]) -> Run:
    run, turns = Run(), iter(range(pace.cases))
    mine, theirs = time.process_time(), cpu_seconds([*_processes(side)])

    async def lane() -> None:
        for _ in turns:
            await one(run)
            run.ends.append(time.perf_counter())

    await asyncio.gather(*[lane() for _ in range(min(pace.at_once, pace.cases))])
    run.cpu = time.process_time() - mine + cpu_seconds([*_processes(side)]) - theirs
    return run


def _processes(side: Product | Skeleton) -> set[int]:
    return {pid for name, pid in side.info.processes.items() if name != "supervisor"} | {side.worker}


async def _product_case(side: Product, closed: "Closures", gap: float, run: Run) -> None:
    number = next(_numbers)
    tuntas, sink = side.tuntas, side.sink

    async def act(act: str, **fields: Any) -> None:
        since = time.perf_counter()
        await tuntas.act(reference, {"act": act, "key": f"{number}-{act}", "actor": AGENT, **fields})
        run.took("update", since)

    async def think() -> None:
        if gap:
            await asyncio.sleep(gap * random.uniform(0.5, 1.5))

    since = began = time.perf_counter()
    reference = (await tuntas.file(intake(number))).reference
    run.references.append(reference)
    run.took("start", since)
    await sink.told(reference, "acknowledgement")
    run.took("start_to_ack", began)
    await think()
    await act("respond", text="We are looking into it. " * 8)
    await think()
    since = time.perf_counter()
    await tuntas.reply(reference, key=f"{number}-reply", text="Thank you, please hurry. " * 8)
    run.took("signal", since)
    await think()
    await act("decide", outcome="upheld", reasons="A new kettle is on its way. " * 8)
    await sink.told(reference, "decision")
    await think()
    await tuntas.confirm(reference, key=f"{number}-confirm", satisfied=True, rating=5)
    await closed.of(reference)
    run.took("case", began)


class Closures:
    """Tells who waits that a closure record is stored."""

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Event] = {}

    async def of(self, reference: str) -> None:
        await self.waiting.setdefault(reference, asyncio.Event()).wait()
        del self.waiting[reference]

    async def watch(self, side: Product) -> None:
        query = "SELECT reference FROM closure_records WHERE reference = ANY (%s)"
        while True:
            await asyncio.sleep(LOOK)
            if not self.waiting:
                continue
            async with side.tuntas.pool.connection() as conn:
                rows = await (await conn.execute(query, [list(self.waiting)])).fetchall()
            for (reference,) in rows:
                self.waiting[reference].set()


@asynccontextmanager
async def _closures(side: Product) -> AsyncIterator[Closures]:
    closed = Closures()
    watching = asyncio.create_task(closed.watch(side))
    try:
        yield closed
    finally:
        watching.cancel()
