"""What belongs to whoever is signed in: their sessions, their password, and what they typed when a session ended."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput
from database import accounts, kept_forms, sessions
from database.pool import transaction
from starter import rpc
from web.auth import csrf, log
from web.auth.current import current_session, current_user
from web.auth.entering import enter, within
from web.auth.local import TooManyTries, verified
from web.auth.passwords import acceptable
from web.auth.user import User
from web.desk.rendering import page
from web.services import Services, serving

router = APIRouter(include_in_schema=False)
Here = Annotated[Services, Depends(serving)]
Signed = Annotated[User, Depends(current_user)]
Checked = Annotated[User, Depends(csrf.checked)]


@router.get("/account")
async def account(request: Request, here: Here, user: Signed) -> Response:
    return await _account(request, here, user)


async def _account(
    request: Request, here: Services, user: User, *, status: int = 200, problem: str | None = None
) -> Response:
    session = await current_session(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        own = await sessions.listed(conn, here.now(), here.terms.idle, account=user.id)
        known = await accounts.get(conn, user.id)
    return page(
        request, "account.html", user, status=status, sessions=own, this=session.number, known=known, problem=problem,
        done=request.query_params.get("done"),
    )  # fmt: skip


@router.post("/account/sessions/{number}/end")
async def end_session(here: Here, user: Checked, number: int) -> Response:
    """Sign out a session of one's own. Somebody else's is not there."""
    async with rpc.postgres(), transaction(here.pool) as conn:
        own = await sessions.listed(conn, here.now(), here.terms.idle, account=user.id)
        if number not in {session.number for session in own}:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        await sessions.end(conn, number, here.now())
        await log.note(conn, here, user, "end_session")
    return RedirectResponse("/account?done=ended", HTTPStatus.SEE_OTHER)


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(here: Here, user: Checked) -> Response:
    async with rpc.postgres(), transaction(here.pool) as conn:
        await sessions.end_all(conn, user.id, here.now())
        await log.note(conn, here, user, "sign_out_everywhere")
    return RedirectResponse("/sign-in?out=1", HTTPStatus.SEE_OTHER)


@router.post("/account/password")
async def change_password(
    request: Request, here: Here, user: Checked, present: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Set another password. Every session ends, and this browser gets a new one."""
    try:
        acceptable(new, account=user.id)
        found = await verified(request, user.id, present)
    except BadInput as error:
        return await _account(request, here, user, status=HTTPStatus.UNPROCESSABLE_ENTITY, problem=error.problem)
    except TooManyTries:
        return await _account(request, here, user, status=HTTPStatus.TOO_MANY_REQUESTS, problem="throttled")
    if found is None:
        return await _account(request, here, user, status=HTTPStatus.UNPROCESSABLE_ENTITY, problem="wrong")
    hashed = await here.passwords.hash(new)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await accounts.set_password(conn, user.id, hashed, here.now())
        await log.note(conn, here, user, "change_password")
    return await enter(request, found, "/account?done=password")


@router.get("/kept")
async def kept(request: Request, here: Here, user: Signed, to: str = "/desk") -> Response:
    """Show what was typed into forms whose session had ended, to be sent or dropped."""
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await kept_forms.of_account(conn, user.id)
    if not found:
        return RedirectResponse(within(to), HTTPStatus.SEE_OTHER)
    return page(request, "kept.html", user, kept=found, to=within(to))


@router.post("/kept/{number}/send")
async def send_kept(here: Here, user: Checked, number: int) -> Response:
    """Send a kept form where it was going: the browser repeats there what it has sent here, fields and token."""
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await kept_forms.take(conn, user.id, number)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(within(found.path), HTTPStatus.TEMPORARY_REDIRECT)


@router.post("/kept/{number}/drop")
async def drop_kept(here: Here, user: Checked, number: int, to: Annotated[str, Form()] = "/desk") -> Response:
    async with rpc.postgres(), transaction(here.pool) as conn:
        await kept_forms.take(conn, user.id, number)
    return RedirectResponse(f"/kept?to={quote(within(to), safe='')}", HTTPStatus.SEE_OTHER)
