"""Files that came with messages: their bytes once, by digest, and the cases they belong to."""

from datetime import datetime

from complaints.messages.intake import Evidence
from complaints.model import Frozen, Instant, Personal
from database import sql
from database.sql import Connection

QUERIES = sql.load("attachments")


class Attachment(Frozen):
    """A file as a case holds it."""

    reference: str
    sha256: str
    name: Personal
    media_type: str
    size: int
    added_at: Instant


class StoredFile(Attachment):
    """A file with its bytes."""

    content: bytes


async def store(conn: Connection, evidence: Evidence, content: bytes, at: datetime) -> None:
    """Keep the bytes; the same file twice is kept once. To do before anything speaks of the file."""
    params = {**evidence.model_dump(exclude={"name"}), "content": content, "stored_at": at}
    await sql.execute(conn, QUERIES["store"], params)


async def link(conn: Connection, reference: str, evidence: Evidence, at: datetime) -> None:
    """Say that a stored file belongs to a case; twice is once. One that is not stored is left out."""
    params = {"reference": reference, "sha256": evidence.sha256, "name": evidence.name, "added_at": at}
    await sql.execute(conn, QUERIES["link"], params)


async def fetch(conn: Connection, reference: str, sha256: str) -> StoredFile | None:
    """Return a file of a case; None if it has no such file, whoever else may have it."""
    return await sql.fetch_one(conn, StoredFile, QUERIES["fetch"], {"reference": reference, "sha256": sha256})


async def of_case(conn: Connection, reference: str) -> tuple[Attachment, ...]:
    """Return the files of a case, without their bytes, the oldest first."""
    return await sql.fetch_all(conn, Attachment, QUERIES["of_case"], {"reference": reference})


async def purge(conn: Connection, before: datetime, limit: int) -> tuple[int, bool]:
    """Remove files that were stored before an instant and that no case names, at most so many.

    Returns how many were removed, and whether there may be more.
    """
    digests = await sql.fetch_values(conn, QUERIES["left_over"], {"before": before, "limit": limit})
    if not digests:
        return 0, False
    params = {"digests": digests}
    await sql.execute(conn, QUERIES["adopt"], params)
    await sql.execute(conn, QUERIES["forget_uploads"], params)
    return len(await sql.fetch_values(conn, QUERIES["purge"], params)), len(digests) == limit
