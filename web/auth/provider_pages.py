"""Leaving for the identity provider, and coming back from it."""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import Refused, Unreachable
from database import accounts, provider_sign_ins
from database.accounts import Account
from database.pool import transaction
from database.provider_sign_ins import Begun
from database.sql import Connection
from starter import rpc
from web.auth import cookies, log
from web.auth.claims import account_of
from web.auth.entering import enter, within
from web.auth.pages import refused_page
from web.auth.provider import ProviderClient
from web.services import Services, services

router = APIRouter(prefix="/sign-in", include_in_schema=False)
RETURN = "/sign-in/return"
_PATIENCE = timedelta(minutes=15)  # to sign in over there


@router.get("/provider")
async def leave(request: Request, to: str = "/desk") -> Response:
    """Send the browser to the identity provider."""
    here = services(request)
    try:
        address, state, begun = await _client(request, here).begin(here.base_url + RETURN, within(to))
    except Unreachable as error:
        return refused_page(request, error)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await provider_sign_ins.begin(conn, cookies.digest(state), begun, here.now())
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    cookies.put(response, here, cookies.PROVIDER, state, seconds=int(_PATIENCE.total_seconds()))
    return response


@router.get("/return")
async def come_back(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
    """Take in whoever comes back with the state they left with, for the first time."""
    here = services(request)
    client = _client(request, here)
    try:
        begun = await _begun(request, here, state, let_in=bool(code) and not error)
        said = await client.claims(here.base_url + RETURN, code, begun)
        found = await _account(here, account_of(said, client.provider, here.now()))
    except (Refused, Unreachable) as problem:
        async with rpc.postgres(), transaction(here.pool) as conn:
            await log.note_stranger(conn, here, "sign_in", result="refused", account=None)
        return refused_page(request, problem)
    response = await enter(request, found, begun.goes_on_to)
    cookies.drop(response, here, cookies.PROVIDER)
    return response


def _client(request: Request, here: Services) -> ProviderClient:
    if here.terms.provider is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    kept: ProviderClient | None = getattr(request.app.state, "provider", None)
    if kept is None:
        kept = request.app.state.provider = ProviderClient(here.terms.provider)
    return kept


async def _begun(request: Request, here: Services, state: str, *, let_in: bool) -> Begun:
    begun = None
    if state and cookies.read(request, here, cookies.PROVIDER) == state:
        async with rpc.postgres(), transaction(here.pool) as conn:
            begun = await provider_sign_ins.take(conn, cookies.digest(state), here.now() - _PATIENCE)
    if begun is None:
        raise Refused("this sign-in was not begun in this browser", field="state", remedy="sign in again")
    if not let_in:
        raise Refused("the identity provider has not let you in", field="provider", remedy="sign in again")
    return begun


async def _account(here: Services, told: Account) -> Account:
    """Return the account of whom the provider told us of, with the rights they have there now."""
    async with rpc.postgres(), transaction(here.pool) as conn:
        known = await accounts.of_subject(conn, told.issuer or "", told.subject or "")
        known = known or await _prepared(conn, told)
        if known is None:
            await accounts.create(conn, told)
        elif known.disabled_at is not None:
            raise Refused("your account is disabled here", field="account", remedy="ask an administrator")
        else:
            kept = {"id": known.id, "language": known.language}
            await accounts.change(conn, told.model_copy(update=kept), here.now())
        found = await accounts.of_subject(conn, told.issuer or "", told.subject or "")
    if found is None:
        raise Refused("your account could not be made", field="account", remedy="ask an administrator")
    return found


async def _prepared(conn: Connection, told: Account) -> Account | None:
    """Return the account that was made for this id and waits for its first sign-in at the provider.

    Raises `Refused` where the id is somebody's already: a name at the provider may not take over an account here.
    """
    known = await accounts.get(conn, told.id)
    if known is not None and (known.has_password or known.subject is not None):
        raise Refused("your name belongs to another account here", field="account", remedy="ask an administrator")
    return known
