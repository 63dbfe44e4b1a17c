"""A page as a tagged PDF (PDF/UA-1): language, title, headings, table headers and bookmarks are those of the page.

It takes seconds of a processor for a long one: a server does it in a process apart. Nothing is fetched from anywhere.
"""

import gc
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from complaints.errors import Unreachable

log = logging.getLogger(__name__)
VARIANT = "pdf/ua-1"


def as_pdf(html: str) -> bytes:
    """Return a page of ours as PDF; the same page is the same file. Raises `Unreachable` if the machine lacks Pango."""
    weasyprint = _weasyprint()
    digest = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    page = weasyprint.HTML(string=html, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=()))
    with _no_collecting():
        made: bytes = page.write_pdf(pdf_variant=VARIANT, pdf_tags=True, pdf_identifier=digest)
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


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:  # its libraries are the system's
        remedy = "install it: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
        raise Unreachable("the library Pango is not on this machine", field="pdf", remedy=remedy) from error
    for name in ("weasyprint", "fontTools", "weasyprint.progress"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # it would quote what people wrote
    return weasyprint
