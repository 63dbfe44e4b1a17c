"""Migrations: plain SQL files in order, forward only, each in a transaction of its own, by yoyo.

Programs that start at once wait for each other on an advisory lock, which PostgreSQL lets go of when its holder dies;
yoyo's own lock is a row that a killed process would leave behind.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from yoyo import get_backend, read_migrations

log = logging.getLogger(__name__)

DIRECTORY = Path(__file__).parent / "migrations"
_LOCK = 0x7475_6E74_6173  # "tuntas"


def migrate(database_url: str) -> list[str]:
    """Bring the database up to date; return the names of the migrations applied, none the second time."""
    with _backend(database_url) as backend:
        wanted = backend.to_apply(read_migrations(str(DIRECTORY)))
        backend.apply_migrations(wanted)
        return [migration.id for migration in wanted]


def pending(database_url: str) -> list[str]:
    """Return the names of the migrations that are still to be applied."""
    with _backend(database_url) as backend:
        return [migration.id for migration in backend.to_apply(read_migrations(str(DIRECTORY)))]


async def until_migrated(database_url: str, *, again: float) -> None:
    """Wait for PostgreSQL, and for its tables (`tuntas migrate` brings them); `again` is the pause, in seconds."""
    while True:
        try:
            missing = await asyncio.to_thread(pending, database_url)
        except Exception as error:  # noqa: BLE001  whatever keeps it away, we wait
            log.warning("PostgreSQL does not answer: %s", type(error).__name__)
        else:
            if not missing:
                return
            log.warning("the database lacks %s; `tuntas migrate` brings it up to date", ", ".join(missing))
        await asyncio.sleep(again)


@contextmanager
def _backend(database_url: str) -> Iterator[Any]:
    scheme, separator, rest = database_url.partition("://")
    if scheme not in ("postgresql", "postgres") or not separator:
        raise ValueError("the database URL must begin with postgresql://")
    with psycopg.connect(database_url, autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        backend = get_backend(f"postgresql+psycopg://{rest}")
        with closing(backend.connection):
            yield backend
