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
    styles = [Markup(one) for one in (sheet(), foot(document))]  # noqa: S704  our own, see `_quoted`
    return template.render(document=document, styles=styles)


@cache
def sheet() -> str:
    """Return the style sheet of every page."""
    return (TEMPLATES / "document.css").read_text(encoding="utf-8")


def foot(document: Document) -> str:
    """Return the style sheet of this page alone: what stands at the foot of each sheet of paper."""
    pages = str(words(Language(document.language), "closure")["page"])
    page = _quoted(pages).format(page=_PAGE, pages=_PAGES)
    return (
        f'@page {{ @bottom-left {{ content: "Tuntas \\2022  {_quoted(document.foot)}"; }} '
        f'@bottom-right {{ content: "{page}"; }} }}'
    )


def content_security_policy(document: Document) -> str:
    """Return what a browser may load for it: its own style sheets, known by their digests, and nothing else."""
    styles = " ".join(f"'sha256-{_digest(one)}'" for one in (sheet(), foot(document)))
    return f"sandbox; default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'"


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _quoted(text: str) -> str:
    """What may stand within quotation marks of a style sheet: letters, digits and what cannot end them."""
    return "".join(char for char in text if char.isalnum() or char in " -_.,:/{}")


def _visible(value: object) -> object:
    """Whatever is put into a page, whoever it came from."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_visible,
    )  # fmt: skip
