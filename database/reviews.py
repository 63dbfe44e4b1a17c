"""Evaluation as stored: scores of closings, closings that wait for a reviewer, evaluations and answers, means.

All of it derives from closure records and timeline entries, and can be made again from them.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from complaints.errors import BadInput
from complaints.evaluation import Scores
from complaints.messages.duties import ClosureRecord
from complaints.model import Frozen, Instant, Personal, Tolerant
from complaints.timeline import Entry
from complaints.vocabulary import Dimension, Kind, ReviewCause, Severity
from database import sql
from database.sql import Connection

QUERIES = sql.load("reviews")
PAGE = 40
FEW = 5  # closings below which a mean says little


class Closing(Frozen):
    """A closing with its derived scores, each from 1 to 5."""

    reference: str
    number: int
    closed_at: Instant
    handler: str | None
    team: str | None
    speed: float | None
    solution: float | None
    communication: float | None


class Review(Frozen):
    """A closing that is put before a reviewer; `done` is the sequence of its evaluation."""

    reference: str
    number: int
    wanted_at: Instant
    causes: tuple[ReviewCause, ...]
    handler: str | None
    team: str | None
    severity: Severity | None
    category: str | None
    done: int | None
    done_at: Instant | None
    speed: float | None
    solution: float | None
    communication: float | None


class Judged(Frozen):
    """The evaluation of a closing that counts, with the answer to it."""

    reference: str
    number: int
    sequence: int
    at: Instant
    reviewer: str
    speed: int | None
    solution: int | None
    communication: int | None
    note: str | None
    coaching: str | None
    answered_at: Instant | None
    answer: Personal | None


class Means(Frozen):
    """Mean scores of an agent or a team: derived ones with how many have one, and those of reviewers."""

    dimension: Literal["agent", "team"]
    value: str
    closings: int
    reviewed: int
    speed: float | None
    solution: float | None
    communication: float | None
    speed_number: int
    solution_number: int
    communication_number: int
    reviewed_speed: float | None
    reviewed_solution: float | None
    reviewed_communication: float | None
    few: bool  # fewer than `FEW` closings: too few to conclude anything


class Reviews(Frozen):
    """A part of the queue; `next` continues it, None at its end."""

    items: tuple[Review, ...]
    next: str | None = None


class Closings(Frozen):
    items: tuple[Closing, ...]
    next: str | None = None


class Wanted(Frozen):
    """What the queue is narrowed to. `teams`: only closings of these; None: of all."""

    teams: tuple[str, ...] | None = None
    team: str | None = None
    cause: ReviewCause | None = None
    handler: str | None = None
    done: bool = False


class _Cursor(Frozen):
    at: Instant
    reference: str
    number: int


class _Wanted(Tolerant):
    number: int
    causes: tuple[str, ...]
    handler: str | None = None
    team: str | None = None
    severity: str | None = None


class _Derivation(Frozen):
    reference: str
    number: int
    scores: Scores | None


# written along with records


async def add_scores(conn: Connection, record: ClosureRecord) -> None:
    """Keep the scores of a closing beside its record."""
    if record.scores is None:
        return
    found = {d.value: each.score if (each := record.scores.of(d)) else None for d in Dimension}
    await sql.execute(conn, QUERIES["add_scores"], {
        "reference": record.reference, "number": record.number, "closed_at": record.closed_at,
        "handler": record.scores.handler, "team": record.scores.team, **found,
    })  # fmt: skip


async def derive(conn: Connection, reference: str, entry: Entry) -> None:
    """Keep what an entry says about reviews; what cannot be read stands in the entry only."""
    known = {"reference": reference, "sequence": entry.sequence, "at": entry.at}
    number, answered = entry.detail.get("number"), entry.detail.get("evaluation")
    if entry.kind is Kind.REVIEW_WANTED:
        try:
            wanted = _Wanted.model_validate(entry.detail)
        except ValidationError:
            return
        params = {**wanted.model_dump(), "causes": list(wanted.causes), **known}
        await sql.execute(conn, QUERIES["want"], params)
    elif entry.kind is Kind.EVALUATION_RECORDED and isinstance(number, int):
        await sql.execute(conn, QUERIES["done"], {"number": number, **known})
    elif entry.kind is Kind.EVALUATION_ANSWERED and isinstance(answered, int):
        said = {"actor_id": entry.actor.id, "evaluation": answered, "words": entry.words}
        await sql.execute(conn, QUERIES["add_answer"], {**known, **said})


# read


async def fetch(conn: Connection, wanted: Wanted, *, after: str | None = None, limit: int = PAGE) -> Reviews:
    """Fetch what waits for a reviewer, the oldest first; or what was reviewed, the latest first.

    Raises `BadInput` for a cursor that is none.
    """
    params = wanted.model_dump(exclude={"done"}) | _after(after, limit)
    params["teams"] = list(wanted.teams) if wanted.teams is not None else None
    query = QUERIES["reviewed" if wanted.done else "waiting"]
    rows = await sql.fetch_all(conn, Review, query, params, prepare=False)
    ats = [row.done_at or row.wanted_at for row in rows]
    return Reviews(items=rows[:limit], next=_next(rows, ats, limit))


async def one(conn: Connection, reference: str, number: int) -> Review | None:
    found = await sql.fetch_all(conn, Review, QUERIES["one"], {"reference": reference, "number": number})
    return found[0] if found else None


async def worked(conn: Connection, reference: str, actor_id: str, kinds: Iterable[Kind]) -> bool:
    """Whether somebody has made an entry of one of these kinds."""
    params = {"reference": reference, "actor_id": actor_id, "kinds": [str(kind) for kind in kinds]}
    return bool((await sql.fetch_values(conn, QUERIES["worked"], params))[0])


async def of_handler(conn: Connection, handler: str, *, after: str | None = None, limit: int = PAGE) -> Closings:
    """Fetch the closings of somebody's handling, the latest first. Raises `BadInput` for a cursor that is none."""
    rows = await sql.fetch_all(conn, Closing, QUERIES["mine"], {"handler": handler} | _after(after, limit))
    return Closings(items=rows[:limit], next=_next(rows, [row.closed_at for row in rows], limit))


