"""Timelines as they are stored, audited page by page; each page is read as of one instant."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import IsolationLevel

from complaints.auditing import CaseRow, Closure, Stored, Verdict, audit
from database import sql
from database.sql import Connection

QUERIES = sql.load("audit")


@asynccontextmanager
async def one_instant(conn: Connection) -> AsyncIterator[None]:
    """A transaction that reads and sees nothing of what is recorded meanwhile: or a case that moves looks wrong."""
    await conn.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await conn.set_read_only(True)
    try:
        async with conn.transaction():
            yield
    finally:
        await conn.set_isolation_level(None)
        await conn.set_read_only(None)


async def references(conn: Connection, *, after: str, limit: int) -> list[str]:
    """Return the next references in the database's order; "" begins."""
    found: list[str] = await sql.fetch_values(conn, QUERIES["references"], {"after": after, "limit": limit})
    return found


async def count(conn: Connection, *, after: str) -> int:
    """Return how many cases there are after a reference."""
    return int((await sql.fetch_values(conn, QUERIES["count"], {"after": after}))[0])


async def verdicts(conn: Connection, wanted: Sequence[str], *, head: str | None = None) -> tuple[Verdict, ...]:
    """Audit these cases, in this order; of one that is nowhere there is no verdict. Call it within `one_instant`."""
    params = {"references": list(wanted)}
    cases = {row[0]: CaseRow(*row[1:]) for row in await _rows(conn, "cases", params)}
    entries: dict[str, list[Stored]] = defaultdict(list)
    for row in await _rows(conn, "entries", params):
        entries[row[0]].append(Stored(*row[1:]))
    closures: dict[str, list[Closure]] = defaultdict(list)
    for reference, *rest in await _rows(conn, "closures", params):
        closures[reference].append(Closure(*rest))
    return tuple(
        audit(one, entries[one], cases.get(one), closures[one], head=head)
        for one in wanted
        if one in cases or one in entries
    )


async def _rows(conn: Connection, query: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    # Plain tuples: a model for each of millions of entries would take longer than all the hashes.
    return await (await conn.execute(QUERIES[query], params)).fetchall()
