"""Records: the read model, the timeline, closure records and archived cases."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.duplicates import alike
from activities.errors import clean_errors
from activities.outbox import Outbox
from complaints.messages.duties import ArchiveDuty, ClosureDuty, RecordBatch
from complaints.messages.feedback import DuplicatesFound, DutyDone
from database import actions, archive, clocks, closures, complaints, timeline
from database.pool import Pool, transaction
from database.sql import Connection


async def write_record(conn: Connection, batch: RecordBatch) -> None:
    """Raises `Refused` if another entry stands in the place of one."""
    await complaints.upsert(conn, batch)
    await timeline.append(conn, batch.reference, batch.timeline())
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
        return await alike(self._pool, batch)

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
