"""Word of what has moved, as it moves: one connection of this process listens to PostgreSQL, every open page hears it.

What is told is which case of which team has moved, and how far; never anybody's words. A page then asks for what it
shows, as anybody may who may see it. Each hears `resync` once PostgreSQL is listened to, and again instead of what was
missed: by who is too slow, or by all while the connection was away.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from pydantic import ValidationError

from complaints.model import Tolerant
from complaints.vocabulary import Status
from database.desk import CHANGES

log = logging.getLogger(__name__)

WAITING = 64  # changes that a page may be behind
AGAIN = 2.0  # seconds before PostgreSQL is asked again
LOST = None  # in a page's queue: something was missed


class Change(Tolerant):
    """A case has moved."""

    reference: str
    team: str
    owner: str
    through: int
    status: Status


Ears = asyncio.Queue[Change | None]


class Hub:
    """Listens while somebody wants to hear, and only then."""

    def __init__(self) -> None:
        self._ears: set[Ears] = set()
        self._listening: asyncio.Task[None] | None = None
        self._hears = False  # whether PostgreSQL tells this process now
        self.closing = asyncio.Event()

    @asynccontextmanager
    async def hearing(self, conninfo: str) -> AsyncIterator[Ears]:
        """Hear of every change, from the first `LOST` on: what was before that may have been missed.

        The first who wants to hear makes the connection, the last one ends it.
        """
        ears: Ears = asyncio.Queue(WAITING)
        self._ears.add(ears)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen(conninfo))
        elif self._hears:
            ears.put_nowait(LOST)
        try:
            yield ears
        finally:
            self._ears.discard(ears)
            if not self._ears and self._listening is not None:
                self._listening.cancel()
                self._listening = None
                self._hears = False

    def close(self) -> None:
        """End every stream: the process is about to stop."""
        self.closing.set()
        self.tell(LOST)

    def tell(self, change: Change | None) -> None:
        """Tell every page; one that has not kept up hears that it has missed something."""
        for ears in self._ears:
            if ears.full():
                while not ears.empty():
                    ears.get_nowait()
                ears.put_nowait(LOST)
            else:
                ears.put_nowait(change)

    async def _listen(self, conninfo: str) -> None:
        while True:
            with contextlib.suppress(psycopg.Error):
                async with await psycopg.AsyncConnection.connect(
                    conninfo, autocommit=True, application_name="desk", connect_timeout=5
                ) as conn:
                    await conn.execute(f"LISTEN {CHANGES}".encode())
                    self._hears = True
                    self.tell(LOST)  # what happened while nobody listened
                    async for notice in conn.notifies():
                        self._heard(notice.payload)
            self._hears = False
            log.warning("PostgreSQL tells of no changes; asking again")
            await asyncio.sleep(AGAIN)

    def _heard(self, payload: str) -> None:
        try:
            self.tell(Change.model_validate(json.loads(payload)))
        except (ValueError, ValidationError):
            log.warning("a change that cannot be read")
