"""How much of a bucket is used up, for all processes that share the database."""

from complaints.model import Frozen
from database import sql
from database.sql import Connection

QUERIES = sql.load("rate_limits")


class _Wait(Frozen):
    seconds: float


async def take(conn: Connection, bucket: str, *, cost: float, room: float) -> float:
    """Take `cost` seconds of a bucket that holds `room`: 0 if there was room, else after how many seconds there is."""
    params = {"bucket": bucket, "cost": cost, "room": room}
    if await sql.fetch_one(conn, _Wait, QUERIES["take"], params) is not None:
        return 0.0
    found = await sql.fetch_one(conn, _Wait, QUERIES["wait"], params)
    return max(found.seconds, 0.001) if found else 0.001


async def forget(conn: Connection) -> None:
    """Leave out the buckets that are full again."""
    await sql.execute(conn, QUERIES["forget"], {})
