"""Sign-ins at the identity provider that are under way: each comes back once, and not after its time."""

from datetime import datetime

from complaints.model import Frozen
from database import sql
from database.sql import Connection

QUERIES = sql.load("provider_sign_ins")


class Begun(Frozen):
    """What has to fit when somebody comes back, and where they go on to."""

    nonce: str
    verifier: str
    goes_on_to: str


async def begin(conn: Connection, state: bytes, begun: Begun, now: datetime) -> None:
    await sql.execute(conn, QUERIES["begin"], {"state": state, "now": now, **begun.model_dump()})


async def take(conn: Connection, state: bytes, since: datetime) -> Begun | None:
    """Take a sign-in that was begun since an instant; a second time there is none."""
    return await sql.fetch_one(conn, Begun, QUERIES["take"], {"state": state, "since": since})


async def forget(conn: Connection, before: datetime) -> None:
    await sql.execute(conn, QUERIES["forget"], {"before": before})
