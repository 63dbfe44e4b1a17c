"""Cases that belong together: what may be the same matter as a case, and what a case was merged with."""

from collections.abc import Sequence

from pydantic import ValidationError
from starlette.requests import Request

from complaints.errors import BadInput, NotFound
from complaints.messages.intake import Intake
from complaints.messages.view import EntryView
from complaints.model import Frozen
from complaints.vocabulary import Channel, Kind, Status
from database import complaints
from database.complaints import ComplaintRecord
from database.duplicates import PossibleDuplicate
from database.pool import connection
from starter import rpc
from web.auth.log import note_each
from web.auth.rights import Action, may
from web.auth.user import User
from web.desk.casefile import CaseFile
from web.services import services

MOST = 5
_PERSON = ("name", "email", "phone", "language")
_OVER = (Status.CLOSING, Status.CLOSED, Status.ARCHIVED)


class Alike(Frozen):
    """A case that may be the same matter, as its record shows it. `over`: nothing can be merged into it any more."""

    record: ComplaintRecord
    similarity: float
    same_complainant: bool
    over: bool


class Family(Frozen):
    """What a case was merged with, by reference. `asked`: the case that has not answered yet."""

    into: str | None = None
    asked: str | None = None
    taken_in: tuple[str, ...] = ()


def family(entries: Sequence[EntryView]) -> Family:
    """Return what a case's entries say of its merges, in their order."""
    into: str | None = None
    asked: str | None = None
    taken_in: dict[str, None] = {}
    for entry in entries:
        other = str(entry.detail.get("into") or entry.detail.get("reference") or "")
        if entry.kind is Kind.MERGE_ASKED:
            asked = other
        elif entry.kind is Kind.MERGE_REFUSED:
            asked = None
        elif entry.kind is Kind.MERGED:
            into, asked = other, None
        elif entry.kind is Kind.UNMERGED:
            into = None
        elif entry.kind is Kind.MERGED_IN:
            taken_in[other] = None
        elif entry.kind is Kind.TAKEN_OUT:
            taken_in.pop(other, None)
    return Family(into=into, asked=asked, taken_in=tuple(taken_in))


async def of_case(request: Request, user: User, file: CaseFile) -> tuple[Alike, ...]:
    """Return what may be the same matter as a case that is still being worked on."""
    if file.status in _OVER or file.record is None:
        return ()
    try:
        found = await services(request).tuntas.possible_duplicates(file.reference, limit=MOST)
    except NotFound:  # erased a moment ago
        return ()
    known = family(file.entries).taken_in
    return await _seen(request, user, [one for one in found if one.reference not in known])


async def of_typed(request: Request, user: User, typed: dict[str, str]) -> tuple[Alike, ...]:
    """Return what may be the same matter as a complaint that is being entered; half an address counts as none."""
    intake = _intake(typed)
    if intake is None:
        return ()
    try:
        found = await services(request).tuntas.possible_duplicates(intake, limit=MOST)
    except BadInput:  # nothing that could be filed yet
        return ()
    return await _seen(request, user, found)


def _intake(typed: dict[str, str]) -> Intake | None:
    """Return what was typed as an intake, without what is wrong with it yet; None while there are no words."""
    person = {name: typed[name] for name in _PERSON if typed.get(name, "").strip()}
    raw = {"channel": Channel.PHONE, "key": "desk-typing", "text": typed.get("text", "")}
    try:
        return Intake.model_validate({**raw, "complainant": person})
    except ValidationError as error:
        wrong = {str(part) for one in error.errors() for part in one["loc"]}
    try:
        return Intake.model_validate({**raw, "complainant": {n: v for n, v in person.items() if n not in wrong}})
    except ValidationError:
        return None


async def _seen(request: Request, user: User, found: Sequence[PossibleDuplicate]) -> tuple[Alike, ...]:
    """Return those that a user may see, each noted as seen."""
    if not found:
        return ()
    here = services(request)
    async with rpc.postgres(), connection(here.pool) as conn:
        every = await complaints.get_each(conn, [one.reference for one in found])
        rows = {
            reference: row for reference, row in every.items()
            if may(user, Action.READ_CASE, row.team, case_owner=row.owner)
        }  # fmt: skip
        await note_each(conn, here, user, "duplicates", rows)
    return tuple(
        Alike.model_construct(
            record=row, similarity=one.similarity, same_complainant=one.same_complainant, over=row.status in _OVER
        )
        for one in found
        if (row := rows.get(one.reference)) is not None
    )
