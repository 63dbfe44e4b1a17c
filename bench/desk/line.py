"""The desk as it is promised: with a million cases in PostgreSQL, fifty agents at work, two hundred open pages.

The server is `tuntas web` in a process of its own, PostgreSQL and Temporal's development server are the local stack's.
Some hundreds of the open cases are real: their pages ask their workflows (`case`). The others are rows of PostgreSQL
without a workflow: Temporal says that there is none, and the page is read from the records (`case_from_records`). Times
are those of a client on the same machine, from the first byte sent to the last one received. How long the server was
ready to go on and others had the processors (`web_waited_percent`) says how much of that is the machine's.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from bench.api import web
from bench.conversations import intake
from bench.desk import plans
from bench.desk.filling import fill, rare_and_frequent_words
from bench.desk.people import Agent, hire, references
from bench.desk.visiting import Chance, Visitor, first_page
from bench.measure import Options, cpu_seconds, percentile, show, waited_seconds
from bench.stack import Product, product

EVERY = 3.0  # seconds between two pages of one agent
WARM = 12.0  # seconds that count for nothing: everybody's first pages
QUIET = 5  # looks a second apart, at which nothing waits to be sent
A_CHANGE = 1.0  # seconds between two changes of real cases, which every open page hears of
MOST_MS = {"my_work": 100, "queue": 100, "search": 100, "case": 150, "case_from_records": 150, "team": None}
LARGEST = 100_000  # bytes of the first page, with all that it loads


class Size(NamedTuple):
    cases: int
    agents: int
    streams: int
    seconds: float
    live: int


class World(NamedTuple):
    """Who is there, and what they look for."""

    people: Sequence[Agent]
    live: Sequence[str]
    recorded: dict[str, list[str]]
    words: Sequence[str]

    def chance(self, agent: Agent, seed: int) -> Chance:
        live = self.live if "frontline" in agent.teams else ()
        recorded = [reference for team in agent.teams for reference in self.recorded[team]]
        return Chance(seed, self.words, live, recorded, agent.lead)


async def run(options: Options) -> None:
    size = Size(
        options.cases or options.sized(1_000_000, 20_000), options.agents or options.sized(50, 10),
        options.streams or options.sized(200, 20), options.seconds or options.sized(120, 15), options.sized(300, 12),
    )  # fmt: skip
    if options.keep is not None:
        options.keep.mkdir(mode=0o711, parents=True, exist_ok=True)
    async with product(options.keep) as side:
        url = side.info.database_url
        filled = await asyncio.to_thread(fill, url, size.cases, size.agents)
        show("desk_filled", **filled._asdict())
        people = await hire(url, size.agents)
        live = await _filed(side, size.live)
        await _at_rest(side)
        words = await asyncio.to_thread(rare_and_frequent_words, url)
        world = World(people, live, references(url), words)
        await _plans(side, world)
        await _load(side, world, size)


async def _filed(side: Product, number: int) -> list[str]:
    """Real cases, the same ones as last time if the stack was kept."""
    turn = asyncio.Semaphore(8)

    async def one(each: int) -> str:
        async with turn:
            return (await side.tuntas.file(intake(each, key=f"desk-bench-{each}", category="billing"))).reference

    return list(await asyncio.gather(*map(one, range(number))))


async def _at_rest(side: Product) -> None:
    """Until the worker has told everybody of the cases that were filed: it shares the processors with the server."""
    deadline, quiet = time.monotonic() + 300, 0
    while quiet < QUIET:
        if time.monotonic() > deadline:
            raise TimeoutError("the cases that were filed do not come to rest")
        async with side.tuntas.pool.connection() as conn:
            row = await (await conn.execute("SELECT count(*) FROM notices WHERE state = 'written'")).fetchone()
        quiet = quiet + 1 if row == (0,) else 0
        await asyncio.sleep(1.0)


async def _plans(side: Product, world: World) -> None:
    """Every kind of page once, by somebody of one team and by somebody of all, with every plan written down."""
    with plans.written_down(side.info.database_url, side.home) as written:
        async with web(side) as (url, _):
            for agent in (world.people[1], world.people[0]):
                visitor = Visitor(url)
                await visitor.sign_in(agent.id)
                for address in world.chance(agent, 1).every():
                    answer = await visitor.get(address)
                    if answer.status != 200:  # noqa: PLR2004
                        raise RuntimeError(f"{address}: {answer.status}")
                visitor.close()
    found = written()
    show(
        "desk_plans", queries=found.queries, sequential=found.sequential,
        holds=not found.sequential and found.queries > 0,
    )  # fmt: skip


async def _load(side: Product, world: World, size: Size) -> None:
    took: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    heard = [0]
    before = plans.scans(side.info.database_url)
    async with web(side) as (url, pid):
        visitors = [Visitor(url) for _ in world.people]
        for visitor, agent in zip(visitors, world.people, strict=True):
            await visitor.sign_in(agent.id)
        sizes = await first_page(visitors[0], "/desk")
        began = time.monotonic() + WARM
        until = began + size.seconds
        streams = [asyncio.create_task(visitors[n % len(visitors)].listen(heard)) for n in range(size.streams)]
        moving = asyncio.create_task(_moving(side, world.live))
        asking = [
            _asking(visitor, world.chance(agent, number), _Turn(number / len(visitors), began, until), took, wrong)
            for number, (visitor, agent) in enumerate(zip(visitors, world.people, strict=True))
        ]
        used, waited = cpu_seconds([pid]), waited_seconds(pid)
        await asyncio.gather(*asking)
        used, waited = cpu_seconds([pid]) - used, waited_seconds(pid) - waited
        still = sum(not stream.done() for stream in streams)
        for task in (moving, *streams):
            task.cancel()
        await asyncio.gather(moving, *streams, return_exceptions=True)
        for visitor in visitors:
            visitor.close()
    scanned = {table: number - before[table] for table, number in plans.scans(side.info.database_url).items()}
    _show(took, size, wrong)
    show(
        "desk_load", pages=sum(map(len, took.values())), agents=size.agents, streams=size.streams,
        streams_still_open=still, events_heard=heard[0], web_cpu_percent=round(used / (size.seconds + WARM) * 100, 1),
        web_waited_percent=round(waited / (size.seconds + WARM) * 100, 1),
        wrong=wrong[:5], holds=not wrong and still == size.streams and heard[0] > 0,
    )  # fmt: skip
    show("desk_sequential_scans", **scanned, holds=not any(scanned.values()))
    total = sum(sizes.values())
    show("desk_first_page", bytes=total, of=sizes, at_most=LARGEST, holds=total < LARGEST)


class _Turn(NamedTuple):
    """Where in the three seconds somebody asks; from when on it counts; when it is over."""

    offset: float
    began: float
    until: float


async def _asking(
    visitor: Visitor, chance: Chance, turn: _Turn, took: dict[str, list[float]], wrong: list[str]
) -> None:
    """One agent: a page every three seconds, whether or not the one before was fast."""
    due = turn.began - WARM + turn.offset * EVERY
    while due < turn.until:
        await asyncio.sleep(max(due - time.monotonic(), 0))
        kind, address = chance.next()
        answer = await visitor.get(address)
        if answer.status != 200:  # noqa: PLR2004
            wrong.append(f"{address}: {answer.status}")
        elif due >= turn.began:
            took[kind].append(answer.seconds * 1e3)
        due += EVERY


async def _moving(side: Product, live: Sequence[str]) -> None:
    """Real cases move meanwhile, and every open page hears of it."""
    number = time.time_ns()
    while True:
        number += 1
        note = {
            "act": "note",
            "key": f"bench-{number}",
            "actor": {"id": "frontline", "role": "agent"},
            "text": "Dilihat.",
        }
        with suppress(asyncio.TimeoutError):
            await side.tuntas.act(live[number % len(live)], note)
        await asyncio.sleep(A_CHANGE)


def _show(took: dict[str, list[float]], size: Size, wrong: list[str]) -> None:
    for kind, most in MOST_MS.items():
        times = took.get(kind)
        if not times:
            wrong.append(f"nobody asked for {kind}")
            continue
        worst = percentile(times, 95)
        promised = {} if most is None else {"at_most_p95_ms": most, "holds": worst < most}
        show(
            f"desk_{kind}", cases=size.cases, pages=len(times), p50_ms=round(percentile(times, 50), 1),
            p95_ms=round(worst, 1), max_ms=round(max(times), 1), **promised,
        )  # fmt: skip
