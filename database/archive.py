"""Cases whose workflow has completed, whole, so that they can be reopened at any time."""

from typing import Any

from complaints.messages.duties import ArchiveDuty
from complaints.model import Frozen, Instant
from database import sql
from database.sql import Connection

QUERIES = sql.load("archive")


class ArchivedCase(Frozen):
    reference: str
    key: str
    state: dict[str, Any]
    archived_at: Instant


async def keep(conn: Connection, duty: ArchiveDuty) -> bool:
    """Keep a case, in place of its state of an earlier archiving; False if a later one is there."""
    params = {
        "reference": duty.reference,
        "key": duty.key,
        "state": sql.exact_json(duty.state),
        "archived_at": duty.at,
    }
    return await sql.execute(conn, QUERIES["keep"], params) == 1


async def hold(conn: Connection, reference: str) -> ArchivedCase | None:
    """As `get`; until the transaction ends no later state of it is kept."""
    return await sql.fetch_one(conn, ArchivedCase, QUERIES["hold"], {"reference": reference})


async def get(conn: Connection, reference: str) -> ArchivedCase | None:
    return await sql.fetch_one(conn, ArchivedCase, QUERIES["get"], {"reference": reference})
