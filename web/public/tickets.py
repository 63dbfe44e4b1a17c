"""Tickets of forms: a form that comes back is one that we gave to this very browser, not long ago.

A signed double submit: the browser holds a random cookie, the form a signed ticket made for it (OWASP, CSRF
prevention). The ticket carries the form's own id too, from which keys derive: sent twice it is the same message.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from itsdangerous import BadData
from starlette.requests import Request
from starlette.responses import Response

from complaints.model import Frozen, Instant
from web.services import Services, services

FIELD = "ticket"
LIFE = timedelta(hours=12)
_SALT = "tuntas.form"
_FOREIGN = ("cross-site", "same-site")


class Fault(StrEnum):
    """Why a form is not taken. Each has a text of its own, and a way to send the form again."""

    ELSEWHERE = "elsewhere"  # it was sent from another site
    COOKIES = "cookies"  # the browser kept no cookie
    EXPIRED = "expired"  # too old, or none of ours


class Ticket(Frozen):
    """What a form carries: which one it is, for whom it was made, and when."""

    id: str
    purpose: str
    browser: str
    issued_at: Instant


def browser_of(request: Request) -> str | None:
    """Return the random name that this browser has of us, if it kept it."""
    return request.cookies.get(_cookie(services(request)))


class Issued(NamedTuple):
    """A new ticket: its token for the form, the form's id, the browser's name for its cookie."""

    token: str
    form: str
    browser: str


def issue(request: Request, purpose: str, *, form: str | None = None) -> Issued:
    """Return a new ticket for a form, one of its own or that of an id."""
    here = services(request)
    browser = browser_of(request) or secrets.token_urlsafe(16)
    form = form or secrets.token_hex(12)
    values = [form, purpose, _digest(browser), int(here.now().timestamp())]
    return Issued(str(here.signer.serializer(_SALT).dumps(values)), form, browser)


def remember(request: Request, response: Response, browser: str) -> None:
    """Set the cookie, for as long as the browser is open. Lax, since people come from their mail."""
    here = services(request)
    response.set_cookie(_cookie(here), browser, httponly=True, secure=here.secure, samesite="lax", path="/")


def read(request: Request, token: str, purpose: str) -> tuple[Ticket | None, Fault | None]:
    """Return the ticket if it was made by us for this browser, and what is wrong with the form, if anything is."""
    here = services(request)
    ticket, browser = _unsigned(here, token), browser_of(request)
    ours = ticket is not None and browser is not None and hmac.compare_digest(ticket.browser, _digest(browser))
    known = ticket if ours and ticket is not None and ticket.purpose == purpose else None
    if _foreign(request, here):
        return None, Fault.ELSEWHERE
    if browser is None:
        return None, Fault.COOKIES
    if known is None or here.now() - known.issued_at > LIFE:
        return known, Fault.EXPIRED
    return known, None


def _unsigned(here: Services, token: str) -> Ticket | None:
    try:
        form, purpose, browser, stamp = here.signer.serializer(_SALT).loads(token[:600])
        return Ticket(id=form, purpose=purpose, browser=browser, issued_at=datetime.fromtimestamp(stamp, tz=UTC))
    except (BadData, ValueError, TypeError, OverflowError):
        return None


def _foreign(request: Request, here: Services) -> bool:
    """Whether the browser says that another site sent this; old browsers say nothing, and the ticket decides."""
    if request.headers.get("sec-fetch-site") in _FOREIGN:
        return True
    origin = request.headers.get("origin")
    own = (urlsplit(here.base_url).netloc, request.headers.get("host"))
    return origin is not None and urlsplit(origin).netloc not in own


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()[:24]


def _cookie(here: Services) -> str:
    return "__Host-tuntas" if here.secure else "tuntas"
