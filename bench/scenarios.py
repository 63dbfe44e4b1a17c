"""Generated scenarios, each played by both engines, which must print the same: `bench.differential` prints its line."""

import asyncio

from bench import differential
from bench.measure import Options, broken


async def run(options: Options) -> None:
    found = await asyncio.to_thread(differential.run, count=options.sized(300, 20))
    if not found["holds"]:
        broken.append("differential")
