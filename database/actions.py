"""What is owed in a case: promises to the complainant, corrections, tasks."""

from complaints.messages.duties import ActionRow
from database import sql
from database.sql import Connection

QUERIES = sql.load("actions")


async def upsert(conn: Connection, reference: str, through: int, actions: tuple[ActionRow, ...]) -> None:
    known = {"reference": reference, "through": through}
    rows = [{name: getattr(action, name) for name in ActionRow.model_fields} | known for action in actions]
    await sql.execute_many(conn, QUERIES["upsert"], rows)


async def fetch(conn: Connection, reference: str) -> tuple[ActionRow, ...]:
    return await sql.fetch_all(conn, ActionRow, QUERIES["fetch"], {"reference": reference})


async def asked_by(conn: Connection, reference: str, message_ids: tuple[str, ...]) -> int | None:
    """Return the number of the promise that the last of these messages that is ours asked about."""
    params = {"reference": reference, "message_ids": list(message_ids)}
    found: list[int] = await sql.fetch_values(conn, QUERIES["asked_by"], params)
    return found[0] if found else None
