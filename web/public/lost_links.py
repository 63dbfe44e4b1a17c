"""A lost link is asked for by the address on file. The answer is the same whoever asks, in words and in time."""

from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from complaints.errors import Unreachable
from complaints.messages.intake import Address
from database import link_requests
from database.pool import transaction
from starter import rpc
from web.limits import hourly
from web.public import forms
from web.public.forms import Kind
from web.public.guarding import Guarded
from web.public.rendering import elsewhere, language_of, page
from web.services import services

router = APIRouter(route_class=Guarded)
KIND = Kind(template="link.html.j2", limit=20)
PURPOSE = "link"
_PER_ADDRESS = 3  # mails an hour that one address gets, however often it is asked for
_ADDRESS: TypeAdapter[Any] = TypeAdapter(Address)


@router.get("/link")
async def blank(request: Request) -> Response:
    return forms.show(request, KIND, PURPOSE)


@router.post("/link")
async def ask(request: Request) -> Response:
    """Put the request down, and no more: whether there is a case, only the worker looks up."""
    form = await forms.receive(request, KIND, PURPOSE)
    if form.problem:
        return form.again(("", form.problem))
    here = services(request)
    try:
        address = _ADDRESS.validate_python(form["email"]).lower()
    except ValidationError:
        return form.again(("email", "field.email"))
    if await here.limiter.admits(hourly(f"link:{here.signer.tag(address)}", _PER_ADDRESS)):
        try:
            async with rpc.postgres(), transaction(here.pool) as conn:
                await link_requests.ask(conn, here.now(), language_of(request), address=address)
        except Unreachable:
            return form.again(("", "form.away"))
    return elsewhere(request, "/link/sent")


@router.get("/link/sent")
async def sent(request: Request) -> Response:
    return page(request, "link_sent.html.j2")
