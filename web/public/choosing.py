"""What the complainant chooses about a case: its language and channel, and that old links open it no more."""

from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput, Refused, Unreachable
from complaints.messages.commands import Actor, Amend
from complaints.messages.intake import Phone
from complaints.vocabulary import Channel, Language, Role
from database import link_requests, links
from database.pool import transaction
from starter import rpc
from web.public.answering import blank, received
from web.public.filing import REACHED_BY
from web.public.forms import Form, Kind, Problem
from web.public.guarding import Guarded
from web.public.opening import Opened, opened
from web.public.rendering import HEADERS, SEE_OTHER, language_of, page
from web.services import services

router = APIRouter(prefix="/case/{token}", route_class=Guarded)
CHOOSE = Kind(template="preferences.html.j2", limit=20)
REVOKE = Kind(template="revoke.html.j2", limit=10)
ACTOR = Actor(id="public_pages", role=Role.SERVICE)
_PHONE: TypeAdapter[Any] = TypeAdapter(Phone)


@router.get("/preferences")
async def preferences(request: Request, token: str) -> Response:
    case = await opened(request, token)
    row = case.row
    present = {
        "language": row.language if row else language_of(request),
        "reached_by": str(row.contact_channel or "") if row else "",
    }
    return await blank(request, CHOOSE, case, values=present, **_choices(case))


def _choices(case: Opened) -> dict[str, Any]:
    return {"languages": case.here.tuntas.policy.languages, "reached_by": REACHED_BY}


@router.post("/preferences")
async def choose(request: Request, token: str) -> Response:
    languages = services(request).tuntas.policy.languages
    form = await received(request, CHOOSE, token, languages=languages, reached_by=REACHED_BY)
    if form.problem:
        return form.again(("", form.problem))
    try:
        case = await opened(request, token)
        changes, problems = _changes(form, case)
        if problems:
            return form.again(*problems)
        await case.here.tuntas.act(case.reference, Amend(key=form.key(changes), actor=ACTOR, **changes))
    except Refused:
        return form.again(("", "form.over"))
    except BadInput:
        return form.again(("", "form.unusable"))
    except Unreachable:
        return form.again(("", "form.away"))
    language = changes.get("language", language_of(request))
    return RedirectResponse(f"/{language}{case.address}?done=changed", SEE_OTHER, headers=HEADERS)


def _changes(form: Form, case: Opened) -> tuple[dict[str, Any], list[Problem]]:
    changes: dict[str, Any] = {}
    if form["language"]:
        known = case.here.tuntas.policy.languages
        changes["language"] = Language(form["language"]) if form["language"] in known else None
    if form["reached_by"]:
        changes["preferred_channel"] = Channel(form["reached_by"]) if form["reached_by"] in REACHED_BY else None
    if not changes or None in changes.values():
        raise BadInput("not one of the choices", field="form", remedy="choose one of those that are offered")
    if form["phone"]:
        try:
            changes["phone"] = _PHONE.validate_python(form["phone"])
        except ValidationError:
            return changes, [("phone", "field.phone")]
    return changes, _unreachable(changes, case)


def _unreachable(changes: dict[str, Any], case: Opened) -> list[Problem]:
    """A channel needs an address of its kind."""
    channel, row = changes.get("preferred_channel"), case.row
    if channel in (Channel.PHONE, Channel.CHAT) and "phone" not in changes and not (row and row.contact_phone):
        return [("phone", "field.phone_missing")]
    if channel is Channel.EMAIL and row is not None and not row.contact_email:
        return [("reached_by", "field.no_email")]
    return []


@router.get("/revoke")
async def revoke(request: Request, token: str) -> Response:
    """The step in between; opening it revokes nothing."""
    return await blank(request, REVOKE, await opened(request, token))


@router.post("/revoke")
async def send_revocation(request: Request, token: str) -> Response:
    """Every link of this case ends, this one too; a new one goes to the address on file."""
    form = await received(request, REVOKE, token)
    if form.problem:
        return form.again(("", form.problem))
    try:
        case = await opened(request, token)
        now = case.here.now()
        async with rpc.postgres(), transaction(case.here.pool) as conn:
            await links.revoke(conn, case.reference, now)
            await link_requests.ask(conn, now, language_of(request), reference=case.reference)
    except Unreachable:
        return form.again(("", "form.away"))
    return page(request, "revoked.html.j2")
