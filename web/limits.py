"""How many requests are taken from whom: `await limiter.allow(bucket, cost)`, for every part of the application.

Several processes serve side by side, so what is used up is kept in PostgreSQL: one row for each bucket, one statement
for each request, in a table that is not logged (a crash of the server forgets it, and forgetting is harmless). When
PostgreSQL does not answer, each process counts for itself, so that a flood is held off then too.
"""

import itertools
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from starlette.requests import HTTPConnection

from complaints.errors import TuntasError, Unreachable
from complaints.model import Frozen
from database import rate_limits
from database.pool import Pool, connection
from database.sql import Connection
from starter import rpc

log = logging.getLogger(__name__)

_TIDY_EVERY = 1_000  # requests of one process that come without a connection: those of strangers
_MOST = 10_000  # buckets that a process counts for itself


class Bucket(Frozen):
    """An allowance: so much a minute in the long run, and `burst` of it at once. `name` holds nothing personal."""

    name: str
    per_minute: float
    burst: float

    @property
    def seconds(self) -> float:
        """What one request costs, in seconds of the allowance."""
        return 60 / self.per_minute


def hourly(name: str, limit: int) -> Bucket:
    """So many an hour, all of them at once if need be."""
    return Bucket(name=name, per_minute=limit / 60, burst=limit)


class TooMany(TuntasError):
    """More than is taken from one sender; after `retry_after` seconds there is room again."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = max(1, math.ceil(retry_after))
        remedy = f"try again in {self.retry_after} s"
        super().__init__("too many requests", field="", remedy=remedy)


class Limiter:
    """Allows or refuses; shared by all routes of a process."""

    def __init__(self, pool: Pool, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._here = _Here(clock)
        self._count = itertools.count(1)

    async def allow(self, bucket: Bucket, cost: float = 1, *, conn: Connection | None = None) -> None:
        """Take `cost` requests of a bucket. Raises `TooMany`, and then nothing was taken.

        `conn`: a connection that is at hand anyway; without PostgreSQL it fails as the rest of it does.
        """
        room = bucket.burst * bucket.seconds
        seconds = min(cost * bucket.seconds, room)  # what is dearer than a whole bucket takes all of it
        try:
            wait = await self._take(conn, bucket.name, seconds, room)
        except Unreachable:
            log.info("rate limits are counted by this process alone: PostgreSQL does not answer")
            wait = self._here.take(bucket.name, seconds, room)
        if wait > 0:
            raise TooMany(wait)

    async def admits(self, bucket: Bucket) -> bool:
        """Take one request of a bucket if there is room; whether there was."""
        try:
            await self.allow(bucket)
        except TooMany:
            return False
        return True

    async def _take(self, conn: Connection | None, name: str, seconds: float, room: float) -> float:
        if conn is not None:
            return await rate_limits.take(conn, name, cost=seconds, room=room)
        async with rpc.postgres(), connection(self._pool) as own:
            if next(self._count) % _TIDY_EVERY == 0:
                await rate_limits.forget(own)
            return await rate_limits.take(own, name, cost=seconds, room=room)


class _Here:
    """The same rule, counted in this process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used_until: OrderedDict[str, float] = OrderedDict()

    def take(self, name: str, seconds: float, room: float) -> float:
        now = self._clock()
        after = max(self._used_until.get(name, 0.0), now) + seconds
        if after > now + room + 1e-9:
            return after - now - room
        self._used_until[name] = after
        self._used_until.move_to_end(name)
        if len(self._used_until) > _MOST:
            self._used_until.popitem(last=False)
        return 0.0


def network_of(connection: HTTPConnection) -> str:
    """Return where a request comes from: the address, or its /64 for IPv6, where one sender has so many."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)
