"""Forms of our own pages: what makes them ours, and what was typed into them.

The token of a form is an HMAC under the session's cookie, which no other site can read: it needs no storage, is
another one for each session, and dies with it.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

from database.kept_forms import Fields
from web.auth import cookies
from web.services import Services, services

FIELD = "csrf"
HEADER = "x-csrf-token"  # for scripts of ours


def token(request: Request) -> str:
    """Return the token of the request's session for its forms; an empty one where there is no session."""
    cookie = cookies.read(request, services(request), cookies.SESSION)
    return token_of(cookie) if cookie else ""


def token_of(cookie: str) -> str:
    return hmac.new(cookie.encode(), b"tuntas.csrf", hashlib.sha256).hexdigest()


def from_our_pages(request: Request, here: Services) -> bool:
    """Whether a request comes from a page of ours, by what the browser says of it; one that says nothing may pass."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None or (origin == "null" and site is not None):  # null: of a page that sends no referrer
        return True
    ours = urlsplit(here.base_url)
    seen = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return origin in (f"{ours.scheme}://{ours.netloc}", seen)


async def is_ours(request: Request) -> bool:
    """Whether a form bears the token of its session and comes from a page of ours."""
    expected = token(request)
    given = request.headers.get(HEADER) or str((await request.form()).get(FIELD) or "")
    here = services(request)
    return bool(expected) and hmac.compare_digest(expected, given) and from_our_pages(request, here)


def typed(form: FormData) -> Fields:
    """Return the fields of a form as they were filled in, but for files and our own token."""
    return tuple((name, value) for name, value in form.multi_items() if isinstance(value, str) and name != FIELD)
