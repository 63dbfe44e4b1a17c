"""Accounts of the desk: who may sign in, as what, and how often passwords were tried."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Language, Role
from database import sql
from database.sql import Connection

QUERIES = sql.load("accounts")
DESK_ROLES = (Role.AGENT, Role.LEAD, Role.AUDITOR, Role.ADMIN)


class Account(Frozen):
    """Somebody who may sign in. `teams` empty: those of the agent of the same id."""

    id: str = Field(min_length=1, max_length=100, pattern=r"^[\w.@:+-]+$")
    name: Personal
    role: Role = Role.AGENT
    administers: bool = False
    teams: tuple[str, ...] = ()
    language: Language = Language.ID
    issuer: str | None = None
    subject: str | None = None
    has_password: bool = False
    created_at: Instant
    password_at: Instant | None = None
    signed_in_at: Instant | None = None
    disabled_at: Instant | None = None


async def create(conn: Connection, account: Account) -> bool:
    """Add an account; False if there is one of this id, or for this subject."""
    return await sql.execute(conn, QUERIES["create"], _values(account)) == 1


async def change(conn: Connection, account: Account, now: datetime) -> bool:
    """Give an account other values. If that changes what it may do, its sessions end; False if there is none."""
    found = await sql.execute(conn, QUERIES["change"], _values(account) | {"now": now})
    return found == 1


async def fetch(conn: Connection) -> tuple[Account, ...]:
    return await sql.fetch_all(conn, Account, QUERIES["fetch"], {"id": None, "issuer": None, "subject": None})


async def get(conn: Connection, account_id: str) -> Account | None:
    return await sql.fetch_one(conn, Account, QUERIES["fetch"], {"id": account_id, "issuer": None, "subject": None})


async def of_subject(conn: Connection, issuer: str, subject: str) -> Account | None:
    """Find the account of somebody at an identity provider."""
    return await sql.fetch_one(conn, Account, QUERIES["fetch"], {"id": None, "issuer": issuer, "subject": subject})


async def password_of(conn: Connection, account_id: str) -> str | None:
    """Return the hash to verify a password with; None if there is no such account, or it may not sign in."""
    found = await sql.fetch_values(conn, QUERIES["password_of"], {"id": account_id})
    return str(found[0]) if found else None


async def set_password(conn: Connection, account_id: str, password: str, now: datetime) -> bool:
    """Store the hash of a new password; whatever is signed in with the old one is signed out."""
    return await sql.execute(conn, QUERIES["set_password"], {"id": account_id, "password": password, "now": now}) == 1


async def rehash(conn: Connection, account_id: str, password: str, *, was: str) -> None:
    """Store the same password hashed anew, unless it was changed meanwhile."""
    await sql.execute(conn, QUERIES["rehash"], {"id": account_id, "password": password, "was": was})


async def speak(conn: Connection, account_id: str, language: Language) -> None:
    await sql.execute(conn, QUERIES["speak"], {"id": account_id, "language": language})


async def signed_in(conn: Connection, account_id: str, now: datetime) -> None:
    await sql.execute(conn, QUERIES["signed_in"], {"id": account_id, "now": now})


async def disable(conn: Connection, account_id: str, now: datetime) -> bool:
    """Let an account sign in no more, and end its sessions."""
    return await sql.execute(conn, QUERIES["disable"], {"id": account_id, "now": now}) == 1


async def enable(conn: Connection, account_id: str) -> bool:
    return await sql.execute(conn, QUERIES["enable"], {"id": account_id}) == 1


async def tries(conn: Connection, sources: Sequence[str], since: datetime) -> dict[str, int]:
    """Count the tries of each source since an instant; whoever counts the same waits until this transaction ends."""
    await conn.execute(QUERIES["lock_sources"], {"sources": sorted(sources)})
    rows = await conn.execute(QUERIES["tries"], {"sources": list(sources), "since": since})
    return {str(source): int(count) for source, count in await rows.fetchall()}


async def try_once(conn: Connection, sources: Sequence[str], now: datetime) -> tuple[int, ...]:
    """Count one try for each source; return the numbers by which they can be taken back."""
    return tuple(await sql.fetch_values(conn, QUERIES["try"], {"sources": list(sources), "now": now}))


async def take_back(conn: Connection, numbers: Sequence[int]) -> None:
    await sql.execute(conn, QUERIES["take_back"], {"numbers": list(numbers)})


async def forgive(conn: Connection, source: str) -> None:
    """Forget the tries of a source."""
    await sql.execute(conn, QUERIES["forgive"], {"source": source})


async def forget_tries(conn: Connection, before: datetime) -> None:
    await sql.execute(conn, QUERIES["forget_tries"], {"before": before})


def _values(account: Account) -> dict[str, object]:
    return account.model_dump(exclude={"has_password", "password_at", "signed_in_at", "disabled_at"}) | {
        "teams": list(account.teams)
    }
