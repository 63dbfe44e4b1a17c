"""Past records as a reference: closure records that are like a case, and those that hold given words.

Nobody waits for a million records: words that a third of them have are looked for in the weeks before the last closing
first, and further back only as long as too few are found.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from complaints.errors import BadInput
from complaints.messages.duties import RemedyRow
from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import CauseCategory, ClosingReason, Language, Outcome
from database import sql
from database.likeness import Term, chosen
from database.sql import Connection

QUERIES = sql.load("past_records")
LONGEST = 8_000  # characters of a text that is searched by
LEAST = 0.1  # what is less alike is none
CANDIDATES = 100  # so many records are read and compared
HIDDEN = "•••"
SEASON = 16  # weeks
_WEEK = 604_800  # seconds
_CONTACT = re.compile(
    r"[^\s@<>\x02\x03]+@[^\s@<>\x02\x03]+\.\w+"  # an address; a telephone number, however it is grouped
    r"|(?<![\w-])(?:\+|0|62)[\x02\x03 ().-]*(?:\d[\x02\x03 ().-]*){7,14}\d(?!\w)"
)


class Sight(Frozen):
    """Which cases somebody may see: those of `teams` and their own (`me`), of `companies`; None: all."""

    teams: tuple[str, ...] | None = None
    me: str | None = None
    companies: tuple[str, ...] | None = None

    def params(self) -> dict[str, Any]:
        return {"teams": _list(self.teams), "me": self.me, "companies": _list(self.companies)}

    def marks(self) -> dict[str, list[str] | None]:
        """The same as marks of records, of which one at least must be there."""
        teams = None if self.teams is None else [f"team:{team}" for team in self.teams]
        return {
            "visible": teams if teams is None or self.me is None else [*teams, f"owner:{self.me}"],
            "companies": None if self.companies is None else [f"company:{one}" for one in self.companies],
        }


EVERYTHING = Sight()


class Part(Frozen):
    """A piece of an excerpt; `matched`: it is one of the words that were looked for."""

    text: Personal
    matched: bool


class _Record(Frozen):
    reference: str
    number: int
    closed_at: Instant
    reason: ClosingReason
    category: str | None
    outcome: Outcome | None
    remedies: tuple[RemedyRow, ...]
    currency: str | None
    cause_category: CauseCategory | None
    cause: Personal | None
    satisfied: bool | None
    rating: int | None
    open_again: bool
    superseded: bool
    language: Language | None


class PastRecord(_Record):
    """A closure record as a reference. `likeness` is from 0 to 1, None where words were looked for.

    `superseded`: the case was closed again later; `open_again`: it is open now. Contact data stand in none of it.
    """

    excerpt: tuple[Part, ...]
    likeness: float | None = None
    same_category: bool = False


class Sought(Frozen):
    """Which past records are wanted; left out means all. `words`: all of them, as in a search engine."""

    words: str | None = None
    category: str | None = None
    outcome: Outcome | None = None
    cause: CauseCategory | None = None
    company: str | None = None
    closed_from: Instant | None = None
    closed_before: Instant | None = None

    def marks(self) -> list[str]:
        named = {"category": self.category, "outcome": self.outcome, "cause": self.cause, "company": self.company}
        return [f"{name}:{value}" for name, value in named.items() if value is not None]


class PastPage(Frozen):
    """Past records, the last closed first; `next` continues, None at the end."""

    items: tuple[PastRecord, ...]
    next: str | None = None


class _Found(Frozen):
    reference: str
    number: int
    closed_at: Instant
    same_category: bool = False
    likeness: float | None = None

    @property
    def rank(self) -> tuple[bool, float, float, str]:
        return (not self.same_category, -(self.likeness or 0.0), -self.closed_at.timestamp(), self.reference)


class _Weeks(Frozen):
    first: int | None
    last: int | None


class _Query(Frozen):
    query: str
    indexable: str


class _Cursor(Frozen):
    at: Instant
    reference: str
    number: int


class _Marked(_Record):
    excerpt: str


async def alike(
    conn: Connection, text: str, *, category: str | None, reference: str | None = None, sight: Sight = EVERYTHING,
    limit: int = 5,
) -> tuple[PastRecord, ...]:  # fmt: skip
    """Find the records that are most like a text, those of the same category first. `reference`: that case is none."""
    given = {"text": text[:LONGEST].replace("\x00", "")}
    choice = chosen(await sql.fetch_all(conn, Term, QUERIES["terms"], given))
    if choice is None:
        return ()
    weeks = await _weeks(conn)
    asked = sight.params() | {
        "category": category, "reference": reference, "candidates": CANDIDATES, "least": LEAST, "limit": limit,
        "lexemes": [term.lexeme for term in choice.compared], "whole": choice.whole,
        "weights": [term.weight for term in choice.compared],
    }  # fmt: skip
    found: dict[str, _Found] = {}
    for terms, span in choice.passes(weeks.first or 0, weeks.last or 0):
        scanned = {
            "scanned": [term.query for term in terms], "scanned_weights": [term.weight for term in terms],
            "weeks": span and marks_of(span),
        }  # fmt: skip
        rows = await sql.fetch_all(conn, _Found, QUERIES["alike"], asked | scanned, prepare=False)
        found |= {row.reference: row for row in rows}
        if len(found) >= limit:
            break
    best = sorted(found.values(), key=lambda row: row.rank)[:limit]
    return await _details(conn, best, " | ".join(term.query for term in choice.telling))


async def search(
    conn: Connection, sought: Sought, *, sight: Sight = EVERYTHING, after: str | None = None, limit: int = 20
) -> PastPage:
    """Fetch records that hold all the words, the last closed first. Raises `BadInput`."""
    cursor = _read(after) if after else None
    query = await _query(conn, sought.words) if sought.words else None
    params: dict[str, Any] = {
        **sight.marks(), "sought": query, "marks": sought.marks() or None, "closed_from": sought.closed_from,
        "closed_before": sought.closed_before, "after": cursor and cursor.reference,
        "after_at": cursor and cursor.at, "after_number": cursor and cursor.number,
    }  # fmt: skip
    ends = [at for at in (sought.closed_before, cursor.at if cursor else None) if at is not None]
    rows: list[_Found] = []
    for span in spans(await _weeks(conn), sought.closed_from, min(ends, default=None)) if query != "" else ():
        more = params | {"weeks": marks_of(span), "limit": limit + 1 - len(rows)}
        rows += await sql.fetch_all(conn, _Found, QUERIES["page"], more, prepare=False)
        if len(rows) > limit:
            break
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return PastPage(items=await _details(conn, shown, query or ""), next=_cursor(last) if last else None)


def spans(weeks: _Weeks, start: datetime | None, end: datetime | None) -> Iterator[range]:
    """Yield weeks from the last one back: that one, the rest of its season, then ever more whole seasons."""
    if weeks.first is None or weeks.last is None:
        return
    top = min(weeks.last, _week(end)) if end else weeks.last
    bottom = max(weeks.first, _week(start)) if start else weeks.first
    begin, wide = top, 0
    while top >= bottom:
        yield range(max(bottom, begin), top + 1)
        top = begin - 1
        begin = (top // SEASON - wide) * SEASON
        wide = wide * 2 + 1


def marks_of(weeks: range) -> list[str]:
    """Return the marks of some weeks; more than a season of them by whole seasons, beyond both ends if need be."""
    if len(weeks) < SEASON:
        return [f"week:{week}" for week in weeks]
    return [f"season:{season}" for season in range(weeks[0] // SEASON, weeks[-1] // SEASON + 1)]


def excerpt(marked: str) -> tuple[Part, ...]:
    """Cut an excerpt at its marks, with what could be an address or a telephone number taken out."""
    parts = re.split("([\x02\x03])", hidden(marked))
    found, matched = [], False
    for part in parts:
        if part in ("\x02", "\x03"):
            matched = part == "\x02"
        elif part:
            found.append(Part(text=Personal(part), matched=matched))
    return tuple(found)


def hidden(text: str) -> str:
    return _CONTACT.sub(lambda found: HIDDEN + ("\x03" if _opened(found[0]) else ""), text)


def _opened(text: str) -> bool:
    """Whether a mark that began before a piece ends in it."""
    return text.count("\x03") > text.count("\x02")


async def _query(conn: Connection, words: str) -> str:
    """Return what the index is asked for; nothing if there is no word in it. Raises `BadInput`."""
    given = {"words": words[:LONGEST].replace("\x00", "")}
    found = (await sql.fetch_all(conn, _Query, QUERIES["sought"], given))[0]
    if found.indexable == "T":
        remedy = "give a word that they do hold, not only such as they do not"
        raise BadInput("almost every record is without these words", field="words", remedy=remedy)
    return found.query


async def _details(conn: Connection, found: Sequence[_Found], query: str) -> tuple[PastRecord, ...]:
    if not found:
        return ()
    params = {
        "references": [row.reference for row in found], "numbers": [row.number for row in found], "sought": query,
    }  # fmt: skip
    rows = await sql.fetch_all(conn, _Marked, QUERIES["details"], params)
    ranked = {(row.reference, row.number): row for row in found}
    return tuple(_shown(row, ranked[row.reference, row.number]) for row in rows)


def _shown(row: _Marked, found: _Found) -> PastRecord:
    cause = Personal(hidden(row.cause)) if row.cause else None
    return PastRecord.model_validate({
        **row.model_dump(), "excerpt": excerpt(row.excerpt), "cause": cause, "likeness": found.likeness,
        "same_category": found.same_category,
    })  # fmt: skip


async def _weeks(conn: Connection) -> _Weeks:
    return (await sql.fetch_all(conn, _Weeks, QUERIES["weeks"], {}))[0]


def _week(at: datetime) -> int:
    return int(at.timestamp() // _WEEK)


def _cursor(row: _Found) -> str:
    cursor = _Cursor(at=row.closed_at, reference=row.reference, number=row.number)
    return urlsafe_b64encode(cursor.model_dump_json().encode()).decode("ascii")


def _read(text: str) -> _Cursor:
    try:
        return _Cursor.model_validate_json(urlsafe_b64decode(text.encode("ascii")))
    except (ValueError, ValidationError):
        remedy = "give the `next` of a page as it is"
        raise BadInput("not where a page of this search ended", field="after", remedy=remedy) from None


def _list(values: Sequence[str] | None) -> list[str] | None:
    return list(values) if values is not None else None
