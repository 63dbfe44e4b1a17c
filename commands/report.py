"""`tuntas report`: the metrics, computed by PostgreSQL."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import instant
from commands.output import Json, console, in_words, print_json, table

if TYPE_CHECKING:
    from rich.table import Table

    from database.report import Group, Report, Surveys
    from database.reviews import Means

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
    evaluated = (("agent", found.evaluated_agents), ("team", found.evaluated_teams))
    shown = [
        _totals(found),
        _durations(found),
        _clocks(found),
        *(_groups(name, rows) for name, rows in groups),
        *(_evaluated(name, rows) for name, rows in evaluated),
    ]
    return [*shown, _surveys(found.surveys)] if any(row.asked or row.outcome_number for row in found.surveys) else shown


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


def _evaluated(name: str, rows: "Sequence[Means]") -> "Table":
    """Mean scores; an asterisk marks those of too few closings to conclude anything."""
    title = f"How cases were handled, by {name}: derived scores, and those of reviewers (* few closings)"
    shown = table(name, "closed", "speed", "solution", "communication", "reviewed", "by reviewers", title=title)
    for row in rows:
        derived = (row.speed, row.solution, row.communication)
        reviewed = (row.reviewed_speed, row.reviewed_solution, row.reviewed_communication)
        count = f"{row.closings}{'*' if row.few else ''}"
        means = " / ".join(map(_mean, reviewed)) if row.reviewed else "-"
        shown.add_row(row.value, count, *map(_mean, derived), str(row.reviewed), means)
    return shown


def _mean(mean: float | None) -> str:
    return "-" if mean is None else f"{mean:.2f}"


def _surveys(rows: "Sequence[Surveys]") -> "Table":
    """Every share with the number of answers behind it."""
    heads = ("", "asked", "answered", "outcome 4-5", "handling 4-5", "effort, mean", "came back")
    shown = table(*heads, title="Surveys after closing")
    for row in rows:
        shown.add_row(
            "all" if row.dimension == "all" else f"{row.dimension}: {row.value or '-'}",
            str(row.asked),
            f"{row.answered} ({_percent(row.response_rate)})",
            f"{_percent(row.outcome_csat)} of {row.outcome_number}",
            f"{_percent(row.handling_csat)} of {row.handling_number}",
            f"{'-' if row.effort_mean is None else f'{row.effort_mean:.1f}'} of {row.effort_number}",
            str(row.came_back),
        )
    return shown


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _hours(hours: float | None) -> str:
    return "-" if hours is None else f"{hours:.1f} h"
