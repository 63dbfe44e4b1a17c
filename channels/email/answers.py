"""A plain answer to "Is it solved?", or after closing "Is it still well?": whole lines that can mean nothing else.

All others are for a person.
"""

import re
from enum import StrEnum

_YES = {
    "ya", "iya", "ya sudah", "sudah", "sudah selesai", "ya sudah selesai", "iya sudah selesai", "ya selesai", "selesai",
    "puas", "ya puas", "saya puas", "ya saya puas", "sudah puas", "setuju", "ya setuju", "saya setuju",
    "ya sudah beres", "sudah beres", "beres", "masalah selesai", "masalah sudah selesai",
    "yes", "yes it is", "yes solved", "yes it is solved", "solved", "it is solved", "resolved", "it is resolved",
    "yes resolved", "satisfied", "yes satisfied", "i am satisfied", "yes i am satisfied", "yes i agree", "i agree",
}  # fmt: skip
_NO = {
    "tidak", "tidak puas", "tidak setuju", "tidak saya tidak puas", "saya tidak puas", "saya tidak setuju", "belum",
    "belum selesai", "tidak belum selesai", "belum beres", "belum puas", "saya belum puas", "masalah belum selesai",
    "no", "no it is not", "not solved", "it is not solved", "not resolved", "it is not resolved", "not yet",
    "no not yet", "no not solved", "not satisfied", "i am not satisfied", "no i am not satisfied", "i disagree",
    "no i disagree", "i do not agree", "no i do not agree",
}  # fmt: skip
_BACK = {
    "kembali lagi", "muncul lagi", "terjadi lagi", "masalahnya kembali lagi", "masalahnya muncul lagi",
    "masalah muncul lagi", "masalah kembali lagi", "masalahnya terjadi lagi", "rusak lagi", "bermasalah lagi",
    "it came back", "came back", "it is back", "the problem is back", "the problem came back",
    "the problem has returned",
    "it happened again", "happened again",
}  # fmt: skip
_STOP = {
    "berhenti", "stop", "jangan tanya lagi", "jangan tanya saya lagi", "jangan bertanya lagi", "tidak mau ditanya lagi",
    "berhenti bertanya", "henti", "unsubscribe", "do not ask again", "do not ask me again", "please stop",
    "stop asking",
    "mohon berhenti", "tolong berhenti",
}  # fmt: skip
_FINE = {
    "baik", "semuanya baik", "semua baik", "ya baik", "ya semuanya baik", "aman", "masih beres", "masih baik",
    "tetap teratasi", "ya tetap teratasi",
    "all is well", "all well", "all good", "yes all is well", "yes all good", "still solved", "fine",
    "yes still solved",
}  # fmt: skip
# Words after a yes that may take it back: then a person reads it.
_DOUBT = re.compile(
    r"\?|\b(?:tapi|tetapi|namun|cuma|hanya|belum|tidak|masih|kecuali|bukan|but|however|except|only|not|still|yet|no|"
    r"never|isn't|wasn't|hasn't|didn't|don't|doesn't)\b",
    re.IGNORECASE,
)
# Thanks around a yes take nothing from it. After a no they may mean "no need": then a person reads it.
_THANKS = re.compile(
    r"^(?:terima kasih|terimakasih|makasih|thank you|thanks) |"
    r" (?:dan )?(?:terima kasih|terimakasih|makasih|trims|thank you|thanks|many thanks)"
    r"(?: (?:banyak|sekali|ya|atas bantuannya|very much|so much|a lot|for your help))?$"
)
_ENDS = re.compile(r"[.,!;:\s]+")
_SAME = {"it's": "it is", "i'm": "i am", "isn't": "is not", "don't": "do not"}


def plain_answer(text: str) -> bool | None:
    """True or False if the first line says no more than that; None if a person must read it."""
    first, _, rest = text.strip().partition("\n")
    said = _normal(first)
    if said in _NO:
        return False
    if _THANKS.sub("", said) in _YES and not _DOUBT.search(rest):
        return True
    return None


class AfterClosing(StrEnum):
    """What a follow-up can be answered with in a word."""

    STILL_SOLVED = "still_solved"
    CAME_BACK = "came_back"
    STOP = "stop"


def plain_answer_after_closing(text: str) -> AfterClosing | None:
    """What the first line says if it says no more than that; None if a person must read it."""
    first, _, rest = text.strip().partition("\n")
    said = _normal(first)
    if said in _STOP:
        return AfterClosing.STOP
    if said in _BACK or said in _NO:
        return AfterClosing.CAME_BACK
    if (said in _YES or said in _FINE) and not _DOUBT.search(rest):
        return AfterClosing.STILL_SOLVED
    return None


def _normal(line: str) -> str:
    lowered = line.casefold().replace("\u2019", "'")
    for short, long in _SAME.items():
        lowered = lowered.replace(short, long)
    return _ENDS.sub(" ", lowered).strip()
