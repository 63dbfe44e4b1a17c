"""The connection pool: `async with open_pool(url) as pool`, then one transaction per `async with transaction(pool)`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from database.sql import Connection

Pool = AsyncConnectionPool[Connection]

# Everything is compared and read in UTC; a statement that hangs is ended by the server, not only by our patience.
OPTIONS = "-c timezone=UTC -c statement_timeout=60s -c lock_timeout=30s"
WAIT = 10.0  # seconds for a free connection before `PoolTimeout`, which an activity answers with a retry


@asynccontextmanager
async def open_pool(
    database_url: str, *, max_size: int = 10, wait: float = WAIT, name: str = "tuntas"
) -> AsyncIterator[Pool]:
    """Open a pool that outlives a restart of PostgreSQL: every connection is tried before it is lent."""
    pool: Pool = AsyncConnectionPool(
        database_url,
        connection_class=AsyncConnection,
        kwargs={"options": OPTIONS, "application_name": name, "connect_timeout": 10},
        min_size=1,
        max_size=max_size,
        timeout=wait,
        open=False,
        check=AsyncConnectionPool.check_connection,
        name=name,
    )
    async with pool:
        yield pool


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """Open one transaction: committed at the end of the block, rolled back by whatever leaves it."""
    async with pool.connection() as conn, conn.transaction():
        yield conn
