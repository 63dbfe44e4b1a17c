"""JSON that travels packed: zlib, in base64. For what is large in a payload, of which Temporal takes 2 MB at most."""

import base64
import json
import zlib
from typing import Any

PLAIN_BYTES = 200_000  # up to here a state is readable in Temporal's tools


def pack(text: str) -> str:
    """The text in a fifth of its bytes, or less."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str) -> bytes:
    """Raises `ValueError` if it was not packed."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True))
    except zlib.error:
        raise ValueError("not packed JSON") from None


def pack_if_large(value: Any) -> Any:
    """A JSON value as it is, or packed if it is larger than `PLAIN_BYTES`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return pack(text) if len(text) > PLAIN_BYTES else value


def unpack_if_packed(value: Any) -> Any:
    """The value itself, whichever way it came."""
    return json.loads(unpack(value)) if isinstance(value, str) else value
