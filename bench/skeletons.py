"""The skeleton as the side to compare with: the same conversation in the plainest code, unchanged in `bench/skeleton`.

Its own driver and workers are used as they are; only the stack it runs on is ours, so that both sides have the same.
"""

import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.stack import Side, bare
from settings import Settings

QUEUE = "skeleton"
LOCAL = ["insert"]  # what the skeleton does as a local activity unless told otherwise
OWN = 4  # activities of its conversation without any extra ones
_FOLDER = Path(__file__).parent / "skeleton"


def driver() -> Any:
    """Return the skeleton's module, whose imports expect its folder on the path."""
    if str(_FOLDER) not in sys.path:
        sys.path.append(str(_FOLDER))  # last: it has a `worker` too
    return importlib.import_module("bench_skeleton")


def tables(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute(driver().SCHEMA)


def _workers() -> Any:
    """The skeleton's workers, whose reader would die of a line that the SDK's core writes on a busy machine."""

    class Workers(driver().Workers):  # type: ignore[misc]
        async def _read(self, process: Any) -> None:
            async for line in process.stdout:
                match line.decode().split():
                    case [kind, case]:
                        self.event(kind, case).set()

    return Workers()


@dataclass(frozen=True, kw_only=True)
class Skeleton(Side):
    workers: Any

    @property
    def worker(self) -> int:
        return int(self.workers.procs[0].pid)


@asynccontextmanager
async def skeleton(*, sandbox: bool = False, tuned: bool = False) -> AsyncIterator[Skeleton]:
    """One worker of the skeleton on a stack like the product's; in the SDK's sandbox, as the product's, if asked.

    Its pollers and its event loop are its own, or, `tuned`, those of the product's worker.
    """
    async with bare("bench.skeletons:tables") as side:
        workers = _workers()
        told = {"target": side.info.temporal_address, "queue": QUEUE, "pg": side.info.database_url, "eager": True}
        try:
            pollers = Settings.model_fields["pollers"].default if tuned else 10
            await workers.start(told | {"pollers": pollers, "uvloop": tuned, "sandbox": sandbox})
            yield Skeleton(home=side.home, stack=side.stack, client=side.client, workers=workers)
        finally:
            await workers.stop()
