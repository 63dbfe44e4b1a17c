"""`tuntas policy calendar refresh`: bring the frozen holidays of calendar files up to date, and say what changed."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import output
from commands.output import Json

if TYPE_CHECKING:
    from complaints.policy_problems import Problem
    from policies.refreshing import Change, Refresh

_OUTDATED = 6  # partly done: the files are there, the refresh is not


def add_to(app: typer.Typer) -> None:
    app.callback()(_group)
    app.command()(refresh)


def _group() -> None:
    """Calendars of policies."""


def refresh(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PACK|FILE]...", help="Packs or calendar files. [all packs of the house]"),
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 6 if something would.")] = False,
    first: Annotated[int | None, typer.Option("--from", help="First year. [as it is; at first 2014]")] = None,
    last: Annotated[int | None, typer.Option("--to", help="Last year. [as it is; at least in two years]")] = None,
    country: Annotated[str | None, typer.Option(help="ISO code of the country, for a file without holidays.")] = None,
    subdivision: Annotated[str | None, typer.Option(help="The country's code of a part of it, such as ENG.")] = None,
    categories: Annotated[str | None, typer.Option(help="Kinds of holidays, such as public,government.")] = None,
    languages: Annotated[str | None, typer.Option(help="Languages of their names, such as id,en.")] = None,
    as_json: Json = False,
) -> int:
    """Freeze the holidays that the library knows now into calendar files, and say what changed.

    Closed dates and hours by hand stay. Running cases keep the calendars they were filed with; a re-plan brings them
    the new ones. Exit code 0; with --check, 6 if a file is not up to date.
    """
    from policies.refreshing import plan

    changed = {
        "country": country and country.upper(),
        "subdivision": subdivision,
        "categories": _listed(categories),
        "languages": _listed(languages),
    }
    today = output.now().date()
    files = _files(sources or [], only_one=any(changed.values()))
    found = [plan(file, today, first=first, last=last, **changed) for file in files]
    warnings = [warning._asdict() | {"pack": pack} for pack, warning in _warnings(found)]  # before they are written
    if not check:
        for each in found:
            each.write()
    if as_json:
        output.print_json({"calendars": [each.model_dump(mode="json") for each in found], "warnings": warnings})
    else:
        _show(found, warnings, check=check)
    return _OUTDATED if check and any(each.changed for each in found) else 0


def _listed(text: str | None) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else None


def _files(sources: Sequence[str], *, only_one: bool) -> list[Path]:
    from complaints.errors import BadInput
    from policies import packs
    from policies.calendar_files import read
    from policies.places import PACKS
    from policies.refreshing import files_of

    if sources:
        found = [file for source in sources for file in files_of(source)]
    else:
        every = (file for name in packs() for file in sorted((PACKS / name / "calendars").glob("*.yaml")))
        found = [file for file in every if read(file).frozen is not None]
    if only_one and len(found) != 1:
        raise BadInput("whose holidays they are differs by file", field="FILE", remedy="name one calendar file")
    return found


def _warnings(found: "Sequence[Refresh]") -> "list[tuple[str, Problem]]":
    """Return the warnings of every policy that counts in one of these calendars, as they are after the refresh."""
    from policies import inspect, packs
    from policies.calendar_files import read
    from policies.horizon import undecreed

    warnings = []
    now_in_it = [(each, read(each.file).frozen) for each in found]
    own = [str(each.file.parent.parent) for each in found if (each.file.parent.parent / "policy.yaml").is_file()]
    for pack in dict.fromkeys([*packs(), *(path for path in own if Path(path).name not in packs())]):
        policy, _ = inspect(pack)
        if policy is None:
            continue  # `tuntas policy check` says why
        counted_in = {
            each.calendar: policy.calendars[each.calendar].model_copy(update={"holidays": each.frozen})
            for each, frozen in now_in_it
            if each.calendar in policy.calendars and policy.calendars[each.calendar].holidays == frozen
        }
        later = policy.model_copy(update={"calendars": counted_in})  # the others are not looked at
        warnings += [(policy.pack, warning) for warning in undecreed(later, output.now())]
    return warnings


def _show(found: "Iterable[Refresh]", warnings: list[dict[str, Any]], *, check: bool) -> None:
    for each in found:
        frozen = each.frozen
        whose = "/".join(part for part in (frozen.country, frozen.subdivision) if part)
        held = f"holidays of {whose}, {each.years[0]} to {each.years[1]}, decreed to {each.decreed}"
        if not each.changed:
            output.say(f"{each.file}: up to date; {held}")
        else:
            verb = "would be refreshed" if check else "refreshed"
            output.say(f"{each.file}: {verb}; {held}; {_counted(each.changes)}")
            _table(each)
        for day in each.by_hand:
            output.say(f"  stays, by hand: {day.date} {_name(day.name)}")
    for warning in warnings:
        output.say(f"warning: {warning['pack']}: {warning['field']}: {warning['problem']}\n  {warning['remedy']}")


def _counted(changes: "Sequence[Change]") -> str:
    from policies.refreshing import What

    counts = {what: sum(change.what is what for change in changes) for what in What}
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return said or "no date differs"


def _table(refreshed: "Refresh") -> None:
    from rich.markup import escape

    if not refreshed.changes:
        return
    shown = output.table("date!", "what!", "before", "after")
    for change in refreshed.changes:
        estimate = " (estimate)" if change.provisional else ""
        before, after = (escape(_name(name)) if name else "-" for name in (change.before, change.after))
        shown.add_row(str(change.date), change.what, before, after + (estimate if change.after else ""))
    output.console().print(shown)


def _name(names: dict[str, str]) -> str:
    return names.get("en") or next(iter(names.values()), "")
