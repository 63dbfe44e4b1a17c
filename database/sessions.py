"""Sessions of the desk. A session is known by the digest of its cookie; one that has ended says still whose it was."""

from datetime import datetime, timedelta

from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Language, Role
from database import sql
from database.sql import Connection

QUERIES = sql.load("sessions")


class Session(Frozen):
    """A session with the account it belongs to, as that is now."""

    number: int
    started_at: Instant
    seen_at: Instant
    expires_at: Instant
    ended_at: Instant | None
    account: str
    name: Personal
    role: Role
    administers: bool
    teams: tuple[str, ...]
    language: Language
    disabled_at: Instant | None

    def is_alive(self, now: datetime, idle: timedelta) -> bool:
        ended = self.ended_at is not None or self.disabled_at is not None
        return not ended and now < min(self.expires_at, self.seen_at + idle)


class Listed(Frozen):
    """A session as its owner, or an administrator, sees it."""

    number: int
    account: str
    started_at: Instant
    seen_at: Instant
    expires_at: Instant
    browser: str | None
    address: str | None


async def start(
    conn: Connection, token: bytes, account: str, *, now: datetime, longest: timedelta,
    browser: str | None = None, address: str | None = None,
) -> None:  # fmt: skip
    await sql.execute(conn, QUERIES["start"], {
        "token": token, "account": account, "now": now, "expires_at": now + longest, "browser": browser,
        "address": address,
    })  # fmt: skip


async def find(conn: Connection, token: bytes) -> Session | None:
    """Find the session of a cookie, whether it is alive or has ended."""
    return await sql.fetch_one(conn, Session, QUERIES["find"], {"token": token})


async def see(conn: Connection, number: int, now: datetime) -> None:
    """Note that a session is in use."""
    await sql.execute(conn, QUERIES["see"], {"number": number, "now": now})


async def end(conn: Connection, number: int, now: datetime) -> str | None:
    """End a session; return whose it was, or None if there is none that runs."""
    found = await sql.fetch_values(conn, QUERIES["end"], {"number": number, "now": now})
    return str(found[0]) if found else None


async def end_all(conn: Connection, account: str, now: datetime, *, but: int | None = None) -> int:
    """End every session of an account, but for one; return how many."""
    return await sql.execute(conn, QUERIES["end_all"], {"account": account, "now": now, "but": but})


async def listed(
    conn: Connection, now: datetime, idle: timedelta, *, account: str | None = None, limit: int = 200
) -> tuple[Listed, ...]:
    """Sessions that run: of one account, or of all."""
    params = {"account": account, "now": now, "seen_after": now - idle, "limit": limit}
    return await sql.fetch_all(conn, Listed, QUERIES["listed"], params, prepare=False)


async def forget(conn: Connection, before: datetime) -> int:
    """Delete what ended before an instant: nothing typed into it will come any more."""
    return await sql.execute(conn, QUERIES["forget"], {"before": before})
