"""PDF beside the event loop: in two processes of their own, for as long as it may take, and no more of them waiting.

A page of hundreds of rows takes a processor for seconds, and Python's lock with it: in a thread it would hold up every
other answer. What grows beyond its bounds ends by itself; a process that dies is replaced.
"""

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait

from complaints.errors import Unreachable

AT_ONCE = 2
WAITING = 8  # that may wait besides: who comes later is asked to try again
LONGEST = 30  # seconds of one
_MEMORY = 2 << 30  # bytes of address space; a long record takes some 300 MB
_LIFE = 200  # made by a process before a fresh one takes its place
_BUSY = "many documents are being made"


class Printer:
    """Makes PDF of pages. It starts nothing before the first one; `close` ends its processes."""

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._idle: list[ProcessPoolExecutor] = []  # of one process each: one that dies takes no other with it
        self._every: set[ProcessPoolExecutor] = set()
        self._waiting = 0

    async def pdf(self, html: str) -> bytes:
        """Raises `Unreachable` if too many wait, if it takes too long, or if this machine lacks what it needs."""
        if self._waiting >= AT_ONCE + WAITING:
            raise Unreachable(_BUSY, field="pdf", remedy="try again in a moment")
        self._waiting += 1
        try:
            async with self._turns:
                return await self._print(html)
        finally:
            self._waiting -= 1

    async def _print(self, html: str) -> bytes:
        process = self._idle.pop() if self._idle else self._start()
        try:
            made = await asyncio.get_running_loop().run_in_executor(process, _print, html, self._longest)
        except (BrokenProcessPool, MemoryError) as error:
            self._end(process)
            remedy = "try again, or take it as HTML and print that"
            raise Unreachable("it could not be made", field="pdf", remedy=remedy) from error
        except BaseException:
            self._idle.append(process)  # whoever asked has gone, or Pango is missing; it ends what it is at by itself
            raise
        self._idle.append(process)
        return made

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # nothing of ours is copied half-way
        process = ProcessPoolExecutor(1, context, _begin, max_tasks_per_child=_LIFE)
        self._every.add(process)
        return process

    def _end(self, process: ProcessPoolExecutor) -> None:
        self._every.discard(process)
        process.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        for process in list(self._every):
            self._end(process)
        self._idle.clear()


def _begin() -> None:
    """A process of the pool: Ctrl-C is its parent's; it ends when that is gone, whyever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _print(html: str, longest: int) -> bytes:
    from documents import as_pdf

    signal.alarm(longest)  # it ends the process, whatever that is at; its parent says so
    try:
        return as_pdf(html)
    finally:
        signal.alarm(0)
