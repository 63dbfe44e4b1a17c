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
    Moment,
    Notice,
    NoticeBatch,
    RecordBatch,
)
from complaints.messages.feedback import Deliveries, Delivery, MomentOutcome, OwnerFound
from database import agents, archive, closures, complaints, notices
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
        case Moment() if isinstance(result, MomentOutcome):
            await _moment(conn, outbox, payload, result, done_at)
        case Escalation() if isinstance(result, OwnerFound):
            await _owner_found(conn, payload, result, done_at)
        case NoticeBatch() if isinstance(result, Deliveries):
            await _told(conn, outbox, payload.notices, result.deliveries)
        case AgentNoticeBatch():
            await _agents_told(conn, payload.notices, done_at)


async def _moment(conn: Connection, outbox: Outbox, moment: Moment, outcome: MomentOutcome, done_at: datetime) -> None:
    """If it was not recorded, each of its parts was asked for again, and is done again as that."""
    if not outcome.recorded:
        return
    await write_record(conn, moment.record)
    await _agents_told(conn, moment.record.tell, done_at)
    for closure in moment.closures:
        await closures.add(conn, closure)
    if moment.escalation is not None and outcome.owner is not None:
        await _owner_found(conn, moment.escalation, outcome.owner, done_at)
        await complaints.set_owner(conn, moment.record.reference, moment.record.through, outcome.owner.owner)
    await _told(conn, outbox, moment.notices, outcome.deliveries)


async def _owner_found(conn: Connection, escalation: Escalation, found: OwnerFound, done_at: datetime) -> None:
    if await agents.owner_found(conn, escalation.key) is None:
        await agents.add_escalation(conn, escalation, found.owner, done_at)


async def _told(conn: Connection, outbox: Outbox, batch: Iterable[Notice], deliveries: Iterable[Delivery]) -> None:
    answers = {told.key: told for told in deliveries}
    for notice in batch:
        told = answers.get(notice.key)
        await outbox.write(conn, notice, became=told.survey if told else None)
    for told in answers.values():
        if told.handed_over:
            await notices.mark_sent(conn, told.key, told.at)
        else:
            await notices.mark_failed(conn, told.key, told.at, told.problem or "unknown")


async def _agents_told(conn: Connection, told: Iterable[AgentNotice], at: datetime) -> None:
    """Who has a message was told; who has none is not told now."""
    for duty in told:
        for key in await notices.keys_of_duty(conn, duty.key):
            await notices.mark_sent(conn, key, at)
