"""What a person wrote, without what their program put below it: the mail they answer, and their signature.

Indonesian and English. A quote that is introduced by a line and marked by `>` ends where the marks end, so that words
below it stay; one without marks goes to the end. A mail that would be nothing but quote keeps all its text.
"""

import re

_SPAN = 4  # lines over which "On … wrote:" may be wrapped
_BLOCK = 9  # lines in which the headers of a quoted mail stand
_WROTE = re.compile(
    r"(?:pada|on|tanggal|le)\b(?=.*(?:\d|@)).{3,400}\b(?:menulis|telah menulis|wrote|a écrit)\s*:", re.IGNORECASE
)
_BEGINS_WROTE = re.compile(r"(?:pada|on|tanggal|le)\b", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"[-_=* ]{2,}\s*(?:pesan asli|pesan awal|original message|mensaje original)\s*[-_=* ]{2,}", re.IGNORECASE
)
_FROM = re.compile(r"\*?(?:dari|from)\s*:\*?\s*\S", re.IGNORECASE)
_OTHERS = re.compile(
    r"\*?(?:dikirim|terkirim|tanggal|kepada|untuk|subjek|perihal|sent|date|to|subject|cc)\s*:\*?", re.IGNORECASE
)
_RULE = re.compile(r"[_-]{10,}")
_SENT_FROM = re.compile(
    r"(?:sent from my|get outlook for|sent from (?:mail|yahoo|outlook)|dikirim dari|dapatkan outlook untuk)\b.{0,80}",
    re.IGNORECASE,
)


def unquoted(text: str) -> str:
    """Return what was written; the whole text, if nothing else is left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _without_signature(_without_quotes(lines)) or text.strip()


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    index = 0
    while index < len(lines):
        length = _introduction(lines, index)
        if length:
            index = _past_marked(lines, index + length)
            if index < 0:
                _drop_rule(kept)
                return kept
        elif _marked(lines[index]):
            index += 1
        else:
            kept.append(lines[index])
            index += 1
    return kept


def _introduction(lines: list[str], index: int) -> int:
    """Over how many lines from here a quote is introduced; 0 if it is not."""
    line = lines[index].strip()
    if _ORIGINAL.fullmatch(line):
        return 1
    if _FROM.match(line):
        block = [other.strip() for other in lines[index + 1 : index + _BLOCK]]
        kinds = {found.group().lower() for other in block if (found := _OTHERS.match(other))}
        return 1 if len(kinds) > 1 else 0
    if _BEGINS_WROTE.match(line):
        for span in range(1, _SPAN + 1):
            joined = " ".join(part.strip() for part in lines[index : index + span])
            if _WROTE.fullmatch(joined):
                return span
    return 0


def _past_marked(lines: list[str], index: int) -> int:
    """Where words go on after a marked quote; -1 if the quote has no marks, and goes to the end."""
    while index < len(lines) and not lines[index].strip():
        index += 1
    if index < len(lines) and not _marked(lines[index]):
        return -1
    while index < len(lines) and (_marked(lines[index]) or not lines[index].strip()):
        index += 1
    return index


def _marked(line: str) -> bool:
    return line.lstrip().startswith(">")


def _drop_rule(kept: list[str]) -> None:
    """Drop the rule that some programs draw above the headers of a quoted mail."""
    while kept and (not kept[-1].strip() or _RULE.fullmatch(kept[-1].strip())):
        kept.pop()


def _without_signature(lines: list[str]) -> str:
    for index, line in enumerate(lines):
        if line in ("-- ", "--"):
            lines = lines[:index]
            break
    while lines and (not lines[-1].strip() or _SENT_FROM.fullmatch(lines[-1].strip())):
        lines = lines[:-1]
    return "\n".join(lines).strip()
