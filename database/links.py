"""Which links still open a case: those signed with its present generation. Revoking counts the generation up."""

from datetime import datetime

from database import sql
from database.sql import Connection

QUERIES = sql.load("links")


async def generation(conn: Connection, reference: str) -> int:
    """Return the generation to sign a link of this case with; 0 until its links are revoked for the first time."""
    found = await sql.fetch_values(conn, QUERIES["generation"], {"reference": reference})
    return int(found[0]) if found else 0


async def revoke(conn: Connection, reference: str, at: datetime) -> None:
    """Every link of this case signed so far opens nothing any more."""
    await sql.execute(conn, QUERIES["revoke"], {"reference": reference, "at": at})
