"""Putting a page together: a template, the texts of its language, and headers that suit pages which hold links."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from web.catalogue import Catalogue, catalogue, languages
from web.services import services

PART = "public"
SEE_OTHER = 303
HEADERS = {
    "cache-control": "no-store",
    # With `no-referrer` browsers send forms from the origin `null`: then nothing could be told from a foreign page.
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}


@cache
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each page looks several times whether a file has changed since
    )


def language_of(request: Request) -> str:
    """Return the language of a page: the first part of its address."""
    named = request.url.path.strip("/").partition("/")[0]
    return named if named in languages(PART) else languages(PART)[0]


def texts_of(request: Request) -> Catalogue:
    return catalogue(PART, language_of(request))


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page in the language of its address."""
    language = language_of(request)
    rest = request.url.path.strip("/").partition("/")[2]
    body = environment().get_template(template).render(
        t=catalogue(PART, language),
        language=language,
        others={other: catalogue(PART, other)("name") for other in languages(PART) if other != language},
        root=f"/{language}",
        rest=f"/{rest}" if rest else "",
        organisation=services(request).organisation,
        **values,
    )  # fmt: skip
    return HTMLResponse(body, status_code=status, headers=HEADERS)


def elsewhere(request: Request, path: str) -> Response:
    """Go on to another page of the same language, by GET."""
    return RedirectResponse(f"/{language_of(request)}{path}", SEE_OTHER, headers=HEADERS)
