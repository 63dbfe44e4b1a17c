"""Differences of two policies in words and rows, for whoever reviews a change. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from policies.comparing import Difference, Listed

_MANY = 10  # closed dates of one calendar that are listed one by one
_DATE = re.compile(r"calendars\.[^\[]+\.closed\[")
_RULE = re.compile(r"\b(targets|climb|top_reminder)\[")
_DIGEST = "digest "
_MEMBERS = 8  # of something that only one policy has
_LONG = 60  # characters

Row = tuple[str, str, str]


def rows(members: Sequence[Difference], *, whole: bool) -> Iterator[Row]:
    """Yield what differs as people read it: what, how it was, how it is; many dates and texts are gathered."""
    for place, group in groupby(members, key=lambda difference: _gathered(difference, whole=whole)):
        found = list(group)
        if place.startswith("texts."):
            names = ", ".join(difference.path.removeprefix(f"{place}.") for difference in found)
            yield place, f"other words: {names}", ""
        elif place and len(found) > _MANY:
            yield place, *_dates(found)
        else:
            for each in found:
                yield from _each(each)


def _each(difference: Difference) -> Iterator[Row]:
    """Yield a difference; a list that only one policy has member by member."""
    before, after = difference.before, difference.after
    if before is None and isinstance(after, Listed):
        yield from ((f"{difference.path}[{key}]", "-", words(member)) for key, member in after.items())
    elif after is None and isinstance(before, Listed):
        yield from ((f"{difference.path}[{key}]", words(member), "-") for key, member in before.items())
    else:
        yield difference.path, _side(difference, before), _side(difference, after)


def _gathered(difference: Difference, *, whole: bool) -> str:
    """Return what stands for this difference and those beside it; nothing if it stands for itself."""
    if any(isinstance(side, str) and side.startswith(_DIGEST) for side in (difference.before, difference.after)):
        return ".".join(difference.path.split(".")[:3])
    dated = None if whole else _DATE.match(difference.path)
    return dated[0].removesuffix("[") if dated else ""


def _dates(found: Sequence[Difference]) -> tuple[str, str]:
    gone = sum(difference.after is None for difference in found)
    new = sum(difference.before is None for difference in found)
    other = f"; {len(found) - gone - new} named or marked otherwise" if len(found) > gone + new else ""
    return f"{gone} dates that are open in the other{other}", f"{new} dates that are open in the other{other}"


def _side(difference: Difference, value: Any) -> str:
    if value is None and _RULE.search(difference.path) and difference.path.endswith("]"):
        return "no rule of its own"
    return words(value)


def words(value: Any) -> str:
    """Return a node as people read it; paragraphs of a text each on a line of their own."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        said = [words(member) for member in value]
        return ("\n" if any(len(each) > _LONG for each in said) else ", ").join(said)
    return _members(value) if isinstance(value, dict) else str(value)


def _members(value: dict[str, Any]) -> str:
    if set(value) <= {"id", "en"}:
        return words(value.get("en") or value.get("id"))
    if set(value) == {"label"}:
        return words(value["label"])
    named = [
        f"{key} ({words(member)})" if isinstance(member, dict) else f"{key}: {words(member)}"
        for key, member in list(value.items())[:_MEMBERS]
    ]
    more = len(value) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")
