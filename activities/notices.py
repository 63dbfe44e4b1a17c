"""Notices: to the complainant and to agents."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.errors import clean_errors
from activities.outbox import Outbox
from complaints.messages.duties import AgentNoticeBatch, NoticeBatch
from complaints.messages.feedback import Deliveries
from database.pool import Pool, transaction


class Notices:
    """All messages of a batch are written before the first is sent; a repeated batch sends what is not marked."""

    def __init__(self, pool: Pool, outbox: Outbox) -> None:
        self._pool = pool
        self._outbox = outbox

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.notify_complainant, self.notify_agents]

    @activity.defn(name="notify_complainant")
    async def notify_complainant(self, batch: NoticeBatch) -> Deliveries:
        """In order: while one cannot be handed over, those after it wait."""
        with clean_errors():
            async with transaction(self._pool) as conn:
                keys = [await self._outbox.write(conn, notice) for notice in batch.notices]
            return Deliveries(deliveries=tuple([await self._outbox.deliver(key) for key in keys]))

    @activity.defn(name="notify_agents")
    async def notify_agents(self, batch: AgentNoticeBatch) -> None:
        """Everybody who can be told is told before a failure is reported; nobody is told twice."""
        with clean_errors():
            failure: Exception | None = None
            for key in await self._outbox.written_to_agents(batch.notices):
                try:
                    await self._outbox.deliver(key)
                except Exception as error:  # noqa: BLE001 (raised below, after everybody else was told)
                    failure = failure or error
            if failure is not None:
                raise failure
