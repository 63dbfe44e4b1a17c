"""Keys of the services that use the HTTP interface: made, shown, rotated, revoked, recognised.

Only digests of secrets are kept. A key that is rotated has two secrets for a while, so that a service can change over.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from complaints.model import Frozen, Instant
from database import sql
from database.sql import Connection

QUERIES = sql.load("api_keys")
PER_MINUTE = 1200


class Scope(StrEnum):
    """What a key may do."""

    FILE = "file"  # file complaints
    MESSAGE = "message"  # bring what complainants say: messages, answers, withdrawals
    FACT = "fact"  # report facts
    READ = "read"  # see cases, and list them
    ACT = "act"  # carry out commands of agents
    LEAD = "lead"  # carry out commands of leads
    VOUCH = "vouch"  # say that a contact is proven, or that somebody agreed to be represented


Service = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]
Company = Annotated[str, Field(min_length=1, max_length=100)]


class NewKey(Frozen):
    """`companies` None: it is bound to none, and sees them all. `per_minute`: how many requests, in the long run."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]{12}$")]
    service: Service
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    companies: Annotated[tuple[Company, ...], Field(min_length=1)] | None = None
    per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = PER_MINUTE
    created_at: Instant


class ListedKey(NewKey):
    """A key as it stands. `secrets`: how many are valid; `expires_at`: when the last one ends, None: never."""

    last_used_at: Instant | None
    revoked_at: Instant | None
    secrets: int
    expires_at: Instant | None


class LiveKey(Frozen):
    """A key that is not revoked, with the digests of its valid secrets."""

    id: str
    service: str
    scopes: tuple[Scope, ...]
    companies: tuple[str, ...] | None
    per_minute: int
    last_used_at: Instant | None
    digests: tuple[bytes, ...]


class AskingKey(LiveKey):
    """A key with which somebody has come. `admitted`: a request was taken off its allowance."""

    admitted: bool


async def add(conn: Connection, key: NewKey, digest: bytes, expires_at: datetime | None = None) -> None:
    """Store a key with its first secret."""
    params = key.model_dump()
    companies = list(key.companies) if key.companies is not None else None
    await sql.execute(conn, QUERIES["add"], params | {"scopes": list(key.scopes), "companies": companies})
    await _add_secret(conn, key.id, digest, key.created_at, expires_at)


async def rotate(
    conn: Connection, key_id: str, digest: bytes, *, now: datetime, until: datetime, expires_at: datetime | None = None
) -> bool:
    """Add a secret; the older ones end `until` then. False if there is no such key, or it is revoked."""
    if await live(conn, key_id, now) is None:
        return False
    await sql.execute(conn, QUERIES["shorten"], {"id": key_id, "until": until, "now": now})
    await _add_secret(conn, key_id, digest, now, expires_at)
    return True


async def revoke(conn: Connection, key_id: str, at: datetime) -> bool:
    """End a key at once, with all its secrets. False if there is no such key, or it is revoked already."""
    return await sql.execute(conn, QUERIES["revoke"], {"id": key_id, "at": at}) == 1


async def live(conn: Connection, key_id: str, now: datetime) -> LiveKey | None:
    return await sql.fetch_one(conn, LiveKey, QUERIES["live"], {"id": key_id, "now": now})


async def admit(conn: Connection, key_id: str, digest: bytes, now: datetime) -> AskingKey | None:
    """Return a live key; one request is taken off its allowance if the secret is valid and there is room."""
    params = {"id": key_id, "digest": digest, "now": now}
    return await sql.fetch_one(conn, AskingKey, QUERIES["admit"], params)


async def touch(conn: Connection, key_id: str, at: datetime) -> None:
    """Note that a key is in use."""
    await sql.execute(conn, QUERIES["touch"], {"id": key_id, "at": at})


async def fetch(conn: Connection, now: datetime, key_id: str | None = None) -> tuple[ListedKey, ...]:
    return await sql.fetch_all(conn, ListedKey, QUERIES["list"], {"id": key_id, "now": now}, prepare=False)


async def _add_secret(conn: Connection, key_id: str, digest: bytes, at: datetime, expires_at: datetime | None) -> None:
    params = {"id": key_id, "digest": digest, "created_at": at, "expires_at": expires_at}
    await sql.execute(conn, QUERIES["add_secret"], params)
