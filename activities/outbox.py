"""The outbox: messages are written in one transaction, then sent and marked in another each.

The second holds a lock on the message's key from before sending until the mark is committed. So two workers never send
the same message at once, a marked one is never sent again, and a crash in between repeats it under the same Message-ID.
The mark is made before sending and committed after it: what can fail in between is a crash, and nothing smaller.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from temporalio.exceptions import ApplicationError

from activities.conversation import conversation, written_by_person
from activities.errors import busy, clean_errors
from activities.pace import Pace
from activities.recipients import find_recipients
from channels.case_links import CaseLinks
from channels.outbound import Message, Notifier, TransportError, message_id
from complaints.messages.duties import AgentNotice, Notice, Surveyed
from complaints.messages.feedback import Delivery
from complaints.model import Personal
from complaints.vocabulary import Channel, Language, Occasion, Surveying
from database import links, mails, notices, surveys
from database.notices import Audience, NoticeRow, State, Written
from database.pool import Pool, transaction
from database.sql import Connection

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
_DECISIONS = (Occasion.DECISION, Occasion.FINAL_DECISION)


class Rendered(Protocol):
    """The words of a message."""

    @property
    def subject(self) -> str: ...

    @property
    def body(self) -> str: ...


Render = Callable[[Notice | AgentNotice, Language], Rendered]


class Outbox:
    """Writes messages, and hands them over once. `domain` is what Message-IDs are made in.

    `per_second` is how many go out before what need not be sent at once is left to the queue of notices. With `links`,
    notices to complainants carry the addresses of their case's pages.
    """

    def __init__(
        self,
        pool: Pool,
        notifier: Notifier,
        render: Render,
        now: Clock,
        *,
        domain: str = "tuntas",
        per_second: float = math.inf,
        links: CaseLinks | None = None,
    ) -> None:
        self._pool = pool
        self._notifier = notifier
        self._render = render
        self._domain = domain
        self._pace = Pace(per_second)
        self._links = links
        self._one_at_a_time = asyncio.Lock()
        self._soon: set[asyncio.Task[int]] = set()
        self.now = now

    async def write(self, conn: Connection, notice: Notice, *, became: Surveying | None = None) -> str:
        """Write a notice to the complainant; its key. What it answers is kept with it, as it was written.

        `became`: what a history says of its survey, which is then not found anew.
        """
        survey = None
        if notice.survey is not None:
            if await notices.get(conn, notice.key) is not None:
                return notice.key  # whether it asks was found when it was written
            survey = await self._survey(conn, notice, notice.survey, became)
            if survey is Surveying.STOPPED:
                notice = _unasked(notice)
        words = self._render(await self._with_links(conn, notice, survey), notice.language)
        talk = conversation(await mails.thread(conn, notice.reference), notice.reference)
        await notices.write(conn, Written(
            key=notice.key, duty=notice.key, reference=notice.reference, audience=Audience.COMPLAINANT,
            recipient="complainant", occasion=notice.occasion, occurrence=notice.occurrence, channel=notice.channel,
            language=notice.language, address=notice.address, subject=Personal(words.subject),
            body=Personal(words.body), message_id=message_id(notice.key, self._domain), written_at=self.now(),
            in_reply_to=talk.in_reply_to, refers_to=talk.refers_to, thread_subject=talk.subject,
            automatic=not written_by_person(notice), survey=survey,
            decision=notice.facts.number if notice.occasion in _DECISIONS else None,
        ))  # fmt: skip
        if survey is Surveying.STOPPED and not notice.parts:
            await notices.withhold(conn, notice.key)
        return notice.key

    async def _survey(
        self, conn: Connection, notice: Notice, who: Surveyed, became: Surveying | None
    ) -> Surveying | None:
        if became is not None:
            if became is Surveying.ASKED:
                await surveys.note(conn, who, key=notice.key, at=self.now())
            return became
        return await surveys.ask(
            conn, who, key=notice.key, reference=notice.reference, at=self.now(), pages=self._links is not None
        )

    async def _with_links(self, conn: Connection, notice: Notice, survey: Surveying | None) -> Notice:
        if self._links is None:
            return notice
        generation = await links.generation(conn, notice.reference)
        promise = notice.facts.number if notice.occasion is Occasion.PROMISE_DONE else None
        made = self._links.of_notice(notice.reference, generation, self.now(), notice.language, promise=promise)
        if survey is not Surveying.ASKED:
            made = made.model_copy(update={"survey": None})
        return notice.model_copy(update={"links": made})

    async def write_to_agents(
        self, conn: Connection, notice: AgentNotice, *, duty: str | None = None, but: Iterable[str] = ()
    ) -> dict[str, str]:
        """Write one message to everybody whom `to` stands for, `but` those; its key for each who got one.

        Of a combined notice everybody gets what is for them by any of their names.
        """
        found = await find_recipients(conn, notice.names, self.now())
        wanted = [one for one in found if one.name not in frozenset(but) and not set(one.names).isdisjoint(notice.to)]
        keys: dict[str, str] = {}
        for recipient in wanted:
            said = notice.said_to(recipient.names)
            words = self._render(said, recipient.language)
            key = keys[recipient.name] = f"{said.key}/{recipient.name}"
            await notices.write(conn, Written(
                key=key, duty=duty or notice.key, reference=notice.reference, audience=Audience.AGENT,
                recipient=recipient.name, occasion=said.occasion, occurrence=said.occurrence,
                channel=Channel.EMAIL, language=recipient.language, address=recipient.email,
                subject=Personal(words.subject), body=Personal(words.body),
                message_id=message_id(key, self._domain), written_at=self.now(),
            ))  # fmt: skip
        return keys

    async def written_to_agents(self, notices: Iterable[AgentNotice]) -> list[str]:
        """The keys of the messages to agents that these stand for; written, if they were not."""
        keys: list[str] = []
        for notice in notices:
            async with transaction(self._pool) as conn:
                keys += await self.write_once(conn, notice)
        return keys

    async def write_once(self, conn: Connection, notice: AgentNotice) -> list[str]:
        """The keys of its messages, which are written unless there are any."""
        # Who is in a team changes: on a retry those count who were found the first time.
        return await self.keys_of(conn, notice.key) or [*(await self.write_to_agents(conn, notice)).values()]

    async def keys_of(self, conn: Connection, duty: str) -> list[str]:
        return await notices.keys_of_duty(conn, duty)

    async def deliver(self, key: str) -> Delivery:
        """Hand a written message over if that is still to be done, and say what became of it.

        One at a time in a process: so a crash finds at most one message sent and not yet marked, and repeats no other.
        """
        async with self._one_at_a_time:
            try:
                async with transaction(self._pool) as conn:
                    sent_at = self.now()
                    return await self._hand_over(conn, await _claimed(conn, key, sent_at), sent_at)
            except TransportError as error:
                if not error.permanent:
                    raise
                async with transaction(self._pool) as conn:
                    return await self._give_up(conn, await _claimed(conn, key), error.problem)

    async def deliver_now(self, keys: Iterable[str], *, within: float) -> list[Delivery]:
        """Hand over in order what can be within so many seconds. What is being sent then goes on beside."""
        found: list[Delivery] = []
        task = asyncio.create_task(self._deliver_in_order(list(keys), found))
        self._soon.add(task)
        task.add_done_callback(self._soon.discard)
        await asyncio.wait({task}, timeout=within)
        return list(found)

    async def _deliver_in_order(self, keys: list[str], found: list[Delivery]) -> int:
        """Up to the first that cannot be handed over now, or that there is no room for."""
        for key in keys:
            if not self._pace.room(self.now()):
                break
            try:
                with clean_errors():
                    found.append(await self.deliver(key))
            except ApplicationError as error:
                _waits(key, error)
                break
        return len(found)

    def deliver_soon(self, keys: Iterable[str]) -> None:
        """Hand over beside whatever goes on; nobody waits for it, and what is lost with the process is swept up."""
        task = asyncio.create_task(self.try_deliver(list(keys)))
        self._soon.add(task)
        task.add_done_callback(self._soon.discard)

    async def settle(self, *, within: float | None = None) -> None:
        """Wait for what `deliver_soon` and `deliver_now` have begun, so many seconds at most."""
        if self._soon:
            done, _ = await asyncio.wait(self._soon, timeout=within)
            for task in done:
                task.result()

    async def try_deliver(self, keys: Iterable[str]) -> int:
        """Hand over what can be handed over now; what cannot stays written, for `send_waiting`."""
        done = 0
        for key in keys:
            try:
                with clean_errors():
                    await self.deliver(key)
                done += 1
            except ApplicationError as error:
                _waits(key, error)
        return done

    async def send_waiting(self, *, older_than: timedelta = timedelta(minutes=1)) -> int:
        """Hand over messages to agents that were left waiting. The worker calls it now and then."""
        async with transaction(self._pool) as conn:
            waiting = await notices.waiting(conn, self.now() - older_than)
        return await self.try_deliver(waiting)

    async def send_codes(self, *, life: timedelta = timedelta(minutes=15)) -> int:
        """Hand over messages that prove a contact, which no case waits for; after its life a code is dropped."""
        now = self.now()
        async with transaction(self._pool) as conn:
            waiting = await notices.codes(conn)
            dropped = await notices.drop_codes(conn, now - life, now) if waiting else 0
        return await self.try_deliver(waiting) - dropped

    async def _hand_over(self, conn: Connection, row: NoticeRow, sent_at: datetime) -> Delivery:
        """Mark, send, and only then commit: a database that cannot take the mark, its disk full, sends nothing."""
        if row.state is not State.WRITTEN:
            return _delivery(row)
        if row.occasion is Occasion.FOLLOW_UP:
            if await surveys.stopped(conn, row.reference):
                return await self._withhold(conn, row)
            await notices.mark_sent(conn, row.key, sent_at)
        message = Message.model_validate(row.model_dump(include=set(Message.model_fields)))
        if row.audience is not Audience.COMPLAINANT:
            message = message.model_copy(update={"reference": None})  # no agent answers as a complainant
        self._pace.count(sent_at)
        await self._notifier.send(message)
        return Delivery(key=row.key, handed_over=True, at=sent_at, survey=row.survey)

    async def _withhold(self, conn: Connection, row: NoticeRow) -> Delivery:
        """Leave out a follow-up that was written before its person said "stop": a channel was down."""
        await notices.withhold(conn, row.key)
        await surveys.take_back(conn, row.key)
        return _delivery(row.model_copy(update={"state": State.WITHHELD, "survey": Surveying.STOPPED}))

    async def _give_up(self, conn: Connection, row: NoticeRow, problem: str) -> Delivery:
        """Mark what can never be handed over."""
        if row.state is not State.WRITTEN:
            return _delivery(row)
        failed_at = self.now()
        await notices.mark_failed(conn, row.key, failed_at, problem)
        if row.survey is Surveying.ASKED:
            await surveys.take_back(conn, row.key)
        return Delivery(key=row.key, handed_over=False, at=failed_at, problem=problem)


async def _claimed(conn: Connection, key: str, sent_at: datetime | None = None) -> NoticeRow:
    """Be the only one who sends a message, until the transaction ends; with `sent_at` it may be marked already."""
    row = await notices.claim(conn, key, sent_at=sent_at)
    if row is None:
        if await notices.get(conn, key) is None:
            raise LookupError("a message is delivered after it is written")
        raise busy()
    return row


def _waits(key: str, error: ApplicationError) -> None:
    log.warning("notice %s waits: %s", key, error.message, extra={"reference": key.partition("/")[0]})


def _delivery(row: NoticeRow) -> Delivery:
    at = row.sent_at or row.failed_at or row.written_at
    handed_over = row.state is State.SENT
    return Delivery(key=row.key, handed_over=handed_over, at=at, problem=row.problem, survey=row.survey)


def _unasked(notice: Notice) -> Notice:
    """A combined notice without its follow-up, which its person does not want."""
    kept = tuple(part for part in notice.parts if part.occasion is not Occasion.FOLLOW_UP)
    return notice.model_copy(update={"parts": kept})
