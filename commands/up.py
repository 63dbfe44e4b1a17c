"""`tuntas up | down | migrate`: the local stack, and the database's tables."""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.output import Json, print_json, say
from complaints.errors import BadInput

if TYPE_CHECKING:
    from commands.stack import StackInfo, StackOptions

Port = int | None
Home = Annotated[Path | None, typer.Option(help="Where its state is kept. [TUNTAS_HOME or .tuntas]")]
PREPARE = "database.migrate:migrate"


def add_to(app: typer.Typer) -> None:
    for command in (up, down, migrate):
        app.command()(command)


def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Leave it running in the background.")] = False,
    home: Home = None,
    temporal_port: Annotated[Port, typer.Option(help="[a free one]")] = None,
    ui_port: Annotated[Port, typer.Option(help="Of Temporal's Web UI. [a free one]")] = None,
    smtp_port: Annotated[Port, typer.Option(help="Of the mail catcher. [a free one]")] = None,
    metrics_port: Annotated[Port, typer.Option(help="Of the worker's metrics; 0 for a free one. [no metrics]")] = None,
    web_port: Annotated[int, typer.Option(help="Of the web application. [a free one]")] = 0,
    workers: Annotated[int, typer.Option(help="How many worker processes.")] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Fill it with invented complaints and people.")] = False,
    as_json: Json = False,
) -> None:
    """Start Temporal, PostgreSQL, a mail catcher, the worker and the web application; Ctrl-C stops all of it.

    With TEMPORAL_* or DATABASE_URL set, the services named there are used as they are.
    """
    from commands.stack import start_detached

    choices = {
        "home": home, "temporal_port": temporal_port, "ui_port": ui_port, "smtp_port": smtp_port,
        "metrics_port": metrics_port, "web_port": web_port, "workers": workers, "prepare": PREPARE,
    }  # fmt: skip
    options = _options({name: value for name, value in choices.items() if value is not None})
    if demo:
        _refuse_real_services()
    running = _running(options) if demo else None
    if detach or running:  # one that runs already is filled as it is, and goes on whatever becomes of this command
        info = running or start_detached(options)
        _tell(info, as_json=as_json)
        if demo:
            asyncio.run(_fill(info, options, as_json=as_json))
    else:
        _in_the_foreground(options, as_json=as_json, demo=demo)


def _running(options: "StackOptions") -> "StackInfo | None":
    """Return the stack that runs in this home already: it can be filled as it is."""
    from commands.stack import StackError, read_info

    try:
        return read_info(options.home)
    except StackError:
        return None


def _refuse_real_services() -> None:
    """Invented complaints and accounts with known names never come into somebody's real service."""
    for name in os.environ:
        if name.startswith("TEMPORAL_") or name == "DATABASE_URL":
            raise BadInput("the demonstration is for the local stack alone", field=name, remedy="unset it")


async def _fill(info: "StackInfo", options: "StackOptions", *, as_json: bool) -> None:
    from commands.demo.living import FILE, fill

    living = await fill(info, options.home)
    if as_json:
        return  # one document: the passwords stand in the file
    say(f"Filled with {living.cases} complaints. Sign in at {info.web_url}/desk (also in {options.home / FILE}):")
    for account, password in living.passwords.items():
        say(f"  {account:<6} {password}")


def _options(choices: dict[str, Any]) -> "StackOptions":
    from pydantic import ValidationError

    from commands.stack import StackOptions
    from complaints.model import bad_input

    try:
        return StackOptions.model_validate(choices)
    except ValidationError as error:
        raise bad_input(error) from None


def _in_the_foreground(options: "StackOptions", *, as_json: bool, demo: bool) -> None:
    from commands.stack import run

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    logging.getLogger("yoyo").setLevel(logging.WARNING)  # it names every statement

    async def until_stopped(info: "StackInfo") -> None:
        _tell(info, as_json=as_json)
        if demo:
            await _fill(info, options, as_json=as_json)
        sys.stdout.flush()
        await asyncio.Event().wait()

    try:
        run(options, until_stopped)
    except KeyboardInterrupt:
        return  # being stopped is how it is meant to end


def down(home: Home = None, as_json: Json = False) -> None:
    """Stop the local stack; its state stays for the next `tuntas up`."""
    from commands.stack import stop

    stop(home)
    print_json({"stopped": True}) if as_json else say("stopped")


def migrate(
    database_url: Annotated[str | None, typer.Option(help="[DATABASE_URL, or the local stack's]")] = None,
    as_json: Json = False,
) -> None:
    """Bring the tables of the database up to date."""
    import psycopg

    from commands.session import database_url as found_url
    from complaints.errors import Unreachable
    from database.migrate import migrate as apply

    try:
        done = apply(database_url or found_url())
    except psycopg.OperationalError as error:
        remedy = "see that PostgreSQL is running and the address is right"
        raise Unreachable("PostgreSQL does not answer", field="database_url", remedy=remedy) from error
    except ValueError as error:
        raise BadInput(str(error), field="database_url", remedy="write postgresql://user@host/database") from error
    print_json({"applied": done}) if as_json else say("\n".join(done) or "up to date")


def _tell(info: "StackInfo", *, as_json: bool) -> None:
    if as_json:
        print_json(info)
        return
    say(f"Temporal   {info.temporal_address} (namespace {info.namespace})")
    say(f"Web UI     {info.ui_url or '-'}")
    if info.web_url:
        say(f"Pages      {info.web_url}")
    say(f"PostgreSQL {_without_password(info.database_url)}")
    say(f"Mail       {info.smtp or '-'}")
    if info.metrics_url:
        say(f"Metrics    {info.metrics_url}")


def _without_password(url: str) -> str:
    head, separator, rest = url.rpartition("@")
    scheme, colon, user = head.partition("://")
    return f"{scheme}{colon}{user.split(':')[0]}{separator}{rest}" if separator else url
