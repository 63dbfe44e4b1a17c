"""The pages of signing in and out: with a password, or at the identity provider."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import Refused, Unreachable
from complaints.vocabulary import Language
from database import accounts, sessions
from database.pool import transaction
from starter import rpc
from web.auth import cookies, csrf, forms, log
from web.auth.current import current_session, user_if_any
from web.auth.entering import enter, within
from web.auth.local import TooManyTries, verified
from web.auth.user import User
from web.desk.rendering import page
from web.services import Services, services, serving

router = APIRouter(include_in_schema=False)
_A_YEAR = 365 * 86_400  # seconds
Here = Annotated[Services, Depends(serving)]


@router.get("/sign-in")
async def sign_in(request: Request, to: str = "/desk") -> Response:
    """Ask who it is; whoever is signed in already goes on."""
    if await user_if_any(request) is not None:
        return RedirectResponse(within(to), HTTPStatus.SEE_OTHER)
    return _sign_in(request, to)


@router.post("/sign-in")
async def sign_in_with_password(
    request: Request, here: Here, account: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "/desk",
) -> Response:  # fmt: skip
    """Sign in with a password. Whatever is wrong is said in the same words."""
    if not forms.from_our_pages(request, here):
        raise HTTPException(HTTPStatus.FORBIDDEN, "this form does not come from a page of ours")
    if not here.terms.local_accounts:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        found = await verified(request, account.strip()[:200], password)
    except TooManyTries:
        return _sign_in(request, to, status=HTTPStatus.TOO_MANY_REQUESTS, problem="throttled", account=account)
    except Unreachable:
        return _sign_in(request, to, status=HTTPStatus.SERVICE_UNAVAILABLE, problem="busy", account=account)
    if found is None:
        return _sign_in(request, to, status=HTTPStatus.UNPROCESSABLE_ENTITY, problem="wrong", account=account)
    return await enter(request, found, within(to))


def _sign_in(
    request: Request, to: str, *, status: int = 200, problem: str | None = None, account: str = ""
) -> Response:
    terms = services(request).terms
    return page(
        request, "sign_in.html", None, status=status, to=within(to), kept=request.query_params.get("kept") == "1",
        signed_out=request.query_params.get("out") == "1", problem=problem, account=account, provider=terms.provider,
        local_accounts=terms.local_accounts,
    )  # fmt: skip


@router.post("/sign-out")
async def sign_out(request: Request, here: Here, user: Annotated[User, Depends(csrf.checked)]) -> Response:
    """End this session. Its cookie stays: it opens nothing, but a form still open elsewhere is kept for its owner."""
    session = await current_session(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await sessions.end(conn, session.number, here.now())
        await log.note(conn, here, user, "sign_out")
    return RedirectResponse("/sign-in?out=1", HTTPStatus.SEE_OTHER, headers={"clear-site-data": '"cache"'})


@router.post("/language")
async def choose_language(
    request: Request, here: Here, language: Annotated[Language, Form()], to: Annotated[str, Form()] = "/sign-in"
) -> Response:
    """Change the language of the pages: of the account, or of this browser before sign-in."""
    if not forms.from_our_pages(request, here):
        raise HTTPException(HTTPStatus.FORBIDDEN, "this form does not come from a page of ours")
    user = await user_if_any(request)
    response = RedirectResponse(within(to), HTTPStatus.SEE_OTHER)
    cookies.put(response, here, cookies.LANGUAGE, language, seconds=_A_YEAR)
    if user is not None and await forms.is_ours(request):
        async with rpc.postgres(), transaction(here.pool) as conn:
            await accounts.speak(conn, user.id, language)
    return response


def refused_page(request: Request, error: Refused | Unreachable) -> Response:
    """Say why somebody could not sign in at the provider."""
    away = isinstance(error, Unreachable)
    status = HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.FORBIDDEN
    return page(request, "sign_in_refused.html", None, status=status, away=away, field=error.field)
