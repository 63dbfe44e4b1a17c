"""Signing in with an account and a password of this installation."""

from starlette.requests import Request

from database import accounts
from database.accounts import Account
from database.pool import transaction
from starter import rpc
from web.auth import known_browsers, log, throttle
from web.auth.entering import address_of
from web.auth.throttle import Attempt
from web.services import services


class TooManyTries(Exception):
    """This account, or this address, was tried too often lately."""


async def verified(request: Request, account_id: str, password: str) -> Account | None:
    """Return the account, if the password is right. Unknown and disabled ones take the same time and say the same.

    Raises `TooManyTries`, whether there is such an account or not.
    """
    here = services(request)
    attempt = Attempt(account_id, address_of(request), known_browsers.of(request, account_id))
    async with rpc.postgres(), transaction(here.pool) as conn:
        tried = await throttle.admitted(conn, attempt, here.now())
        hashed = await accounts.password_of(conn, account_id)
        known = await accounts.get(conn, account_id)
        if tried is None:
            await log.note_stranger(conn, here, "sign_in", result="throttled", account=known.id if known else None)
    if tried is None:
        raise TooManyTries
    is_right, anew = await here.passwords.verify(password, hashed)
    async with rpc.postgres(), transaction(here.pool) as conn:
        if not is_right:
            await log.note_stranger(conn, here, "sign_in", result="refused", account=known.id if known else None)
            return None
        await throttle.right(conn, attempt, tried)
        if anew is not None and hashed is not None:
            await accounts.rehash(conn, account_id, anew, was=hashed)
        return await accounts.get(conn, account_id)
