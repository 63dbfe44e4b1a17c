"""Headers as people see them. Nothing here raises, whatever stands there: what cannot be read is left out or replaced.

Values are read from the raw header, not by `email.policy.default`, whose parser raises on some broken headers and takes
minutes over others.
"""

import binascii
import contextlib
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from complaints.messages.intake import Address
from complaints.model import Personal

Mail = Message
LONGEST = 100_000  # characters of one header: a thousand recipients
MOST_ADDRESSES = 2_000
MOST_REFERENCES = 100
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_IN_BRACKETS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_ADDRESS: TypeAdapter[Personal] = TypeAdapter(Address)


class Mailbox(NamedTuple):
    """A name and an address; the address is one that can be written to."""

    name: str
    address: Personal


def decoded(content: bytes, charset: str | None) -> str:
    """Text in its charset, else in UTF-8, else byte by byte: whatever charset a mail names, it is read."""
    for candidate in (charset, "utf-8"):
        if candidate:
            with contextlib.suppress(LookupError, UnicodeError, ValueError):
                return content.decode(candidate.strip().strip("\"'"))
    return content.decode("cp1252", "replace")


def raw_values(mail: Mail, name: str) -> list[str]:
    """Every header of a name, unfolded, undecoded, the first ones first."""
    wanted = name.lower()
    found = [str(value) for key, value in mail.raw_items() if key.lower() == wanted]
    return [_FOLD.sub(" ", value[:LONGEST]).strip() for value in found]


def raw_value(mail: Mail, name: str) -> str:
    return next(iter(raw_values(mail, name)), "")


def text(mail: Mail, name: str) -> str:
    """The first header of a name in words, on one line."""
    return words(raw_value(mail, name))


def words(value: str) -> str:
    """Decode RFC 2047; bytes that should not be there are read as UTF-8 or byte by byte."""
    plain = _without_surrogates(value)
    try:
        parts = decode_header(plain)
    except (HeaderParseError, binascii.Error, ValueError, LookupError):
        return " ".join(plain.split())
    said = "".join(part if isinstance(part, str) else decoded(part, charset) for part, charset in parts)
    return " ".join(said.split())


def mailboxes(mail: Mail, *names: str) -> tuple[Mailbox, ...]:
    """The addresses of these headers that can be written to, each once."""
    found: dict[str, Mailbox] = {}
    for value in (value for name in names for value in raw_values(mail, name)):
        for name, address in _pairs(_without_surrogates(value)):
            if (valid := usable(address)) is not None:
                found.setdefault(valid.lower(), Mailbox(words(name), valid))
            if len(found) >= MOST_ADDRESSES:
                return tuple(found.values())
    return tuple(found.values())


def usable(address: str) -> Personal | None:
    """The address if it is one, its domain in small letters."""
    local, _, domain = address.strip().rpartition("@")
    try:
        return _ADDRESS.validate_python(f"{local}@{domain.lower()}")
    except ValidationError:
        return None


def message_ids(mail: Mail, *names: str) -> tuple[str, ...]:
    """The message ids of these headers, each once; of too many the last ones, which lie nearest."""
    values = (value for name in names for value in raw_values(mail, name))
    found = dict.fromkeys(one for value in values for one in _MESSAGE_ID.findall(value) if one.isascii())
    return tuple(found)[-MOST_REFERENCES:]


def content_type(part: Mail) -> str:
    return str(_safely(part.get_content_type, "application/octet-stream")).lower()


def parameter(part: Mail, name: str, header: str = "content-type") -> str:
    """A parameter of a header, as one word; empty if there is none."""
    if len(raw_value(part, header)) > LONGEST // 20:
        return ""
    value = _safely(lambda: part.get_param(name, "", header), "")
    if isinstance(value, tuple):  # RFC 2231: charset, language, text
        charset, _, value = value
        value = decoded(str(value).encode("latin-1", "replace"), charset)
    return words(str(value or ""))


def _pairs(value: str) -> list[tuple[str, str]]:
    """Names and addresses; a name with an unquoted comma, which is wrong and common, loses nobody."""
    pairs = [pair for pair in _safely(lambda: getaddresses([value]), []) if pair[1]]
    if pairs:
        return pairs
    return [(value.partition("<")[0].strip(' "'), address) for address in _IN_BRACKETS.findall(value)]


def _without_surrogates(value: str) -> str:
    """The parser keeps bytes beyond ASCII as surrogates."""
    if value.isascii():
        return value
    return decoded(value.encode("utf-8", "surrogateescape"), None)


def _safely(read: Any, otherwise: Any) -> Any:
    """What the standard library makes of a broken header, whose reader raises whatever comes about."""
    try:
        return read()
    except Exception:  # noqa: BLE001
        return otherwise
