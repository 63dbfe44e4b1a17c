"""Records: the read model, the timeline, closure records and archived cases."""

import logging
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout
from temporalio import activity

from activities.errors import clean_errors
from activities.outbox import Outbox
from complaints.messages.duties import ArchiveDuty, ClosureDuty, DuplicateSearch, RecordBatch
from complaints.messages.feedback import Alike, DuplicatesFound, DutyDone
from database import actions, archive, clocks, closures, complaints, duplicates, timeline
from database.pool import Pool, transaction
from database.sql import Connection

log = logging.getLogger(__name__)

MOST_ALIKE = 5  # that are told


async def write_record(conn: Connection, batch: RecordBatch) -> None:
    """Raises `Refused` if another entry stands in the place of one."""
    await complaints.upsert(conn, batch)
    await timeline.append(conn, batch.reference, batch.entries)
    await clocks.upsert(conn, batch.reference, batch.through, batch.clocks)
    await actions.upsert(conn, batch.reference, batch.through, batch.actions)


class Records:
    """Writes what has become of a case. Everything twice is the same as once, in any order."""

    def __init__(self, pool: Pool, outbox: Outbox) -> None:
        self._pool = pool
        self._outbox = outbox

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.record, self.record_closure, self.archive]

    @activity.defn(name="record")
    async def record(self, batch: RecordBatch) -> DuplicatesFound | None:
        """The messages to agents that come along are written and on their way before the record is tried."""
        with clean_errors():
            if batch.tell:
                self._outbox.deliver_soon(await self._outbox.written_to_agents(batch.tell))
            async with transaction(self._pool) as conn:
                await write_record(conn, batch)
        return await self._alike(batch.search) if batch.search else None

    async def _alike(self, search: DuplicateSearch) -> DuplicatesFound | None:
        """A hint, that no record waits for: if it cannot be had now, there is none."""
        try:
            async with transaction(self._pool) as conn:
                found = await duplicates.find(conn, search, until=search.received_at, limit=MOST_ALIKE)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("possible duplicates were not searched for: %s", type(error).__name__)
            return None
        alike = tuple(
            Alike(reference=one.reference, similarity=one.similarity, same_complainant=one.same_complainant)
            for one in found
        )
        return DuplicatesFound(key=f"{search.reference}/duplicates", found=alike) if alike else None

    @activity.defn(name="record_closure")
    async def record_closure(self, duty: ClosureDuty) -> DutyDone:
        with clean_errors():
            async with transaction(self._pool) as conn:
                await closures.add(conn, duty.record)
        return DutyDone(key=duty.key)

    @activity.defn(name="archive")
    async def archive(self, duty: ArchiveDuty) -> DutyDone:
        with clean_errors():
            async with transaction(self._pool) as conn:
                await archive.keep(conn, duty)
        return DutyDone(key=duty.key)
