"""A page as a tagged PDF (PDF/UA-1): language, title, headings, table headers and bookmarks are those of the page.

It takes seconds of a processor for a long one: a server does it in a process apart. Nothing is fetched from anywhere.
What every page of ours shares (letters that were found, style sheets that were read) is kept for the next one.
"""

import gc
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from complaints.errors import Unreachable
from documents.rendering import TEMPLATES, sheet

log = logging.getLogger(__name__)
VARIANT = "pdf/ua-1"
_AT_ONCE = threading.Lock()  # Pango's letters are for one thread at a time


class _Kept(NamedTuple):
    page: Any  # makes of HTML what WeasyPrint lays out
    fonts: Any
    sheet: Any  # `rendering.sheet`, read


def as_pdf(html: str) -> bytes:
    """Return a page of ours as PDF; the same page is the same file. Raises `Unreachable` if the machine lacks Pango."""
    kept = _kept()
    ours = f"<style>{sheet()}</style>"
    sheets = [kept.sheet] if ours in html else []
    with _AT_ONCE, _no_collecting():
        page = kept.page(html.replace(ours, "", 1))
        # Without an identifier: to compute one, everything would be written and compressed twice.
        made: bytes = page.write_pdf(
            font_config=kept.fonts, stylesheets=sheets, pdf_variant=VARIANT, pdf_tags=True,
        )  # fmt: skip
    return made


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Layout makes a million objects that live until its end: to look for garbage among them takes a tenth of it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@cache
def _kept() -> _Kept:
    weasyprint = _weasyprint()
    base = weasyprint.CSS(filename=TEMPLATES / "base.css")
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())

    class Page(weasyprint.HTML):  # type: ignore[misc, name-defined]
        """A page of ours, whose elements are those of `base.css`."""

        def __init__(self, html: str) -> None:
            super().__init__(string=html, url_fetcher=nothing)

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # noqa: ARG002  as the library calls it
            return [base]

    fonts = weasyprint.text.fonts.FontConfiguration()
    return _Kept(Page, fonts, weasyprint.CSS(string=sheet(), font_config=fonts, url_fetcher=nothing))


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:  # its libraries are the system's
        remedy = "install it: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
        raise Unreachable("the library Pango is not on this machine", field="pdf", remedy=remedy) from error
    for name in ("weasyprint", "fontTools", "weasyprint.progress"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # it would quote what people wrote
    return weasyprint
