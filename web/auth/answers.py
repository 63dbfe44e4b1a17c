"""What a page answers when nobody is signed in: to people the way to sign-in, to scripts and streams a plain 401."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from web.auth.current import SignInNeeded
from web.desk.rendering import page


async def sign_in_needed(request: Request, error: Exception) -> Response:
    """Answer `SignInNeeded`; installed for the whole application."""
    needed = error if isinstance(error, SignInNeeded) else SignInNeeded("/desk")
    if not _is_page(request):
        told = {"field": "session", "problem": "nobody is signed in", "remedy": f"sign in at {needed.address}"}
        return JSONResponse(told, HTTPStatus.UNAUTHORIZED)
    if needed.fields:  # it could not be kept: it is shown, so that it can be copied
        return page(request, "lost_session.html", None, status=HTTPStatus.UNAUTHORIZED, needed=needed)
    return RedirectResponse(needed.address, HTTPStatus.SEE_OTHER)


def _is_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "text/html")
