"""`tuntas import`: complaints from somebody else's CSV file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.output import Json, console, print_json, say, table
from commands.progress import progress_bar

if TYPE_CHECKING:
    from starter.client import Tuntas
    from starter.csv_files import CsvTable
    from starter.importing import Imported, ImportOptions

Words = list[str] | None
Text = str | None
_SHOWN = 20  # refused rows in the table; with --json all of them


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_file)


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    *,
    maps: Annotated[Words, typer.Option("--map", metavar="FIELD=COLUMN[+COLUMN]", help="May be repeated.")] = None,
    values: Annotated[Words, typer.Option("--value", metavar="FIELD:THEIRS=OURS", help="THEIRS may be *.")] = None,
    fixed: Annotated[Words, typer.Option("--set", metavar="FIELD=VALUE", help="The same for every row.")] = None,
    timezone: Annotated[str, typer.Option(help="Of dates without an offset: Z, +07:00, Asia/Jakarta.")] = "Z",
    date_format: Annotated[Text, typer.Option(help="As strptime reads it. [ISO 8601]")] = None,
    received: Annotated[Text, typer.Option(metavar="column|now", help="The receipt. [column if mapped]")] = None,
    history_before: Annotated[Text, typer.Option(metavar="DATE", help="Received earlier: closed history.")] = None,
    delimiter: Annotated[str, typer.Option(help="What separates the columns.")] = ",",
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Rows at a time.")] = 8,
    policy: Annotated[Text, typer.Option(help="The pack under which they are handled. [TUNTAS_POLICY]")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say which rows would be refused.")] = False,
    as_json: Json = False,
) -> None:
    """Import complaints from a CSV file. Interrupted or repeated, it goes on where it was; nothing is done twice.

    Fields: channel, key, text, subject, category, severity, form, received_at, remedy_sought, source, company, name,
    email, phone, language, preferred_channel, represented_by, closed_at (of history), details.NAME.
    """
    from commands.session import with_tuntas
    from complaints.errors import BadInput
    from starter.csv_files import read_csv
    from starter.csv_mapping import instant_in, read_mapping
    from starter.importing import ImportOptions

    if len(delimiter) != 1:
        raise BadInput("is not one character", field="--delimiter", remedy="give , or ;")
    mapping = read_mapping(maps or (), fixed or (), values or (), timezone, date_format)
    options = ImportOptions(
        mapping=mapping,
        receipt=_receipt(received, mapped="received_at" in mapping.columns),
        history_before=instant_in(history_before, timezone, "--history-before") if history_before else None,
        check_only=check,
        concurrency=concurrency,
    )
    found = read_csv(file, delimiter=delimiter)
    mapping.check(found.columns)
    _tell(with_tuntas(lambda tuntas: _run(tuntas, found, options), policy=policy), check=check, as_json=as_json)


def _receipt(received: str | None, *, mapped: bool) -> bool:
    from complaints.errors import BadInput

    if received not in (None, "column", "now"):
        raise BadInput("is neither", field="--received", remedy="give column or now")
    if received == "column" and not mapped:
        raise BadInput("no column is mapped", field="--received", remedy="give --map received_at=COLUMN")
    return mapped if received is None else received == "column"


async def _run(tuntas: "Tuntas", found: "CsvTable", options: "ImportOptions") -> "Imported":
    from starter.importing import Importer

    with progress_bar("importing", len(found.rows)) as bar:
        return await Importer(tuntas, found, options).run(bar.advance)


def _tell(found: "Imported", *, check: bool, as_json: bool) -> None:
    from complaints.errors import PartlyDone

    if as_json:
        print_json(found)
    else:
        there = f"{found.repeated} were there, {found.skipped} done before"
        done = f"{found.filed} filed, {found.history} kept as history, {there}"
        say(f"{found.rows} rows checked" if check else f"{found.rows} rows: {done}, {len(found.refused)} refused")
        if found.refused:
            _show_refused(found)
    if found.refused:
        problem = f"{len(found.refused)} of {found.rows} rows {'would be' if check else 'were'} refused"
        raise PartlyDone(problem, field="rows", remedy="correct these lines and import the file again")


def _show_refused(found: "Imported") -> None:
    shown = table("line", "field", "problem", "remedy")
    for row in found.refused[:_SHOWN]:
        shown.add_row(str(row.line), row.field, row.problem, row.remedy)
    console().print(shown)
    if len(found.refused) > _SHOWN:
        say(f"and {len(found.refused) - _SHOWN} more; all of them with --json")
