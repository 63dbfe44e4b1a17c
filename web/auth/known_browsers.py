"""A browser in which an account has signed in before carries a signed cookie that says so (a "device cookie").

It opens nothing: it only keeps tries in this browser apart from those of strangers (`web.auth.throttle`).
"""

from starlette.requests import Request
from starlette.responses import Response

from web.auth import cookies
from web.services import Services, services

COOKIE = "tuntas-browser"
_PURPOSE = "browser"
_YEAR = 365 * 86_400  # seconds


def of(request: Request, account: str) -> str | None:
    """Return the name of a browser that knows this account, or None."""
    here = services(request)
    name, _, mark = (cookies.read(request, here, COOKIE) or "").partition(".")
    return name if name and here.signer.is_mark(_PURPOSE, f"{name}:{account}", mark) else None


def remember(response: Response, here: Services, account: str) -> None:
    name = cookies.fresh()
    mark = here.signer.mark(_PURPOSE, f"{name}:{account}")
    cookies.put(response, here, COOKIE, f"{name}.{mark}", seconds=_YEAR)
