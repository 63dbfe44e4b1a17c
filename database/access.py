"""The access log: who looked at a case, who was refused what."""

from complaints.model import Frozen, Instant
from complaints.vocabulary import Role
from database import sql
from database.sql import Connection

QUERIES = sql.load("access")


class Access(Frozen):
    """One access. `what` is a command or a view, `result` how it ended: `ok`, `refused`, `not_found`."""

    at: Instant
    actor_id: str
    actor_role: Role
    what: str
    reference: str | None = None
    result: str = "ok"
    problem: str | None = None


async def note(conn: Connection, access: Access) -> None:
    await sql.execute(conn, QUERIES["note"], access.model_dump())


async def fetch(
    conn: Connection, *, reference: str | None = None, actor_id: str | None = None, limit: int = 100
) -> tuple[Access, ...]:
    """Fetch the log of a case or of an actor, the latest first."""
    params = {"reference": reference, "actor_id": actor_id, "limit": limit}
    return await sql.fetch_all(conn, Access, QUERIES["fetch"], params, prepare=False)
