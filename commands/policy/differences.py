"""`tuntas policy diff`: two policies side by side, for whoever reviews a change."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from commands import output
from commands.output import Json

if TYPE_CHECKING:
    from complaints.policy import Policy
    from policies.comparing import Tree
    from policies.telling import Row


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
    from policies.telling import rows

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
        _print(subject, titles, rows(list(members), whole=whole))
    things = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    output.say(f"{things} from {titles[0]} to {titles[1]}")


def _tree(policy: "Policy", *, whole: bool) -> "Tree":
    from policies.books import read_book
    from policies.comparing import tree

    return tree(policy, read_book(policy.texts), whole_texts=whole)


def _print(subject: str, titles: Sequence[str], told: "Iterator[Row]") -> None:
    from rich.text import Text

    shown = output.table("what", *titles, title=subject)
    for row in told:
        shown.add_row(*(Text(cell) for cell in row))
    output.console().print(shown)
