"""What is owed in a case: promises to the complainant, corrections, tasks."""

from complaints.messages.duties import ActionRow
from database import sql
from database.sql import Connection

QUERIES = sql.load("actions")


async def upsert(conn: Connection, reference: str, through: int, actions: tuple[ActionRow, ...]) -> None:
    known = {"reference": reference, "through": through}
    await sql.execute_many(conn, QUERIES["upsert"], [action.model_dump() | known for action in actions])


async def fetch(conn: Connection, reference: str) -> tuple[ActionRow, ...]:
    return await sql.fetch_all(conn, ActionRow, QUERIES["fetch"], {"reference": reference})
