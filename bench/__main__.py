"""`python -m bench [LINE …]`: run the lines named, or all of them. Exit code 1 if something promised does not hold."""

import argparse
import asyncio
import importlib
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bench import measure
from bench.measure import Options

# Where each is; imported when it is run.
LINES = {
    "history": "bench.talks:history",
    "talks": "bench.talks:rate",
    "memory": "bench.memory:run",
    "bursts": "bench.bursts:run",
    "calendar": "bench.calendars:run",
    "duplicates": "bench.duplicates:run",
    "records": "bench.records:run",
    "similar": "bench.similar:run",
    "core": "bench.core:run",
    "api": "bench.api:run",
    "whatif": "bench.whatif:run",
    "mailbox": "bench.mailbox:run",
    "differential": "bench.scenarios:run",
    "desk": "bench.desk.line:run",
}
EXPLAINED = """
history       events, bytes and Temporal Cloud actions of the happy conversation
talks         the same, conversations a second, bytes on the disk, commands answered: beside the skeleton
memory        a worker's memory for each open case: beside the skeleton
bursts        many due at once, a hundred a second, a worker that comes back: beside bare timers
calendar      add and between: beside plain code and two libraries
duplicates    the search for possible duplicates among 100,000 open cases
records       a closure record as PDF; 100,000 timelines verified
similar       past records that are like a case, or hold given words, among 1,000,000 of them
core          whole complaints in the pure core
api           a complaint through the HTTP interface until it is accepted: beside the bare start of a workflow
whatif        complaints a second of a what-if, four times as many of them, memory
mailbox       mails in one mailbox turned into cases, a second: beside the bare start of as many workflows
differential  the same scenarios on both engines
desk          pages of the desk with 1,000,000 cases, 50 agents and 200 streams; plans; bytes of the first page
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, epilog=EXPLAINED, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lines", nargs="*", metavar="LINE", help="one or more of those below; none: all of them")
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it works: ratios say little")
    parser.add_argument("--pairs", type=int, help="how often both sides are run (5; quick: 2)")
    parser.add_argument("--records", type=int, help="of `similar`: among how many (1,000,000; quick: 20,000)")
    desk = parser.add_argument_group("desk")
    desk.add_argument(
        "--cases", type=int, help="how many are in PostgreSQL (1,000,000; quick: 20,000), 5 %% of them open"
    )
    desk.add_argument("--agents", type=int, help="who each ask for a page every 3 seconds (50; quick: 10)")
    desk.add_argument("--streams", type=int, help="streams of events that stay open (200; quick: 20)")
    desk.add_argument("--seconds", type=float, help="how long they ask (120; quick: 15)")
    desk.add_argument("--keep", type=Path, metavar="DIR", help="keep the filled stack there, and use it the next time")
    given = parser.parse_args()
    if unknown := set(given.lines) - set(LINES):
        parser.error(f"no such line: {', '.join(sorted(unknown))}")
    options = Options(
        pairs=given.pairs or (2 if given.quick else 5), quick=given.quick, records=given.records, cases=given.cases,
        agents=given.agents, streams=given.streams, seconds=given.seconds, keep=given.keep and given.keep.absolute(),
    )  # fmt: skip
    for name in given.lines or [line for line in LINES if line != "history"]:  # `talks` shows the history too
        asyncio.run(_stoppable(_line(name)(options)))
    return 1 if measure.broken else 0


async def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    """Whoever stops it shall leave no server behind."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await task


def _line(name: str) -> Callable[[Options], Coroutine[Any, Any, None]]:
    module, _, function = LINES[name].partition(":")
    line: Callable[[Options], Coroutine[Any, Any, None]] = getattr(importlib.import_module(module), function)
    return line


if __name__ == "__main__":
    sys.exit(main())
