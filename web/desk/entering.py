"""Entering a complaint for somebody: by phone, at the counter, from a letter, from the media."""

import secrets
from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput, Unreachable
from complaints.messages.intake import Intake
from complaints.vocabulary import Channel, Severity
from database.pool import transaction
from starter import rpc
from web.auth.csrf import checked
from web.auth.log import note
from web.auth.rights import Action, may, require
from web.auth.user import User
from web.catalogue import LANGUAGES
from web.desk import alike
from web.desk.context import desk_page, voice_of
from web.desk.forms import Problem, problem_of
from web.services import services

router = APIRouter()
CHANNELS = (Channel.PHONE, Channel.COUNTER, Channel.LETTER, Channel.MEDIA)
_PERSON = ("name", "email", "phone", "language", "represented_by")
_OWN = ("text", "subject", "category", "severity", "remedy_sought", "source", "channel")


@router.get("/new")
async def form(request: Request, user: Annotated[User, Depends(require(Action.FILE))]) -> Response:
    return await _page(request, user, {"channel": Channel.PHONE, "language": user.language}, _key())


@router.post("/new")
async def file(request: Request, user: Annotated[User, Depends(checked)]) -> Response:
    """File what was entered; the same form twice is one complaint."""
    if not may(user, Action.FILE):
        raise HTTPException(403, "your role does not allow this")
    sent = await request.form()
    typed = {name: str(sent.get(name) or "") for name in (*_PERSON, *_OWN, "order_number")}
    key = str(sent.get("key") or "")
    if not key.startswith("desk-") or typed["channel"] not in CHANNELS:
        raise HTTPException(400, "not a form of ours")
    voice = await voice_of(request, user)
    try:
        intake = Intake.model_validate(_intake(typed, key))
    except ValidationError as error:
        return await _page(request, user, typed, key, problems=_problems(error), status=422)
    try:
        filed = await services(request).tuntas.file(intake)
    except Unreachable:
        return await _page(request, user, typed, key, said=voice.say("not_done.not_filed"), status=503)
    except BadInput as error:
        problem = Problem(field=error.field.rpartition(".")[2], what="other", said=error.problem)
        return await _page(request, user, typed, key, problems=(problem,), status=422)
    here = services(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await note(conn, here, user, "file", filed.reference)
    return RedirectResponse(f"/desk/cases/{filed.reference}?filed=1", 303)


def _intake(typed: dict[str, str], key: str) -> dict[str, Any]:
    own = {name: typed[name] for name in _OWN if typed[name].strip()}
    person = {name: typed[name] for name in _PERSON if typed[name].strip()}
    details = {"order_number": typed["order_number"].strip()} if typed["order_number"].strip() else {}
    return {**own, "text": typed["text"], "key": key, "complainant": person, "details": details}


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    return tuple(problem_of(one, below=0) for one in error.errors(include_url=False, include_input=False))


async def _page(
    request: Request, user: User, typed: Any, key: str, *, problems: tuple[Problem, ...] = (), said: str | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    voice = await voice_of(request, user)
    return desk_page(
        request, "new.html", user, voice, status=status, typed=defaultdict(str, typed), key=key, said=said,
        channels=CHANNELS, severities=tuple(Severity),
        problems=defaultdict(lambda: None, {one.field.rpartition("-")[2]: one for one in problems}),
        tongues=LANGUAGES, categories=tuple(voice.policy.categories.values()), queue=None,
    )  # fmt: skip


@router.post("/new/similar")
async def similar(request: Request, user: Annotated[User, Depends(checked)]) -> Response:
    """Return complaints that may be the same matter as what is being typed. A part of a page."""
    sent: FormData = await request.form()
    typed = {name: str(sent.get(name) or "") for name in (*_PERSON, "text")}
    voice = await voice_of(request, user)
    found = await alike.of_typed(request, user, typed) if may(user, Action.FILE) else ()
    return desk_page(request, "similar.html", user, voice, alike=found, merge=False)


def _key() -> str:
    return f"desk-{secrets.token_hex(12)}"
