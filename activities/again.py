"""What a case has done, carried out again against PostgreSQL alone: rows are written, nobody is told anything.

Doing it twice is the same as once, and rows that know more are left as they are. Not made again, because no history has
it: messages to agents (who they went to was decided then), who is present, the access log.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from activities.outbox import Outbox
from activities.records import write_record
from complaints.messages.duties import (
    AgentNotice,
    AgentNoticeBatch,
    ArchiveDuty,
    ClosureDuty,
    Escalation,
    NoticeBatch,
    RecordBatch,
)
from complaints.messages.feedback import Deliveries, OwnerFound
from database import agents, archive, closures, notices
from database.sql import Connection


async def carry_out_again(conn: Connection, outbox: Outbox, payload: Any, result: Any, done_at: datetime) -> None:
    """Leave what a duty left when it was done at an instant. `outbox` only writes, as of when it was asked to."""
    match payload:
        case RecordBatch():
            await write_record(conn, payload)
            await _agents_told(conn, payload.tell, done_at)
        case ClosureDuty():
            await closures.add(conn, payload.record)
        case ArchiveDuty():
            await archive.keep(conn, payload)
        case Escalation() if isinstance(result, OwnerFound):
            if await agents.owner_found(conn, payload.key) is None:
                await agents.add_escalation(conn, payload, result.owner, done_at)
        case NoticeBatch() if isinstance(result, Deliveries):
            await _told(conn, outbox, payload, result)
        case AgentNoticeBatch():
            await _agents_told(conn, payload.notices, done_at)


async def _told(conn: Connection, outbox: Outbox, batch: NoticeBatch, result: Deliveries) -> None:
    for notice in batch.notices:
        await outbox.write(conn, notice)
    for told in result.deliveries:
        if told.handed_over:
            await notices.mark_sent(conn, told.key, told.at)
        else:
            await notices.mark_failed(conn, told.key, told.at, told.problem or "unknown")


async def _agents_told(conn: Connection, told: Iterable[AgentNotice], at: datetime) -> None:
    """Who has a message was told; who has none is not told now."""
    for duty in told:
        for key in await notices.keys_of_duty(conn, duty.key):
            await notices.mark_sent(conn, key, at)
