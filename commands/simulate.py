"""`tuntas simulate`: a scenario played by the case itself, under a simulated clock."""

from enum import StrEnum
from typing import Annotated

import typer

from commands.output import Json, console, print_json


class Engine(StrEnum):
    """What plays the scenario. `temporal`, the workflow on a time-skipping server, is to come."""

    CASE = "case"


def add_to(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A JSON or YAML file, or - for standard input.")],
    engine: Annotated[Engine, typer.Option(help="What plays it.")] = Engine.CASE,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 4 if an act was refused.")] = False,
    as_json: Json = False,
) -> None:
    """Play a scenario and print the case as it stands at its end."""
    import simulation
    from commands.inputs import read_object
    from complaints.errors import Refused

    assert engine is Engine.CASE  # noqa: S101  the only one so far
    found = simulation.simulate(simulation.load(read_object("-") if scenario == "-" else scenario))
    if as_json:
        print_json(found.view)
    else:
        from commands.showing import case_card

        console().print(case_card(found.view))
    if strict and found.refused:
        remedy = "see the entries of kind `refused` in the timeline"
        raise Refused(f"{found.refused} acts were refused", field="events", remedy=remedy)
