"""A line to PostgreSQL that falls silent without ending: nobody waits for it for ever, on neither side."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from database import pool as pools
from database.pool import open_pool, transaction
from tests.drills.proxy import socket_directory, to_socket

pytestmark = pytest.mark.services


@pytest.fixture
async def line(database_url):
    """A proxy before the database, and the address there."""
    parts = urlsplit(database_url)
    sockets = Path(parse_qs(parts.query)["host"][0])
    proxy = to_socket(sockets / ".s.PGSQL.5432")
    with socket_directory() as directory:
        await proxy.listen_unix(directory / ".s.PGSQL.5432")
        yield proxy, database_url.replace(str(sockets), str(directory))
        await proxy.close()


async def asked(pool, before=lambda: None):
    async with transaction(pool) as conn:
        before()
        await conn.execute("SELECT 1")


async def test_a_transaction_and_a_kept_connection_are_given_up(line, monkeypatch):
    monkeypatch.setattr(pools, "CHECK", 2.0)  # a good line must answer in it, also on a busy machine
    monkeypatch.setattr(pools, "FRESH", 0.0)  # a line that answered just now is tried all the same
    patience = pools.LONGEST
    monkeypatch.setattr(pools, "LONGEST", 0.5)
    proxy, url = line
    async with asyncio.timeout(patience), open_pool(url, wait=30) as busy, open_pool(url, wait=30) as idle:
        await asked(idle)
        asking = asyncio.create_task(asked(busy, before=proxy.fall_silent))
        while not proxy.silent:
            await asyncio.sleep(0.01)
        proxy.speak()  # to new connections
        monkeypatch.setattr(pools, "LONGEST", patience)
        await asked(idle)
        with pytest.raises(psycopg.OperationalError, match="no answer in time"):
            await asking
        await asked(busy)


async def test_the_server_ends_a_transaction_whose_owner_says_nothing(pool):
    async with transaction(pool) as conn:
        shown = await conn.execute("SHOW idle_in_transaction_session_timeout")
        assert await shown.fetchone() == ("1min",)
