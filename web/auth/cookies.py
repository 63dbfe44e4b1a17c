"""The cookies of the desk. With HTTPS their names begin with `__Host-`: nobody else can set them for us."""

import hashlib
import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response

from web.services import Services

SESSION = "tuntas-session"
PROVIDER = "tuntas-sign-in"  # ties a sign-in at the identity provider to the browser that began it
LANGUAGE = "tuntas-language"
_BYTES = 32


def fresh() -> str:
    """Return a new random value, which nobody guesses."""
    return secrets.token_urlsafe(_BYTES)


def digest(value: str) -> bytes:
    """Return what is stored of a cookie: who reads the database cannot sign in with it."""
    return hashlib.sha256(value.encode()).digest()


def read(connection: HTTPConnection, here: Services, name: str) -> str | None:
    return connection.cookies.get(_named(name, here))


def put(response: Response, here: Services, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie: of this host only, out of scripts' reach, not sent along with a form from elsewhere."""
    response.set_cookie(
        _named(name, here), value, max_age=seconds, path="/", secure=here.secure, httponly=True, samesite="lax"
    )


def drop(response: Response, here: Services, name: str) -> None:
    response.delete_cookie(_named(name, here), path="/", secure=here.secure, httponly=True, samesite="lax")


def _named(name: str, here: Services) -> str:
    return f"__Host-{name}" if here.secure else name
