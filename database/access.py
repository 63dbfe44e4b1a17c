"""The access log: who looked at a case, who did what to it, who was refused what. It cannot be changed."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from psycopg.rows import class_row

from complaints.model import Frozen, Instant
from complaints.vocabulary import Role
from database import sql
from database.sql import Connection

QUERIES = sql.load("access")
_CHUNK = 500  # rows


class Access(Frozen):
    """One access. `what` is a command or a view, `result` how it ended: `ok`, `refused`, `not_found`."""

    at: Instant
    actor_id: str
    actor_role: Role
    what: str
    reference: str | None = None
    about: str | None = None  # what else it was about: an agent, an account, a policy
    result: str = "ok"
    problem: str | None = None


class Logged(Access):
    """An access as it stands in the log; numbers count up."""

    number: int


class Search(Frozen):
    """What to look for; null is anything. `start` counts, `end` does not."""

    start: Instant | None = None
    end: Instant | None = None
    actor_id: str | None = None
    reference: str | None = None
    what: str | None = None
    result: str | None = None


async def note(conn: Connection, access: Access) -> None:
    await sql.execute(conn, QUERIES["note"], access.model_dump())


async def note_each(conn: Connection, accesses: Sequence[Access]) -> None:
    """Note several, in one round trip."""
    await sql.execute_many(conn, QUERIES["note"], [access.model_dump() for access in accesses])


async def fetch(
    conn: Connection, *, reference: str | None = None, actor_id: str | None = None, limit: int = 100
) -> tuple[Access, ...]:
    """Fetch the log of a case or of an actor, the latest first."""
    params = {"reference": reference, "actor_id": actor_id, "limit": limit}
    return await sql.fetch_all(conn, Access, QUERIES["fetch"], params, prepare=False)


async def search(
    conn: Connection, wanted: Search, *, before: int | None = None, after: int | None = None, limit: int = 100
) -> tuple[Logged, ...]:
    """Return what fits, the latest first: the latest before a number, or the earliest after one."""
    params = _params(wanted, limit) | {"number": after if after is not None else before}
    query = QUERIES["search_after" if after is not None else "search_before"]
    return await sql.fetch_all(conn, Logged, query, params, prepare=False)


async def every(conn: Connection, wanted: Search, *, limit: int) -> AsyncIterator[Logged]:
    """Yield what fits, the latest first, a chunk at a time."""
    async with conn.cursor("access_log", row_factory=class_row(Logged)) as cursor:
        cursor.itersize = _CHUNK
        await cursor.execute(QUERIES["search_before"], _params(wanted, limit) | {"number": None})
        async for row in cursor:
            yield row


def _params(wanted: Search, limit: int) -> dict[str, Any]:
    return wanted.model_dump() | {"limit": limit}
