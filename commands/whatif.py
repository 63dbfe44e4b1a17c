"""`tuntas whatif`: past complaints played under one or more policies, and what would have become of each promise."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.inputs import spoken
from commands.output import Json, console, print_json, say, table
from commands.progress import ending_alike, progress_bar
from complaints.errors import BadInput
from complaints.vocabulary import Language

if TYPE_CHECKING:
    from datetime import datetime

    from complaints.policy import Policy
    from simulation.whatif.model import Assumptions
    from simulation.whatif.running import Sums, Task
    from simulation.whatif.spool import Spool

Words = list[str] | None
Text = str | None
ALWAYS = "always"


def add_to(app: typer.Typer) -> None:
    app.command()(whatif)


def whatif(
    *,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Past complaints from a CSV file.")] = None,
    database: Annotated[bool, typer.Option("--database", help="Those of the database, imported ones too.")] = False,
    synthetic: Annotated[int | None, typer.Option(min=1, metavar="N", help="So many invented ones.")] = None,
    policy: Annotated[Words, typer.Option(help="A pack or a path; may be repeated. [TUNTAS_POLICY]")] = None,
    maps: Annotated[Words, typer.Option("--map", metavar="FIELD=COLUMN[+COLUMN]", help="May be repeated.")] = None,
    values: Annotated[Words, typer.Option("--value", metavar="FIELD:THEIRS=OURS", help="THEIRS may be *.")] = None,
    fixed: Annotated[Words, typer.Option("--set", metavar="FIELD=VALUE", help="The same for every row.")] = None,
    timezone: Annotated[Text, typer.Option(help="Of dates without an offset. [the first policy's]")] = None,
    date_format: Annotated[Text, typer.Option(help="As strptime reads it. [ISO 8601]")] = None,
    delimiter: Annotated[str, typer.Option(help="What separates the columns.")] = ",",
    category_default: Annotated[str, typer.Option(help="Played for a category that a policy lacks.")] = "other",
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a row that cannot be played.")] = False,
    until: Annotated[Text, typer.Option(metavar="DATE", help="The end. [midnight after the last date known]")] = None,
    hours: Annotated[Text, typer.Option(help="The calendar handlers work in, or always. [of a decision]")] = None,
    assume: Annotated[Words, typer.Option(metavar="NAME=VALUE", help="Another assumption; see docs/whatif.md.")] = None,
    seed: Annotated[int, typer.Option(help="What chance begins with.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Play so many seeds, for the spread.")] = 1,
    processes: Annotated[int | None, typer.Option(min=1, max=256, help="[the processors here]")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as one page.")] = None,
    language: Annotated[
        Language | None, typer.Option(parser=spoken, metavar="TAG", help="id or en. [the first policy's first]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Play past complaints under policies: promises kept and broken, lateness, escalations, load, differences.

    Fields of a CSV file: id, received_at, decided_at, closed_at, first_response_at, channel, category, severity.
    """
    import policies
    from commands.past_complaints import Source
    from simulation.whatif.fitting import fit
    from simulation.whatif.running import Task
    from simulation.whatif.speaking import Speaker
    from simulation.whatif.spool import Spool
    from starter.csv_mapping import zone_of

    names = policy or [_default_policy()]
    found = tuple(policies.load(name) for name in names)
    _check_categories(found, category_default)
    zone = timezone or found[0].timezone
    end = _instant(until, zone)
    assumed = _assumptions(assume or ())
    working = _working(found[0], hours)
    source = Source(
        csv=csv, database=database, synthetic=synthetic, maps=maps or (), fixed=fixed or (), values=values or (),
        timezone=zone, date_format=date_format, delimiter=delimiter, end=end, strict=strict,
    )  # fmt: skip
    with Spool() as spool:
        about = source.fill(spool, found[0], seed)
        where = zone_of(zone)
        task = Task(
            policies=found, assumptions=assumed, fitted=fit(spool.chunks(), where), working=working,
            other=category_default, until=end or spool.midnight_after(where), seeds=tuple(range(seed, seed + seeds)),
        )  # fmt: skip
        document = _played(task, spool, about, names, processes)
    spoken = language or found[0].languages[0]
    if html is not None:
        _write(html, document, spoken, found)
    if as_json:
        print_json(document)
    else:
        _show(document, Speaker(spoken, found))
        if html is not None:
            say(str(html))


def _default_policy() -> str:
    from settings import Settings

    return Settings().policy


def _check_categories(found: "tuple[Policy, ...]", default: str) -> None:
    for policy in found:
        if default not in policy.categories:
            remedy = f"give one of {', '.join(policy.categories)}"
            raise BadInput(f"{policy.pack} has no category {default}", field="--category-default", remedy=remedy)


def _instant(until: str | None, zone: str) -> "datetime | None":
    from datetime import UTC

    from starter.csv_mapping import instant_in

    return instant_in(until, zone, "--until").astimezone(UTC) if until else None


def _assumptions(given: "list[str] | tuple[()]") -> "Assumptions":
    from commands.inputs import pairs
    from complaints.model import read
    from simulation.whatif.model import Assumptions

    try:
        return read(Assumptions, pairs(given, "--assume"))
    except BadInput as error:
        names = ", ".join(Assumptions.model_fields)
        field = error.field if error.field.startswith("--") else f"--assume {error.field}"
        raise BadInput(error.problem, field=field, remedy=f"{error.remedy}; there are {names}") from error


def _working(policy: "Policy", given: str | None) -> str | None:
    from simulation.whatif.running import working_calendar

    if given is None:
        return working_calendar(policy)
    if given == ALWAYS:
        return None
    if given not in policy.calendars:
        remedy = f"give one of {', '.join(policy.calendars)}, or {ALWAYS}"
        raise BadInput(f"{policy.pack} has no calendar {given}", field="--hours", remedy=remedy)
    return given


def _played(
    task: "Task", spool: "Spool", about: dict[str, Any], names: list[str], processes: int | None
) -> dict[str, Any]:
    from simulation.whatif.measuring import Measured, processors
    from simulation.whatif.report import report
    from simulation.whatif.running import run

    number = processes or processors()
    plays = spool.count * len(task.policies) * len(task.seeds)
    with ending_alike(), Measured(plays, number) as measured, progress_bar("playing", spool.count) as bar:
        sums: Sums = run(task, spool.chunks(), number, bar.advance)
    return {**report(task, sums, spool, about, names), "run": measured.figures()}


def _write(path: Path, document: dict[str, Any], language: Language, found: "tuple[Policy, ...]") -> None:
    from simulation.whatif.page import page

    try:
        path.write_text(page(document, language, found), encoding="utf-8")
    except OSError as error:
        remedy = "give the path of a file that can be written"
        raise BadInput(f"cannot be written: {error.strerror}", field="--html", remedy=remedy) from error


def _show(document: dict[str, Any], speaker: Any) -> None:
    from rich.markup import escape

    from simulation.whatif import assuming, tables

    say(assuming.lead(document, speaker))
    for line in assuming.about_policies(document, speaker):
        say(f"  {line}")
    aside = tables.set_aside(document, speaker)
    found = [
        tables.clocks(document, speaker),
        tables.lateness(document, speaker),
        tables.escalations(document, speaker),
        tables.outcomes(document, speaker),
        *tables.differences(document, speaker),
        *([aside] if aside else []),
        *assuming.run(document, speaker),
    ]
    out = console()
    for one in found:
        shown = table(*one.columns, title=escape(one.title))
        for row in one.rows:
            shown.add_row(*map(escape, row))
        out.print(shown)
    say(next(assuming.sentences(document, speaker)))
