"""What people wrote, made harmless for a document: nothing invisible that turns lines around, nothing without end."""

import re

LONGEST = 20_000  # characters of one text in the record itself
LONGEST_IN_ANNEX = 1_000  # of what was said with one entry
SHOWN = "\ufffd"
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and the end of a line
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # they turn the order of what is read
    "\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U000e0000-\U0010ffff]"  # tags, private use, and what is nothing at all
)


def visible(text: str) -> str:
    """Return a text in which whatever cannot be seen is a mark that can."""
    return _UNSEEN.sub(SHOWN, text.replace("\r\n", "\n").replace("\r", "\n"))


def harmless(text: object, longest: int = LONGEST) -> tuple[str, int]:
    """Return the beginning of a text, and how many characters were left out."""
    whole = str(text)
    return visible(whole[:longest]), max(len(whole) - longest, 0)
