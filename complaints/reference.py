"""References: `TTS-` plus 12 Crockford base32 characters and a check character, derived from (channel, key).

The check character is Crockford's (value modulo 37). References whose check would be one of his five extra symbols are
passed over, because `*`, `~`, `$` and `=` are hard to say on the phone and mean something in addresses.
"""

import hashlib
import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FORM = re.compile(r"TTS-[0-9A-HJKMNP-TV-Z]{13}")
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def reference_for(channel: str, key: str, *, salt: int = 0) -> str:
    """The reference of a complaint. `salt` > 0 gives another one, when the first already belongs to another key."""
    attempt = 0
    while True:
        seed = "\x00".join((channel, key, str(salt), str(attempt)))
        value = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) >> 4  # 60 bits: 12 characters
        if value % 37 < len(ALPHABET):
            return f"TTS-{_encode(value)}{ALPHABET[value % 37]}"
        attempt += 1


def _encode(value: int) -> str:
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(55, -1, -5))


def normalise(text: str) -> str | None:
    """A reference as a person typed it (case, spaces, O for 0, I and L for 1), or None if its check does not hold."""
    compact = re.sub(r"[\s-]", "", text.upper())
    if not compact.startswith("TTS"):
        return None
    found = "TTS-" + compact[3:].translate(_LOOKALIKES)
    if _FORM.fullmatch(found) is None:
        return None
    value = 0
    for character in found[4:16]:
        value = value << 5 | ALPHABET.index(character)
    return found if value % 37 == ALPHABET.index(found[16]) else None
