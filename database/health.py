"""How the service as a whole stands: what doctor and metrics ask of PostgreSQL. Reads only, and nothing personal."""

from datetime import datetime, timedelta

from complaints.model import Frozen, Instant
from database import sql
from database.migrate import DIRECTORY
from database.sql import Connection

QUERIES = sql.load("health")


class StatusCount(Frozen):
    status: str
    cases: int


class Overdue(Frozen):
    """A case whose next due instant has passed, as its last record says."""

    reference: str
    due_at: Instant
    next_due: str | None
    through: int


class WaitingNotices(Frozen):
    """Messages to one audience that are written and neither sent nor failed. Up to `CAPPED` are counted."""

    audience: str
    notices: int
    oldest_at: Instant


class WaitingNotice(Frozen):
    reference: str
    audience: str
    occasion: str
    written_at: Instant


CAPPED = 10_000


async def cases_by_status(conn: Connection) -> dict[str, int]:
    rows = await sql.fetch_all(conn, StatusCount, QUERIES["cases_by_status"], {})
    return {row.status: row.cases for row in rows}


async def overdue_count(conn: Connection, before: datetime) -> int:
    """How many cases were due before this instant and have not told of it; `CAPPED` stands for that many and more."""
    (count,) = await sql.fetch_values(conn, QUERIES["overdue_count"], {"before": before, "limit": CAPPED})
    return int(count)


async def overdue(conn: Connection, before: datetime, limit: int) -> tuple[Overdue, ...]:
    """Those due longest ago."""
    return await sql.fetch_all(conn, Overdue, QUERIES["overdue"], {"before": before, "limit": limit})


async def waiting_notices(conn: Connection) -> tuple[WaitingNotices, ...]:
    return await sql.fetch_all(conn, WaitingNotices, QUERIES["waiting_notices"], {"limit": CAPPED})


async def oldest_waiting(conn: Connection, before: datetime, limit: int) -> tuple[WaitingNotice, ...]:
    """The messages written before this instant that wait longest."""
    return await sql.fetch_all(conn, WaitingNotice, QUERIES["oldest_waiting"], {"before": before, "limit": limit})


async def recorded(conn: Connection, references: list[str]) -> dict[str, int]:
    """Up to which entry each of these cases is recorded; those that are not recorded at all are left out."""
    rows = await conn.execute(QUERIES["recorded"], {"references": references})
    return dict(await rows.fetchall())


async def clock_difference(conn: Connection, now: datetime) -> timedelta:
    """How far PostgreSQL's clock is ahead of ours."""
    (theirs,) = await sql.fetch_values(conn, QUERIES["now"], {})
    return timedelta(seconds=(theirs - now).total_seconds())


async def unapplied(conn: Connection) -> list[str]:
    """The migrations of this program that the database lacks. Unlike `migrate.pending` it takes no lock."""
    (known,) = await sql.fetch_values(conn, QUERIES["has_migrations"], {})
    applied = set(await sql.fetch_values(conn, QUERIES["migrations"], {})) if known else set()
    return [path.stem for path in sorted(DIRECTORY.glob("*.sql")) if path.stem not in applied]
