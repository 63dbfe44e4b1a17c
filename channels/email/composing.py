"""A message as a mail: always the same for the same message, whatever words are in it.

Headers hold one line each, made by the standard library from values without line ends, so nothing from outside can add
a header or a recipient. The HTML part shows the same words as the plain one, escaped, and fetches nothing.
"""

import hashlib
import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from channels.outbound import Message, TransportError
from channels.signing import Signer
from complaints.errors import BadInput
from complaints.model import Frozen

LONGEST_SUBJECT = 200
LONGEST_LOCAL = 64  # characters before the @ (RFC 5321)
_COMPLAINANT = "complainant"
_ENDS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
_LINK = re.compile(r"https://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "html"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class _AsWritten(EmailPolicy):
    """Headers in ASCII are kept as the words they are, and read only where they must be folded.

    The library's own policy reads each header as it is set, and again as it is changed: most of the time that a mail
    takes to make. What is written is the same.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        words = str(value)
        if not words.isascii() or len(words.splitlines()) > 1:
            return super().header_store_parse(name, value)  # which encodes, and refuses a second line
        return name, words

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        del name
        return value

    def header_max_count(self, name: str) -> int | None:
        del name
        return None  # each is set once below


_POLICY = _AsWritten(linesep=SMTP_POLICY.linesep)


class Piece(Frozen):
    """A part of a line: words, or a link."""

    words: str
    link: bool = False


def compose(message: Message, *, sender: str, reply_to: str | None = None) -> EmailMessage:
    """Compose the mail of a message. Raises `TransportError` for an impossible address."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = _recipient(message.address)
    mail["Subject"] = _line(message.thread_subject or message.subject)[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(message.written_at)
    mail["Message-ID"] = message.message_id
    if reply_to is not None:
        mail["Reply-To"] = _recipient(reply_to)
    if message.in_reply_to and _is_id(message.in_reply_to):
        mail["In-Reply-To"] = message.in_reply_to
    if known := [one for one in message.refers_to if _is_id(one)]:
        mail["References"] = " ".join(known)
    if message.automatic:  # so that no auto-responder answers it (RFC 3834, and what Exchange heeds)
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail["X-Tuntas-Notice"] = message.key
    mail.set_content(message.body, charset="utf-8", cte="quoted-printable")
    if message.recipient == _COMPLAINANT:
        mail.make_alternative(boundary=f"=_{hashlib.sha256(message.message_id.encode()).hexdigest()[:24]}")
        mail.add_alternative(html_of(message), subtype="html", charset="utf-8", cte="quoted-printable")
    mail["Content-Language"] = message.language  # after the content, which clears headers of this family
    return mail


def html_of(message: Message) -> str:
    """The words of a message as a page of its own."""
    paragraphs = [
        [_pieces(line) for line in paragraph.strip().split("\n")]
        for paragraph in re.split(r"\n\s*\n", message.body.replace("\r\n", "\n"))
        if paragraph.strip()
    ]
    page = _templates.get_template("notice.html.jinja")
    return page.render(language=str(message.language), heading=_line(message.subject), paragraphs=paragraphs)


def reply_address(sender: str, reference: str | None, signer: Signer | None) -> str | None:
    """Return the address to answer to, which names the case and cannot be guessed; None where there can be none."""
    if reference is None or signer is None:
        return None
    local, _, domain = sender.rpartition("@")
    tagged = f"{local.partition('+')[0]}+{reference}.{signer.tag(reference)}"
    return f"{tagged}@{domain}" if len(tagged) <= LONGEST_LOCAL else None


def sender_address(sender: str) -> str:
    """The bare address of a sender. Raises `BadInput`."""
    mail = EmailMessage(policy=SMTP_POLICY)
    try:
        mail["From"] = sender
        (address,) = mail["From"].addresses
    except ValueError:
        address = None
    if address is None or not address.domain:
        raise BadInput("not one e-mail address", field="mail_from", remedy="write it as Tuntas <care@example.co.id>")
    return str(address.addr_spec)


def _line(words: str) -> str:
    """One line, whatever it was. The library decodes encoded words in what it is given, line ends among them."""
    return " ".join(_ENDS.sub(" ", words).split()).replace("=?", "= ?")


def _is_id(words: str) -> bool:
    return _MESSAGE_ID.fullmatch(words) is not None and "=?" not in words


def _pieces(line: str) -> list[Piece]:
    found: list[Piece] = []
    end = 0
    for link in _LINK.finditer(line):
        found += [Piece(words=line[end : link.start()]), Piece(words=link.group(), link=True)]
        end = link.end()
    return [piece for piece in (*found, Piece(words=line[end:])) if piece.words]


def _recipient(address: str | None) -> Address:
    """One address and nothing else: no list, no second header, no display name from outside."""
    try:
        return Address(addr_spec=address or "")
    except (ValueError, IndexError, MessageError):
        raise TransportError("no usable e-mail address", permanent=True) from None
