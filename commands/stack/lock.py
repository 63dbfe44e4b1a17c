"""One supervisor for each home: a lock that the kernel releases however its holder ends.

The lock file also names the holder, so that `down` can find it: a pid alone may since belong to somebody else, so it
counts only while the lock is held and, where /proc says so, by a process that began when the holder did.
"""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import IO

from commands.stack.errors import StackError


def started(pid: int) -> str | None:
    """Return what tells this process from a later one with its pid, or None if there is no such live process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None if Path("/proc/self/stat").exists() else "unknown"
    # The name, in parentheses, may hold anything; after it come the state and, as the 20th value, the start time.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


class HomeLock:
    """The right to run a stack in a home."""

    def __init__(self, home: Path) -> None:
        self._path = home / "supervisor.lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        file = self._path.open("a+", encoding="utf-8")
        try:
            refuse_if_running(self._path.parent)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise already_running(self._path.parent) from None
        except StackError:
            file.close()
            raise
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "started": started(os.getpid())}, file)
        file.flush()
        self._file = file

    def release(self) -> None:
        # The file stays: removing it would let two supervisors hold locks on two files of the same name.
        if self._file is not None:
            self._file.close()
            self._file = None


def is_held(home: Path) -> bool:
    try:
        with (home / "supervisor.lock").open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def holder(home: Path) -> int | None:
    """Return the pid of the supervisor that runs in this home, or None if none does or it cannot be made sure of."""
    if not is_held(home):
        return None
    try:
        record = json.loads((home / "supervisor.lock").read_bytes())
        pid, begun = record["pid"], record["started"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return pid if isinstance(pid, int) and started(pid) == begun else None


def refuse_if_running(home: Path) -> None:
    """Raise if a stack runs in this home.

    A lock without a living holder is one of a supervisor that is just dying (the lock goes with its last thread) or
    just beginning, or somebody looked this moment: that is waited for.
    """
    deadline = time.monotonic() + 3
    while is_held(home):
        if holder(home) is not None or time.monotonic() > deadline:
            raise already_running(home)
        time.sleep(0.02)


def already_running(home: Path) -> StackError:
    pid = holder(home)
    name = f"process {pid}" if pid else "a process that does not show itself here"
    return StackError(
        f"a stack is already running in {home}: {name}",
        "use it, stop it with `make down`, or set TUNTAS_HOME to another directory",
    )
