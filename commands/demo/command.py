"""`tuntas demo`: start a stack of its own, play the stories, stop it."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

HOME = Path(".tuntas") / "demo"


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack up afterwards.")] = False,
    home: Annotated[Path, typer.Option(help="Where its state is kept; made anew each time.")] = HOME,
) -> int:
    """Play the stories on a real Temporal server and a real PostgreSQL, and check every promised outcome."""
    import asyncio

    from commands.demo.play import play
    from commands.output import console, say
    from commands.stack import StackError, StackInfo, StackOptions, erase, run, start_detached, stop
    from commands.up import PREPARE

    for name in [
        name for name in os.environ if name.startswith("TEMPORAL_") or name in ("DATABASE_URL", "TUNTAS_SMTP_URL")
    ]:
        del os.environ[name]  # a demonstration never plays on a real service
    with contextlib.suppress(StackError):
        stop(home)  # one that was kept
    erase(home)
    # Where hours are seconds, a mail server that takes twenty messages a second is slow.
    options = StackOptions.model_validate(
        {"home": home, "web_port": 0, "prepare": PREPARE, "worker_environment": {"TUNTAS_NOTICES_PER_SECOND": "200"}}
    )
    shown = console()

    async def show(info: StackInfo) -> tuple[int, int]:
        return await play(info, home, shown)

    if keep:
        came_true, of = asyncio.run(show(start_detached(options)))
        say(f"The stack is still up: TUNTAS_HOME={home} tuntas list. Stop it with: tuntas down --home {home}")
    else:
        came_true, of = run(options, show)
    say(f"demo: {came_true} of {of} stories came true")
    sys.stdout.flush()
    return 0 if came_true == of else 1
