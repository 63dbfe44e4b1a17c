"""`tuntas account`: who may sign in at the desk. Passwords come from standard input or a prompt, never as arguments."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from commands.output import Json, console, local, now, print_json, say, table
from complaints.errors import BadInput, NotFound
from complaints.vocabulary import Language, Role

if TYPE_CHECKING:
    from complaints.assignment import Agent
    from database.accounts import Account
    from database.sql import Connection
    from starter.client import Tuntas

app = typer.Typer(help="Who may sign in at the desk.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="The agent's id, for whoever handles cases.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password, and print it once.")]


@app.command()
def create(
    account: Id,
    *,
    role: Annotated[Role, typer.Option(help="agent, lead, auditor or admin.")] = Role.AGENT,
    name: Annotated[str | None, typer.Option(help="[the agent's name, else the id]")] = None,
    team: Annotated[list[str] | None, typer.Option(help="May be repeated. [the agent's team]")] = None,
    language: Annotated[Language, typer.Option()] = Language.ID,
    administers: Annotated[bool, typer.Option("--administers", help="Keeps accounts besides.")] = False,
    provider: Annotated[bool, typer.Option("--provider", help="Signs in at the identity provider.")] = False,
    generate: Generate = False,
    as_json: Json = False,
) -> None:
    """Add an account. Its password is read from standard input, or asked for, unless one is generated.

    An agent or a lead needs an agent of the same id (`tuntas agents import`). With --provider there is no password: it
    belongs to whoever comes from the identity provider under this id.
    """
    from commands.session import with_tuntas
    from database import accounts
    from database.accounts import DESK_ROLES, Account
    from database.pool import transaction
    from starter import rpc

    if role not in DESK_ROLES or (administers and role is Role.AUDITOR):
        raise BadInput("not a role of the desk", field="--role", remedy=f"use one of {', '.join(DESK_ROLES)}")
    password = None if provider else _password(account, generate=generate)

    async def add(tuntas: "Tuntas") -> "Account":
        hashed = await _hashed(password) if password else None
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            agent = await _agent(conn, account, needed=role in (Role.AGENT, Role.LEAD))
            made = _made(Account, account, {
                "name": name or (agent and agent.name) or account, "role": role, "administers": administers,
                "teams": tuple(team or ()), "language": language,
            })  # fmt: skip
            if not await accounts.create(conn, made):
                raise BadInput("there is one of this id already", field="id", remedy="choose another one")
            if hashed:
                await accounts.set_password(conn, account, hashed, now())
            return made

    made = with_tuntas(add, temporal=False)
    _told({"id": made.id, "role": made.role}, f"{made.id} may sign in as {made.role}", password, generate, as_json)


@app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """List accounts: roles, teams, how they sign in, when they last did."""
    from commands.session import with_tuntas
    from database import accounts
    from database.pool import transaction
    from starter import rpc

    async def fetch(tuntas: "Tuntas") -> "tuple[Account, ...]":
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            return await accounts.fetch(conn)

    found = with_tuntas(fetch, temporal=False)
    if as_json:
        print_json(found)
        return
    shown = table("id", "name", "role", "teams", "signs in by", "last", "state")
    for one in found:
        role = f"{one.role}, {Role.ADMIN}" if one.administers else str(one.role)
        how = "provider" if one.subject else "password" if one.has_password else "nothing yet"
        state = "disabled" if one.disabled_at else "enabled"
        shown.add_row(one.id, str(one.name), role, " ".join(one.teams), how, local(one.signed_in_at), state)
    console().print(shown)


@app.command()
def password(account: Id, generate: Generate = False, as_json: Json = False) -> None:
    """Set a new password. Whatever is signed in with the old one is signed out."""
    from commands.session import with_tuntas
    from database import accounts
    from database.pool import transaction
    from starter import rpc
    from web.auth import throttle

    chosen = _password(account, generate=generate)

    async def set_it(tuntas: "Tuntas") -> bool:
        hashed = await _hashed(chosen)
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            await throttle.forgive(conn, account)
            return await accounts.set_password(conn, account, hashed, now())

    _found(with_tuntas(set_it, temporal=False))
    _told({"id": account}, f"{account} has a new password", chosen, generate, as_json)


@app.command()
def disable(account: Id, as_json: Json = False) -> None:
    """Let an account sign in no more; its sessions end at once."""
    from commands.session import with_tuntas
    from database import accounts
    from database.pool import transaction
    from starter import rpc

    async def end(tuntas: "Tuntas") -> bool:
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            return await accounts.disable(conn, account, now())

    _found(with_tuntas(end, temporal=False))
    _told({"id": account, "state": "disabled"}, f"{account} is disabled", None, False, as_json)


@app.command()
def enable(account: Id, as_json: Json = False) -> None:
    """Let an account sign in again."""
    from commands.session import with_tuntas
    from database import accounts
    from database.pool import transaction
    from starter import rpc

    async def begin(tuntas: "Tuntas") -> bool:
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            return await accounts.enable(conn, account)

    _found(with_tuntas(begin, temporal=False))
    _told({"id": account, "state": "enabled"}, f"{account} is enabled", None, False, as_json)


def _password(account: str, *, generate: bool) -> str:
    """Return a password that may be set: generated, typed twice, or the first line of standard input."""
    from web.auth.passwords import acceptable, generated

    if generate:
        return generated()
    if sys.stdin.isatty():
        return acceptable(str(typer.prompt("Password", hide_input=True, confirmation_prompt=True)), account=account)
    return acceptable(sys.stdin.readline().rstrip("\r\n"), account=account)


async def _hashed(password: str) -> str:
    from web.auth.passwords import Passwords

    return await Passwords().hash(password)


async def _agent(conn: "Connection", account: str, *, needed: bool) -> "Agent | None":
    from database import agents

    found = await agents.fetch(conn, now(), agent_id=account)
    if needed and not found:
        remedy = "add the agent first with `tuntas agents import`, so that cases can be given to them"
        raise NotFound("there is no agent of this id", field="id", remedy=remedy)
    return found[0] if found else None


def _made(model: "type[Account]", account: str, values: dict[str, object]) -> "Account":
    from complaints.model import read

    return read(model, {"id": account, "created_at": now(), **values})


def _found(found: bool) -> None:
    if not found:
        remedy = "`tuntas account list` shows those that are there"
        raise NotFound("there is no such account", field="id", remedy=remedy)


def _told(facts: dict[str, object], words: str, password: str | None, generate: bool, as_json: bool) -> None:
    """Say what was done; a password only if it was made here, and only now."""
    shown = password if generate else None
    if as_json:
        print_json(facts | ({"password": shown} if shown else {}))
        return
    say(words)
    if shown:
        say(f"password, shown this once: {shown}")
