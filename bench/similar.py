"""Past records as a reference among a million of them: how long a search takes, one after the other, at its worst.

Each is measured as pages and interfaces ask for it, with what is shown of the hits; `kinds` tells them apart.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import psutil
import psycopg

from bench.measure import Options, percentile, show
from bench.past_records import fill
from bench.stack import bare
from database import past_records, sql
from database.past_records import EVERYTHING, Sight, Sought
from database.pool import Pool, open_pool, transaction
from database.sql import Connection

MOST = 100.0  # milliseconds, for all but one in twenty
TEAM = Sight(teams=("team_3",), me="agent:a1")
SAMPLE = """
SELECT record ->> 'problem', record ->> 'category', reference FROM closure_records
WHERE reference = ANY (%s) ORDER BY reference
"""


class Case(NamedTuple):
    text: str
    category: str
    reference: str


Search = Callable[[Connection, Case], Awaitable[Any]]


async def run(options: Options) -> None:
    records = options.records or options.sized(1_000_000, 20_000)
    cases = options.sized(30, 5)
    async with bare("database.migrate:migrate") as side:
        url = side.info.database_url
        began = time.perf_counter()
        await asyncio.to_thread(fill, url, records)
        filled = time.perf_counter() - began
        chosen = await asyncio.to_thread(_sample, url, records, cases)
        async with open_pool(url, max_size=1, wait=30) as pool:
            plans = await _whole(pool, chosen[0])
            await _each(pool, chosen)  # once for what is not in memory yet
            before = await _processor(pool)
            took = await _each(pool, chosen)
            used = await _processor(pool) - before
    searches = sum(map(len, took.values()))
    about = {
        "records": records, "processor_ms": round(used * 1_000 / searches, 1), "read_whole": plans,
        "filled_seconds": round(filled),
    }  # fmt: skip
    alike = _line({name: took[name] for name in ALIKE})
    show("similar", **alike, **about, at_most_ms=MOST, holds=alike["p95_ms"] < MOST and not plans)
    show("past_words", **_line({name: those for name, those in took.items() if name not in ALIKE}), **about)


def _line(took: dict[str, list[float]]) -> dict[str, Any]:
    every = [one for those in took.values() for one in those]
    return {
        "searches": len(every), "p50_ms": round(percentile(every, 50), 1), "p95_ms": round(percentile(every, 95), 1),
        "slowest_ms": round(max(every), 1),
        "kinds": {name: {"p50": round(percentile(those, 50), 1), "p95": round(percentile(those, 95), 1)}
                  for name, those in took.items()},
    }  # fmt: skip


async def _like(conn: Connection, case: Case, sight: Sight = EVERYTHING) -> None:
    await past_records.alike(conn, case.text, category=case.category, reference=case.reference, sight=sight)


async def _words(conn: Connection, words: str | None, **narrowed: Any) -> None:
    sight = narrowed.pop("sight", EVERYTHING)
    await past_records.search(conn, Sought(words=words, **narrowed), sight=sight)


def _word(case: Case, number: int) -> str:
    words = case.text.replace(".", "").split()
    return words[number % len(words)]


ALIKE = ("case", "case of a team", "three words of it", "common words", "common words of a team")
"""Searches for similar cases, of which something is promised; the others look for words."""
KINDS: dict[str, Search] = {
    "case": _like,
    "case of a team": lambda conn, case: _like(conn, case, TEAM),
    "three words of it": lambda conn, case: _like(conn, case._replace(text=" ".join(case.text.split()[:3]))),
    "common words": lambda conn, case: _like(conn, case._replace(text="barang yang dikirim rusak")),
    "common words of a team": lambda conn, case: _like(conn, case._replace(text="barang yang dikirim rusak"), TEAM),
    "all of two common words": lambda conn, _: _words(conn, "barang rusak"),
    "all of two words": lambda conn, case: _words(conn, f"{_word(case, 2)} {_word(case, 5)}"),
    "a rare word": lambda conn, case: _words(conn, case.text.split()[-1]),
    "words that no record has together": lambda conn, _: _words(conn, "yang parcel refund"),
    "a phrase": lambda conn, _: _words(conn, '"barang yang"'),
    "filters of a team": lambda conn, case: _words(
        conn, None, category=case.category, cause="people", outcome="upheld", sight=TEAM
    ),
}


async def _each(pool: Pool, cases: list[Case]) -> dict[str, list[float]]:
    """Milliseconds of every kind of search, for every case."""
    took: dict[str, list[float]] = {name: [] for name in KINDS}
    for case in cases:
        for name, search in KINDS.items():
            async with transaction(pool) as conn:
                began = time.perf_counter()
                await search(conn, case)
                took[name].append((time.perf_counter() - began) * 1_000)
    return took


async def _processor(pool: Pool) -> float:
    """Seconds that PostgreSQL's process of the pool's one connection has used: what it takes on a busy machine too."""
    async with transaction(pool) as conn:
        times = psutil.Process(conn.info.backend_pid).cpu_times()
    return float(times.user + times.system)


async def _whole(pool: Pool, case: Case) -> list[str]:
    """Return the kinds of search for which PostgreSQL would read all records."""
    found = []
    for name, search in KINDS.items():
        async with transaction(pool) as conn, _explained() as plans:
            await search(conn, case)
        if any("Seq Scan on past_records" in plan for plan in plans):
            found.append(name)
    return found


@asynccontextmanager
async def _explained() -> AsyncIterator[list[str]]:
    """Collect the plans of what is asked meanwhile."""
    plans: list[str] = []
    fetch_all = sql.fetch_all

    async def explaining(conn: Connection, model: Any, query: Any, params: Any, *, prepare: bool | None = None) -> Any:
        rows = await (await conn.execute(f"EXPLAIN {query}".encode(), params, prepare=False)).fetchall()
        plans.append("\n".join(str(row[0]) for row in rows))
        return await fetch_all(conn, model, query, params, prepare=prepare)

    sql.fetch_all = explaining
    try:
        yield plans
    finally:
        sql.fetch_all = fetch_all


def _sample(url: str, records: int, cases: int) -> list[Case]:
    """Some of the records, as cases that are like them."""
    with psycopg.connect(url) as conn:
        found = conn.execute(SAMPLE, (list(_references(records, cases)),)).fetchall()
    return [Case(*row) for row in found]


def _references(records: int, cases: int) -> Iterator[str]:
    for number in random.Random(3).sample(range(1, records + 1), cases):
        yield f"TTS-{number:013}"
