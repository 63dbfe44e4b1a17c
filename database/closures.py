"""Closure records: immutable, one more with each closing."""

from complaints.messages.duties import ClosureRecord
from complaints.model import Frozen
from database import reviews, sql
from database.sql import Connection

QUERIES = sql.load("closures")


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
