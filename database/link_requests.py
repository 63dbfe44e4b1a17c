"""People who asked for the link of their case again. A page only puts it down: whoever asks sees and times nothing."""

from datetime import datetime

from complaints.model import Frozen, Instant, Personal
from database import sql
from database.sql import Connection

QUERIES = sql.load("link_requests")


class LinkRequest(Frozen):
    """A request, by an address or for a case."""

    id: int
    address: Personal | None
    reference: str | None
    language: str
    requested_at: Instant


class FoundCase(Frozen):
    """A case that a request is for, with the address on file."""

    reference: str
    address: Personal
    received_at: Instant


async def ask(
    conn: Connection, at: datetime, language: str, *, address: str | None = None, reference: str | None = None
) -> None:
    """Put down a request by an address, or for a case."""
    params = {"address": address, "reference": reference, "language": language, "at": at}
    await sql.execute(conn, QUERIES["ask"], params)


async def waiting(conn: Connection, limit: int = 100) -> list[int]:
    return await sql.fetch_values(conn, QUERIES["waiting"], {"limit": limit})


async def claim(conn: Connection, number: int) -> LinkRequest | None:
    """Become the only one who answers a request until the transaction ends; None if another one is, or was."""
    return await sql.fetch_one(conn, LinkRequest, QUERIES["claim"], {"id": number})


async def cases(conn: Connection, request: LinkRequest, limit: int = 20) -> tuple[FoundCase, ...]:
    params = {"address": request.address, "reference": request.reference, "limit": limit}
    return await sql.fetch_all(conn, FoundCase, QUERIES["cases"], params)


async def remove(conn: Connection, request: LinkRequest, until: datetime) -> None:
    """Forget a request, and those of the same address until this instant."""
    await sql.execute(conn, QUERIES["remove"], {"id": request.id, "address": request.address, "until": until})
