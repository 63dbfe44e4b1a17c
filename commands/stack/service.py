"""A part of the stack: what to run, as whom, when it counts as ready and how it ends. And starting such a process."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class User:
    """Whom a part runs as; only root can start it as somebody else."""

    name: str
    uid: int
    gid: int


async def _nothing() -> None: ...


async def _ready_at_once() -> bool:
    return True


def _leave_all() -> None: ...


@dataclass(frozen=True, kw_only=True)
class Service:
    """One child process of the supervisor."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    user: User | None = None
    cwd: Path | None = None
    before: Callable[[], Awaitable[None]] = _nothing  # before every start, also the one after a crash
    ready: Callable[[], Awaitable[bool]] = _ready_at_once  # asked again and again; False means not yet
    after: Callable[[], None] = _leave_all  # after an orderly stop
    ready_within: float = 60.0
    steady_for: float = 0.0  # must have lived so long to count as ready, for what cannot be asked
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL  # what the kernel sends it when the supervisor dies
    grace: float = 10.0  # seconds between the stop signal and the end without asking


_PR_SET_PDEATHSIG = 1
# Loaded now: between fork and exec nothing may be imported, another thread may hold the import lock.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _bound_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def bind() -> None:
        # The kernel forgets the wish when a process changes its user, so it is made here, after that change and just
        # before exec. It counts for the thread that started the child: the event loop's, which lives as long as we.
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:  # it died before the wish was made
                os._exit(1)

    return bind


async def spawn(service: Service, log: IO[bytes]) -> asyncio.subprocess.Process:
    user = service.user
    return await asyncio.create_subprocess_exec(
        *service.argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=asyncio.subprocess.STDOUT,
        cwd=service.cwd,
        env=dict(service.environment),
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        # A terminal's Ctrl-C goes to its whole foreground group: only the supervisor shall get it and stop the parts
        # in their order.
        start_new_session=True,
        preexec_fn=_bound_to_parent(service.death_signal),
    )


def tail(path: Path, lines: int = 15, *, since: int = 0) -> str:
    """Return the last lines of a log, at most those after the offset `since`."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(since, size - 16_384))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
