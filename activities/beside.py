"""What a worker does beside its tasks, again and again: no case waits for it, and it ends with the worker only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from activities.leftovers import purge_files
from activities.link_mails import LinkMails
from activities.outbox import Clock, Outbox
from database.pool import Pool

log = logging.getLogger(__name__)

SWEEP = 10.0  # seconds between looks for messages to agents that were left waiting
LEFT = timedelta(seconds=20)  # a message that was written so long ago, and not sent, was left
CODES = 2.0  # seconds between looks for codes that somebody waits for
LINKS = 3.0  # seconds between looks for people who asked for their links
PURGE = 3600.0  # seconds between looks for files that nobody ever named


def chores(
    pool: Pool, outbox: Outbox, links: LinkMails | None, now: Clock, stopping: asyncio.Event
) -> list[Coroutine[Any, Any, None]]:
    """Return all of it, each to be run as a task of its own. Without pages nobody asks for links."""

    async def purge() -> None:
        if removed := await purge_files(pool, now()):
            log.info("%s files that no case names are removed", removed)

    done = [
        every(SWEEP, lambda: outbox.send_waiting(older_than=LEFT), "messages to agents wait", stopping),
        every(CODES, outbox.send_codes, "codes wait", stopping),
        every(PURGE, purge, "files that no case names stay", stopping),
    ]
    if links is not None:
        done.append(every(LINKS, links.send_waiting, "requests for links wait", stopping))
    return done


async def every(seconds: float, work: Callable[[], Awaitable[object]], trouble: str, stopping: asyncio.Event) -> None:
    """Do it, wait, and do it again; what goes wrong is logged as this trouble, and tried again next time.

    Once the worker is stopping it ends, but not in the middle of the work.
    """
    while not stopping.is_set():
        try:
            await work()
        except Exception:
            log.exception("%s", trouble)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)
