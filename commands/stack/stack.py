"""The local stack: every part a direct child of this process, started in order, kept alive, stopped in reverse."""

import asyncio
import inspect
import logging
import os
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from commands.stack.child import Child
from commands.stack.errors import StackError
from commands.stack.info import StackInfo, peek_info, remove_info, write_ends, write_info
from commands.stack.lock import HomeLock, started
from commands.stack.options import StackOptions
from commands.stack.parts import Parts, make_directories
from commands.stack.service import Service

log = logging.getLogger(__name__)


class Stack:
    """`async with Stack(options) as info:` runs a stack for as long as the block does, with this process as supervisor.

    Enter it from a thread that lives as long as the stack: when the thread that started them ends, the parts die.
    """

    def __init__(self, options: StackOptions, environment: Mapping[str, str] | None = None) -> None:
        self._options = options
        self._environment = os.environ if environment is None else environment
        self._lock = HomeLock(options.home)
        self._parts: Parts | None = None
        self._rows: list[list[Child]] = []  # in the order of starting; one row stops together

    async def __aenter__(self) -> StackInfo:
        try:
            make_directories(self._options.home)
        except OSError as error:
            raise StackError(
                f"{self._options.home} cannot be the stack's home: {error.strerror}",
                "set TUNTAS_HOME to a directory that you may write",
            ) from error
        self._lock.acquire()
        try:
            return await self._start()
        except BaseException:
            await _to_the_end(self._stop())
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _to_the_end(self._stop())

    @property
    def info(self) -> StackInfo:
        """The stack as it is now; pids change when a part was restarted."""
        if self._parts is None:
            raise StackError("the stack is not running", "enter it first: async with Stack(options)")
        children = (child for row in self._rows for child in row)
        pids = {child.service.name: child.pid for child in children if child.pid is not None}
        return self._parts.describe({"supervisor": os.getpid(), **pids})

    async def _start(self) -> StackInfo:
        await self._until_leftovers_are_gone()
        parts = self._parts = Parts(self._options, self._environment)
        if parts.postgres is not None:
            await parts.postgres.make(self._logs)
        await self._start_together([[self._child(service)] for service in parts.foundation])
        if parts.postgres is not None:
            await parts.postgres.make_database()
        await self._prepare(parts.database_url)
        await self._start_together([[self._child(service) for service in (*parts.workers, *parts.web)]])
        for child in (child for row in self._rows for child in row):
            child.keep(self._publish)
        self._publish()
        return self.info

    async def _until_leftovers_are_gone(self) -> None:
        # After an unclean end the old parts die by themselves, but a start in the same moment would find their ports
        # and files taken. A pid among them may by now be somebody else's, so the wait is short.
        old = peek_info(self._options.home)
        remove_info(self._options.home)
        pids = [pid for name, pid in old.processes.items() if name != "supervisor"] if old else []
        for _ in range(60):
            if all(started(pid) is None for pid in pids):
                return
            await asyncio.sleep(0.05)

    async def _start_together(self, rows: list[list[Child]]) -> None:
        self._rows += rows
        try:
            async with asyncio.TaskGroup() as group:
                for child in (child for row in rows for child in row):
                    group.create_task(child.start())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None  # the first says what is wrong, the others follow from it

    async def _prepare(self, database_url: str) -> None:
        if self._options.prepare is None:
            return
        try:
            result = await asyncio.to_thread(self._options.prepare, database_url)
            if inspect.isawaitable(result):
                await result
        except StackError:
            raise
        except Exception as error:
            raise StackError(
                f"the database could not be prepared: {type(error).__name__}: {error}",
                "see that this is the right database, and that its migrations can run",
            ) from error

    async def _stop(self) -> None:
        remove_info(self._options.home)  # first, so that nobody begins to use what is going away
        for row in reversed(self._rows):
            await asyncio.gather(*(child.stop() for child in row))
        self._rows.clear()
        if self._parts is not None:
            self._parts.release()
        self._lock.release()

    def _publish(self) -> None:
        write_info(self._options.home, self.info)
        children = (child for row in self._rows for child in row)
        write_ends(self._options.home, {child.service.name: child.ends for child in children if child.ends})

    def _child(self, service: Service) -> Child:
        return Child(service, self._logs)

    @property
    def _logs(self) -> Path:
        return self._options.home / "logs"


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await the work even when we are cancelled meanwhile: a second Ctrl-C must not leave half a stack behind."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError
