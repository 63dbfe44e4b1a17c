"""Proving a contact by a code: made, sent and checked outside the case, which only learns that the contact is proven.

A code has six digits, lives a quarter of an hour, and bears five attempts; a new one takes the place of the one before.
Kept is its hash, together with the address it went to: after the address was corrected it proves nothing. It is sent
through the outbox, which forgets it as soon as it is sent, or told by an agent where no channel of ours reaches.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

import policies
from channels.outbound import is_email, message_id
from complaints.errors import BadInput, NotFound, Refused, Unreachable
from complaints.messages.commands import Actor
from complaints.messages.duties import Notice, NoticeFacts
from complaints.messages.intake import Complainant
from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Channel, Language, Occasion
from database import access, complaints, contact_codes, intakes, notices
from database.access import Access
from database.complaints import ComplaintRecord
from database.contact_codes import Code, Made
from database.notices import Audience, Written
from database.pool import Pool, transaction
from database.sql import Connection
from starter import rpc

LIFE = timedelta(minutes=15)
ATTEMPTS = 5
PAUSE = timedelta(minutes=1)  # between two codes for a case
MOST = 5  # codes for a case within:
WITHIN = timedelta(hours=1)
_DIGITS = 6
_SPACES = re.compile(r"[\s.-]")


class CodeSent(Frozen):
    """A code is on its way, or to be told. `to` shows the address in part; `code` is there for an agent to tell."""

    reference: str
    channel: Channel
    to: Personal
    expires_at: Instant
    code: Personal | None = None


class Proven(Frozen):
    """The code was right: the case is told that the contact on this channel is the complainant's, once a `number`."""

    reference: str
    channel: Channel
    number: int


