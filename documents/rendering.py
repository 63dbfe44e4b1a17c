"""A document as one HTML page that is whole in itself."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from complaints.vocabulary import Language
from documents.parts import Document
from documents.text import visible
from documents.texts import words

TEMPLATES = Path(__file__).parent / "templates"
_PAGE, _PAGES = '" counter(page) "', '" counter(pages) "'


def as_html(document: Document) -> str:
    """Return the page; everything that people wrote is escaped."""
    template = _environment().get_template("document.html.j2")
    return template.render(document=document, style=Markup(style(document)))  # noqa: S704  our own, see `_quoted`


def style(document: Document) -> str:
    """Return its style sheet, with what stands at the foot of each page."""
    pages = str(words(Language(document.language), "closure")["page"])
    page = _quoted(pages).format(page=_PAGE, pages=_PAGES)
    return _sheet().replace("{foot}", _quoted(document.foot)).replace("{page}", page)


def content_security_policy(document: Document) -> str:
    """Return what a browser may load for it: its own style sheet, known by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style(document).encode()).digest()).decode()
    return f"sandbox; default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _quoted(text: str) -> str:
    """What may stand within quotation marks of a style sheet: letters, digits and what cannot end them."""
    return "".join(char for char in text if char.isalnum() or char in " -_.,:/{}")


@cache
def _sheet() -> str:
    return (TEMPLATES / "document.css").read_text(encoding="utf-8")


def _visible(value: object) -> object:
    """Whatever is put into a page, whoever it came from."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_visible,
    )  # fmt: skip
