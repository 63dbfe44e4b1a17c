"""`tuntas apikey`: keys of the services that use the HTTP interface."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from commands.inputs import instant
from commands.output import Json, console, local, now, print_json, say, table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from database.sql import Connection
    from starter.client import Tuntas

T = TypeVar("T")
app = typer.Typer(help="Keys of services for the HTTP interface.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `apikey list` shows it.")]
Expires = Annotated[str | None, typer.Option(metavar="INSTANT", help="When the secret ends. [never]")]


@app.command()
def create(
    *,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose it is: small letters, digits, . _ -")],
    scope: Annotated[list[str], typer.Option(help="file, message, fact, read, act, lead or vouch; may be repeated.")],
    company: Annotated[
        list[str] | None, typer.Option(help="It sees and files only this company's; may be repeated. [all]")
    ] = None,
    per_minute: Annotated[int | None, typer.Option(help="Requests a minute, in the long run. [1200]")] = None,
    expires: Expires = None,
    as_json: Json = False,
) -> None:
    """Make a key, and print its secret: this once, since only a digest of it is kept."""
    from commands.inputs import given
    from complaints.model import read
    from database import api_keys
    from database.api_keys import NewKey
    from web.api.keys import new_id, new_secret

    ends = instant(expires, "--expires")
    about = given(companies=company, per_minute=per_minute)
    key = read(NewKey, {"id": new_id(), "service": service, "scopes": scope, "created_at": now(), **about})
    secret = new_secret(key.id)
    _with(lambda conn: api_keys.add(conn, key, secret.digest, ends))
    _tell(key.id, secret.token, as_json=as_json)


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys, revoked ones too; never a secret."""
    from database import api_keys

    found = _with(lambda conn: api_keys.fetch(conn, now()))
    if as_json:
        print_json(found)
        return
    shown = table(
        "id!", "service", "scopes", "companies", "a minute", "secrets", "made", "last used", "ends", "revoked"
    )
    for key in found:
        shown.add_row(
            key.id, key.service, " ".join(key.scopes), ", ".join(key.companies) if key.companies else "all",
            str(key.per_minute), str(key.secrets), local(key.created_at), local(key.last_used_at),
            local(key.expires_at), local(key.revoked_at),
        )  # fmt: skip
    console().print(shown)


@app.command()
def rotate(
    key: Id,
    overlap_hours: Annotated[float, typer.Option(min=0, help="How long the old secret is still valid.")] = 24.0,
    expires: Expires = None,
    as_json: Json = False,
) -> None:
    """Give a key a new secret and print it; until the overlap ends both are valid."""
    from database import api_keys
    from web.api.keys import new_secret

    at, ends = now(), instant(expires, "--expires")
    secret, until = new_secret(key), at + timedelta(hours=overlap_hours)
    if not _with(lambda conn: api_keys.rotate(conn, key, secret.digest, now=at, until=until, expires_at=ends)):
        raise _none()
    _tell(key, secret.token, as_json=as_json)


@app.command()
def revoke(key: Id, as_json: Json = False) -> None:
    """End a key at once, with all its secrets."""
    from database import api_keys

    if not _with(lambda conn: api_keys.revoke(conn, key, now())):
        raise _none()
    print_json({"id": key, "revoked": True}) if as_json else say(f"{key} is revoked")


def _with(work: "Callable[[Connection], Awaitable[T]]") -> T:
    from commands.session import with_tuntas
    from database.pool import transaction
    from starter import rpc

    async def run(tuntas: "Tuntas") -> T:
        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            return await work(conn)

    return with_tuntas(run, temporal=False)


def _none() -> Exception:
    from complaints.errors import NotFound

    return NotFound("there is no such key, or it is revoked", field="id", remedy="`tuntas apikey list` shows them")


def _tell(key: str, token: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"id": key, "token": token})
        return
    say(token)
    console(errors=True).print(f"key {key}: keep this secret, it is not shown again", soft_wrap=True)
