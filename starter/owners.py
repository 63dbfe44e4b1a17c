"""Whom a command makes the owner of an action: somebody whom the house knows, or it is refused before a case hears it.

A case knows the teams of its policy and no agents; those stand in PostgreSQL, as accounts at the desk do.
"""

from collections.abc import Callable, Collection, Iterator

from complaints.assignment import AGENT, TEAM
from complaints.errors import Refused
from complaints.messages import AgentCommand
from complaints.messages.commands import AddAction, ChangeAction, RecordRootCause
from database import agents
from database.pool import Pool, transaction
from starter import rpc


def named(command: AgentCommand) -> Iterator[tuple[str, str]]:
    """Yield each agent whom a command makes an owner, with the field that says so; teams are the case's to know."""
    if isinstance(command, AddAction | ChangeAction) and command.owner is not None:
        yield "owner", command.owner
    elif isinstance(command, RecordRootCause):
        for field in ("corrective_actions", "preventive_actions"):
            for index, measure in enumerate(getattr(command, field)):
                yield f"{field}.{index}.owner", measure.owner


async def check(pool: Pool | None, command: AgentCommand, teams: Callable[[], Collection[str]]) -> None:
    """Raise `Refused` for an owner who is neither an agent nor has an account. Without a database nobody is known.

    `teams` are those of the policy: a bare name may be one of them, and then the case knows it.
    """
    wanted = [(field, name) for field, name in named(command) if not name.startswith(TEAM)]
    if pool is None or not wanted:
        return
    async with rpc.postgres(), transaction(pool) as conn:
        known = await agents.known(conn, [name.removeprefix(AGENT) for _, name in wanted])
    for field, name in wanted:
        if name.removeprefix(AGENT) not in known and name not in teams():
            raise Refused(
                "nobody of this name is known", field=field, remedy="use an agent of `tuntas agents list`, or team:NAME"
            )
