"""Raw bytes -> `Inbound`: what a mail says, who wrote it, what it answers. Nothing is fetched and nothing kept."""

import hashlib
import re
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parsedate_to_datetime

from pydantic import TypeAdapter, ValidationError

from channels.email.bodies import RawFile, body_of
from channels.email.bounds import check_bounds
from channels.email.headers import Mail, Mailbox, mailboxes, message_ids, raw_value, text
from channels.email.kinds import MailKind, kind_of
from channels.email.quoting import unquoted
from channels.email.returned import Returned, returned
from channels.email.speech import language_of
from channels.files import CheckedFile, checked_file
from complaints.errors import BadInput
from complaints.messages.intake import MAX_EVIDENCE, MAX_TEXT, Evidence, Name, Text
from complaints.model import Frozen, Instant, Personal
from complaints.reference import normalise
from complaints.vocabulary import Language

LONGEST_SUBJECT = 200
WHOLE_TEXT = "text.txt"
_ANSWER = re.compile(r"\s*(?:re|bls|balas|balasan|aw|antw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_REFERENCE = re.compile(r"\bTTS[-\s]?[0-9A-Z]{13}\b", re.IGNORECASE)
_TAGGED = re.compile(r".*\+(TTS-[0-9A-HJKMNP-TV-Z]{13})\.([a-z2-7]{16})", re.IGNORECASE)
_TEXT: TypeAdapter[Personal] = TypeAdapter(Text)
_NAME: TypeAdapter[Personal] = TypeAdapter(Name)


class Tag(Frozen):
    """A case and a tag, from an address that the mail went to. Whether the tag is ours, the `Signer` knows."""

    reference: str
    tag: str


class Inbound(Frozen):
    """One mail. `key` is the same however often and by whichever way the same mail comes."""

    key: str
    kind: MailKind
    message_id: str | None
    sender: Personal | None
    sender_name: Personal | None
    recipients: tuple[Personal, ...]
    subject: Personal | None
    sent_at: Instant | None
    references: tuple[str, ...]  # message ids of what it answers, the nearest last
    tags: tuple[Tag, ...]
    mentions: str | None  # a reference in the subject
    text: Personal | None  # without what it quotes, if it is an answer
    language: Language
    files: tuple[CheckedFile, ...]
    refused: dict[str, int]  # why files were not taken, and how many
    returned: Returned | None

    @property
    def is_answer(self) -> bool:
        """Whether it may belong to a case that is there."""
        return bool(self.references or self.tags or self.mentions)


def read_mail(raw: bytes, *, own: frozenset[str] = frozenset(), language: Language = Language.ID) -> Inbound:
    """Read a mail; `own` are our own addresses. Raises `BadInput` for one that is too large or too deep, or empty."""
    check_bounds(raw)
    try:
        mail: Mail = BytesParser(policy=compat32).parsebytes(raw)
    except (RecursionError, ValueError, LookupError, AssertionError, TypeError, AttributeError):
        raise BadInput("cannot be parsed", field="mail", remedy="it is kept as it came; look at it") from None
    sender = next(iter(mailboxes(mail, "from", "sender")), None)
    recipients = mailboxes(mail, "delivered-to", "x-original-to", "envelope-to", "to", "cc")
    kind = kind_of(mail, sender.address if sender else None, own)
    subject = text(mail, "subject")
    references = message_ids(mail, "references", "in-reply-to")
    words, files = body_of(mail)
    quoting = bool(references) or _ANSWER.match(subject) is not None
    kept, refused = _checked(files)
    said, rest = _said(unquoted(words) if quoting else words.strip())
    if rest is not None:
        kept = (rest, *kept)[:MAX_EVIDENCE]
    return Inbound(
        key=_key(mail, sender, subject, words, files),
        kind=kind,
        message_id=next(iter(message_ids(mail, "message-id")), None),
        sender=sender.address if sender else None,
        sender_name=_name(sender.name) if sender else None,
        recipients=tuple(one.address for one in recipients),
        subject=_name(subject),
        sent_at=_sent_at(mail),
        references=references,
        tags=_tags(recipients),
        mentions=_mentioned(subject),
        text=said,
        language=language_of(f"{subject}\n{words}", language),
        files=kept,
        refused=refused,
        returned=returned(mail) if kind is MailKind.BOUNCE else None,
    )


def _key(mail: Mail, sender: Mailbox | None, subject: str, words: str, files: tuple[RawFile, ...]) -> str:
    """By what was sent, not by the way it took: a mail that comes twice has other `Received` headers.

    Its Message-ID alone would let a stranger who repeats one take the place of the mail that bears it.
    """
    digest = hashlib.sha256()
    said = (raw_value(mail, "message-id"), sender.address if sender else "", raw_value(mail, "date"), subject, words)
    for value in (*(part.encode("utf-8", "surrogateescape") for part in said), *(file.content for file in files)):
        digest.update(len(value).to_bytes(8))
        digest.update(value)
    return f"mail-{digest.hexdigest()[:40]}"


def _sent_at(mail: Mail) -> Instant | None:
    try:
        found = parsedate_to_datetime(raw_value(mail, "date"))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return found if found.tzinfo is not None else None


def _tags(recipients: tuple[Mailbox, ...]) -> tuple[Tag, ...]:
    found = (_TAGGED.fullmatch(one.address.rpartition("@")[0]) for one in recipients)
    return tuple(dict.fromkeys(Tag(reference=one[1].upper(), tag=one[2].lower()) for one in found if one))


def _mentioned(subject: str) -> str | None:
    return next((found for one in _REFERENCE.findall(subject) if (found := normalise(one))), None)


def _name(value: str) -> Personal | None:
    try:
        return _NAME.validate_python(value[:LONGEST_SUBJECT])
    except ValidationError:
        return None


def _said(words: str) -> tuple[Personal | None, CheckedFile | None]:
    """The words as a case takes them, and all of them as a file if they are too many."""
    if len(words) <= MAX_TEXT:
        return _text(words), None
    content = words.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    evidence = Evidence(sha256=sha256, name=Personal(WHOLE_TEXT), media_type="text/plain", size=len(content))
    return _text(words[:MAX_TEXT]), CheckedFile(evidence=evidence, content=content)


def _text(words: str) -> Personal | None:
    try:
        return _TEXT.validate_python(words)
    except ValidationError:
        return None


def _checked(files: tuple[RawFile, ...]) -> tuple[tuple[CheckedFile, ...], dict[str, int]]:
    """The files that are taken, each once, and why others are not: the reason, never a name."""
    kept: dict[str, CheckedFile] = {}
    refused: dict[str, int] = {}
    for file in files:
        problem = "more than are taken with one message"
        if len(kept) < MAX_EVIDENCE:
            try:
                found = checked_file(file.name, file.content)
            except BadInput as error:
                problem = error.problem
            else:
                kept.setdefault(found.evidence.sha256, found)
                continue
        refused[problem] = refused.get(problem, 0) + 1
    return tuple(kept.values()), refused
