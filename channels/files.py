"""Files that people send: what is taken, and as what. Nothing here is trusted: not the name, not the type it claims.

What a file is, its bytes say (signatures, by puremagic). Taken are pictures, sound, film, documents and plain text;
never what a browser would run (HTML, SVG, scripts), never a program or an archive, and never a picture or document that
is an archive as well (a polyglot). An office document is an archive by nature: what it would unpack to is bounded, so a
bomb is refused without being unpacked.
"""

import hashlib
import io
import re
import unicodedata
import zipfile

import puremagic

from complaints.errors import BadInput
from complaints.messages.intake import Evidence
from complaints.model import Frozen, Personal

LARGEST = 10 * 1024 * 1024  # bytes of one file
LARGEST_UNPACKED = 100 * 1024 * 1024  # bytes that an office document may unpack to
MOST_PARTS = 2_000  # files inside an office document
LONGEST_NAME = 120
PLAIN = "text/plain"
_SURE = 0.3  # puremagic's confidence for a signature of three bytes or more
_ZIP_ENDING, _ZIP_TAIL = b"PK\x05\x06", 65_557  # the end of an archive, and how far from a file's end it may lie
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OFFICE_FOLDERS = {
    "word/": _OFFICE + "wordprocessingml.document",
    "xl/": _OFFICE + "spreadsheetml.sheet",
    "ppt/": _OFFICE + "presentationml.presentation",
}
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heif": "heic",
    "application/pdf": "pdf", "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/wave": "wav", "audio/mp4": "m4a",
    "video/mp4": "mp4", "video/webm": "webm", PLAIN: "txt",
    _OFFICE_FOLDERS["word/"]: "docx", _OFFICE_FOLDERS["xl/"]: "xlsx", _OFFICE_FOLDERS["ppt/"]: "pptx",
    _OPEN_DOCUMENT + "text": "odt", _OPEN_DOCUMENT + "spreadsheet": "ods",
}  # fmt: skip
"""What is taken, with the ending that a file of it bears."""
_ACTIVE = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed|\?xml|xsl:|math)\b|^#!", re.IGNORECASE
)
_REMEDY = "send a picture, a PDF, an office document, sound, film or plain text"


class CheckedFile(Frozen):
    """A file that was taken: what to keep of it, and its bytes."""

    evidence: Evidence
    content: bytes


def checked_file(name: str, content: bytes, *, field: str = "evidence") -> CheckedFile:
    """Return a file as it may be kept. Raises `BadInput` naming `field`, never the file's name."""
    if not content:
        raise BadInput("an empty file", field=field, remedy="choose the file again")
    if len(content) > LARGEST:
        remedy = f"send files of at most {LARGEST // 1024 // 1024} MB each"
        raise BadInput("a file that is too large", field=field, remedy=remedy)
    media_type = _media_type(content)
    if media_type is None:
        raise BadInput("a file of a kind that is not taken", field=field, remedy=_REMEDY)
    evidence = Evidence(
        sha256=hashlib.sha256(content).hexdigest(),
        name=Personal(safe_name(name, media_type)),
        media_type=media_type,
        size=len(content),
    )
    return CheckedFile(evidence=evidence, content=content)


def safe_name(name: str, media_type: str) -> str:
    """Return a file name without folders, control characters or a misleading ending: that of its type is put there."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    stem = shown.rpartition(".")[0] if "." in shown.strip(".") else shown
    stem = " ".join(stem.split()).strip(". ")[:LONGEST_NAME]
    return f"{stem or 'file'}.{ENDINGS.get(media_type, 'bin')}"


def _media_type(content: bytes) -> str | None:
    if content.startswith(b"PK\x03\x04"):
        return _document(content)
    if _ZIP_ENDING in content[-_ZIP_TAIL:]:
        return None  # something else and an archive at once
    named = _by_signature(content)
    return named if named is not None else _plain(content)


def _by_signature(content: bytes) -> str | None:
    """Return the type that the first bytes stand for, if it is one that is taken."""
    try:
        matches = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return None
    best = max((match.confidence for match in matches), default=0.0)
    names = [match.mime_type for match in matches if match.confidence == best and best >= _SURE]
    return next((name for name in names if name in ENDINGS and name != PLAIN), None)


def _plain(content: bytes) -> str | None:
    """Text, whole and in UTF-8, with nothing that a browser or a shell would run."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if any(unicodedata.category(c) == "Cc" and c not in "\r\n\t\f" for c in text):
        return None
    return None if _ACTIVE.search(content) else PLAIN


def _document(content: bytes) -> str | None:
    """An office document: an archive of the folders that such a document has, and of a bearable size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                return None
            names = [part.filename for part in parts]
            if any(name.endswith("vbaProject.bin") for name in names):
                return None  # macros
            if names[:1] == ["mimetype"]:
                return _named_inside(archive)
    # What `zipfile` raises over what people send: cut archives, encrypted ones and compressions that it does not know
    # (RuntimeError), offsets that lead nowhere. Such a file is no document, and is refused by whoever asked.
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for folder, kind in _OFFICE_FOLDERS.items() if any(n.startswith(folder) for n in names)), None)


def _named_inside(archive: zipfile.ZipFile) -> str | None:
    """OpenDocument says its type in its first part (ODF 1.3, part 2, 3.3)."""
    longest = 100
    with archive.open("mimetype") as part:
        named = part.read(longest).decode("ascii", "replace").strip()
    return named if named in ENDINGS else None
