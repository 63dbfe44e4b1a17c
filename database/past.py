"""Past complaints, imported ones too, as a what-if plays them."""

from collections.abc import AsyncIterator

from complaints.model import Frozen, Instant
from complaints.vocabulary import Channel, Severity
from database import sql
from database.sql import Connection

QUERIES = sql.load("past")
_PAGE = 1000


class PastRow(Frozen):
    """What became of a complaint; `decided_at` is when it was closed where no decision is known."""

    reference: str
    received_at: Instant
    decided_at: Instant | None
    first_response_at: Instant | None
    channel: Channel
    category: str | None
    severity: Severity


async def fetch_all(conn: Connection) -> AsyncIterator[PastRow]:
    """All of them in order of receipt, page by page."""
    last: PastRow | None = None
    while True:
        after = {"after": last.reference if last else None, "after_received": last.received_at if last else None}
        rows = await sql.fetch_all(conn, PastRow, QUERIES["fetch"], {**after, "limit": _PAGE}, prepare=False)
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        last = rows[-1]
