"""Running a stack in the foreground or the background, finding it and stopping it."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from commands.stack.errors import StackError
from commands.stack.info import StackInfo, peek_info
from commands.stack.lock import holder, is_held, refuse_if_running, started
from commands.stack.options import ROOT, StackOptions, absolute, default_home
from commands.stack.parts import make_directories
from commands.stack.service import tail
from commands.stack.stack import Stack

log = logging.getLogger(__name__)
T = TypeVar("T")

POLL = 0.05
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(options: StackOptions, body: Callable[[StackInfo], Awaitable[T]]) -> T:
    """Run a stack around `body`; `run(options, until_stopped)` runs it until Ctrl-C or SIGTERM.

    A signal cancels the body, stops every part in order and then raises KeyboardInterrupt.
    """
    return asyncio.run(_run(options, body))


async def until_stopped(info: StackInfo) -> None:
    log.info("the stack is ready: Temporal %s, Web UI %s, mail %s", info.temporal_address, info.ui_url, info.smtp)
    await asyncio.Event().wait()


async def _run(options: StackOptions, body: Callable[[StackInfo], Awaitable[T]]) -> T:
    async def work() -> T:
        async with Stack(options) as info:
            return await body(info)

    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        received.append(number)
        log.info("%s: %s", number.name, "stopping the stack" if len(received) == 1 else "already stopping, please wait")
        if len(received) == 1:
            task.cancel()

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


def start_detached(
    options: StackOptions, *, environment: Mapping[str, str] | None = None, within: float = 180.0
) -> StackInfo:
    """Start a supervisor in the background and return when its stack is ready; say why if that does not come about."""
    make_directories(options.home)
    refuse_if_running(options.home)
    log_path = options.home / "logs" / "supervisor.log"
    log_begin = log_path.stat().st_size if log_path.exists() else 0
    pid = _spawn_supervisor(options, dict(os.environ if environment is None else environment), log_path)
    deadline = time.monotonic() + within
    try:
        while time.monotonic() < deadline:
            info = peek_info(options.home)
            if info is not None and info.processes.get("supervisor") == pid:
                return info
            if _has_ended(pid):
                raise StackError(
                    f"the stack did not start:\n{tail(log_path, 30, since=log_begin)}", f"its whole log is {log_path}"
                )
            time.sleep(POLL)
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGTERM)  # it is in a session of its own and has not seen the Ctrl-C
        raise
    os.kill(pid, signal.SIGTERM)
    raise StackError(f"the stack was not ready within {within:.0f} s", f"see {log_path}")


def stop(home: Path | None = None, *, within: float = 180.0) -> None:
    """Stop the stack of this home and return when its supervisor, and so every part, is gone."""
    home = absolute(home or default_home())
    pid = holder(home)
    if pid is None:
        raise StackError(f"no stack is running in {home}", "start one with `make up`")
    begun = started(pid)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + within
    while is_held(home):
        if time.monotonic() > deadline:
            raise StackError(f"the stack in {home} is still stopping", f"see {home / 'logs'}, and wait for it")
        time.sleep(POLL)
    # Every part is gone. A supervisor of its own now goes too; a program that only had a stack in it may go on.
    deadline = min(deadline, time.monotonic() + 2)
    while started(pid) == begun and time.monotonic() < deadline:
        time.sleep(POLL)


def read_info(home: Path | None = None) -> StackInfo:
    """Return what the running stack of this home says of itself."""
    home = absolute(home or default_home())
    info = peek_info(home)
    if info is None or not is_held(home):
        raise StackError(f"no stack is running in {home}", "start one with `make up`")
    return info


def _spawn_supervisor(options: StackOptions, environment: dict[str, str], log_path: Path) -> int:
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH"))))
    # Not subprocess.Popen: that wants to be waited for, and this process shall outlive us.
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "commands.stack", options.model_dump_json()],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log_path), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
