"""`tuntas worker`: a worker process, as `python worker.py`."""

import typer


def add_to(app: typer.Typer) -> None:
    app.command("worker")(run_worker)


def run_worker() -> int:
    """Run a worker until SIGTERM or Ctrl-C; several may run side by side."""
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
