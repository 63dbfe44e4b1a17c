"""`tuntas policy diff`: two policies side by side, for whoever reviews a change."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import output
from commands.output import Json

if TYPE_CHECKING:
    from complaints.policy import Policy
    from policies.comparing import Difference, Tree

_MANY = 10  # closed dates of one calendar that are listed one by one
_DATE = re.compile(r"calendars\.[^\[]+\.closed\[")
_RULE = re.compile(r"\b(targets|climb|top_reminder)\[")
_DIGEST = "digest "
_MEMBERS = 8  # of something that only one policy has
_LONG = 60  # characters

Row = tuple[str, str, str]


def add_to(app: typer.Typer) -> None:
    app.command("diff")(diff)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A pack's name, or a path, as it was.")],
    after: Annotated[str, typer.Argument(metavar="B", help="A pack's name, or a path, as it would be.")],
    texts: Annotated[bool, typer.Option("--texts", help="Show texts that differ in full, not only which.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Show every closed date, however many differ.")] = False,
    as_json: Json = False,
) -> None:
    """Say what differs between two policies, by meaning, after extending: how each was, and how it is.

    Exit code 0, whether they differ or not. With --json a list of {subject, path, before, after}, empty if they are the
    same; what is in a list is named by its own key: a tier by its name, a target by what it applies to.
    """
    from policies import load
    from policies.comparing import compare

    policies = load(before), load(after)
    found = compare(*(_tree(policy, whole=texts) for policy in policies))
    if as_json:
        output.print_json(found)
        return
    titles = [f"{policy.pack}@{policy.version}" for policy in policies]
    if not found:
        output.say(f"{titles[0]} and {titles[1]} are the same")
        return
    for subject, members in groupby(found, key=lambda difference: difference.subject):
        _print(subject, titles, _rows(list(members), whole=whole))
    things = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    output.say(f"{things} from {titles[0]} to {titles[1]}")


def _tree(policy: "Policy", *, whole: bool) -> "Tree":
    from policies.books import read_book
    from policies.comparing import tree

    return tree(policy, read_book(policy.texts), whole_texts=whole)


def _print(subject: str, titles: Sequence[str], rows: Iterator[Row]) -> None:
    from rich.text import Text

    shown = output.table("what", *titles, title=subject)
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    output.console().print(shown)


def _rows(members: "Sequence[Difference]", *, whole: bool) -> Iterator[Row]:
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


def _each(difference: "Difference") -> Iterator[Row]:
    """Yield a difference; a list that only one policy has member by member."""
    from policies.comparing import Listed

    before, after = difference.before, difference.after
    if before is None and isinstance(after, Listed):
        yield from ((f"{difference.path}[{key}]", "-", words(member)) for key, member in after.items())
    elif after is None and isinstance(before, Listed):
        yield from ((f"{difference.path}[{key}]", words(member), "-") for key, member in before.items())
    else:
        yield difference.path, _side(difference, before), _side(difference, after)


def _gathered(difference: "Difference", *, whole: bool) -> str:
    """Return what stands for this difference and those beside it; nothing if it stands for itself."""
    if any(isinstance(side, str) and side.startswith(_DIGEST) for side in (difference.before, difference.after)):
        return ".".join(difference.path.split(".")[:3])
    dated = None if whole else _DATE.match(difference.path)
    return dated[0].removesuffix("[") if dated else ""


def _dates(found: "Sequence[Difference]") -> tuple[str, str]:
    gone = sum(difference.after is None for difference in found)
    new = sum(difference.before is None for difference in found)
    other = f"; {len(found) - gone - new} named or marked otherwise" if len(found) > gone + new else ""
    return f"{gone} dates that are open in the other{other}", f"{new} dates that are open in the other{other}"


def _side(difference: "Difference", value: Any) -> str:
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
