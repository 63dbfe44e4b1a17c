"""The read model made to agree with the workflows: what their histories say was done is done again, in PostgreSQL only.

No worker is needed for it, and nobody is told anything. The workflow is the truth of a case; what PostgreSQL knows
beyond it (Temporal was restored from an older backup) is only told, or set aside when the operator says so.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from psycopg import Rollback
from temporalio.client import Client

from activities.again import carry_out_again
from activities.outbox import Outbox
from activities.records import write_record
from channels.case_links import CaseLinks
from channels.outbound.console import ConsoleNotifier
from complaints.errors import TuntasError, Unreachable, first_of
from complaints.model import Frozen
from database import closures, intakes, reconciling
from database.pool import Pool, transaction
from database.reconciling import Part
from database.sql import Connection
from policies import texts_for
from starter import rpc
from starter.histories import Past, Run, past_of, runs_of

_WITHIN = 30.0  # seconds for one history


class _OfCase(Frozen):
    reference: str


C = TypeVar("C", bound=_OfCase)


class Rebuilt(_OfCase):
    """A case whose rows were missing or older; how many rows more each table has of it, 0 where they only changed."""

    rows: dict[str, int]


class Ahead(_OfCase):
    """A case of which PostgreSQL knows more than its workflow: `entries` after `sequence` are not the workflow's."""

    sequence: int
    entries: int
    notices: tuple[str, ...]  # keys of what the complainant was told meanwhile
    set_aside: bool


class Trouble(_OfCase):
    problem: str
    remedy: str


class Reconciled(Frozen):
    """What was found and done.

    `unknown`: cases that should be open and have no workflow. `unfiled`: references that were taken for a complaint
    whose workflow never began, or is lost.
    """

    cases: int
    in_order: int
    rebuilt: tuple[Rebuilt, ...]
    ahead: tuple[Ahead, ...]
    unknown: tuple[str, ...]
    unfiled: tuple[str, ...]
    failed: tuple[Trouble, ...]

    @property
    def left(self) -> int:
        """How many cases need somebody."""
        return sum(not one.set_aside for one in self.ahead) + len(self.unknown) + len(self.unfiled) + len(self.failed)


