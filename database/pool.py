"""The connection pool: `async with open_pool(url) as pool`, then one transaction per `async with transaction(pool)`.

What is one statement, or several that need not hold together, is run on a `connection(pool)`: each statement is its own
transaction there, which spares the two round trips of its beginning and its end.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

from database.sql import Connection

Pool = AsyncConnectionPool[Connection]

# Everything is compared and read in UTC; a statement that hangs is ended by the server, not only by our patience. So
# is a transaction whose owner is gone without a word (a cut line, a stopped machine): its locks would hold up others.
OPTIONS = "-c timezone=UTC -c statement_timeout=60s -c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"
WAIT = 10.0  # seconds for a free connection before `PoolTimeout`, which an activity answers with a retry
LONGEST = 90.0  # seconds of one transaction: more than the longest statement or mail, less than an activity may take
CHECK = 5.0  # seconds for a kept connection to answer before another one is taken
FRESH = 1.0  # seconds for which a connection that was lent counts as tried
# The kernel's own look at a line on which nothing comes, where there is one: seconds, and milliseconds.
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}


@asynccontextmanager
async def open_pool(
    database_url: str, *, max_size: int = 10, wait: float = WAIT, name: str = "tuntas"
) -> AsyncIterator[Pool]:
    """Open a pool that outlives a restart of PostgreSQL: a connection that has lain idle is tried before it is lent."""
    answered: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()

    async def check(conn: Connection) -> None:
        """One that was cut without a word answers nothing, for ever. One that has just answered need not again."""
        now = time.monotonic()
        if now - answered.get(conn, -math.inf) > FRESH:
            async with asyncio.timeout(CHECK):
                await AsyncConnectionPool.check_connection(conn)
        answered[conn] = now

    pool: Pool = AsyncConnectionPool(
        database_url,
        connection_class=AsyncConnection,
        kwargs={
            "options": OPTIONS,
            "application_name": name,
            "connect_timeout": 10,
            "autocommit": True,
            **KEEPALIVES,
        },  # `transaction` begins and ends its own
        min_size=1,
        max_size=max_size,
        timeout=wait,
        open=False,
        check=check,
        name=name,
    )
    async with pool:
        yield pool


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """Open one transaction: committed at the end of the block, rolled back by whatever leaves it.

    Raises `OperationalError` when a server that says nothing at all has taken more than `LONGEST`.
    """
    async with connection(pool) as conn, conn.transaction():
        yield conn


@asynccontextmanager
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """Lend a connection on which every statement is kept at once, whatever becomes of the next. Raises likewise."""
    bound = asyncio.timeout(LONGEST)
    try:
        async with bound, pool.connection() as conn:
            yield conn
    except TimeoutError:
        if not bound.expired():
            raise
        raise OperationalError("no answer in time") from None
