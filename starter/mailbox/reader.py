"""Emptying a mailbox: what lies there is fetched, brought, and put where mails lie that were dealt with.

New complaints are brought side by side; what may belong to a case that is there comes after them, in its order.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from channels.email.bounds import LARGEST_HEADERS, too_large
from channels.email.imap import Fetched, ImapMailbox, Mark, Place, open_mailbox
from complaints.errors import BadInput
from complaints.model import Frozen
from starter.mailbox.bringing import SET_ASIDE, Bringing, Brought

BATCH = 25  # mails fetched at once
AT_ONCE = 8
_ANSWERS = re.compile(rb"^(?:in-reply-to|references):|TTS-|multipart/report", re.IGNORECASE | re.MULTILINE)
Open = Callable[[Place], AbstractContextManager[ImapMailbox]]
Around = Callable[[], AbstractContextManager[Any]]


class Seen(Frozen):
    """A mail and what became of it, or would."""

    uid: str
    size: int
    received_at: datetime | None
    key: str
    outcome: str
    reference: str | None = None
    again: bool = False
    problem: str | None = None


class Reader:
    """Reads one mailbox. `around` is entered for each mail: what it stands in shows where its case began."""

    def __init__(
        self, place: Place, bringing: Bringing, open_it: Open = open_mailbox, *, around: Around = nullcontext
    ) -> None:
        self.place = place
        self.bringing = bringing
        self._open = open_it
        self._around = around

    async def check(self, *, dry_run: bool = False) -> list[Seen]:
        """Deal with what lies there now. Raises `Unreachable` or `BadInput`."""
        entered = self._open(self.place)
        box = await asyncio.to_thread(entered.__enter__)
        try:
            return await (self._look(box) if dry_run else self._empty(box))
        finally:
            await asyncio.to_thread(entered.__exit__, None, None, None)

    async def listen(self, seconds: float, stop: Callable[[], bool]) -> Counter[str]:
        """Deal with what lies there and what comes within so many seconds; how many of each outcome."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        found: Counter[str] = Counter()
        ended = False
        entered = self._open(self.place)
        box = await asyncio.to_thread(entered.__enter__)
        try:
            while not stop():
                found.update(one.outcome for one in await self._empty(box, stop))
                left = until - loop.time()
                if left <= 0:
                    break
                await asyncio.to_thread(box.wait, left, lambda: stop() or ended)
        finally:
            ended = True  # a cancelled wait ends too, before anybody else speaks on its line
            await asyncio.shield(asyncio.to_thread(entered.__exit__, None, None, None))
        return found

    async def _empty(self, box: ImapMailbox, stop: Callable[[], bool] = lambda: False) -> list[Seen]:
        found: list[Seen] = []
        waiting = await asyncio.to_thread(box.waiting)
        for start in range(0, len(waiting), BATCH):
            if stop():
                break
            fetched = await asyncio.to_thread(box.fetch, waiting[start : start + BATCH])
            seen = await self._bring(fetched)
            for mark, wanted in ((Mark.ASIDE, True), (Mark.FILED, False)):
                uids = [one.uid for one in seen if (one.outcome == SET_ASIDE) is wanted]
                await asyncio.to_thread(box.move, uids, mark)
            found += seen
        return found

    async def _bring(self, fetched: list[Fetched]) -> list[Seen]:
        side_by_side = asyncio.Semaphore(AT_ONCE)

        async def bring(one: Fetched) -> Seen:
            async with side_by_side:
                return await self._brought(one)

        answers = [one for one in fetched if _may_answer(one.raw)]
        new = [bring(one) for one in fetched if one not in answers]
        seen: list[Seen] = []
        for result in await asyncio.gather(*new, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result  # all have ended by now; those that were brought are found so the next time
            seen.append(result)
        return seen + [await self._brought(one) for one in answers]

    async def _brought(self, one: Fetched) -> Seen:
        with self._around():
            if one.whole:
                brought = await self.bringing.bring(one.raw, one.received_at)
            else:
                brought = await self.bringing.set_aside(one.raw, one.size, too_large(), one.received_at)
        return Seen(uid=one.uid, size=one.size, received_at=one.received_at, **brought.model_dump())

    async def _look(self, box: ImapMailbox) -> list[Seen]:
        """Say what would become of each mail, and leave it where it is."""
        found: list[Seen] = []
        waiting = await asyncio.to_thread(box.waiting)
        for start in range(0, len(waiting), BATCH):
            for one in await asyncio.to_thread(box.fetch, waiting[start : start + BATCH]):
                said = await self._previewed(one)
                found.append(Seen(uid=one.uid, size=one.size, received_at=one.received_at, **said.model_dump()))
        return found

    async def _previewed(self, one: Fetched) -> Brought:
        try:
            if not one.whole:
                raise too_large()
            mail = await self.bringing.read(one.raw)
        except BadInput as error:
            return Brought(key="", outcome=SET_ASIDE, problem=str(error))
        matched = await self.bringing.preview(mail)
        return Brought(key=mail.key, outcome=matched.decision, reference=matched.reference)


def _may_answer(raw: bytes) -> bool:
    """Whether a mail may belong to a case that is there, or to one that a mail beside it opens."""
    return _ANSWERS.search(raw, 0, LARGEST_HEADERS) is not None
