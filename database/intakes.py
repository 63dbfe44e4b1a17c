"""How complaints came in: the same (channel, key) is the same case for ever; and how far an import has come."""

from datetime import datetime

from complaints.model import Frozen, Instant
from complaints.vocabulary import Channel
from database import sql
from database.sql import Connection

QUERIES = sql.load("intakes")


class Claim(Frozen):
    """A reference taken by a key. `digest` is of the intake's body, to tell a repetition from another complaint."""

    channel: Channel
    key: str
    reference: str
    salt: int = 0
    digest: str
    company: str | None = None
    created_at: Instant


async def claim(conn: Connection, wanted: Claim) -> Claim | None:
    """Take a reference for a key, once: the claim that holds, which may be an earlier one of the same key.

    None means that the reference belongs to another key: derive the next one with a higher salt.
    """
    if await sql.execute(conn, QUERIES["claim"], wanted.model_dump()) == 1:
        return wanted
    return await by_key(conn, wanted.channel, wanted.key)


async def by_key(conn: Connection, channel: Channel, key: str) -> Claim | None:
    return await sql.fetch_one(conn, Claim, QUERIES["by_key"], {"channel": channel, "key": key})


async def by_reference(conn: Connection, reference: str) -> Claim | None:
    return await sql.fetch_one(conn, Claim, QUERIES["by_reference"], {"reference": reference})


async def mark_imported(conn: Connection, file: str, line: int, reference: str, at: datetime) -> None:
    """Remember that this line of the file with this digest is done."""
    params = {"file": file, "line": line, "reference": reference, "imported_at": at}
    await sql.execute(conn, QUERIES["mark_imported"], params)


async def imported_lines(conn: Connection, file: str) -> frozenset[int]:
    return frozenset(await sql.fetch_values(conn, QUERIES["imported_lines"], {"file": file}))
