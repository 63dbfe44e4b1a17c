"""Many cases due at once, cases due one after the other, and what a killed worker finds when it comes back."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from bench.herds import Herd, acted, bare_timers, complaints, kill
from bench.lateness import told
from bench.measure import Options, percentile, ratio, show

MOST = 1.3  # of the bare timers
MOST_P99 = 1.0  # seconds, at a hundred a second
A_SECOND = 100
LONG = timedelta(days=1)
ROOM = 1.4  # how much slower than at first the opening of many may become, and acting than opening


class Found(NamedTuple):
    """Seconds of lateness."""

    burst: list[float]
    stored: float  # until the last of the burst is stored
    steady: list[float]
    restart: float


async def run(options: Options) -> None:
    count, steady = options.sized(2000, 120), options.sized(5, 1)
    pairs = []
    number = 0
    for pair in range(1 if options.quick else min(options.pairs, 2)):
        # The bare timers do as many activities as the product is seen to do, so that the product goes first once.
        if pair % 2 == 0:
            ours, number = await _product(count, steady)
            pairs.append((ours, await _bare(count, steady, number)))
        else:
            theirs = await _bare(count, steady, number)
            ours, number = await _product(count, steady)
            pairs.append((ours, theirs))
    _show(pairs, count, number)


async def _product(count: int, steady: int) -> tuple[Found, int]:
    async with complaints() as herd:
        number = 0

        async def look() -> None:
            nonlocal number
            number = await herd.activities_each_time()

        found = await _measured(herd, count, steady, look)
        return found, number


async def _bare(count: int, steady: int, number: int) -> Found:
    async with bare_timers(number) as herd:
        return await _measured(herd, count, steady, None)


async def _measured(herd: Herd, count: int, steady: int, look: Any) -> Found:
    pace = await _pace(herd)
    if look is not None:
        await look()
    one_by_one = await _steady(herd, steady * A_SECOND, pace)
    due, again = await _opened(herd, count, pace)
    burst = await acted(herd, 0, count)
    await herd.stored()
    stored = time.time() - due.timestamp()
    _in_time(due + again - timedelta(seconds=5))
    await _until(due + again - timedelta(seconds=5))
    kill(herd)
    await _until(due + again + timedelta(seconds=1))
    began = time.time()
    await herd.process.start()
    await acted(herd, 1, count)
    last = (due + again).timestamp() + max(await herd.late(1))
    return Found(burst, stored, one_by_one, last - began)


async def _opened(
    herd: Herd, count: int, pace: float, *, apart: timedelta = timedelta(), again: timedelta | None = None
) -> tuple[datetime, timedelta]:
    """Open so many that are first due when all of them wait, and then when the first time is long over.

    Where the machine has become slower than `pace`, those that fell due too soon count for nothing; others are opened.
    """
    while True:
        room = timedelta(seconds=15 + ROOM * count * pace)
        due, once_more = (datetime.now(UTC) + room).replace(microsecond=0), again or 1.2 * room
        began = time.perf_counter()
        await herd.open([due + number * apart for number in range(count)], once_more)
        if datetime.now(UTC) < due:
            return due, once_more
        pace = (time.perf_counter() - began) / count
        await acted(herd, 0, count)


def _in_time(at: datetime) -> None:
    if datetime.now(UTC) > at:
        raise RuntimeError("the next due instant came too soon: something else keeps the machine busy")


async def _pace(herd: Herd) -> float:
    """Seconds that opening one takes, when many are opened. They fall due like the others, and say how that goes."""
    many = 64
    due = datetime.now(UTC) + timedelta(seconds=40)
    began = time.perf_counter()
    await herd.open([due] * many, LONG)
    pace = (time.perf_counter() - began) / many
    await acted(herd, 0, many)
    await asyncio.sleep(5)  # what follows a breach is done
    return pace


async def _steady(herd: Herd, count: int, pace: float) -> list[float]:
    await _opened(herd, count, pace, apart=timedelta(seconds=1) / A_SECOND, again=LONG)
    late = await acted(herd, 0, count)
    await asyncio.sleep(5)
    return late


async def _until(at: datetime) -> None:
    await asyncio.sleep(max((at - datetime.now(UTC)).total_seconds(), 0))


def _show(pairs: list[tuple[Found, Found]], count: int, number: int) -> None:
    def of(percent: float) -> float:
        return ratio([(percentile(a.burst, percent), percentile(b.burst, percent)) for a, b in pairs])

    ratios = {"p50": of(50), "p99": of(99), "last": of(100)}
    ours, theirs = pairs[-1]
    show(
        "burst", cases=count, activities=number, product=told(ours.burst), bare_timers=told(theirs.burst),
        ratio=ratios, at_most=MOST, pairs=len(pairs), holds=max(ratios.values()) <= MOST,
        last_stored_s={"product": round(ours.stored, 1), "bare_timers": round(theirs.stored, 1)},
    )  # fmt: skip
    p99 = sorted(percentile(a.steady, 99) for a, _ in pairs)[len(pairs) // 2]
    show(
        "hundred_a_second", cases=len(ours.steady), product=told(ours.steady), bare_timers=told(theirs.steady),
        at_most_p99_s=MOST_P99, pairs=len(pairs), holds=p99 < MOST_P99,
    )  # fmt: skip
    show(
        "restart", cases=count, product_s=round(ours.restart, 1), bare_timers_s=round(theirs.restart, 1),
        ratio=ratio([(a.restart, b.restart) for a, b in pairs]), pairs=len(pairs),
    )  # fmt: skip
