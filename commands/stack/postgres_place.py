"""Where PostgreSQL's part of a stack lives and whom it runs as.

PostgreSQL refuses to run as root. Run by anybody else, the stack's PostgreSQL is that user's and lives in the home. Run
as root, it is `nobody`'s: that account is everywhere, so nothing is left behind in /etc/passwd. Its data stay in the
home if that user can get there (a home under /root it cannot), else they go under /var/lib/tuntas, and the home notes
where. An existing database is always run by the one who owns it.
"""

import hashlib
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.stack.errors import StackError
from commands.stack.service import User

SHARED = Path("/var/lib/tuntas")
# The kernel cuts a socket's path at 108 bytes with the closing zero, and PostgreSQL's own name there takes 14.
LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432")


@dataclass(frozen=True)
class Place:
    """Where one home's PostgreSQL is."""

    data: Path
    sockets: Path
    user: User | None


def find_place(home: Path, account: str = "nobody") -> Place:
    """Return the place of this home's database: where it is already, else where it shall be made."""
    key = hashlib.sha256(bytes(home)).hexdigest()[:12]
    data = _existing_data(home)
    if os.geteuid() != 0:
        data = data or home / "postgres"
        if not os.access(data if data.exists() else data.parent, os.R_OK | os.W_OK | os.X_OK):
            raise StackError(
                f"the database in {data} belongs to another user",
                "run as that user (root, if root made it), or set TUNTAS_HOME to another directory",
            )
        return Place(data, _socket_directory(key, None), None)
    user = _owner(data) if data else _account(account)
    if data is None:
        data = home / "postgres" if may_enter(home, user) else SHARED / key / "postgres"
    elif not may_enter(data.parent, user):
        raise StackError(
            f"PostgreSQL runs as {user.name}, who can no longer enter {data.parent}",
            f"let that user pass again: chmod o+x on the directories above {data}",
        )
    return Place(data, _socket_directory(key, user), user)


def outside_note(home: Path) -> Path:
    return home / "postgres.elsewhere"


def prepare_directories(home: Path, place: Place) -> None:
    """Make the directories that the place needs, and note in the home when the data are not in it."""
    if place.data.parent != home:
        make_shared(place.data.parent)
        if not place.data.exists() or not outside_note(home).exists():
            _note_outside(home, place)
    try:
        place.sockets.mkdir(mode=0o700)
    except FileExistsError:
        _check_private(place)
    if place.user is not None:
        os.chown(place.sockets, place.user.uid, place.user.gid)


def make_shared(directory: Path) -> None:
    """Make a directory under the shared one that everybody may pass through, whatever root's umask is."""
    for step in dict.fromkeys((SHARED, directory)):
        step.mkdir(parents=True, exist_ok=True)
        step.chmod(0o755)


def may_enter(directory: Path, user: User) -> bool:
    """Tell whether the user can get to the directory and into it, by mode bits alone."""
    for step in (directory, *directory.parents):
        status = step.stat()
        owned, shared = status.st_uid == user.uid, status.st_gid == user.gid
        if not status.st_mode & (stat.S_IXUSR if owned else stat.S_IXGRP if shared else stat.S_IXOTH):
            return False
    return True


def _existing_data(home: Path) -> Path | None:
    inside = home / "postgres"
    if inside.exists():
        return inside
    try:
        outside = Path(outside_note(home).read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None
    return outside if outside.exists() else None


def _note_outside(home: Path, place: Place) -> None:
    # Data without a note are of an earlier home of this name that was deleted: a new home must not wake them, and
    # nobody else may delete them.
    if place.data.exists():
        raise StackError(
            f"{place.data} holds the database of an earlier stack in {home}, whose home is gone",
            f"delete {place.data.parent}, or, to use that database again: echo {place.data} > {outside_note(home)}",
        )
    outside_note(home).write_text(f"{place.data}\n", encoding="utf-8")


def _check_private(place: Place) -> None:
    # The name can be foreseen and /tmp is everybody's: whoever made the directory first could listen in our stead.
    status = place.sockets.lstat()
    owners = {os.geteuid(), place.user.uid if place.user else os.geteuid()}
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners or status.st_mode & 0o077:
        raise StackError(
            f"{place.sockets}, where the database's socket belongs, is not a private directory of ours",
            "remove it, or set TMPDIR to another directory",
        )


def _socket_directory(key: str, user: User | None) -> Path:
    for base in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 (made private, and checked)
        directory = base / f"tuntas-{key}"
        if len(bytes(directory)) <= LONGEST_SOCKET_DIRECTORY and (user is None or may_enter(base, user)):
            return directory
    raise StackError("no temporary directory can hold the database's socket", "set TMPDIR to a short path")


def _owner(data: Path) -> User:
    status = data.stat()
    if status.st_uid == 0:
        raise StackError(f"{data} belongs to root, as whom PostgreSQL refuses to run", f"chown -R nobody {data}")
    try:
        name = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        name = str(status.st_uid)
    return User(name, status.st_uid, status.st_gid)


def _account(name: str) -> User:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise StackError(
            f"PostgreSQL refuses to run as root, and there is no user {name} to run it as",
            "run the stack as a normal user",
        ) from None
    return User(name, entry.pw_uid, entry.pw_gid)
