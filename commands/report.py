"""`tuntas report`: the metrics, computed by PostgreSQL."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import instant
from commands.output import Json, console, in_words, print_json, table

if TYPE_CHECKING:
    from rich.table import Table

    from database.report import Group, Report

Text = str | None


def add_to(app: typer.Typer) -> None:
    app.command()(report)


def report(
    received_from: Annotated[Text, typer.Option(metavar="INSTANT", help="Received then or later.")] = None,
    received_before: Annotated[Text, typer.Option(metavar="INSTANT")] = None,
    as_json: Json = False,
) -> None:
    """Report how complaints are handled: counts, speed, promises kept, satisfaction."""
    from commands.session import with_tuntas

    first, last = instant(received_from, "--received-from"), instant(received_before, "--received-before")
    found = with_tuntas(lambda tuntas: tuntas.report(received_from=first, received_before=last), temporal=False)
    if as_json:
        print_json(found)
        return
    for shown in tables(found):
        console().print(shown)


def tables(found: "Report") -> "list[Table]":
    """Return the report as tables for people."""
    groups = (("category", found.by_category), ("channel", found.by_channel), ("tier", found.by_tier))
    return [_totals(found), _durations(found), _clocks(found), *(_groups(name, rows) for name, rows in groups)]


def _totals(found: "Report") -> "Table":
    totals, first = found.totals, found.first_response
    shown = table("", "", title=f"Complaints as of {found.as_of:%Y-%m-%d %H:%M} UTC")
    for name in ("received", "open", "closed", "reopened", "disputed", "escalated", "transferred"):
        shown.add_row(name, str(getattr(totals, name)))
    shown.add_row("closed and confirmed satisfied", f"{totals.satisfied} ({_percent(totals.satisfied_share)})")
    shown.add_row("answered our question", f"{totals.answered} ({_percent(totals.response_rate)})")
    shown.add_row(
        "decisions carried out", f"{totals.carried_out} of {totals.decided} ({_percent(totals.carried_out_share)})"
    )
    made = found.promises
    kept = f"{made.made}: {made.done} done, {made.open} open, {made.cancelled} cancelled"
    shown.add_row("promises to complainants", kept)
    said = f"{made.confirmed} confirmed, {made.denied} denied, {made.not_answered} not answered"
    shown.add_row("what complainants say to them", said)
    shown.add_row("first response, mean", _hours(first.mean_hours))
    shown.add_row("first response, median", _hours(first.median_hours))
    return shown


def _durations(found: "Report") -> "Table":
    shown = table("clock", "met", "median", "P90", title="How long promises took, in the clock's own time")
    for row in found.durations:
        shown.add_row(row.metric, str(row.number), in_words(row.median_seconds), in_words(row.p90_seconds))
    return shown


def _clocks(found: "Report") -> "Table":
    shown = table("clock", "kept", "share", "missed", "running", "by a person", "automatic", title="Promises")
    for row in found.clocks:
        counts = (row.missed, row.running, row.met_by_person, row.met_automatically)
        shown.add_row(row.metric, str(row.met), _percent(row.share_met), *map(str, counts))
    return shown


def _groups(name: str, rows: "Sequence[Group]") -> "Table":
    shown = table(name, "received", "open", "closed", "satisfied", "late", "first response, median")
    for row in rows:
        counts = (row.received, row.open, row.closed, row.satisfied, row.late)
        shown.add_row(row.value or "-", *map(str, counts), _hours(row.median_first_response_hours))
    return shown


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _hours(hours: float | None) -> str:
    return "-" if hours is None else f"{hours:.1f} h"
