"""Reading a mailbox: one watch of it. What reads is given by the composition root: it files as any client does."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.errors import clean_errors
from complaints.errors import BadInput
from complaints.messages.mailbox import MailboxRead, MailboxWatch


class MailReader(Protocol):
    """Reads the mailbox that it was made for."""

    async def listen(self, seconds: float, stop: Callable[[], bool]) -> Counter[str]:
        """Return how many mails of each outcome were brought, at the latest a little after `stop` says so."""


class Mailboxes:
    """The watch over one mailbox. It ends early, with what it has done, when its worker stops."""

    def __init__(self, reader: MailReader) -> None:
        self._reader = reader

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.read_mailbox]

    @activity.defn(name="read_mailbox")
    async def read_mailbox(self, watch: MailboxWatch) -> MailboxRead:
        """Fails if the mailbox cannot be opened, and is tried again: a password may be put right."""
        with clean_errors():
            stopping = asyncio.create_task(activity.wait_for_worker_shutdown())
            try:
                return MailboxRead(brought=dict(await self._reader.listen(watch.seconds, stopping.done)))
            except BadInput as error:
                raise ApplicationError(str(error), type="MailboxRefused") from None
            finally:
                stopping.cancel()
