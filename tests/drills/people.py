"""Complainant, agents and backend of one case. All of it goes through the client library, and is repeated if need be.

A call that found a service away is made again under its key, as `starter.client` says. What has become of the case is
read where a backend reads it: in PostgreSQL.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from complaints.errors import Unreachable
from complaints.vocabulary import Status
from database import complaints, notices
from database.complaints import ComplaintRecord
from database.notices import Audience, State
from database.pool import transaction
from starter import rpc
from starter.client import Tuntas
from tests.drills.rules import CATEGORY

T = TypeVar("T")
AGAIN = 0.5  # seconds before a call is repeated
LOOK_EVERY = 0.7


class NotTrue(Exception):
    """A story did not go as it was told."""


class Progress:
    """How far all conversations have come, in steps: faults come after a share of them."""

    def __init__(self) -> None:
        self.steps = 0
        self.expected = 0

    @property
    def share(self) -> float:
        return self.steps / self.expected if self.expected else 0.0


class People:
    """One case and who speaks in it. `patience`: seconds until its story counts as stuck."""

    def __init__(self, tuntas: Tuntas, story: str, number: int, progress: Progress, patience: float) -> None:
        self.tuntas = tuntas
        self.story = story
        self.number = number
        self.reference = ""
        self.doing = "waits to begin"
        self.repeated = 0
        self._progress = progress
        self._patience = patience
        self._said = 0

    @property
    def name(self) -> str:
        return f"{self.story}-{self.number}"

    async def file(self) -> None:
        intake = {
            "channel": "email",
            "key": f"drill-{self.name}",
            "text": "Kompor listrik saya mati setelah dua hari.",
            "category": CATEGORY[self.story],
            "complainant": {"name": "Pelanggan", "email": f"{self.name}@example.test"},
        }
        filed = await self._do("file", lambda: self.tuntas.file(intake))
        self.reference = filed.reference

    async def act(self, who: str, act: str, **payload: object) -> None:
        command = {"act": act, "key": self._key(act), "actor": {"id": who, "role": "agent"}, **payload}
        await self._do(act, lambda: self.tuntas.act(self.reference, command))

    async def reply(self, text: str) -> None:
        key = self._key("reply")
        await self._do("reply", lambda: self.tuntas.reply(self.reference, key=key, text=text))

    async def confirm(self, *, satisfied: bool) -> None:
        key, text = self._key("confirm"), None if satisfied else "Kabelnya belum ada."
        await self._do("confirm", lambda: self.tuntas.confirm(self.reference, key=key, satisfied=satisfied, text=text))

    async def withdraw(self) -> None:
        key = self._key("withdraw")
        await self._do("withdraw", lambda: self.tuntas.withdraw(self.reference, key=key))

    async def until_told(self, occasion: str, times: int = 1) -> None:
        """Wait until the complainant has so many mails of an occasion."""
        await self._until(f"told {occasion} {times}", lambda: self._told(occasion), lambda count: count >= times)

    async def until(self, what: str, holds: Callable[[ComplaintRecord], bool]) -> ComplaintRecord:
        """Wait until the read model says so."""
        row = await self._until(what, self._row, lambda row: row is not None and holds(row))
        assert row is not None
        return row

    async def until_archived(self) -> None:
        await self.until("archived", lambda row: row.status is Status.ARCHIVED)

    # how

    def _key(self, what: str) -> str:
        self._said += 1
        return f"{self.name}-{self._said}-{what}"

    async def _do(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        async with self._step(what):
            return await self._patiently(call)

    async def _until(self, what: str, look: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
        async with self._step(what):
            while not holds(found := await self._patiently(look)):
                await asyncio.sleep(LOOK_EVERY)
            return found

    def _step(self, what: str) -> "_Step":
        self.doing = what
        return _Step(self, self._patience)

    def stepped(self) -> None:
        self._progress.steps += 1

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await call()
            except Unreachable:
                self.repeated += 1
                await asyncio.sleep(AGAIN)

    async def _row(self) -> ComplaintRecord | None:
        async with rpc.postgres(), transaction(self.tuntas.pool) as conn:
            return await complaints.get(conn, self.reference)

    async def _told(self, occasion: str) -> int:
        async with rpc.postgres(), transaction(self.tuntas.pool) as conn:
            rows = await notices.fetch(conn, self.reference)
        told = [row for row in rows if row.audience is Audience.COMPLAINANT and row.state is State.SENT]
        return sum(row.occasion == occasion for row in told)


class _Step:
    """One step of a story, bounded in time; done, it counts."""

    def __init__(self, people: People, patience: float) -> None:
        self._people = people
        self._patience = patience
        self._timeout = asyncio.timeout(patience)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind, error, trace) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise NotTrue(f"not within {self._patience:.0f} s: {self._people.doing}") from None
        if kind is None:
            self._people.stepped()
