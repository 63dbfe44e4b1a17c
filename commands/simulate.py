"""`tuntas simulate`: a scenario played under a simulated clock, by the case itself or by its workflow."""

import asyncio
import signal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from commands.explain import Spoken, Why, WhyOption, check_question, tell
from commands.output import Json, console, print_json
from complaints.errors import BadInput
from complaints.vocabulary import Language

if TYPE_CHECKING:
    from complaints.messages.reasons import Reasons
    from complaints.messages.view import CaseView
    from simulation import Scenario
    from simulation.temporal import Played


class Engine(StrEnum):
    """What plays the scenario: the pure case, or its workflow on a Temporal server with time skipping."""

    CASE = "case"
    TEMPORAL = "temporal"


def add_to(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A JSON or YAML file, or - for standard input.")],
    *,
    engine: Annotated[Engine, typer.Option(help="What plays it: the case alone, or its workflow.")] = Engine.CASE,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 4 if an act was refused.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print, instead of the case, why it stands as it does at its end.")
    ] = False,
    metric: Annotated[str | None, typer.Option(help="With --explain: one metric, such as resolution.")] = None,
    why: WhyOption = None,
    language: Spoken = None,
    as_json: Json = False,
) -> None:
    """Play a scenario and print the case as it stands at its end."""
    import simulation
    from commands.inputs import read_object
    from complaints.errors import Refused

    found = simulation.load(read_object("-") if scenario == "-" else scenario)
    _check_explaining(explain=explain, metric=metric, why=why, language=language)
    view, refused, reasons = _by_the_case(found) if engine is Engine.CASE else _by_the_workflow(found)
    if explain:
        tell(reasons, metric=metric, why=why, language=language, as_json=as_json)
    elif as_json:
        print_json(view)
    else:
        from commands.showing import case_card

        console().print(case_card(view))
    if strict and refused:
        remedy = "see the entries of kind `refused` in the timeline"
        raise Refused(f"{refused} acts were refused", field="events", remedy=remedy)


def _check_explaining(*, explain: bool, metric: str | None, why: Why | None, language: Language | None) -> None:
    given = {"--metric": metric, "--why": why, "--language": language}
    for option, value in given.items():
        if value is not None and not explain:
            raise BadInput("says how to explain", field=option, remedy="add --explain")
    check_question(metric, why)


def _by_the_case(scenario: "Scenario") -> "tuple[CaseView, int, Reasons]":
    import simulation

    played = simulation.simulate(scenario)
    return played.view, played.refused, played.case.reasons(scenario.instant(scenario.until))


def _by_the_workflow(scenario: "Scenario") -> "Played":
    try:
        return asyncio.run(_on_a_server(scenario))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None  # SIGTERM ends it as Ctrl-C does


async def _on_a_server(scenario: "Scenario") -> "Played":
    """On a development server of its own, in memory, which goes with us, also when we are interrupted."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from commands.output import now
    from commands.session import quiet_runtime
    from commands.stack.alone import temporal
    from simulation.surroundings import policy_of
    from simulation.temporal import SKIPPING, open_stage

    policy = policy_of(scenario)  # a policy that is wrong is told at once
    if (us := asyncio.current_task()) is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, us.cancel)
    with TemporaryDirectory(prefix="tuntas-simulation-") as directory:
        async with (
            temporal(Path(directory), *SKIPPING) as address,
            open_stage(address, now(), quiet_runtime()) as stage,
        ):
            return await stage.play(scenario, policy)
