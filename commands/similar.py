"""`tuntas similar` and `tuntas search`: past records as a reference, from PostgreSQL."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import given, instant
from commands.output import Json, console, local, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from database.past_records import PastRecord, Sought

Words = str | None


def add_to(app: typer.Typer) -> None:
    app.command()(similar)
    app.command()(search)


def similar(
    reference: Annotated[str | None, typer.Argument(help="A complaint's reference.")] = None,
    text: Annotated[Words, typer.Option(help="Instead of a reference: what it is about.")] = None,
    category: Annotated[Words, typer.Option(help="Comes first. [that of the complaint]")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, of 50.")] = 5,
    as_json: Json = False,
) -> None:
    """List closed cases that are like one: those of its category first, then by how much of its words they hold."""
    from commands.session import with_tuntas

    found = with_tuntas(
        lambda tuntas: tuntas.similar(reference, text=text, category=category, limit=limit), temporal=False
    )
    print_json(found) if as_json else _show(found)


def search(
    words: Annotated[str, typer.Argument(help='All of them; "one phrase", -without, this or that.')],
    *,
    category: Words = None,
    outcome: Annotated[Words, typer.Option(help="upheld, partly_upheld or not_upheld.")] = None,
    cause: Annotated[Words, typer.Option(help="Category of the root cause.")] = None,
    company: Words = None,
    closed_from: Annotated[Words, typer.Option(metavar="INSTANT")] = None,
    closed_before: Annotated[Words, typer.Option(metavar="INSTANT")] = None,
    limit: Annotated[int, typer.Option(help="At most 100.")] = 20,
    after: Annotated[Words, typer.Option(help="The `next` of the page before.")] = None,
    as_json: Json = False,
) -> None:
    """List closure records that hold these words, in Indonesian or English, the last closed first."""
    from commands.session import with_tuntas

    sought = _sought(given(
        words=words, category=category, outcome=outcome, cause=cause, company=company,
        closed_from=instant(closed_from, "--closed-from"), closed_before=instant(closed_before, "--closed-before"),
    ))  # fmt: skip
    page = with_tuntas(lambda tuntas: tuntas.search(sought, limit=limit, after=after), temporal=False)
    if as_json:
        print_json(page)
        return
    _show(page.items)
    if page.next:
        console(errors=True).print(f"more with --after {page.next}", soft_wrap=True)


def _sought(raw: dict[str, object]) -> "Sought":
    from complaints.errors import BadInput
    from complaints.model import read
    from database.past_records import Sought

    try:
        return read(Sought, raw)
    except BadInput as error:
        raise BadInput(error.problem, field=f"--{error.field}", remedy=error.remedy) from error


def _show(found: "Iterable[PastRecord]") -> None:
    shown, any_found = console(), False
    for one in found:
        any_found = True
        shown.print(_head(one))
        shown.print(_excerpt(one))
        shown.print()
    if not any_found:
        shown.print("none")


def _head(one: "PastRecord") -> "Text":
    from rich.text import Text

    likeness = (f"{one.likeness:.0%} alike",) if one.likeness is not None else ()
    decided = ", ".join([one.outcome or one.reason, *(f"{r.solution} {r.cost}" for r in one.remedies)])
    cause = (f"{one.cause_category or 'cause'}: {one.cause or '-'}",) if one.cause or one.cause_category else ()
    pleased = {None: "not asked or silent", True: "satisfied", False: "not satisfied"}[one.satisfied]
    parts = (one.reference, *likeness, local(one.closed_at), one.category or "-", decided, *cause, pleased)
    return Text(" · ".join((*parts, *(("open again",) if one.open_again else ()))))


def _excerpt(one: "PastRecord") -> "Text":
    from rich.text import Text

    text = Text("  ")
    for part in one.excerpt:
        text.append(part.text.replace("\n", " "), style="bold" if part.matched else "")
    return text
