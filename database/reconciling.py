"""Holding the read model against the workflows: what there is of a case, and setting aside what no workflow knows."""

from collections.abc import AsyncIterator
from datetime import datetime

from complaints.model import Frozen
from database import sql
from database.pool import Pool, transaction
from database.sql import Connection

QUERIES = sql.load("reconciling")
_PAGE = 1000
_SET_ASIDE = (
    "entries",
    "root_causes",
    "evaluations",
    "reviews",
    "evaluation_answers",
    "answers",
    "surveys",
    "closure_records",
    "clocks",
    "actions",
    "complaint",
)


class Part(Frozen):
    """The rows that a table has of a case; equal digests are equal rows."""

    name: str
    rows: int
    digest: str | None


class _Hash(Frozen):
    sequence: int
    hash: str


async def parts(conn: Connection, reference: str) -> tuple[Part, ...]:
    return await sql.fetch_all(conn, Part, QUERIES["parts"], {"reference": reference})


async def hashes(conn: Connection, reference: str) -> dict[int, str]:
    """The hash of every stored entry by its sequence."""
    found = await sql.fetch_all(conn, _Hash, QUERIES["hashes"], {"reference": reference})
    return {row.sequence: row.hash for row in found}


async def expected(pool: Pool) -> AsyncIterator[str]:
    """References of all cases that must have a workflow."""
    async for reference in _paged(pool, "expected"):
        yield reference


async def unfiled(pool: Pool) -> AsyncIterator[str]:
    """References that were taken and of which nothing was recorded."""
    async for reference in _paged(pool, "unfiled"):
        yield reference


async def sent_since(conn: Connection, reference: str, sequence: int) -> list[str]:
    """Keys of notices that were sent to the complainant since the first entry after this sequence."""
    return await sql.fetch_values(conn, QUERIES["sent_since"], {"reference": reference, "after": sequence})


async def set_aside(conn: Connection, reference: str, sequence: int, at: datetime) -> int:
    """Take what was recorded after this sequence out of the read model, and keep it; how many rows."""
    params = {"reference": reference, "after": sequence, "at": at}
    moved = 0
    for part in _SET_ASIDE:
        moved += await sql.execute(conn, QUERIES[f"set_aside_{part}"], params)
    await sql.execute(conn, QUERIES["drop_closure_records"], {"reference": reference, "at": at})
    for part in ("case_scores", "archived"):  # of closings and archives that are gone by now
        moved += await sql.execute(conn, QUERIES[f"set_aside_{part}"], {"reference": reference, "at": at})
    await sql.execute(conn, QUERIES["unreview"], {"reference": reference, "after": sequence})
    await sql.execute(conn, QUERIES["give_way"], {"reference": reference, "after": sequence})
    return moved


async def _paged(pool: Pool, query: str) -> AsyncIterator[str]:
    after = ""
    while True:
        async with transaction(pool) as conn:
            page = await sql.fetch_values(conn, QUERIES[query], {"after": after, "limit": _PAGE})
        for reference in page:
            yield reference
        if len(page) < _PAGE:
            return
        after = page[-1]
