"""`tuntas agents`: who handles complaints, and who is away."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import instant
from commands.output import Json, console, local, now, print_json, say, table

if TYPE_CHECKING:
    from complaints.assignment import Agent
    from starter.client import Tuntas

app = typer.Typer(help="Who handles complaints, and who is away.", no_args_is_help=True)
Text = str | None
Id = Annotated[str, typer.Argument(metavar="ID")]


@app.command("import")
def import_agents(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    policy: Annotated[Text, typer.Option(help="The pack whose tiers they work in. [TUNTAS_POLICY]")] = None,
    as_json: Json = False,
) -> None:
    """Add or correct agents from a CSV file.

    Columns: id, tier; optional: name, email, role, team, skills, languages (both separated by spaces), substitute.
    Nothing is stored unless every row can be.
    """
    from commands.agent_file import read_agents
    from commands.session import with_tuntas
    from database import agents
    from database.pool import transaction
    from starter import rpc

    async def save(tuntas: "Tuntas") -> int:
        found = read_agents(file, policies_tiers(tuntas))
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            for agent in found:
                await agents.save(conn, agent)
        return len(found)

    count = with_tuntas(save, policy=policy, temporal=False)
    print_json({"imported": count}) if as_json else say(f"{count} agents imported")


def policies_tiers(tuntas: "Tuntas") -> dict[str, str]:
    """Return the team of each tier of the policy."""
    return {tier.name: tier.team for tier in tuntas.policy.tiers}


@app.command("list")
def list_agents(team: Text = None, tier: Text = None, as_json: Json = False) -> None:
    """List agents with presence and load."""
    from commands.session import with_tuntas
    from database import agents
    from database.pool import transaction
    from starter import rpc

    async def fetch(tuntas: "Tuntas") -> "tuple[Agent, ...]":
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            return await agents.fetch(conn, now(), team=team, tier=tier)

    found = with_tuntas(fetch, temporal=False)
    if as_json:
        print_json(found)
        return
    shown = table("id", "name", "role", "tier", "team", "skills", "languages", "present", "open cases")
    for agent in found:
        away = f"until {local(agent.away_until)}" if agent.away_until else "away"
        shown.add_row(
            agent.id, str(agent.name or ""), agent.role, agent.tier, agent.team or "any", " ".join(agent.skills),
            " ".join(agent.languages) or "all", "yes" if agent.present else away, str(agent.open_cases),
        )  # fmt: skip
    console().print(shown)


@app.command()
def away(
    agent: Id,
    until: Annotated[Text, typer.Option(metavar="INSTANT", help="Back by then. [until `agents back`]")] = None,
    substitute: Annotated[Text, typer.Option(help="Who takes over what would go to them.")] = None,
    as_json: Json = False,
) -> None:
    """Mark an agent away: nothing is given to them."""
    from commands.session import with_tuntas
    from database import agents
    from database.pool import transaction
    from starter import rpc

    returns = instant(until, "--until")

    async def mark(tuntas: "Tuntas") -> bool:
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            return await agents.away(conn, agent, until=returns, substitute=substitute)

    _marked(with_tuntas(mark, temporal=False), agent, "away", as_json=as_json)


@app.command()
def back(agent: Id, as_json: Json = False) -> None:
    """Mark an agent present again."""
    from commands.session import with_tuntas
    from database import agents
    from database.pool import transaction
    from starter import rpc

    async def mark(tuntas: "Tuntas") -> bool:
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            return await agents.back(conn, agent)

    _marked(with_tuntas(mark, temporal=False), agent, "back", as_json=as_json)


def _marked(found: bool, agent: str, state: str, *, as_json: bool) -> None:
    from complaints.errors import NotFound

    if not found:
        raise NotFound("there is no such agent", field="id", remedy="`tuntas agents list` shows those that are there")
    print_json({"id": agent, "state": state}) if as_json else say(f"{agent} is {state}")
