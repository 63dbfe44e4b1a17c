"""Auditing timelines: one, or those of the whole database, page by page in as many processes as there are cores.

It reads PostgreSQL only, each page as of one instant, and changes nothing. Pages are judged in the order of their
references, so that an audit that was stopped goes on after the last one that it named.
"""

import asyncio
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

from complaints.auditing import Verdict
from complaints.errors import NotFound
from complaints.model import Frozen
from database import audit
from database.pool import Pool, open_pool
from starter import rpc

PAGE = 250  # cases
MOST = 1_000  # verdicts that are kept of tampered cases; all of them are counted
_AHEAD = 2  # pages under way for each process


class Page(Frozen):
    """What an audit of some cases has found."""

    last: str | None
    cases: int
    entries: int
    erased: int
    pending: tuple[str, ...]
    tampered: tuple[Verdict, ...]


class Audited(Frozen):
    """What an audit has found. `last` is the reference up to which it came: to go on after it."""

    cases: int = 0
    entries: int = 0
    erased: int = 0  # entries whose detail was erased
    pending: int = 0  # cases whose last closure record is ahead of the timeline that is stored
    tampered: int = 0
    last: str | None = None
    findings: tuple[Verdict, ...] = ()

    @property
    def sound(self) -> bool:
        return self.tampered == 0

    def plus(self, page: Page) -> "Audited":
        return Audited(
            cases=self.cases + page.cases,
            entries=self.entries + page.entries,
            erased=self.erased + page.erased,
            pending=self.pending + len(page.pending),
            tampered=self.tampered + len(page.tampered),
            last=page.last or self.last,
            findings=(*self.findings, *page.tampered)[:MOST],
        )


Told = Callable[[Audited, int], None]
"""Hears what has been found so far, and how many cases there are."""


async def audit_one(pool: Pool, reference: str, *, head: str | None = None) -> Verdict:
    """Audit one timeline. Raises `NotFound` if there is neither a case nor an entry of that reference."""
    async with rpc.postgres(), pool.connection() as conn, audit.one_instant(conn):
        found = await audit.verdicts(conn, [reference], head=head)
    if not found:
        raise NotFound("there is no such case", field="reference", remedy="compare it letter by letter")
    return found[0]


async def audit_all(pool: Pool, database_url: str, *, after: str = "", processes: int = 1, told: Told) -> Audited:
    """Audit everything after a reference; `told` hears of it after each page."""
    found, under_way = Audited(), deque[asyncio.Future[Page]]()
    executor = None
    if processes > 1:
        executor = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin)
    loop = asyncio.get_running_loop()
    async with rpc.postgres(), pool.connection() as conn:
        total = await audit.count(conn, after=after)
    try:
        while True:
            async with rpc.postgres(), pool.connection() as conn:
                wanted = await audit.references(conn, after=after, limit=PAGE)
            if wanted:
                after = wanted[-1]
                page = (
                    loop.run_in_executor(executor, audit_page, database_url, wanted)
                    if executor
                    else asyncio.ensure_future(_page(database_url, wanted))
                )
                under_way.append(page)
            while under_way and (len(under_way) >= _AHEAD * processes or not wanted):
                found = found.plus(await under_way.popleft())
                told(found, total)
            if not wanted:
                return found
    finally:
        for page in under_way:
            page.cancel()
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)


def audit_page(database_url: str, wanted: Sequence[str]) -> Page:
    """Audit some cases in a process of their own."""
    return asyncio.run(_page(database_url, wanted))


async def _page(database_url: str, wanted: Sequence[str]) -> Page:
    async with (
        rpc.postgres(),
        open_pool(database_url, max_size=1, name="audit") as pool,
        pool.connection() as conn,
        audit.one_instant(conn),
    ):
        verdicts = await audit.verdicts(conn, wanted)
    return Page(
        last=wanted[-1] if wanted else None,
        cases=len(verdicts),
        entries=sum(one.entries for one in verdicts),
        erased=sum(one.erased for one in verdicts),
        pending=tuple(one.reference for one in verdicts if one.pending),
        tampered=tuple(one for one in verdicts if one.finding is not None),
    )


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is our parent's, who ends us