class Reconciler:
    """Goes through cases, several at a time; interrupted or repeated it does nothing twice.

    `domain` and `links` are the workers' own, see `commands.outgoing`: a notice that is rebuilt before it was sent goes
    out as it is written here.
    """

    def __init__(
        self, client: Client, pool: Pool, now: datetime, *, domain: str, links: CaseLinks | None,
        dry_run: bool = False, set_aside: bool = False, concurrency: int = 4,
    ) -> None:  # fmt: skip
        self._client = client
        self._pool = pool
        self._now = now
        self._domain = domain
        self._links = links
        self._dry_run = dry_run
        self._set_aside = set_aside
        self._room = asyncio.Semaphore(concurrency)
        self._rebuilt: list[Rebuilt] = []
        self._ahead: list[Ahead] = []
        self._failed: list[Trouble] = []

    async def run(
        self, references: Sequence[str] = (), begun: Callable[[int], None] = lambda _: None,
        done: Callable[[], None] = lambda: None,
    ) -> Reconciled:  # fmt: skip
        """All cases, or those named. `begun` hears how many there are, `done` of each."""
        runs = await runs_of(self._client, references, within=_WITHIN)
        begun(len(runs))

        async def one(reference: str) -> None:
            async with self._room:
                await self._case(reference, runs[reference])
            done()

        try:
            async with asyncio.TaskGroup() as group:
                for reference in runs:
                    group.create_task(one(reference))
        except ExceptionGroup as errors:
            raise first_of(errors, Unreachable) from None
        unknown, unfiled = await self._without_workflow(references, runs)
        found: tuple[_OfCase, ...] = (*self._rebuilt, *self._ahead, *self._failed)
        touched = {one.reference for one in found}
        return Reconciled(
            cases=len(runs) + len(unknown), in_order=len(runs) - len(touched),
            rebuilt=_sorted(self._rebuilt), ahead=_sorted(self._ahead), unknown=unknown, unfiled=unfiled,
            failed=_sorted(self._failed),
        )  # fmt: skip

    async def _without_workflow(
        self, references: Sequence[str], runs: dict[str, list[Run]]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        wanted = frozenset(references)

        async def missing(found: AsyncIterator[str]) -> tuple[str, ...]:
            return tuple([one async for one in found if one not in runs and (not wanted or one in wanted)])

        async with rpc.postgres():
            return await missing(reconciling.expected(self._pool)), await missing(reconciling.unfiled(self._pool))

    async def _case(self, reference: str, runs: list[Run]) -> None:
        try:
            async with rpc.postgres():
                async with transaction(self._pool) as conn:
                    # Before the histories are read: what is recorded meanwhile is no entry that they do not know.
                    stored = await reconciling.hashes(conn, reference)
                pasts = await self._pasts(reference, runs)
                common = _common(stored, pasts)
                if len(stored) > common:
                    await self._tell_ahead(reference, common, len(stored) - common)
                    if not self._set_aside:
                        return
                await self._rebuild(reference, pasts, stored, common)
        except rpc.NoSuchRun:
            remedy = "nothing: its retention has passed meanwhile"
            self._failed.append(Trouble(reference=reference, problem="its history is gone", remedy=remedy))
        except Unreachable:
            raise
        except TuntasError as error:
            self._failed.append(Trouble(reference=reference, problem=error.problem, remedy=error.remedy))

    async def _pasts(self, reference: str, runs: list[Run]) -> list[Past]:
        return [await past_of(self._client, reference, run, within=_WITHIN) for run in runs]

    async def _tell_ahead(self, reference: str, common: int, entries: int) -> None:
        async with transaction(self._pool) as conn:
            notices = await reconciling.sent_since(conn, reference, common)
        done = self._set_aside and not self._dry_run
        self._ahead.append(
            Ahead(reference=reference, sequence=common, entries=entries, notices=tuple(notices), set_aside=done)
        )

    async def _rebuild(self, reference: str, pasts: list[Past], stored: dict[int, str], common: int) -> None:
        async with transaction(self._pool) as conn:
            before = await reconciling.parts(conn, reference)
            async with _undone_unless(conn) as keep:
                if len(stored) > common:
                    await reconciling.set_aside(conn, reference, common, self._now)
                for past in pasts:
                    await self._again(conn, past, common)
                rows = _differences(before, await reconciling.parts(conn, reference))
                keep(bool(rows) and not self._dry_run)
        if rows and len(stored) <= common:
            self._rebuilt.append(Rebuilt(reference=reference, rows=rows))

    async def _again(self, conn: Connection, past: Past, common: int) -> None:
        if (claim := past.claim) is not None:
            await intakes.claim(conn, claim)
        resumed = past.resumed
        if resumed is not None and resumed.through > common:
            await write_record(conn, resumed)
        for closure in past.closures:
            await closures.add(conn, closure)
        for done in past.done:
            await carry_out_again(conn, self._outbox(done.asked_at), done.payload, done.result, done.done_at)

    def _outbox(self, at: datetime) -> Outbox:
        def render(notice: Any, language: Any) -> Any:
            return texts_for(notice).render(notice, language)

        return Outbox(self._pool, ConsoleNotifier(), render, lambda: at, domain=self._domain, links=self._links)


@asynccontextmanager
async def _undone_unless(conn: Connection) -> AsyncIterator[Callable[[bool], None]]:
    """A part of a transaction that is rolled back unless it is to be kept."""
    kept = False

    def keep(wanted: bool) -> None:
        nonlocal kept
        kept = wanted

    async with conn.transaction() as part:
        yield keep
        if not kept:
            raise Rollback(part)


def _common(stored: dict[int, str], pasts: list[Past]) -> int:
    """The last sequence up to which the stored entries are the workflow's: the chain holds all before it together."""
    known: dict[int, str] = {}
    for past in pasts:
        batches = [past.resumed, *past.batches]
        known |= {entry.sequence: entry.hash for batch in batches if batch is not None for entry in batch.entries}
    return max((sequence for sequence, hash_ in stored.items() if known.get(sequence) == hash_), default=0)


def _differences(before: tuple[Part, ...], after: tuple[Part, ...]) -> dict[str, int]:
    return {new.name: new.rows - old.rows for old, new in zip(before, after, strict=True) if new != old}


def _sorted(found: list[C]) -> tuple[C, ...]:
    return tuple(sorted(found, key=lambda one: one.reference))
