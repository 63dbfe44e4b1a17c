"""`tuntas policy check`: what is wrong with a policy, and what will be."""

from typing import Annotated, Any

import typer

from commands import output
from commands.output import Json

Source = Annotated[str, typer.Argument(help="A pack's name, or the path of a pack's folder or of a file.")]


def add_to(app: typer.Typer) -> None:
    app.command()(check)


def check(source: Source, as_json: Json = False) -> None:
    """Say everything that is wrong with a policy, with place and remedy; exit code 2 if anything is.

    A warning, such as a deadline in a year whose holidays are not decreed yet, is printed and is no error.
    """
    from policies import bad_policy, inspect
    from policies.horizon import undecreed

    policy, problems = inspect(source)
    if policy is None or problems:
        if as_json:
            output.print_json({"problems": [problem._asdict() for problem in problems]})
        for problem in problems[:-1] if not as_json else ():
            typer.echo(f"{problem.field}: {problem.problem}; {problem.remedy}", err=True)
        raise bad_policy(problems if as_json else problems[-1:])
    calendars = policy.calendars
    facts: dict[str, Any] = {
        "pack": policy.pack,
        "version": policy.version,
        "languages": [str(language) for language in policy.languages],
        "clocks": len(policy.clocks),
        "tiers": len(policy.tiers),
        "categories": len(policy.categories),
        "calendars": {name: found.version for name, found in calendars.items()},
        "texts": f"{policy.texts} {policy.texts_version}",
        "unconfirmed": len(policy.unconfirmed),
        "provisional_holidays": sum(day.provisional for found in calendars.values() for day in found.closed_dates),
    }
    warnings = undecreed(policy, output.now())
    if as_json:
        output.print_json({**facts, "warnings": [warning._asdict() for warning in warnings]})
        return
    typer.echo("ok\n" + "\n".join(f"  {key}: {_said(value)}" for key, value in facts.items()))
    for warning in warnings:
        typer.echo(f"warning: {warning.field}: {warning.problem}\n  {warning.remedy}")


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} ({version})" for name, version in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
