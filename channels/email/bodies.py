"""The words and the files of a mail: of several alternatives the plain one, else HTML as text; a mail in a mail too."""

import re
from collections.abc import Sequence
from email.message import Message
from typing import NamedTuple

from channels.email.headers import Mail, content_type, decoded, parameter, raw_value, text
from channels.email.markup import plain_of

_DEEPEST = 60  # as in `bounds`: nothing deeper comes this far
_ENDINGS = {"text/plain": "txt", "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_NOT_SHOWN = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})


class RawFile(NamedTuple):
    """A file as it came, not looked at yet."""

    name: str
    content: bytes


class Body(NamedTuple):
    words: str
    files: tuple[RawFile, ...]


def body_of(mail: Mail) -> Body:
    """Words and files in their order. Nothing raises: a part that cannot be decoded counts as it stands."""
    words: list[str] = []
    files: list[RawFile] = []
    _collect(mail, words, files, 0)
    return Body("\n\n".join(part.strip() for part in words if part.strip()), tuple(files))


def _collect(part: Mail, words: list[str], files: list[RawFile], depth: int) -> None:
    kind = content_type(part)
    if depth > _DEEPEST or kind in _NOT_SHOWN:
        return
    if part.is_multipart():
        inside = [one for one in part.get_payload() if isinstance(one, Message)]
        if kind == "multipart/alternative":
            _choose(inside, words, files, depth)
            return
        for one in inside:
            if kind.startswith("message/"):
                words.append(_heading(one))
            _collect(one, words, files, depth + 1)
        return
    content = _content(part)
    if _is_file(part, kind):
        files.append(RawFile(_name(part, kind), content))
    elif content:
        words.append(_words(part, kind, content))


def _choose(alternatives: Sequence[Mail], words: list[str], files: list[RawFile], depth: int) -> None:
    """The first alternative that has words, plain text before all others; files of any of them are kept."""
    ordered = sorted(alternatives, key=lambda one: content_type(one) != "text/plain")
    chosen = False
    for one in ordered:
        said: list[str] = []
        _collect(one, said, files, depth + 1)
        if not chosen and any(part.strip() for part in said):
            words += said
            chosen = True


def _is_file(part: Mail, kind: str) -> bool:
    if kind not in ("text/plain", "text/html"):
        return True
    return raw_value(part, "content-disposition").lower().startswith("attachment") or bool(_given_name(part))


def _given_name(part: Mail) -> str:
    return parameter(part, "filename", "content-disposition") or parameter(part, "name")


def _name(part: Mail, kind: str) -> str:
    ending = _ENDINGS.get(kind) or re.sub(r"[^a-z0-9]", "", kind.partition("/")[2])[:8] or "bin"
    return _given_name(part) or f"file.{ending}"


def _content(part: Mail) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001  an encoding that is none
        content = None
    if isinstance(content, bytes):
        return content
    raw = part.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _words(part: Mail, kind: str, content: bytes) -> str:
    said = decoded(content, parameter(part, "charset") or None).replace("\r\n", "\n").replace("\r", "\n")
    if kind == "text/html":
        return plain_of(said)
    if parameter(part, "format").lower() == "flowed":
        return _unflowed(said, joined="" if parameter(part, "delsp").lower() == "yes" else " ")
    return said


def _unflowed(said: str, *, joined: str) -> str:
    """RFC 3676: a line that ends in a space goes on in the next one of the same quoting."""
    lines: list[tuple[str, str, bool]] = []  # marks, text, goes on
    for line in said.split("\n"):
        rest = line.lstrip(">")
        marks = line[: len(line) - len(rest)]
        rest = rest.removeprefix(" ")
        flows = rest.endswith(" ") and rest != "-- "
        rest = rest[:-1] if flows else rest
        if lines and lines[-1][2] and lines[-1][0] == marks and rest != "-- ":
            rest = lines.pop()[1] + joined + rest
        lines.append((marks, rest, flows))
    return "\n".join(f"{marks} {rest}" if marks else rest for marks, rest, _ in lines)


def _heading(mail: Mail) -> str:
    """What a forwarded mail says of itself."""
    return "\n".join(said for name in ("from", "date", "subject") if (said := text(mail, name)))
