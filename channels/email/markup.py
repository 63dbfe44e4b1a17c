"""HTML as text: cleaned by nh3, laid out by inscriptis. Nothing is run and nothing fetched.

Both build a tree, and a hostile tree takes minutes or all memory: of elements in each other, or of marks that every
paragraph repeats. So what is neither small nor flat is only freed of its tags.
"""

import html
import re
from collections import Counter

import nh3
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

LONGEST = 1_000_000  # characters; what is beyond is left out
MOST_TAGS = 20_000
MOST_OPEN = 100  # elements that are not closed, in each other at worst
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})[^<>]{0,5000}>|<[!?][^<>]{0,5000}>")
_CLOSE_THEMSELVES = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
     "p", "li", "td", "th", "tr", "dt", "dd", "option", "body", "html", "head"]
)  # fmt: skip
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote"})
_UNSEEN = frozenset({"script", "style", "title", "head"})


def plain_of(markup: str) -> str:
    """The text of HTML."""
    markup = markup[:LONGEST]
    said = _laid_out(markup) if _bearable(markup) else None
    lines = (said if said is not None else _freed_of_tags(markup)).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def _bearable(markup: str) -> bool:
    opened: Counter[str] = Counter()
    for number, tag in enumerate(_TAG.finditer(markup), start=1):
        name = (tag[2] or "").lower()
        if number > MOST_TAGS:
            return False
        if not name or name in _CLOSE_THEMSELVES:
            continue
        opened[name] += -1 if tag[1] and opened[name] > 0 else not tag[1]
    unread = markup.count("<") - sum(1 for _ in _TAG.finditer(markup))
    return opened.total() + unread <= MOST_OPEN


def _laid_out(markup: str) -> str | None:
    cleaned = nh3.clean(markup)
    try:
        return str(get_text(f"<html><body>{cleaned}</body></html>", ParserConfig(display_images=False)))
    except Exception:  # noqa: BLE001  whatever its parser cannot take
        return None


def _freed_of_tags(markup: str) -> str:
    said: list[str] = []
    end, unseen = 0, ""
    for tag in _TAG.finditer(markup):
        name = (tag[2] or "").lower()
        if not unseen:
            said.append(markup[end : tag.start()])
        if name in _UNSEEN:
            unseen = name if not tag[1] and not unseen else ("" if tag[1] and unseen == name else unseen)
        if name in _BREAKS:
            said.append("\n")
        end = tag.end()
    if not unseen:
        said.append(markup[end:])
    return html.unescape("".join(said))
