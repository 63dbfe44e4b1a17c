"""Chains of whys: whether one loops, and where an analysis has a weak end. Pure; words only are compared.

A chain goes from the problem to its cause: no answer comes back to what was asked or said already, and each why asks
after the answer before it. Whether it does cannot be told from words for certain, so that a break is only pointed out.
Compared are the words that carry meaning, without case, punctuation, and question words, in Indonesian and English;
in other languages by their letters alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from complaints.messages.commands.learning import WeakEnd, Why
from complaints.vocabulary import FishboneClass, RootCauseMethod, Weakness

SHORTEST = 3
"""Whys below which an analysis has hardly left the symptom."""
_ALIKE = 4  # letters in a row that make two words of one root, whatever stands before and after them
_WORD = re.compile(r"[^\W_]+")
_ASKING = frozenset(
    {
        "mengapa", "kenapa", "apa", "apakah", "sebab", "penyebab", "penyebabnya", "karena", "oleh", "why", "how",
        "come", "what", "because", "since", "due",
    }
)  # fmt: skip
_EMPTY = _ASKING | frozenset(
    {
        "yang", "dan", "atau", "di", "ke", "dari", "itu", "ini", "ada", "adalah", "pada", "untuk", "dengan", "akan",
        "sudah", "belum", "telah", "masih", "juga", "hal", "kami", "kita", "mereka", "dia", "saja", "lagi", "bisa",
        "dapat", "jadi", "begitu", "demikian", "tersebut", "tidak", "bukan", "the", "a", "an", "is", "are", "was",
        "were", "be", "been", "being", "it", "its", "this", "that", "these", "those", "there", "of", "to", "in", "on",
        "at", "for", "with", "and", "or", "not", "no", "did", "do", "does", "done", "had", "has", "have", "he", "she",
        "they", "we", "our", "their", "his", "her", "so", "by", "as", "isn", "t", "s", "wasn", "didn", "doesn", "don",
        "hasn", "hadn", "happened", "happen", "happens",
    }
)  # fmt: skip
_NEGATING = frozenset({"tidak", "bukan", "belum", "not", "no", "never"})
_HUMAN = (
    "human error", "human mistake", "kesalahan manusia", "kesalahan orang", "faktor manusia", "human factor",
    "kelalaian", "kelalaian petugas", "lalai", "lupa", "kelupaan", "kurang teliti", "tidak teliti", "ceroboh",
    "kecerobohan", "kurang hati hati", "tidak hati hati", "kurang fokus", "tidak fokus", "kurang konsentrasi",
    "salah orang", "salah petugas", "kesalahan petugas", "kesalahan staf", "kesalahan karyawan", "khilaf",
    "forgot", "forgotten", "forgetful", "forgetfulness", "careless", "carelessness", "negligence", "negligent",
    "oversight", "inattention", "inattentive", "not paying attention", "did not pay attention", "lack of attention",
    "operator error", "staff error", "staff mistake", "employee error", "user error", "agent error", "not careful",
)  # fmt: skip
_HUMAN_ERROR = re.compile(rf"\b(?:{'|'.join(_HUMAN)})\b")


class Loop(NamedTuple):
    """Where a chain comes back to itself: the field, how, and what to do."""

    field: str
    problem: str
    remedy: str


_REMEDY = {
    Weakness.HUMAN_ERROR: "ask once more: what in the work, the tools or the instructions let it happen?",
    Weakness.NO_EVIDENCE: "say what shows it: a record, a measurement, a file of the case",
    Weakness.SHORT_CHAIN: f"go on until the answer can be changed; fewer than {SHORTEST} whys rarely do",
    Weakness.BROKEN_CHAIN: "ask why the answer before it is so, in its own words, or put a why between",
    Weakness.NO_CLASS: "say on which bone of the diagram the cause lies: `fishbone_class`",
}


def loop(whys: Sequence[Why]) -> Loop | None:
    """The first link that repeats an earlier one."""
    asked: dict[str, int] = {}
    content: dict[str, int] = {}  # what each why asks, its words in any order: a question turns them round
    said: dict[str, int] = {}
    for index, link in enumerate(whys):
        field, why, answer = f"whys.{index}", _core(link.why), _core(link.answer)
        if why and why in asked:
            return Loop(field, f"asks again what why {asked[why] + 1} asked", "ask after the answer before it")
        asked[why] = index
        content.setdefault(_content(link.why), index)
        if answer and answer in said:
            problem = f"gives answer {said[answer] + 1} again: the chain loops"
            return Loop(field, problem, "find what lies behind that answer")
        if (repeated := content.get(_content(link.answer))) is not None and _content(link.answer):
            problem = f"answers with what why {repeated + 1} asked: the chain loops"
            return Loop(field, problem, "find what lies behind it, not the problem itself")
        said[answer] = index
    return None


def weak_ends(
    method: RootCauseMethod,
    cause: str,
    whys: Sequence[Why],
    evidence: str | None = None,
    fishbone_class: FishboneClass | None = None,
) -> tuple[WeakEnd, ...]:
    """Everything that makes an analysis weak, in the order of its fields. None of it is a reason to refuse it."""
    return tuple(
        WeakEnd(field=field, weakness=weakness, remedy=_REMEDY[weakness])
        for field, weakness in _weak(method, cause, whys, evidence, fishbone_class)
    )


def _weak(
    method: RootCauseMethod,
    cause: str,
    whys: Sequence[Why],
    evidence: str | None,
    fishbone_class: FishboneClass | None,
) -> Iterator[tuple[str, Weakness]]:
    if blames_a_person(cause):
        yield "cause", Weakness.HUMAN_ERROR
    if method is RootCauseMethod.FIVE_WHYS and len(whys) < SHORTEST:
        yield "whys", Weakness.SHORT_CHAIN
    for index, link in enumerate(whys):
        if index and not _follows(link.why, whys[index - 1].answer):
            yield f"whys.{index}.why", Weakness.BROKEN_CHAIN
        if not link.evidence:
            yield f"whys.{index}.evidence", Weakness.NO_EVIDENCE
    if whys and blames_a_person(whys[-1].answer):
        yield f"whys.{len(whys) - 1}.answer", Weakness.HUMAN_ERROR
    if not whys and not evidence:
        yield "evidence", Weakness.NO_EVIDENCE
    if method is RootCauseMethod.FISHBONE and fishbone_class is None:
        yield "fishbone_class", Weakness.NO_CLASS


def blames_a_person(text: str) -> bool:
    """Whether a cause ends at somebody who erred: as true as it is of no use, for the next one will err too."""
    return _HUMAN_ERROR.search(" ".join(_words(text))) is not None


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _core(text: str) -> str:
    """What is said, without the words that only ask or lead on to it."""
    return " ".join(word for word in _words(text) if word not in _ASKING)


def _content(text: str) -> str:
    return " ".join(sorted(word for word in _words(text) if word not in _EMPTY or word in _NEGATING))


def _follows(why: str, answer: str) -> bool:
    """Whether a why speaks of the answer before it. One that says nothing of its own ("Why?") always does."""
    spoken, of = _meaning(why), _meaning(answer)
    return not spoken or not of or any(_alike(one, other) for one in spoken for other in of)


def _meaning(text: str) -> list[str]:
    return [word for word in _words(text) if word not in _EMPTY]


def _alike(one: str, other: str) -> bool:
    """Two forms of one word, such as *kirim* and *pengiriman*: they share some letters in a row."""
    return one == other or any(part in other for part in _parts(one))


def _parts(word: str) -> Iterable[str]:
    return (word[start : start + _ALIKE] for start in range(len(word) - _ALIKE + 1))
