"""Answering requests for links: looked up, sent and forgotten by the worker, so that no page knows or tells anything.

The mark is the removal: made before sending and committed after it, as the outbox does. What cannot be sent now stays.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from channels.case_links import CaseLinks
from channels.outbound import Notifier, TransportError
from channels.outbound.link_mail import LinkedCase, compose
from database import link_requests, links
from database.link_requests import FoundCase, LinkRequest
from database.pool import Pool, transaction
from database.sql import Connection

log = logging.getLogger(__name__)

PATIENCE = timedelta(hours=24)
"""How long a mail server may be away: whoever still needs the link asks again."""


class LinkMails:
    """Sends the links of cases to the address on file, and to no other."""

    def __init__(
        self, pool: Pool, notifier: Notifier, case_links: CaseLinks, now: Callable[[], datetime], *,
        domain: str = "tuntas",
    ) -> None:  # fmt: skip
        self._pool = pool
        self._notifier = notifier
        self._case_links = case_links
        self._now = now
        self._domain = domain

    async def send_waiting(self) -> int:
        """Answer what waits; how many mails went out."""
        async with transaction(self._pool) as conn:
            waiting = await link_requests.waiting(conn)
        return sum([await self._tried(number) for number in waiting])

    async def _tried(self, number: int) -> bool:
        try:
            async with transaction(self._pool) as conn:
                request = await link_requests.claim(conn, number)
                return request is not None and await self._answer(conn, request)
        except TransportError as error:
            log.warning("a request for links waits: %s", error.problem)
            return False

    async def _answer(self, conn: Connection, request: LinkRequest) -> bool:
        now = self._now()
        await link_requests.remove(conn, request, now)
        found = await link_requests.cases(conn, request)
        if not found or now - request.requested_at > PATIENCE:
            return False
        linked = [await self._linked(conn, case, request, now) for case in found]
        key = f"links/{request.id}"
        mail = compose(key, found[0].address, request.language, linked, request.requested_at, domain=self._domain)
        try:
            await self._notifier.send(mail)
        except TransportError as error:
            if not error.permanent:
                raise
            log.warning("a mail with links was refused: %s", error.problem)
            return False
        return True

    async def _linked(self, conn: Connection, case: FoundCase, request: LinkRequest, now: datetime) -> LinkedCase:
        generation = await links.generation(conn, case.reference)
        link = self._case_links.follow(case.reference, generation, now, request.language)
        return LinkedCase(reference=case.reference, received_at=case.received_at, link=link)
