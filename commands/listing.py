"""`tuntas list`: complaints as they stand, from PostgreSQL."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.inputs import given, instant
from commands.output import Json, console, local, now, print_json, table, until

if TYPE_CHECKING:
    from rich.table import Table

    from database.complaints import Filters, Page

Words = list[str] | None
_WIDE = 120  # characters
Text = str | None


def add_to(app: typer.Typer) -> None:
    app.command("list")(list_complaints)


def list_complaints(
    *,
    status: Annotated[Words, typer.Option(help="May be repeated, like --severity and --channel.")] = None,
    severity: Words = None,
    channel: Words = None,
    category: Text = None,
    owner: Annotated[Text, typer.Option(help="agent:ID, team:NAME, or a bare agent id.")] = None,
    team: Text = None,
    tier: Text = None,
    breached: Annotated[Text, typer.Option(metavar="METRIC", help="Late on this promise.")] = None,
    company: Text = None,
    policy: Annotated[Text, typer.Option(help="The pack it is handled under.")] = None,
    only_open: Annotated[bool | None, typer.Option("--open/--ended", help="Not closed; or ended.")] = None,
    imported: Annotated[bool | None, typer.Option("--imported/--not-imported", help="History of an import.")] = None,
    received_from: Annotated[Text, typer.Option(metavar="INSTANT")] = None,
    received_before: Annotated[Text, typer.Option(metavar="INSTANT")] = None,
    due_before: Annotated[Text, typer.Option(metavar="INSTANT")] = None,
    sort: Annotated[str, typer.Option(help="due, oldest, newest or severity.")] = "due",
    limit: Annotated[int, typer.Option(help="At most 1000.")] = 50,
    after: Annotated[Text, typer.Option(help="The `next` of the page before.")] = None,
    as_json: Json = False,
) -> None:
    """List complaints, what is due first."""
    from database.complaints import Filters

    filters = read_filters(
        Filters,
        given(statuses=status, severities=severity, channels=channel, category=category,
              owner=owner_named(owner), team=team, tier=tier, breached=breached, company=company, pack=policy,
              received_from=instant(received_from, "--received-from"),
              received_before=instant(received_before, "--received-before"),
              due_before=instant(due_before, "--due-before"))
        | {"open": only_open, "imported": imported},
    )  # fmt: skip
    page = _page(filters, sort, limit, after)
    print_json(page) if as_json else _show(page)


def _show(page: "Page") -> None:
    shown = console()
    shown.print(_table(page, wide=shown.width >= _WIDE))
    if page.next:
        console(errors=True).print(f"more with --after {page.next}", soft_wrap=True)


def owner_named(text: str | None) -> str | None:
    return text if text is None or ":" in text else f"agent:{text}"


def read_filters(model: "type[Filters]", raw: dict[str, Any]) -> "Filters":
    from complaints.errors import BadInput
    from complaints.model import read

    try:
        return read(model, raw)
    except BadInput as error:
        names = {"statuses": "--status", "severities": "--severity", "channels": "--channel"}
        head = error.field.split(".")[0]
        raise BadInput(error.problem, field=names.get(head, f"--{head}"), remedy=error.remedy) from error


def _page(filters: "Filters", sort: str, limit: int, after: str | None) -> "Page":
    from commands.session import with_tuntas
    from complaints.errors import BadInput
    from database.complaints import Sort

    if sort not in set(Sort):
        raise BadInput("not an order", field="--sort", remedy=f"use one of {', '.join(Sort)}")
    return with_tuntas(lambda tuntas: tuntas.list(filters, sort=Sort(sort), limit=limit, after=after), temporal=False)


def _table(page: "Page", *, wide: bool) -> "Table":
    """Return the listing; a narrow terminal gets the columns that matter most."""
    from rich.markup import escape

    at = now()
    more = ("category", "channel", "tier", "received!") if wide else ()
    shown = table("reference!", "status!", "severity!", *more, "owner", "next due!", "in!", "late on")
    for row in page.items:
        about = (row.category or "-", row.channel, row.tier, local(row.received_at)) if wide else ()
        due = until(row.next_due_at, at) if row.next_due_at else ""
        what = f"{row.next_due or ''} {local(row.next_due_at)}".strip() if wide else row.next_due or "-"
        shown.add_row(
            row.reference, row.status, row.severity, *about, escape(row.owner), what, due, ", ".join(row.breached)
        )
    return shown
