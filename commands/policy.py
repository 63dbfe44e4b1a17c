"""`tuntas policy`: look at policies, check them, and freeze public holidays into their calendars."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at policies, check them, freeze their holidays.", no_args_is_help=True)
calendar = typer.Typer(help="Calendars of policies.", no_args_is_help=True)
app.add_typer(calendar, name="calendar")

Source = Annotated[str, typer.Argument(help="A pack's name, or the path of a pack's folder or of a file.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def check(source: Source, as_json: Json = False) -> None:
    """Say everything that is wrong with a policy, with place and remedy; exit code 2 if anything is."""
    from policies import bad_policy, inspect

    policy, problems = inspect(source)
    if policy is None or problems:
        for problem in problems[1:] if not as_json else ():
            typer.echo(f"{problem.field}: {problem.problem}; {problem.remedy}", err=True)
        raise bad_policy(problems)
    facts = {
        "pack": policy.pack,
        "version": policy.version,
        "languages": list(policy.languages),
        "clocks": len(policy.clocks),
        "tiers": len(policy.tiers),
        "categories": len(policy.categories),
        "calendars": {name: found.version for name, found in policy.calendars.items()},
        "texts": f"{policy.texts} {policy.texts_version}",
        "provisional_holidays": sum(day.provisional for found in policy.calendars.values() for day in found.closed),
    }
    typer.echo(
        json.dumps(facts) if as_json else "ok\n" + "\n".join(f"  {key}: {value}" for key, value in facts.items())
    )


@app.command()
def show(source: Source, as_json: Json = False) -> None:
    """Print a policy as it is after extending: every key, with its defaults."""
    import yaml

    from policies import load

    whole = load(source).model_dump(mode="json")
    typer.echo(json.dumps(whole) if as_json else yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120))


@calendar.command()
def freeze(
    file: Annotated[Path, typer.Argument(help="The calendar file to rewrite.", exists=True, dir_okay=False)],
    first: Annotated[int, typer.Option("--from", help="First year.")] = 2014,
    last: Annotated[int, typer.Option("--to", help="Last year.")] = 2028,
    country: Annotated[str, typer.Option(help="ISO code of the country.")] = "ID",
    categories: Annotated[str, typer.Option(help="Kinds of holidays, separated by commas.")] = "public,government",
) -> None:
    """Rewrite a calendar file's closed dates with a country's public holidays; provisional ones are marked."""
    from complaints.errors import BadInput
    from policies.freezing import freeze as frozen
    from policies.freezing import rewrite, version

    if last < first:
        raise BadInput("is before --from", field="--to", remedy="give the years in order")
    years = range(first, last + 1)
    found = frozen(country, years, tuple(part.strip() for part in categories.split(",")))
    rewrite(file, found, version(years))
    provisional = sum(holiday.provisional for holiday in found)
    typer.echo(f"{file}: {len(found)} closed dates, {provisional} of them provisional; review the change")
