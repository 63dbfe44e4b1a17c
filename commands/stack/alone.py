"""Single parts of the stack, for tests and for whoever needs only one of them."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from commands.stack.child import Child
from commands.stack.errors import StackError
from commands.stack.lock import is_held
from commands.stack.options import absolute
from commands.stack.parts import make_directories
from commands.stack.ports import choose_ports, release
from commands.stack.postgres_place import find_place, outside_note
from commands.stack.postgres_server import PostgresServer
from commands.stack.temporal_server import TemporalServer


@asynccontextmanager
async def postgres(home: Path, *, settings: Mapping[str, str] | None = None) -> AsyncIterator[str]:
    """Run only PostgreSQL and yield its URL. Data stay; `erase(home)` removes them."""
    home = absolute(home)
    make_directories(home)
    server = PostgresServer(home, settings=dict(settings or {}))
    await server.make(home / "logs")
    child = Child(server.service, home / "logs")
    try:
        await child.start()
        await server.make_database()
        yield server.url
    finally:
        await child.stop()


@asynccontextmanager
async def temporal(home: Path, *arguments: str, on_disk: bool = False, ui: bool = False) -> AsyncIterator[str]:
    """Run only Temporal's development server, with further arguments, and yield its address."""
    home = absolute(home)
    make_directories(home)
    ports = choose_ports(home, {"temporal": None, "ui": None})
    server = TemporalServer(
        port=ports["temporal"],
        ui_port=ports["ui"] if ui else None,
        database=home / "temporal" / "temporal.db" if on_disk else None,
        arguments=arguments,
    )
    child = Child(server.service, home / "logs")
    try:
        await child.start()
        yield server.address
    finally:
        await child.stop()
        release(ports.values())


def erase(home: Path) -> None:
    """Delete a home with all its data, also the database that root's stack may keep outside it."""
    home = absolute(home)
    if is_held(home):
        raise StackError(f"a stack is running in {home}", "stop it first: `make down`")
    if not home.exists():
        return
    place = find_place(home)
    if outside_note(home).exists() and place.data.parent != home:
        shutil.rmtree(place.data.parent, ignore_errors=True)
    shutil.rmtree(place.sockets, ignore_errors=True)  # an unclean end leaves it
    shutil.rmtree(home)
