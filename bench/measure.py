"""How it is measured: two sides in one run, in the order AB BA AB BA, and the median of each pair's ratio.

The machine's speed moves by a third from minute to minute, so that a figure means something only beside another one of
the same minutes. What is printed of each side is the median of its runs; the ratio is the median of the pairs' ratios.
"""

import json
import statistics
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil


class Options(NamedTuple):
    """`quick` is for trying it out: small numbers, whose ratios say little."""

    pairs: int = 5
    quick: bool = False
    records: int | None = None  # of `similar`
    cases: int | None = None  # of the desk: in PostgreSQL
    agents: int | None = None
    streams: int | None = None
    seconds: float | None = None
    keep: Path | None = None  # where the desk's stack is kept for the next time

    def sized(self, full: int, quick: int) -> int:
        return quick if self.quick else full


async def alternating(
    pairs: int, ours: Callable[[], Awaitable[Any]], theirs: Callable[[], Awaitable[Any]]
) -> list[tuple[Any, Any]]:
    """Run both sides of every pair one after the other, the second side first in every second pair."""
    found = []
    for number in range(pairs):
        if number % 2:
            second = await theirs()
            found.append((await ours(), second))
        else:
            first = await ours()
            found.append((first, await theirs()))
    return found


def percentile(values: Iterable[float], percent: float) -> float:
    """The value that so many percent lie at or under; the last one at 100."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return round(statistics.median(ours / theirs for ours, theirs in pairs), 3)


def middle(values: Iterable[float], digits: int = 1) -> float:
    return round(statistics.median(values), digits)


def resident(pid: int) -> int:
    """Bytes of memory that a process has in RAM."""
    return int(psutil.Process(pid).memory_info().rss)


def cpu_seconds(pids: Iterable[int]) -> float:
    """What these processes and their children have used of the processors."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def waited_seconds(pid: int) -> float:
    """How long its first thread was ready to run while others had the processors; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


broken: list[str] = []
"""The lines shown so far whose promise does not hold."""


def show(line: str, **figures: Any) -> None:
    """Print one JSON line. `holds` says of those that promise something whether it is so."""
    if figures.get("holds") is False:
        broken.append(line)
    print(json.dumps({"line": line, **figures}), flush=True)
