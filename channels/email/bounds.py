"""What is looked at in a mail before it is parsed: a parser goes as deep as the sender wants it to.

Everything here counts bytes and lines, so that a hostile mail costs no more than reading it.
"""

import re

from complaints.errors import BadInput

LARGEST = 32 * 1024 * 1024  # bytes of a whole mail: ten files of two megabytes, as mail encodes them
LARGEST_HEADERS = 256 * 1024
MOST_CONTAINERS = 60  # multiparts and messages, however they are nested: so none is deeper than that
MOST_BOUNDARIES = 5_000  # lines that may separate parts
_CONTAINER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(rb"^--", re.MULTILINE)
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_KEPT = "it is kept as it came; look at it, and file it by hand if it is a complaint"


def check_bounds(raw: bytes) -> None:
    """Raises `BadInput`."""
    if not raw.strip():
        raise BadInput("empty", field="mail", remedy="nothing need be done")
    if len(raw) > LARGEST:
        raise too_large()
    end = _HEADERS_END.search(raw, 0, LARGEST_HEADERS + 4)
    if end is None and len(raw) > LARGEST_HEADERS:
        raise BadInput(f"headers of more than {LARGEST_HEADERS // 1024} kB", field="mail.headers", remedy=_KEPT)
    if _more_than(MOST_CONTAINERS, _CONTAINER, raw):
        raise BadInput(f"more than {MOST_CONTAINERS} messages in each other", field="mail.parts", remedy=_KEPT)
    if _more_than(MOST_BOUNDARIES, _BOUNDARY, raw):
        raise BadInput(f"more than {MOST_BOUNDARIES} parts", field="mail.parts", remedy=_KEPT)


def too_large() -> BadInput:
    return BadInput(f"larger than {LARGEST // 1024 // 1024} MB", field="mail", remedy=_KEPT)


def _more_than(most: int, pattern: re.Pattern[bytes], raw: bytes) -> bool:
    return any(number > most for number, _ in enumerate(pattern.finditer(raw), start=1))
