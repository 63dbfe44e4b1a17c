"""Records: the read model, the timeline, closure records and archived cases."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.errors import clean_errors
from complaints.messages.duties import ArchiveDuty, ClosureDuty, RecordBatch
from complaints.messages.feedback import DutyDone
from database import actions, archive, clocks, closures, complaints, timeline
from database.pool import Pool, transaction


class Records:
    """Writes what has become of a case. Everything twice is the same as once, in any order."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.record, self.record_closure, self.archive]

    @activity.defn(name="record")
    async def record(self, batch: RecordBatch) -> None:
        with clean_errors():
            async with transaction(self._pool) as conn:
                await complaints.upsert(conn, batch)
                await timeline.append(conn, batch.reference, batch.entries)
                await clocks.upsert(conn, batch.reference, batch.through, batch.clocks)
                await actions.upsert(conn, batch.reference, batch.through, batch.actions)

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
