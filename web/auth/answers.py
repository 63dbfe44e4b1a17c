"""What pages of the desk answer when they cannot show what was asked for, in the reader's language.

Nobody is signed in: people are sent to sign in, scripts and streams get a plain 401. Not allowed, not there, the
database is away: a page that says so. Other parts of the application answer for themselves.
"""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler
from psycopg import DataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from complaints.errors import Unreachable
from web.auth.current import SignInNeeded
from web.desk.rendering import page

_OURS = ("/desk", "/account", "/kept", "/sign-in", "/sign-out", "/language")
_KINDS = {HTTPStatus.FORBIDDEN: "forbidden", HTTPStatus.NOT_FOUND: "not_found"}


def install(app: FastAPI) -> None:
    app.add_exception_handler(SignInNeeded, sign_in_needed)
    app.add_exception_handler(HTTPException, http_problem)
    app.add_exception_handler(Unreachable, away)
    app.add_exception_handler(DataError, nothing_like_it)


async def sign_in_needed(request: Request, error: Exception) -> Response:
    needed = error if isinstance(error, SignInNeeded) else SignInNeeded("/desk")
    if not _is_page(request):
        told = {"field": "session", "problem": "nobody is signed in", "remedy": f"sign in at {needed.address}"}
        return JSONResponse(told, HTTPStatus.UNAUTHORIZED)
    if needed.fields:  # it could not be kept: it is shown, so that it can be copied
        return page(request, "lost_session.html", None, status=HTTPStatus.UNAUTHORIZED, needed=needed)
    return RedirectResponse(needed.address, HTTPStatus.SEE_OTHER)


async def http_problem(request: Request, error: Exception) -> Response:
    """A page for what is not allowed or not there; anything else, and everybody else's, as the framework does it."""
    if not isinstance(error, HTTPException):
        raise error
    kind = _KINDS.get(HTTPStatus(error.status_code))
    if kind is None or not _is_ours(request) or not _is_page(request):
        return await http_exception_handler(request, error)
    forged = kind == "forbidden" and "form" in error.detail
    return page(request, "problem.html", None, status=error.status_code, kind="forged" if forged else kind)


async def away(request: Request, error: Exception) -> Response:
    """PostgreSQL does not answer: nothing was done, and nothing is shown that might be old."""
    if not isinstance(error, Unreachable):
        raise error
    if _is_ours(request) and _is_page(request):
        return page(request, "problem.html", None, status=HTTPStatus.SERVICE_UNAVAILABLE, kind="away")
    return JSONResponse(error.as_dict(), HTTPStatus.SERVICE_UNAVAILABLE)


async def nothing_like_it(request: Request, error: Exception) -> Response:
    """PostgreSQL cannot hold what was asked for, such as U+0000: so there is nothing like it here."""
    if not isinstance(error, DataError):
        raise error
    return await http_problem(request, HTTPException(HTTPStatus.NOT_FOUND))


def _is_ours(request: Request) -> bool:
    return request.url.path.startswith(_OURS)


def _is_page(request: Request) -> bool:
    accepted = request.headers.get("accept", "text/html")
    return "text/html" in accepted or accepted == "*/*"
