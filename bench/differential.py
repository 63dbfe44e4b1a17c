"""The differential test at full length: random scenarios must print the same from the case and from its workflow."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from commands.session import quiet_runtime
from commands.stack.alone import temporal
from simulation.temporal import SKIPPING, open_stage
from tests.fixtures.differential import Compared, compare

COUNT = 300
AT_ONCE = 8


def run(count: int = COUNT, first: int = 1) -> dict[str, Any]:
    """Play the scenarios of `count` seeds on both engines and print what came of it as one JSON line.

    Every difference is printed before it, with its seed and its scenario.
    """
    began = time.perf_counter()
    found = asyncio.run(_compared(range(first, first + count)))
    same, waits = sum(one.difference is None for one in found), sum(one.waits for one in found)
    result = {
        "line": "differential",
        "scenarios": count,
        "same": same,
        "with_pause_dispute_or_outage": waits,
        "holds": same == count and 2 * waits >= count,
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(result))
    return result


async def _compared(seeds: range) -> list[Compared]:
    limit = asyncio.Semaphore(AT_ONCE)
    with TemporaryDirectory(prefix="tuntas-bench-") as directory:
        now, quiet = datetime.now(UTC), quiet_runtime()
        async with temporal(Path(directory), *SKIPPING) as address, open_stage(address, now, quiet) as stage:

            async def one(number: int) -> Compared:
                async with limit:
                    compared = await compare(stage, number)
                if compared.difference is not None:
                    print(compared.difference, flush=True)
                return compared

            return list(await asyncio.gather(*map(one, seeds)))
