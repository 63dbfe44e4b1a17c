"""The dependency that says who is signed in. Whoever is not is sent to sign in, and what they typed is kept."""

from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request

from database import kept_forms, sessions
from database.kept_forms import Fields
from database.pool import connection, transaction
from database.sessions import Session
from starter import rpc
from web.auth import cookies, forms
from web.auth.user import User
from web.services import Services, services

SIGN_IN = "/sign-in"
_SEEN = timedelta(minutes=1)  # how exactly it is known when a session was last in use
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_LARGEST = 2_000_000  # characters of one kept form


class SignInNeeded(Exception):
    """Nobody is signed in. `fields` is what was typed into a form that could not be kept, `kept` whether it was."""

    def __init__(self, goes_on_to: str, *, kept: bool = False, fields: Fields = ()) -> None:
        super().__init__("sign-in is needed")
        self.goes_on_to = goes_on_to
        self.kept = kept
        self.fields = fields

    @property
    def address(self) -> str:
        """Where to sign in, and what comes after."""
        return f"{SIGN_IN}?to={quote(self.goes_on_to, safe='')}" + ("&kept=1" if self.kept else "")


async def current_user(request: Request) -> User:
    """Return who is signed in; for routes: `Depends(current_user)`. Raises `SignInNeeded`, which pages answer."""
    session = await current_session(request)
    return user_of(session)


async def current_session(request: Request) -> Session:
    """Return the session of a request, once for each request. Raises `SignInNeeded`."""
    known: Session | None = getattr(request.state, "session", None)
    if known is not None:
        return known
    here = services(request)
    found = await _find(request, here)
    if found is None or not found.is_alive(here.now(), here.terms.idle):
        raise await _missed(request, here, found)
    request.state.session = found
    return found


async def user_if_any(request: Request) -> User | None:
    """Return who is signed in, or None: for pages that everybody may see."""
    here = services(request)
    found = await _find(request, here)
    return user_of(found) if found is not None and found.is_alive(here.now(), here.terms.idle) else None


def user_of(session: Session) -> User:
    return User(
        id=session.account, name=session.name, role=session.role, team=next(iter(session.teams), None),
        teams=frozenset(session.teams), language=session.language, administers=session.administers,
    )  # fmt: skip


async def _find(request: Request, here: Services) -> Session | None:
    """Find the session of a cookie; one that is in use is noted as seen, once a minute."""
    cookie = cookies.read(request, here, cookies.SESSION)
    if not cookie:
        return None
    now = here.now()
    async with rpc.postgres(), connection(here.pool) as conn:
        found = await sessions.find(conn, cookies.digest(cookie))
        if found is not None and found.is_alive(now, here.terms.idle) and found.seen_at + _SEEN <= now:
            await sessions.see(conn, found.number, now)
    return found


async def _missed(request: Request, here: Services, found: Session | None) -> SignInNeeded:
    """Keep what was typed for whoever typed it, if their session is known; else it is shown to be copied."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method in ("GET", "HEAD"):
        return SignInNeeded(asked)
    if request.headers.get("content-type", "").partition(";")[0] not in _FORMS:
        return SignInNeeded("/desk")
    fields = forms.typed(await request.form())
    if found is None or sum(len(value) for _, value in fields) > _LARGEST or not await forms.is_ours(request):
        return SignInNeeded("/desk", fields=fields)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await kept_forms.keep(conn, found.account, asked, fields, here.now())
    return SignInNeeded("/kept", kept=True)
