"""JSON that travels packed: zlib, in base64. For what is large in a payload, of which Temporal takes 2 MB at most.

A dictionary of what plans have in common packs one into some 200 bytes. zlib writes into the stream which dictionary it
takes (or none, as at first), so that whatever was ever packed can be read: one that is committed is never changed and
never removed. A new one gets the next number; `WRITTEN` moves to it a release after all workers can read it.
"""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

PLAIN_BYTES = 200_000  # up to here a state is readable in Temporal's tools
WRITTEN = "1"  # the dictionary that is packed with

_FOLDER = Path(__file__).parent / "dictionaries"
_BY_NAME = {file.stem: file.read_bytes() for file in sorted(_FOLDER.glob("*.txt"))}
_BY_CHECKSUM = {zlib.adler32(content).to_bytes(4, "big"): content for content in _BY_NAME.values()}
_HAS_DICTIONARY = 0x20  # a bit of the second byte; the checksum of the dictionary follows (RFC 1950)


def pack(text: str) -> str:
    """The text in a fifth of its bytes; in far less if it is a plan."""
    packing = zlib.compressobj(9, zdict=_BY_NAME[WRITTEN])
    return base64.b64encode(packing.compress(text.encode()) + packing.flush()).decode()


def unpack(text: str) -> bytes:
    """Raises `ValueError` if it was not packed, or with a dictionary that only a newer version has."""
    packed = base64.b64decode(text, validate=True)
    unpacking = zlib.decompressobj(zdict=_dictionary(packed))
    try:
        content = unpacking.decompress(packed) + unpacking.flush()
    except zlib.error:
        raise ValueError("not packed JSON") from None
    if not unpacking.eof:
        raise ValueError("not packed JSON")
    return content


def _dictionary(packed: bytes) -> bytes:
    """The one it was packed with; empty if with none."""
    if len(packed) < 6 or not packed[1] & _HAS_DICTIONARY:  # noqa: PLR2004  (two bytes and a checksum)
        return b""
    try:
        return _BY_CHECKSUM[packed[2:6]]
    except KeyError:
        raise ValueError("not packed JSON that this version can read") from None


def pack_if_large(value: Any) -> Any:
    """A JSON value as it is, or packed if it is larger than `PLAIN_BYTES`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return pack(text) if len(text) > PLAIN_BYTES else value


def unpack_if_packed(value: Any) -> Any:
    """The value itself, whichever way it came."""
    return json.loads(unpack(value)) if isinstance(value, str) else value
