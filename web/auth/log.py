"""The access log, as pages write it: every read of a case's personal data, every action, every sign-in."""

from collections.abc import Iterable

from starlette.requests import Request

from complaints.vocabulary import Role
from database import access
from database.access import Access
from database.pool import connection
from database.sql import Connection
from starter import rpc
from web.auth.user import User
from web.services import Services, services


async def note(
    conn: Connection, here: Services, user: User, what: str, reference: str | None = None, *,
    about: str | None = None, result: str = "ok", problem: str | None = None,
) -> None:  # fmt: skip
    """Note an access on a connection of the caller's: what is not noted is not shown, and not done."""
    entry = Access(
        at=here.now(), actor_id=user.id, actor_role=user.role, what=what, reference=reference, about=about,
        result=result, problem=problem,
    )  # fmt: skip
    await access.note(conn, entry)


async def note_each(conn: Connection, here: Services, user: User, what: str, references: Iterable[str]) -> None:
    """Note that somebody saw several cases at once."""
    entries = [
        Access(at=here.now(), actor_id=user.id, actor_role=user.role, what=what, reference=reference)
        for reference in references
    ]
    await access.note_each(conn, entries)


async def noted(
    request: Request, user: User, what: str, reference: str | None = None, *,
    about: str | None = None, result: str = "ok", problem: str | None = None,
) -> None:  # fmt: skip
    """Note an access by itself, before what was asked for is shown."""
    here = services(request)
    async with rpc.postgres(), connection(here.pool) as conn:
        await note(conn, here, user, what, reference, about=about, result=result, problem=problem)


async def note_stranger(conn: Connection, here: Services, what: str, *, result: str, account: str | None) -> None:
    """Note what somebody did who is not signed in. What they typed is not kept: it may be a password."""
    entry = Access(at=here.now(), actor_id=account or "unknown", actor_role=Role.SYSTEM, what=what, result=result)
    await access.note(conn, entry)
