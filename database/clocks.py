"""Every clock of every case as it stands."""

from complaints.messages.duties import ClockRow
from database import sql
from database.sql import Connection

QUERIES = sql.load("clocks")


async def upsert(conn: Connection, reference: str, through: int, clocks: tuple[ClockRow, ...]) -> None:
    known = {"reference": reference, "through": through}
    await sql.execute_many(conn, QUERIES["upsert"], [clock.model_dump() | known for clock in clocks])


async def fetch(conn: Connection, reference: str) -> tuple[ClockRow, ...]:
    return await sql.fetch_all(conn, ClockRow, QUERIES["fetch"], {"reference": reference})
