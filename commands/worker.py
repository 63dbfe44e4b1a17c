"""`tuntas worker`: a worker process, as `python worker.py`; `tuntas worker --check`: whether the one here works."""

from datetime import datetime, timedelta
from socket import gethostname
from typing import Annotated

import typer

PATIENCE = timedelta(seconds=150)  # a poll waits for up to a minute
WITHIN = 5.0  # seconds for one answer of the server


def add_to(app: typer.Typer) -> None:
    app.command("worker")(run_worker)


def run_worker(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether a worker on this machine asks Temporal for work.")
    ] = False,
) -> int:
    """Run a worker until SIGTERM or Ctrl-C; several may run side by side."""
    return _check() if check else _work()


def _work() -> int:
    import os

    from commands.session import find
    from worker import main  # the composition root beside this package

    places = find()
    if places["database_url"]:
        os.environ.setdefault("DATABASE_URL", places["database_url"])
    if "target_host" in places:  # the local stack's
        os.environ["TEMPORAL_ADDRESS"] = places["target_host"]
        os.environ["TEMPORAL_NAMESPACE"] = places["namespace"]
    return int(main() or 0)


def _check() -> int:
    """Ask the server and not the process: one that lives but asks for no work is what must not go unseen."""
    import asyncio

    from commands.output import now, say
    from complaints.errors import Unreachable

    silent = asyncio.run(_silent_queues(gethostname(), now() - PATIENCE))
    if silent:
        problem = f"no worker on this machine asks for work of {', '.join(silent)}"
        raise Unreachable(problem, field="worker", remedy="see the worker's log")
    say("working")
    return 0


async def _silent_queues(host: str, since: datetime) -> list[str]:
    from commands.session import temporal_client
    from starter.rpc import temporal
    from telemetry.polling import QUEUES, look

    client = await temporal_client()
    silent = []
    for queue in QUEUES:
        async with temporal(WITHIN):
            polled_at = (await look(client, queue)).polled_at
        if not any(worker.endswith(f"@{host}") and at >= since for worker, at in polled_at.items()):
            silent.append(queue)
    return silent
