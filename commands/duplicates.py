"""`tuntas duplicates`: which complaints may be the same matter as one; also told after `tuntas file`."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import Reference
from commands.output import Json, console, local, print_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from complaints.messages.intake import Intake
    from database.duplicates import PossibleDuplicate
    from starter.client import Tuntas


def add_to(app: typer.Typer) -> None:
    app.command()(duplicates)


def duplicates(
    reference: Reference,
    limit: Annotated[int, typer.Option(help="At most so many; the likeliest come first.")] = 5,
    as_json: Json = False,
) -> None:
    """List complaints that may be the same matter: by the same complainant, or in nearly the same words."""
    from commands.session import with_tuntas

    found = with_tuntas(lambda tuntas: tuntas.possible_duplicates(reference, limit=limit), temporal=False)
    if as_json:
        print_json(found)
    else:
        console().print(_table(found) if found else "none")


async def tell_of(tuntas: "Tuntas", intake: "Intake") -> None:
    """Say on standard error what a complaint that was just filed may be a duplicate of; a hint is worth no failure."""
    from complaints.errors import TuntasError

    try:
        found = await tuntas.possible_duplicates(intake)
    except TuntasError:
        return
    if found:
        shown = console(errors=True)
        shown.print("perhaps the same matter; `tuntas merge` goes on with one of them:")
        shown.print(_table(found))


def _table(found: "Sequence[PossibleDuplicate]") -> "Table":
    shown = table("reference!", "similar", "complainant", "status", "received!")
    for one in found:
        who = "the same" if one.same_complainant else "another"
        shown.add_row(one.reference, f"{one.similarity:.0%}", who, one.status, local(one.received_at))
    return shown
