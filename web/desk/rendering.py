"""Pages of the desk and of sign-in: Jinja2 templates that escape everything, with what each of them needs at hand.

A page finds: `user` (None before sign-in), `language`, `t` (the words of `auth.yaml`), `csrf` (the token of its forms),
`may(action, team, owner)`, `path` and `base_url`; whatever else comes with the call.
"""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from complaints.vocabulary import Language
from web import catalogue
from web.auth import cookies, forms, rights
from web.auth.user import User
from web.services import services

HERE = Path(__file__).parent
_FOLDERS = (HERE / "templates", HERE / "admin" / "templates", HERE.parent / "auth" / "templates")
# Nobody keeps a page; our own forms name our origin, which they would not under the policy of the public pages.
_HEADERS = {"cache-control": "no-store", "referrer-policy": "same-origin"}

environment = Environment(
    loader=FileSystemLoader(_FOLDERS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # else each page looks a dozen times whether a file has changed since
)


def page(request: Request, template: str, user: User | None, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page. It is kept by nobody: what it shows may be somebody's complaint."""
    here = services(request)
    language = language_of(request, user)
    common = {
        "request": request, "user": user, "language": language, "languages": catalogue.LANGUAGES,
        "t": catalogue.words(language, "auth"), "csrf": forms.token(request), "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "base_url": here.base_url, "may": _may(user), "when": _when(language, here.tuntas.policy.timezone),
        "query": _query(request),
    }  # fmt: skip
    body = environment.get_template(template).render(common | values)
    return HTMLResponse(body, status_code=status, headers=_HEADERS)


def language_of(request: Request, user: User | None) -> Language:
    """Return the language of a page: the account's, else what was chosen before sign-in, else the browser's."""
    if user is not None and user.language in catalogue.LANGUAGES:
        return user.language
    chosen = cookies.read(request, services(request), cookies.LANGUAGE)
    if chosen is not None and chosen in catalogue.LANGUAGES:
        return Language(chosen)
    return catalogue.preferred(request.headers.get("accept-language"))


def _may(user: User | None) -> Any:
    def may(action: str, team: str | None = None, owner: str | None = None) -> bool:
        return user is not None and rights.may(user, rights.Action(action), team, case_owner=owner)

    return may


def _when(language: Language, timezone: str) -> Any:
    def when(at: datetime | None) -> str:
        local = at.astimezone(ZoneInfo(timezone)) if at else None
        return str(format_datetime(local, "d MMM y HH:mm", locale=language)) if local else "-"

    return when


def _query(request: Request) -> Any:
    """Return a function that gives the address of this page with some of its parameters changed."""

    def query(**changed: Any) -> str:
        kept = {name: value for name, value in request.query_params.items() if name not in changed}
        wanted = kept | {name: str(value) for name, value in changed.items() if value is not None}
        return f"?{urlencode(wanted)}" if wanted else request.url.path

    return query
