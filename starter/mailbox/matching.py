"""What is to be done with a mail, and to which case it belongs.

Found by the Message-IDs it answers, then by the tag in the address it was sent to, then by the reference in its
subject. That says which case is meant, not who speaks. Somebody speaks as the complainant only from the address on
file: a sender can be forged, but nobody becomes the complainant by knowing a reference, by having been sent a copy of
our mail, or by guessing a Message-ID. What others write to a case is told to its owner; with a reference alone it is a
new case.
"""

from enum import StrEnum

from channels.email.answers import AfterClosing, plain_answer, plain_answer_after_closing
from channels.email.kinds import MailKind
from channels.email.reading import Inbound
from channels.email.returned import Returned
from channels.signing import Signer
from complaints.model import Frozen
from database import actions, mails
from database.mails import SentNotice
from database.sql import Connection


class Decision(StrEnum):
    """What is to be done with a mail."""

    CASE = "case"
    REPLY = "reply"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    STILL_SOLVED = "still_solved"  # after closing
    CAME_BACK = "came_back"
    SURVEYS_STOPPED = "surveys_stopped"
    PROMISE_KEPT = "promise_kept"  # the answer to the mail that asked about a promise
    PROMISE_NOT_KEPT = "promise_not_kept"
    OTHER_SENDER = "other_sender"  # to a case, but not from its complainant
    BOUNCED = "bounced"
    IGNORED = "ignored"  # a machine sent it, or it is one of ours


class Match(StrEnum):
    """How its case was found."""

    THREAD = "thread"
    TAG = "tag"
    SUBJECT = "subject"


class Matched(Frozen):
    decision: Decision
    reference: str | None = None
    by: Match | None = None
    answers: int | None = None  # the number of the decision that it says yes or no to


class Matching:
    """Without a signer no tag is believed."""

    def __init__(self, signer: Signer | None) -> None:
        self._signer = signer

    async def match(self, conn: Connection, mail: Inbound) -> Matched:
        if mail.kind is MailKind.BOUNCE:
            found = await self.returned_notice(conn, mail.returned)
            return Matched(decision=Decision.BOUNCED, reference=found.reference) if found else _IGNORED
        if mail.kind is not MailKind.PERSON:
            return _IGNORED
        reference, by = await self._meant(conn, mail)
        if reference is None or by is None:
            return Matched(decision=Decision.CASE)
        theirs = mail.sender is not None and mail.sender.lower() == await mails.contact(conn, reference)
        if by is Match.SUBJECT:
            return Matched(decision=Decision.REPLY, reference=reference, by=by) if theirs else _NEW_IN_SPITE
        if not theirs:
            return Matched(decision=Decision.OTHER_SENDER, reference=reference, by=by)
        return await self._said(conn, mail, reference, by)

    def proves_contact(self, mail: Inbound, reference: str) -> bool:
        """Whether it was sent to an address that only our own mail could tell: a Message-ID can be guessed."""
        return any(tagged == reference for tagged in self._tagged(mail))

    async def returned_notice(self, conn: Connection, returned: Returned | None) -> SentNotice | None:
        """Return the notice that came back. Believed is what bears our tag, or names the address it went to."""
        if returned is None:
            return None
        found = await mails.notice(conn, returned.notice, returned.message_id)
        if found is None:
            return None
        named = returned.recipient is not None and returned.recipient.lower() == str(found.address).lower()
        return found if named or self._tag_in(returned.reply_to or "", found.reference) else None

    async def _meant(self, conn: Connection, mail: Inbound) -> tuple[str | None, Match | None]:
        if mail.references and (found := await mails.answered(conn, mail.key, mail.references)):
            return found, Match.THREAD
        if tagged := self._tagged(mail):
            return tagged[0], Match.TAG
        return (mail.mentions, Match.SUBJECT) if mail.mentions else (None, None)

    async def _said(self, conn: Connection, mail: Inbound, reference: str, by: Match) -> Matched:
        """A plain yes or no counts as the answer only if that is what was asked, and nothing else comes with it."""
        answer, after = plain_answer(mail.text or ""), plain_answer_after_closing(mail.text or "")
        reply = Matched(decision=Decision.REPLY, reference=reference, by=by)
        if mail.files or (answer is None and after is None):
            return reply
        if after is not None and await mails.asks_after_closing(conn, reference, mail.references):
            return Matched(decision=_AFTER_CLOSING[after], reference=reference, by=by)
        if answer is None:
            return reply
        if await actions.asked_by(conn, reference, mail.references) is not None:
            kept = Decision.PROMISE_KEPT if answer else Decision.PROMISE_NOT_KEPT
            return Matched(decision=kept, reference=reference, by=by)
        asked = await mails.question(conn, reference, mail.references)
        if asked is None:
            return reply
        said = Decision.CONFIRMED if answer else Decision.DISPUTED
        return Matched(decision=said, reference=reference, by=by, answers=asked.decision)

    def _tagged(self, mail: Inbound) -> list[str]:
        if self._signer is None:
            return []
        return [one.reference for one in mail.tags if self._signer.is_tag(one.reference, one.tag)]

    def _tag_in(self, address: str, reference: str) -> bool:
        return self._signer is not None and f"+{reference}.{self._signer.tag(reference)}@".lower() in address.lower()


_AFTER_CLOSING = {
    AfterClosing.STILL_SOLVED: Decision.STILL_SOLVED,
    AfterClosing.CAME_BACK: Decision.CAME_BACK,
    AfterClosing.STOP: Decision.SURVEYS_STOPPED,
}
_IGNORED = Matched(decision=Decision.IGNORED)
_NEW_IN_SPITE = Matched(decision=Decision.CASE, by=Match.SUBJECT)
