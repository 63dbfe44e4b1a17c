"""`tuntas mailbox`: the mailbox that complaints come to: watched, read once, and what was set aside in it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.output import Json, console, local, print_json, say, table

if TYPE_CHECKING:
    from channels.email.imap import Place
    from starter.client import Tuntas
    from starter.mailbox.reader import Reader

app = typer.Typer(help="The mailbox that complaints come to (TUNTAS_IMAP_URL).", no_args_is_help=True)
Key = Annotated[str, typer.Argument(help="The mail's key, or its beginning, as the list shows it.")]


@app.command()
def start() -> None:
    """See to it that the mailbox is watched. A worker that knows it does so by itself."""
    from commands.session import temporal_client
    from starter.mailbox.watching import start_watch

    async def run(place: "Place") -> None:
        await start_watch(await temporal_client(), place.name, within=10)

    place = _place()
    _run(run(place))
    say(f"{place.name} is watched by the workers that have its URL")


@app.command()
def stop() -> None:
    """End the watch; mail stays where it is. A worker that is started anew begins it again."""
    from commands.session import temporal_client
    from starter.mailbox.watching import stop_watch

    async def run(place: "Place") -> None:
        await stop_watch(await temporal_client(), place.name, within=10)

    place = _place()
    _run(run(place))
    say(f"{place.name} is watched no more")


@app.command()
def check(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each mail.")] = False,
    as_json: Json = False,
) -> None:
    """Read what lies in the mailbox, once, and say what became of it."""
    from commands.session import with_tuntas
    from complaints.errors import PartlyDone

    place = _place()
    seen = with_tuntas(lambda tuntas: _reader(place, tuntas).check(dry_run=dry_run))
    if as_json:
        print_json(seen)
    else:
        shown = table("size!", "received!", "outcome!", "case!", "why")
        for one in seen:
            outcome = f"{one.outcome} (before)" if one.again else one.outcome
            shown.add_row(str(one.size), local(one.received_at), outcome, one.reference or "-", one.problem or "")
        if seen:
            console().print(shown)
        say(f"{len(seen)} mails {'lie' if dry_run else 'were read'} in {place.name}")
    aside = sum(one.outcome == "set_aside" for one in seen)
    if aside:
        problem = f"{aside} of {len(seen)} mails {'would be' if dry_run else 'were'} set aside"
        raise PartlyDone(problem, field="mails", remedy="see `tuntas mailbox list`")


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="All mails that were read, the latest first.")] = False,
    as_json: Json = False,
) -> None:
    """List the mails that were set aside and wait for somebody to look at them."""
    found = _from_database(_latest if everything else _aside)
    if as_json:
        print_json(found)
        return
    shown = table(
        "key!", "received!", *(("kind!", "outcome!", "case!") if everything else ("size!", "why", "what to do"))
    )
    for row in found:
        rest = (row.kind, row.outcome or "under way", row.reference or "-") if everything else _why(row)
        shown.add_row(row.key[:16] if not everything else row.key, local(row.received_at), *rest)
    console().print(shown)


@app.command()
def show(key: Key) -> None:
    """Print a mail as it came: one that was set aside, or any that was read."""
    import sys

    from complaints.errors import NotFound

    raw = _from_database(lambda tuntas: _raw(tuntas, key))
    if raw is None:
        raise NotFound("no mail, or more than one, has it", field="key", remedy="see `tuntas mailbox list --all`")
    sys.stdout.buffer.write(raw)


@app.command()
def retry(key: Key, as_json: Json = False) -> None:
    """Bring a mail that was set aside to where it belongs, now that its reason is gone."""
    from commands.session import with_tuntas

    place = _place()
    brought = with_tuntas(lambda tuntas: _reader(place, tuntas).bringing.retry(key))
    print_json(brought) if as_json else say(f"{brought.outcome} {brought.reference or ''}".strip())


def _place() -> "Place":
    """Raises `BadInput` if no mailbox is set."""
    from channels.email.imap import FIELD, place_of
    from complaints.errors import BadInput
    from settings import Settings

    url = Settings().imap_url
    if url is None:
        raise BadInput("no mailbox is set", field=FIELD, remedy="set it to imaps://user:password@host/INBOX")
    return place_of(url.get_secret_value())


def _reader(place: "Place", tuntas: "Tuntas") -> "Reader":
    from channels.signing import Signer
    from commands.output import now
    from commands.stack import default_home
    from commands.stack.secret import kept_secret
    from settings import Settings
    from starter.mailbox.making import reader_of

    settings = Settings()
    secret = settings.secret.get_secret_value() if settings.secret else kept_secret(default_home())
    return reader_of(place, tuntas, Signer(secret) if secret else None, now, mail_from=settings.mail_from)


def _run(work: Any) -> None:
    import asyncio

    asyncio.run(work)


def _from_database(work: Any) -> Any:
    from commands.session import with_tuntas

    return with_tuntas(work, temporal=False)


async def _latest(tuntas: "Tuntas") -> Any:
    from database import mails
    from database.pool import transaction
    from starter import rpc

    async with rpc.postgres(), transaction(tuntas.pool) as conn:
        return await mails.latest(conn)


async def _aside(tuntas: "Tuntas") -> Any:
    from database import mails
    from database.pool import transaction
    from starter import rpc

    async with rpc.postgres(), transaction(tuntas.pool) as conn:
        return await mails.list_aside(conn)


async def _raw(tuntas: "Tuntas", key: str) -> bytes | None:
    from database import mails
    from database.pool import transaction
    from starter import rpc

    async with rpc.postgres(), transaction(tuntas.pool) as conn:
        aside = await mails.get_aside(conn, key)
        return aside.raw if aside is not None else await mails.raw(conn, key)


def _why(row: Any) -> tuple[str, str, str]:
    return str(row.size), f"{row.field}: {row.problem}", row.remedy
