"""A mail brought to where it belongs, once: written, decided, carried out, marked; each step repeats without harm.

The key of the mail is the key of what follows from it, so a mail that is read again after a crash makes no second case
and says nothing twice. What cannot be brought is set aside with its reason, as it came.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from channels.email.reading import Inbound, read_mail
from channels.signing import Signer
from complaints.errors import BadInput, TuntasError, Unreachable
from complaints.messages.intake import Complainant, Evidence, Intake
from complaints.model import Frozen, Personal
from complaints.vocabulary import Channel, KnownFact, Language
from database import actions, attachments, mails
from database.mails import ArrivedMail, AsideRow
from database.pool import transaction
from database.sql import Connection
from starter import rpc
from starter.client import Tuntas
from starter.mailbox.matching import Decision, Matched, Matching

log = logging.getLogger(__name__)

SET_ASIDE = "set_aside"
SOURCE = "mail"
_NO_WORDS = {Language.ID: "(tanpa kata-kata)", Language.EN: "(no words)"}


class Brought(Frozen):
    """What became of a mail. `again`: it had been brought before."""

    key: str
    outcome: str  # a decision, or `set_aside`
    reference: str | None = None
    again: bool = False
    problem: str | None = None


class Bringing:
    """Brings mails. `own` are our own addresses, whose mail starts nothing."""

    def __init__(
        self, tuntas: Tuntas, signer: Signer | None, now: Callable[[], datetime], *, mailbox: str, own: frozenset[str]
    ) -> None:
        self._tuntas = tuntas
        self._matching = Matching(signer)
        self._now = now
        self._mailbox = mailbox
        self._own = own

    async def read(self, raw: bytes) -> Inbound:
        """Raises `BadInput`."""
        return await asyncio.to_thread(read_mail, raw, own=self._own, language=self._tuntas.policy.languages[0])

    async def preview(self, mail: Inbound) -> Matched:
        """Say what would be done with a mail, and do nothing."""
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            return await self._matching.match(conn, mail)

    async def bring(self, raw: bytes, received_at: datetime | None) -> Brought:
        """Raises `Unreachable`, after which the same mail is brought again; nothing else."""
        received_at = min(received_at or self._now(), self._now())
        try:
            mail = await self.read(raw)
            return await self._bring(mail, raw, received_at)
        except Unreachable:
            raise
        except TuntasError as error:
            return await self.set_aside(raw, len(raw), error, received_at)
        except Exception as error:  # whatever one mail brings about, those behind it are read
            log.exception("a mail is set aside")
            defect = BadInput(f"a defect of ours: {type(error).__name__}", field="mail", remedy="report it; then retry")
            return await self.set_aside(raw, len(raw), defect, received_at)

    async def set_aside(self, raw: bytes, size: int, error: TuntasError, received_at: datetime | None) -> Brought:
        """Keep a mail as it came, with the reason."""
        now, key = self._now(), hashlib.sha256(raw).hexdigest()
        row = AsideRow(
            key=key, mailbox=self._mailbox, field=error.field, problem=error.problem, remedy=error.remedy, size=size,
            received_at=received_at or now, set_aside_at=now,
        )  # fmt: skip
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            await mails.set_aside(conn, row, raw)
        log.warning("a mail is set aside: %s: %s", error.field, error.problem)
        return Brought(key=key, outcome=SET_ASIDE, problem=f"{error.field}: {error.problem}")

    async def retry(self, key: str) -> Brought:
        """Bring a mail that was set aside. Raises `BadInput` if it is not there as a whole, or still cannot be."""
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            aside = await mails.get_aside(conn, key)
        if aside is None:
            raise BadInput("no mail, or more than one, is set aside under it", field="key", remedy="see the list")
        if aside.size > len(aside.raw):
            raise BadInput("only its beginning is kept", field="key", remedy="it lies in the mailbox, in Tuntas-Aside")
        mail = await self.read(aside.raw)
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            await mails.begin_again(conn, mail.key)
        brought = await self._bring(mail, aside.raw, aside.received_at)
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            await mails.settle(conn, aside.key, mail.key, self._now())
        return brought

    async def _bring(self, mail: Inbound, raw: bytes, received_at: datetime) -> Brought:
        matched, outcome = await self._decided(mail, raw, received_at)
        if outcome is not None:
            return Brought(key=mail.key, outcome=outcome, reference=matched.reference, again=True)
        try:
            reference = await self._carry_out(mail, matched, received_at)
        except Unreachable:
            raise
        except TuntasError:
            await self._finish(mail, SET_ASIDE, matched.reference)
            raise
        await self._finish(mail, matched.decision, reference)
        return Brought(key=mail.key, outcome=matched.decision, reference=reference)

    async def _decided(self, mail: Inbound, raw: bytes, received_at: datetime) -> tuple[Matched, str | None]:
        """What is to be done, decided once and kept before it is done; and what was done before."""
        arrived = ArrivedMail(
            key=mail.key, mailbox=self._mailbox, message_id=mail.message_id, sender=mail.sender, subject=mail.subject,
            kind=mail.kind, received_at=received_at, read_at=self._now(),
        )  # fmt: skip
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            row = await mails.write(conn, arrived, raw)
            if row.decision is not None:
                found = {
                    "decision": row.decision, "reference": row.reference, "by": row.matched_by, "answers": row.answers,
                }  # fmt: skip
                return Matched.model_validate(found), row.outcome
            matched = await self._matching.match(conn, mail)
            if matched.decision is not Decision.IGNORED:
                for file in mail.files:
                    await attachments.store(conn, file.evidence, file.content, self._now())
            if matched.reference is not None:
                await self._link(conn, mail, matched.reference)
            await mails.decide(
                conn, mail.key, matched.decision, matched_by=matched.by, reference=matched.reference,
                answers=matched.answers,
            )  # fmt: skip
        return matched, None

    async def _carry_out(self, mail: Inbound, matched: Matched, received_at: datetime) -> str | None:
        if matched.decision is Decision.IGNORED:
            return None
        if matched.reference is None:
            reference = await self._file(mail, received_at)
        else:
            reference = matched.reference
            await self._tell(mail, matched, reference, received_at)
        if mail.refused and matched.decision is not Decision.BOUNCED:
            said: dict[str, Any] = {"mail": mail.key, "count": sum(mail.refused.values()), "reasons": [*mail.refused]}
            await self._fact(mail, reference, "files_refused", said, received_at, key=f"{mail.key}/files")
        return reference

    async def _file(self, mail: Inbound, received_at: datetime) -> str:
        person = Complainant(name=mail.sender_name, email=mail.sender, language=mail.language)
        intake = Intake(
            channel=Channel.EMAIL, key=mail.key, text=_words(mail), received_at=received_at, subject=mail.subject,
            complainant=person, evidence=_evidence(mail),
            details={"mentioned_reference": mail.mentions} if mail.mentions else {},
        )  # fmt: skip
        filed = await self._tuntas.file(intake)
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            await self._link(conn, mail, filed.reference)
        return filed.reference

    async def _tell(self, mail: Inbound, matched: Matched, reference: str, at: datetime) -> None:
        decision = matched.decision
        if decision is Decision.BOUNCED:
            await self._bounced(mail, reference, at)
            return
        if decision is Decision.OTHER_SENDER:
            await self._fact(mail, reference, "mail_from_another_address", {"mail": mail.key}, at)
            return
        if self._matching.proves_contact(mail, reference):
            said = {"channel": str(Channel.EMAIL), "by": "reply"}
            await self._tuntas.report_fact(
                reference, key=_proof(str(mail.sender)), fact=KnownFact.CONTACT_PROVEN, source=SOURCE, details=said
            )
        if decision is Decision.REPLY:
            await self._tuntas.reply(
                reference, key=mail.key, text=_words(mail), channel=Channel.EMAIL, evidence=_evidence(mail), at=at
            )
        elif decision in _AFTER_CLOSING:
            answers = _AFTER_CLOSING[decision]
            await self._tuntas.survey(reference, key=mail.key, text=_more(mail, decision), at=at, **answers)
        elif decision in (Decision.PROMISE_KEPT, Decision.PROMISE_NOT_KEPT):
            await self._of_promise(mail, reference, at, kept=decision is Decision.PROMISE_KEPT)
        else:
            satisfied = decision is Decision.CONFIRMED
            await self._tuntas.confirm(
                reference, key=mail.key, satisfied=satisfied, text=mail.text, decision=matched.answers, at=at
            )

    async def _of_promise(self, mail: Inbound, reference: str, at: datetime, *, kept: bool) -> None:
        """The answer to a promise; if that was asked about anew meanwhile, it is what they wrote, for a person."""
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            number = await actions.asked_by(conn, reference, mail.references)
        if number is None:
            await self._tuntas.reply(reference, key=mail.key, text=_words(mail), channel=Channel.EMAIL, at=at)
        else:
            await self._tuntas.confirm(reference, key=mail.key, satisfied=kept, text=mail.text, action=number, at=at)

    async def _bounced(self, mail: Inbound, reference: str, at: datetime) -> None:
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            notice = await self._matching.returned_notice(conn, mail.returned)
        if notice is not None and mail.returned is not None:
            said = {"key": notice.key, "status": mail.returned.status}
            await self._fact(mail, reference, KnownFact.NOTICE_BOUNCED, said, at)

    async def _fact(
        self, mail: Inbound, reference: str, fact: str, details: dict[str, Any], at: datetime, *, key: str | None = None
    ) -> None:
        await self._tuntas.report_fact(reference, key=key or mail.key, fact=fact, source=SOURCE, details=details, at=at)

    async def _link(self, conn: Connection, mail: Inbound, reference: str) -> None:
        for file in mail.files:
            await attachments.link(conn, reference, file.evidence, self._now())

    async def _finish(self, mail: Inbound, outcome: str, reference: str | None) -> None:
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            await mails.finish(conn, mail.key, outcome, reference, self._now())


_AFTER_CLOSING: dict[Decision, dict[str, Any]] = {
    Decision.STILL_SOLVED: {"solved": True},
    Decision.CAME_BACK: {"solved": False},
    Decision.SURVEYS_STOPPED: {"stop": True},
}


def _more(mail: Inbound, decision: Decision) -> str | None:
    """Return the whole words of a mail that says more than its first line, or that the problem has come back."""
    text = (mail.text or "").strip()
    return text if "\n" in text or decision is Decision.CAME_BACK else None


def _words(mail: Inbound) -> Personal:
    """Return what it says; a mail of pictures alone says so. Raises `BadInput` for one that says nothing at all."""
    if mail.text or mail.subject:
        return mail.text or mail.subject or Personal("")
    if not mail.files:
        raise BadInput(
            "neither words nor files that are taken", field="mail", remedy="look at it; nothing was answered"
        )
    return Personal(_NO_WORDS[mail.language])


def _evidence(mail: Inbound) -> tuple[Evidence, ...]:
    return tuple(file.evidence for file in mail.files)


def _proof(address: str) -> str:
    """One for each address: the second letter from it proves nothing new."""
    return f"contact-{hashlib.sha256(address.lower().encode()).hexdigest()[:32]}"
