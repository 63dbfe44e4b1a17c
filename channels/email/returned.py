"""Which of our mails came back, and why: from a delivery status notification (RFC 3464), or from what is quoted."""

import re
from collections.abc import Iterator
from email.message import Message

from channels.email.headers import Mail, content_type, raw_value, usable
from channels.email.kinds import OUR_MARK
from complaints.model import Frozen, Personal

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_IN_TEXT = re.compile(r"^(message-id|x-tuntas-notice|reply-to)\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
UNKNOWN = "5.0.0"


class Returned(Frozen):
    """A mail that could not be delivered. `reply_to` is what stood in it: its tag shows that it was ours."""

    message_id: str | None = None
    notice: str | None = None  # the key of the notice
    reply_to: str | None = None
    recipient: Personal | None = None
    status: str = UNKNOWN


def returned(mail: Mail) -> Returned | None:
    """What came back for good; None for a delay, for a success, and where nothing says what it is about."""
    recipient, action, status = None, "failed", UNKNOWN
    for block in _status_blocks(mail):
        if said := raw_value(block, "action").lower():
            action, recipient = said, _recipient(block)
            found = _STATUS.search(raw_value(block, "status"))
            status = found.group() if found else UNKNOWN
            if action.startswith("failed"):
                break
    if not action.startswith("failed") or not status.startswith("5"):
        return None
    found_headers = _returned_headers(mail)
    if not found_headers.get("message-id") and not found_headers.get("x-tuntas-notice"):
        return None
    return Returned(
        message_id=found_headers.get("message-id"),
        notice=found_headers.get("x-tuntas-notice"),
        reply_to=found_headers.get("reply-to"),
        recipient=recipient,
        status=status,
    )


def _status_blocks(mail: Mail) -> Iterator[Mail]:
    for part in mail.walk():
        if content_type(part) == "message/delivery-status" and isinstance(blocks := part.get_payload(), list):
            yield from (block for block in blocks if isinstance(block, Message))


def _recipient(block: Mail) -> Personal | None:
    said = raw_value(block, "original-recipient") or raw_value(block, "final-recipient")
    return usable(said.partition(";")[2].strip().strip("<>"))


def _returned_headers(mail: Mail) -> dict[str, str]:
    """From the returned mail, from its headers alone, or from where a server quotes them in words."""
    for part in mail.walk():
        if part is mail:
            continue
        if raw_value(part, OUR_MARK):
            return {name: raw_value(part, name) for name in ("message-id", "x-tuntas-notice", "reply-to")}
        if content_type(part) in ("text/rfc822-headers", "message/rfc822-headers", "text/plain") and (
            found := _quoted_headers(part)
        ):
            return found
    return _quoted_headers(mail) if not mail.is_multipart() else {}


def _quoted_headers(part: Mail) -> dict[str, str]:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or OUR_MARK.lower().encode() not in content.lower():
        return {}
    said = content[:200_000].decode("latin-1").replace("\r\n", "\n").replace("\n ", " ")
    return {name.lower(): value.strip() for name, value in _IN_TEXT.findall(said)}
