"""`tuntas policy show` and `list`: a policy as its reviewers read it, and which packs there are."""

from typing import Annotated, Any

import typer

from commands import output
from commands.output import Json
from commands.policy.check import Source


def add_to(app: typer.Typer) -> None:
    app.command("list")(list_packs)
    app.command()(show)


def list_packs(as_json: Json = False) -> None:
    """List the packs that come with the house: date, languages, and what each extends."""
    from policies import inspect, layers, packs

    rows = []
    for name in packs():
        policy, problems = inspect(name)
        facts: dict[str, Any] = {"pack": name, "sound": policy is not None and not problems}
        if policy is not None:
            facts |= {
                "version": policy.version,
                "as_of": policy.as_of.isoformat(),
                "languages": list(policy.languages),
                "extends": [layer.name for layer in reversed(layers(name)[:-1])],
                "disclaimer": policy.disclaimer,
                "sources": list(policy.sources),
                "unconfirmed": len(policy.unconfirmed),
            }
        rows.append(facts)
    if as_json:
        output.print_json(rows)
        return
    columns = ("pack", "version", "as_of", "languages", "extends", "unconfirmed", "disclaimer")
    shown = output.table(*(f"{column}!" for column in columns[:-1]), columns[-1])
    for facts in rows:
        shown.add_row(*(_cell(facts.get(column, "see `tuntas policy check`")) for column in columns))
    output.console().print(shown)


def show(
    source: Source,
    whole: Annotated[bool, typer.Option("--whole", help="Print every closed date, so that it can be loaded.")] = False,
    origin: Annotated[bool, typer.Option("--origin", help="Say of each value which pack of the chain set it.")] = False,
    as_json: Json = False,
) -> None:
    """Print a policy as YAML, as it is after extending and with its defaults; what it rests on comes first.

    Calendars are summed up; with --whole the output is a policy that can be loaded. --json is always whole.
    """
    from policies import layers, load
    from policies.annotating import lines
    from policies.origins import origins
    from policies.showing import summed_up, told

    policy, chain = load(source), layers(source)
    if as_json:
        document = policy.model_dump(mode="json")
        found = {".".join(path): name for path, name in origins(chain, document).items()}
        output.print_json({"policy": document, "origins": found} if origin else document)
        return
    shown = told(policy) if whole else summed_up(told(policy))
    extends = [layer.name for layer in reversed(chain[:-1])]
    if extends:
        output.say(f"# {chain[-1].name} extends {', which extends '.join(extends)}")
    for key in policy.unconfirmed:
        output.say(f"# unconfirmed, no public page says so: {key}")
    for line in lines(shown, origins(chain, shown) if origin else {}, policy.unconfirmed):
        output.say(line)


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
