"""Moments: a record and what is to be done with it, in one transaction; then the mails.

The record is committed before anything is sent, and waits for no mail longer than `PATIENCE`: what is not handed over
by then is told as waiting, and asked for again by itself. If something cannot be written, nothing is, and that is the
answer too: the case then has each part done apart, so that none of them holds up another.
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.duplicates import alike
from activities.errors import clean_errors
from activities.escalations import find_owner
from activities.outbox import Outbox
from activities.records import write_record
from complaints.messages.duties import Moment
from complaints.messages.feedback import MomentOutcome, OwnerFound
from database import closures, complaints
from database.pool import Pool, transaction
from database.sql import Connection

log = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds that a record under way waits for its mails


class _Written(NamedTuple):
    """What a transaction left to be sent, and the owner it found."""

    to_complainant: list[str]
    to_agents: list[str]
    owner: OwnerFound | None


class Moments:
    """Everything twice is the same as once."""

    def __init__(self, pool: Pool, outbox: Outbox) -> None:
        self._pool = pool
        self._outbox = outbox

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.carry_out]

    @activity.defn(name="carry_out")
    async def carry_out(self, moment: Moment) -> MomentOutcome:
        with clean_errors():
            try:
                with clean_errors():
                    async with transaction(self._pool) as conn:
                        written = await self._write(conn, moment)
            except ApplicationError as error:
                log.warning("done apart: %s", error.message, extra={"reference": moment.record.reference})
                return MomentOutcome(recorded=False)
            self._outbox.deliver_soon(written.to_agents)
            deliveries = await self._outbox.deliver_now(written.to_complainant, within=PATIENCE)
        return MomentOutcome(
            recorded=True,
            owner=written.owner,
            deliveries=tuple(deliveries),
            duplicates=await alike(self._pool, moment.record),
        )

    async def _write(self, conn: Connection, moment: Moment) -> _Written:
        record, escalation = moment.record, moment.escalation
        to_complainant = [await self._outbox.write(conn, notice) for notice in moment.notices]
        to_agents = [key for notice in record.tell for key in await self._outbox.write_once(conn, notice)]
        await write_record(conn, record)
        for closure in moment.closures:
            await closures.add(conn, closure)
        if escalation is None:
            return _Written(to_complainant, to_agents, None)
        # Last, because it keeps others from choosing among the agents of the tier.
        owner = await find_owner(conn, self._outbox, escalation)
        await complaints.set_owner(conn, record.reference, record.through, owner)
        to_agents += await self._outbox.keys_of(conn, escalation.key)
        return _Written(to_complainant, to_agents, OwnerFound(key=escalation.key, owner=owner))
