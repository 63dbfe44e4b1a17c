"""From an account to a session: a new one with each sign-in, and the one before it in this browser ends."""

from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse

from database import accounts, kept_forms, provider_sign_ins, sessions
from database.accounts import Account
from database.pool import transaction
from database.sql import Connection
from starter import rpc
from web.auth import cookies, known_browsers, log
from web.auth.user import User
from web.services import Services, services

REMEMBERED = timedelta(days=7)  # how long what was typed into an ended session is kept
_BROWSER = 200  # characters
_ADDRESS = 2000


async def enter(request: Request, account: Account, goes_on_to: str) -> RedirectResponse:
    """Sign an account in, and go on: to what was typed before, if there is something, else where it was going."""
    here = services(request)
    cookie, now = cookies.fresh(), here.now()
    async with rpc.postgres(), transaction(here.pool) as conn:
        await _end_previous(conn, request, here)
        await sessions.start(
            conn, cookies.digest(cookie), account.id, now=now, longest=here.terms.longest,
            browser=request.headers.get("user-agent", "")[:_BROWSER] or None, address=address_of(request),
        )  # fmt: skip
        await accounts.signed_in(conn, account.id, now)
        user = User(id=account.id, name=account.name, role=account.role)
        await log.note(conn, here, user, "sign_in")
        await _sweep(conn, here)
        kept = await kept_forms.of_account(conn, account.id)
    onward = f"/kept?to={quote(goes_on_to, safe='')}" if kept else goes_on_to
    response = RedirectResponse(onward, 303)
    lasting = here.terms.longest + REMEMBERED
    cookies.put(response, here, cookies.SESSION, cookie, seconds=int(lasting.total_seconds()))
    known_browsers.remember(response, here, account.id)
    return response


async def _end_previous(conn: Connection, request: Request, here: Services) -> None:
    cookie = cookies.read(request, here, cookies.SESSION)
    before = await sessions.find(conn, cookies.digest(cookie)) if cookie else None
    if before is not None:
        await sessions.end(conn, before.number, here.now())


async def _sweep(conn: Connection, here: Services) -> None:
    """Delete what nobody will come back for; signing in happens often enough for it."""
    before = here.now() - REMEMBERED
    await sessions.forget(conn, before)
    await kept_forms.forget(conn, before)
    await provider_sign_ins.forget(conn, before)


def address_of(request: Request) -> str | None:
    return request.client.host if request.client else None


def within(address: str | None) -> str:
    """Return an address of ours to go on to; the desk for anything else, so that nobody is led away after sign-in."""
    if address is None or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return "/desk"
    return address if address.isprintable() and "\\" not in address and len(address) <= _ADDRESS else "/desk"
