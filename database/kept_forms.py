"""Forms that came when their session had ended: kept for their account until they are sent again or dropped."""

from datetime import datetime

from complaints.model import Frozen, Instant, Personal
from database import sql
from database.sql import Connection

QUERIES = sql.load("kept_forms")

Fields = tuple[tuple[str, str], ...]
_KEY_LENGTH = 100


class KeptForm(Frozen):
    """What was typed, and where it was going."""

    number: int
    path: str
    fields: tuple[tuple[str, Personal], ...]
    kept_at: Instant


async def keep(conn: Connection, account: str, path: str, fields: Fields, now: datetime) -> None:
    """Keep a form, in place of what was kept of the same form before: it is known by its place and its key."""
    params = {"account": account, "key": _key(path, fields), "path": path, "fields": sql.exact_json(fields), "now": now}
    await sql.execute(conn, QUERIES["keep"], params)


def _key(path: str, fields: Fields) -> str | None:
    """Return what a form and its draft have in common: `…/acts/answer`, `…/drafts/answer`, and the page's key."""
    key = next((value for name, value in fields if name == "key"), "").replace("\x00", "")[:_KEY_LENGTH]
    return f"{path.partition('?')[0].rpartition('/')[2]} {key}" if key else None


async def of_account(conn: Connection, account: str) -> tuple[KeptForm, ...]:
    return await sql.fetch_all(conn, KeptForm, QUERIES["of_account"], {"account": account})


async def take(conn: Connection, account: str, number: int) -> KeptForm | None:
    """Take a form out of what is kept. Only its own account can."""
    return await sql.fetch_one(conn, KeptForm, QUERIES["take"], {"account": account, "number": number})


async def forget(conn: Connection, before: datetime) -> int:
    return await sql.execute(conn, QUERIES["forget"], {"before": before})