class Contact:
    """Codes for cases."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def send(self, reference: str, channel: Channel | None, teller: Actor | None, now: datetime) -> CodeSent:
        """Make a code and send it; with a `teller`, hand it to the agent who tells it on the phone.

        Raises `NotFound`; `BadInput` naming `channel`; `Refused` if there were too many.
        """
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        async with rpc.postgres(), transaction(self._pool) as conn:
            row = await _case(conn, reference)
            channel, address = _address(row, channel)
            _reachable(address, teller)
            number = _next(await contact_codes.made(conn, reference, now - WITHIN), now)
            salt = secrets.token_bytes(16)
            kept = await asyncio.to_thread(_hash, code, address, salt)
            expires_at = now + LIFE
            await contact_codes.add(conn, Code(
                reference=reference, number=number, channel=channel, salt=salt, code=kept, made_at=now,
                expires_at=expires_at,
            ))  # fmt: skip
            if teller is None:
                notice = _notice(row, channel, address, number, code=code, now=now)
                await notices.write(conn, await asyncio.to_thread(_written, notice, now))
            else:
                await access.note(conn, Access(
                    at=now, actor_id=teller.id, actor_role=teller.role, what="contact_code", reference=reference,
                ))  # fmt: skip
        told = Personal(code) if teller is not None else None
        return CodeSent(reference=reference, channel=channel, to=_masked(address), expires_at=expires_at, code=told)

    async def check(self, reference: str, code: str, now: datetime) -> Proven:
        """Raises `NotFound`, or `BadInput` naming `code`, in the same words for a wrong one as for an expired one."""
        typed = _SPACES.sub("", code)
        if re.fullmatch(rf"[0-9]{{{_DIGITS}}}", typed) is None:
            raise BadInput(f"not {_DIGITS} digits", field="code", remedy="write the code as it stands in our message")
        async with rpc.postgres(), transaction(self._pool) as conn:
            row = await _case(conn, reference)
            kept = await contact_codes.attempt(conn, reference, ATTEMPTS, now)
        if kept is None or not await asyncio.to_thread(_fits, row, kept, typed):
            left = ATTEMPTS - kept.attempts if kept is not None else 0
            remedy = f"look again: {left} attempts are left" if left else "ask for a new code"
            raise BadInput("not the code, or no longer", field="code", remedy=remedy)
        return Proven(reference=reference, channel=kept.channel, number=kept.number)

    async def proven(self, found: Proven, now: datetime) -> None:
        """Note that the case knows."""
        async with rpc.postgres(), transaction(self._pool) as conn:
            await contact_codes.mark_proven(conn, found.reference, found.number, now)


async def _case(conn: Connection, reference: str) -> ComplaintRecord:
    row = await complaints.get(conn, reference)
    if row is None and await intakes.by_reference(conn, reference) is not None:
        raise Unreachable("the case is not recorded yet", field="reference", remedy="repeat it in a moment")
    if row is None or row.imported:
        remedy = "check the reference; `tuntas list` shows those that are there"
        raise NotFound("there is no such case", field="reference", remedy=remedy)
    if row.archived_at is not None:
        raise Refused("the case is archived", field="reference", remedy="reply to it: its last team will see that")
    return row


def _address(row: ComplaintRecord, channel: Channel | None) -> tuple[Channel, Personal]:
    """The channel whose contact is to be proven, and the address on it."""
    person = Complainant.model_construct(email=row.contact_email, phone=row.contact_phone)
    channel = channel or (Channel.EMAIL if person.email else Channel.PHONE)
    address = person.address_on(channel)
    if address is None:
        raise BadInput(
            f"the complainant has no address on {channel}", field="channel", remedy="name another, or amend the contact"
        )
    return channel, address


def _reachable(address: Personal, teller: Actor | None) -> None:
    """Only e-mail has a transport of ours; a number is called by an agent."""
    if is_email(address) and teller is not None:
        raise BadInput("a code told proves no e-mail address", field="channel", remedy="send it, or name `phone`")
    if not is_email(address) and teller is None:
        remedy = "let an agent tell it: `tuntas contact code REF --channel phone --tell`"
        raise BadInput("nothing of ours sends there", field="channel", remedy=remedy)


def _next(made: Made, now: datetime) -> int:
    """The number of the next code. Raises `Refused` if it is too soon."""
    if made.last_made_at is not None and now < made.last_made_at + PAUSE:
        raise Refused("a code was made just now", field="code", remedy=f"wait {PAUSE.seconds} seconds for another")
    if made.recently >= MOST:
        raise Refused("too many codes were made", field="code", remedy="wait an hour, or speak to an agent")
    return made.number + 1


def _hash(code: str, address: str, salt: bytes) -> bytes:
    """Slow on purpose: six digits are guessed fast."""
    return hashlib.scrypt(f"{code}\n{address.lower()}".encode(), salt=salt, n=2**14, r=8, p=1)


def _fits(row: ComplaintRecord, kept: Code, typed: str) -> bool:
    person = Complainant.model_construct(email=row.contact_email, phone=row.contact_phone)
    address = person.address_on(kept.channel)
    return address is not None and hmac.compare_digest(_hash(typed, address, kept.salt), kept.code)


def _notice(
    row: ComplaintRecord, channel: Channel, address: Personal, number: int, *, code: str, now: datetime
) -> Notice:
    policy = policies.load(row.pack)
    return Notice(
        key=f"{row.reference}/{Occasion.CONTACT_CODE}/{number}/complainant", reference=row.reference,
        occasion=Occasion.CONTACT_CODE, occurrence=number, channel=channel, language=Language(row.language),
        address=address, name=row.contact_name, at=now, pack=policy.pack, texts=policy.texts,
        texts_version=policy.texts_version, timezone=policy.timezone,
        facts=NoticeFacts(words=Personal(code), answer_by=now + LIFE),
    )  # fmt: skip


def _written(notice: Notice, now: datetime) -> Written:
    words = policies.texts_for(notice).render(notice)
    return Written(
        key=notice.key, duty=notice.key, reference=notice.reference, audience=Audience.COMPLAINANT,
        recipient="complainant", occasion=notice.occasion, occurrence=notice.occurrence, channel=notice.channel,
        language=notice.language, address=notice.address, subject=words.subject, body=words.body,
        message_id=message_id(notice.key, "tuntas"), written_at=now,
    )  # fmt: skip


def _masked(address: Personal) -> Personal:
    """Enough of an address for its owner to know it, too little for anybody else."""
    name, at, domain = address.rpartition("@")
    return Personal(f"{name[:1]}…{at}{domain}" if at else f"…{address[-3:]}")
