"""What sent a mail: a person, or a machine that must not be answered (RFC 3834, RFC 2919, RFC 3464, RFC 5965)."""

import re
from enum import StrEnum

from channels.email.headers import Mail, content_type, parameter, raw_value, raw_values, text

OUR_MARK = "X-Tuntas-Notice"
_POSTMASTER = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_AUTOMATIC_SUBJECT = re.compile(
    r"(?:out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|balasan otomatis|"
    r"jawaban otomatis|di luar kantor|sedang cuti)\b",
    re.IGNORECASE,
)
_OUR_ID = re.compile(r"<[0-9a-f]{40}@([^<>@\s]+)>")


class MailKind(StrEnum):
    PERSON = "person"
    AUTOMATIC = "automatic"  # an absence note, an acknowledgement, a notification
    LIST = "list"  # a mailing list, bulk mail
    BOUNCE = "bounce"  # a mail of ours, or what pretends to be one, came back
    REPORT = "report"  # a read receipt, a report of unwanted mail
    LOOP = "loop"  # a mail of our own


def kind_of(mail: Mail, sender: str | None, own: frozenset[str]) -> MailKind:
    """`own` are our addresses, in small letters. What comes first in this order counts."""
    if raw_value(mail, OUR_MARK) or (sender or "").lower() in own or _our_message(mail, own):
        return MailKind.LOOP
    report = _report(mail)
    if report is not None:
        return report
    nobody = "<>" in raw_values(mail, "return-path")
    if nobody and _POSTMASTER.search(raw_value(mail, "from")):
        return MailKind.BOUNCE
    if _is_list(mail):
        return MailKind.LIST
    return MailKind.AUTOMATIC if nobody or _is_automatic(mail) else MailKind.PERSON


def is_our_id(message_id: str, own: frozenset[str]) -> bool:
    """Whether a Message-ID looks like those of our notices."""
    found = _OUR_ID.fullmatch(message_id)
    return found is not None and found.group(1).lower() in {address.rpartition("@")[2] for address in own}


def _our_message(mail: Mail, own: frozenset[str]) -> bool:
    return is_our_id(raw_value(mail, "message-id"), own)


def _report(mail: Mail) -> MailKind | None:
    parts = {content_type(part) for part in mail.walk() if part is not mail}
    kind = parameter(mail, "report-type").lower() if content_type(mail) == "multipart/report" else ""
    if kind == "delivery-status" or "message/delivery-status" in parts:
        return MailKind.BOUNCE
    if kind or parts & {"message/feedback-report", "message/disposition-notification"}:
        return MailKind.REPORT
    return None


def _is_list(mail: Mail) -> bool:
    return bool(raw_value(mail, "list-id") or raw_value(mail, "list-post")) or _first_word(mail, "precedence") in (
        "list",
        "bulk",
        "junk",
    )


def _is_automatic(mail: Mail) -> bool:
    submitted = _first_word(mail, "auto-submitted")
    suppressed = raw_value(mail, "x-auto-response-suppress").lower()
    return (
        submitted not in ("", "no")
        or any(word in suppressed for word in ("all", "oof", "autoreply"))
        or _first_word(mail, "precedence") == "auto_reply"
        or any(raw_value(mail, name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder"))
        or _AUTOMATIC_SUBJECT.match(text(mail, "subject")) is not None
    )


def _first_word(mail: Mail, name: str) -> str:
    return raw_value(mail, name).lower().partition(";")[0].strip()
