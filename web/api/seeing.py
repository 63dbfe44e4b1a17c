"""Whether a caller may see a case, and the note of it in the access log: before anything is answered."""

from typing import Annotated

from fastapi import Path

from complaints.errors import BadInput, NotFound
from complaints.vocabulary import Role
from database import access, api_calls
from database.access import Access
from database.pool import transaction
from database.sql import Connection
from starter import rpc
from starter.references import read_reference
from web.api.keys import Caller
from web.services import Services

Reference = Annotated[
    str, Path(description="The case's reference.", pattern=r"^\S{1,40}$", examples=["TTS-7D3K9QX2M4R8V"])
]
NO_SUCH_CASE = "there is no such case"


async def seen(here: Services, caller: Caller, typed: str, what: str) -> str:
    """Return the reference of a case that this caller may see, noted. Raises `NotFound`, whyever it may not."""
    reference = reference_of(typed)
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await may_see(conn, caller, reference)
        await note(conn, here, caller, what, reference=reference, result="ok" if found else "not_found")
    if not found:
        raise not_found()
    return reference


async def may_see(conn: Connection, caller: Caller, reference: str) -> bool:
    whose = await api_calls.whose(conn, reference)
    return whose is not None and caller.sees(whose.company)


async def note(
    conn: Connection, here: Services, caller: Caller, what: str, *, reference: str | None = None, result: str = "ok"
) -> None:
    entry = Access(
        at=here.now(), actor_id=caller.actor_id, actor_role=Role.SERVICE, what=what, reference=reference, result=result
    )
    await access.note(conn, entry)


def reference_of(typed: str, *, field: str = "") -> str:
    """What is no reference is no case either: both are answered alike. `field`: it stands in the body."""
    try:
        return read_reference(typed)
    except BadInput:
        raise (no_case(field) if field else not_found()) from None


def no_case(field: str) -> BadInput:
    """A field of a body names a case that is not there, or not one that this caller may see."""
    return BadInput(NO_SUCH_CASE, field=field, remedy="compare it letter by letter")


def not_found() -> NotFound:
    return NotFound(NO_SUCH_CASE, field="reference", remedy="compare it letter by letter")