async def judged(conn: Connection, references: Iterable[str]) -> dict[tuple[str, int], Judged]:
    """Return the evaluations that count, by reference and closing."""
    found = await sql.fetch_all(conn, Judged, QUERIES["judged"], {"references": list(references)})
    return {(row.reference, row.number): row for row in found}


async def derivations(conn: Connection, references: Iterable[str]) -> dict[tuple[str, int], Scores]:
    """Return what led to the scores, by reference and closing."""
    found = await sql.fetch_all(conn, _Derivation, QUERIES["derivations"], {"references": list(references)})
    return {(row.reference, row.number): row.scores for row in found if row.scores is not None}


async def means(
    conn: Connection,
    *,
    received_from: datetime | None = None,
    received_before: datetime | None = None,
    closed_from: datetime | None = None,
    teams: Sequence[str] | None = None,
) -> tuple[tuple[Means, ...], tuple[Means, ...]]:
    """Return the mean scores by agent and by team, those with the most closings first."""
    rows = await sql.fetch_all(conn, Means, QUERIES["means"], {
        "received_from": received_from, "received_before": received_before, "closed_from": closed_from,
        "teams": list(teams) if teams is not None else None, "few": FEW,
    }, prepare=False)  # fmt: skip
    return tuple(r for r in rows if r.dimension == "agent"), tuple(r for r in rows if r.dimension == "team")


def _after(after: str | None, limit: int) -> dict[str, Any]:
    cursor = _read(after) if after else None
    where = cursor.model_dump() if cursor else {"at": None, "reference": None, "number": None}
    return {**where, "limit": limit + 1}


def _next(rows: Sequence[Review | Closing], ats: Sequence[datetime], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    cursor = _Cursor(at=ats[limit - 1], reference=last.reference, number=last.number)
    return urlsafe_b64encode(cursor.model_dump_json().encode()).decode("ascii")


def _read(text: str) -> _Cursor:
    try:
        return _Cursor.model_validate_json(urlsafe_b64decode(text.encode("ascii")))
    except (ValueError, ValidationError):
        raise BadInput("not where a page ended", field="after", remedy="begin at the first page") from None
