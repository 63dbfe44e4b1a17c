"""What services have sent through the HTTP interface, and whose a case is."""

from collections.abc import Sequence
from datetime import datetime

from complaints.messages.intake import Evidence
from complaints.model import Frozen
from database import sql
from database.sql import Connection

QUERIES = sql.load("api_calls")


class Whose(Frozen):
    """The company that a case is of; None: of none."""

    company: str | None


class _Digest(Frozen):
    digest: str


async def add_upload(conn: Connection, key_id: str, evidence: Evidence, at: datetime) -> None:
    """Say that a service has sent a stored file."""
    params = {"key_id": key_id, "sha256": evidence.sha256, "name": evidence.name, "at": at}
    await sql.execute(conn, QUERIES["add_upload"], params)


async def uploads(conn: Connection, key_id: str, digests: Sequence[str]) -> dict[str, Evidence]:
    """Return those of the files that this service has sent, by digest."""
    params = {"key_id": key_id, "digests": list(digests)}
    found = await sql.fetch_all(conn, Evidence, QUERIES["uploads"], params)
    return {evidence.sha256: evidence for evidence in found}


async def remember(conn: Connection, reference: str, key: str, digest: str, at: datetime) -> bool:
    """Remember what came under a message's key; False if it was something else."""
    params = {"reference": reference, "key": key, "digest": digest, "at": at}
    if await sql.execute(conn, QUERIES["remember"], params) == 1:
        return True
    held = await sql.fetch_one(conn, _Digest, QUERIES["digest"], params)
    return held is not None and held.digest == digest


async def whose(conn: Connection, reference: str) -> Whose | None:
    """Return whose a case is; None if there is no such case."""
    return await sql.fetch_one(conn, Whose, QUERIES["whose"], {"reference": reference})
