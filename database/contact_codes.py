"""Codes that prove a contact: hashed, and counted, so that neither guessing nor sending is without bounds."""

from datetime import datetime

from complaints.model import Frozen, Instant
from complaints.vocabulary import Channel
from database import sql
from database.sql import Connection

QUERIES = sql.load("contact_codes")


class Code(Frozen):
    """A code as it is kept."""

    reference: str
    number: int
    channel: Channel
    salt: bytes
    code: bytes
    made_at: Instant
    expires_at: Instant
    attempts: int = 0


class Made(Frozen):
    """How many codes a case has had: all, and since a given instant."""

    number: int
    last_made_at: Instant | None
    recently: int


async def made(conn: Connection, reference: str, since: datetime) -> Made:
    """Look, and be the only one who makes codes for this case until the transaction ends."""
    await sql.execute(conn, QUERIES["lock"], {"reference": reference})
    found = await sql.fetch_one(conn, Made, QUERIES["made"], {"reference": reference, "since": since})
    return found or Made(number=0, last_made_at=None, recently=0)


async def add(conn: Connection, code: Code) -> None:
    await sql.execute(conn, QUERIES["add"], code.model_dump(exclude={"attempts"}))


async def attempt(conn: Connection, reference: str, most: int, at: datetime) -> Code | None:
    """Take one of the attempts at the latest code; None if none is left, or the code has expired."""
    return await sql.fetch_one(conn, Code, QUERIES["attempt"], {"reference": reference, "most": most, "at": at})


async def mark_proven(conn: Connection, reference: str, number: int, at: datetime) -> None:
    await sql.execute(conn, QUERIES["mark_proven"], {"reference": reference, "number": number, "at": at})
