"""Closure records: immutable, one more with each closing."""

from typing import Any, NamedTuple

from complaints.messages.duties import ClosureRecord
from complaints.model import Frozen
from complaints.timeline import Entry
from database import reviews, sql, timeline
from database.sql import Connection

QUERIES = sql.load("closures")


class StoredRecord(Frozen):
    """A record as it is stored, whatever version of ours has written it."""

    number: int
    record: dict[str, Any]


class StoredAnnex(NamedTuple):
    """The timeline that a record rests on; long ones without their middle. `found`: whether it ends with its head."""

    entries: tuple[Entry, ...]
    total: int
    found: bool
    erased: frozenset[int] = frozenset()  # sequences of entries whose detail was erased


class _Extent(Frozen):
    head: int | None
    last: int | None


class _Row(Frozen):
    record: ClosureRecord


async def add(conn: Connection, record: ClosureRecord) -> bool:
    """Store a record; False if this number is there already, which then stays as it is."""
    params = {
        "reference": record.reference,
        "number": record.number,
        "closed_at": record.closed_at,
        "reason": record.reason,
        "record": sql.jsonb(record.model_dump(mode="json")),
    }
    new = await sql.execute(conn, QUERIES["add"], params) == 1
    await reviews.add_scores(conn, record)
    return new


async def fetch(conn: Connection, reference: str) -> tuple[ClosureRecord, ...]:
    rows = await sql.fetch_all(conn, _Row, QUERIES["fetch"], {"reference": reference})
    return tuple(row.record for row in rows)


async def stored(conn: Connection, reference: str) -> tuple[StoredRecord, ...]:
    return await sql.fetch_all(conn, StoredRecord, QUERIES["stored"], {"reference": reference})


async def annex(conn: Connection, reference: str, head: str, *, first: int, last: int) -> StoredAnnex:
    """Return the first and the last entries up to the one whose hash is `head`; up to the end if there is none."""
    extent = await sql.fetch_one(conn, _Extent, QUERIES["extent"], {"reference": reference, "head": head})
    until = (extent.head or extent.last or 0) if extent else 0
    params = {"reference": reference, "until": until, "first": first, "last": last}
    entries = await timeline.entries(conn, QUERIES["annex"], params)
    erased = frozenset(await sql.fetch_values(conn, QUERIES["erased"], params))
    return StoredAnnex(entries, until, extent is not None and extent.head is not None, erased)
