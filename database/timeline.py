"""The timeline as stored, and the rows that are derived from it: root causes, evaluations, answers."""

from collections.abc import Mapping
from typing import Any, LiteralString

from pydantic import JsonValue, ValidationError

from complaints.errors import Refused
from complaints.messages.commands import Actor
from complaints.model import Frozen, Instant, Personal, Tolerant
from complaints.timeline import Entry
from complaints.vocabulary import Kind, Role
from database import reviews, sql, surveys
from database.sql import Connection

QUERIES = sql.load("timeline")


class _Row(Frozen):
    sequence: int
    at: Instant
    acted_at: Instant
    kind: Kind
    actor_id: str
    actor_role: Role
    detail: dict[str, JsonValue] | None
    words: Personal | None
    salt: str | None
    digest: str
    previous: str
    hash: str


class _Hash(Frozen):
    sequence: int
    hash: str


class RootCause(Tolerant):
    """A root cause as recorded; a later one of the same case replaces it, or says whether the correction worked."""

    reference: str
    sequence: int
    at: Instant
    actor_id: str
    method: str | None = None
    category: str | None = None
    cause: str | None = None
    whys: tuple[dict[str, Any], ...] = ()
    fishbone_class: str | None = None
    evidence: str | None = None
    corrective_action: str | None = None
    effective: bool | None = None
    actions: tuple[int, ...] = ()  # numbers of its measures
    weak_ends: tuple[dict[str, Any], ...] = ()


class Evaluation(Tolerant):
    reference: str
    sequence: int
    at: Instant
    actor_id: str
    speed: int | None = None
    solution: int | None = None
    communication: int | None = None
    note: str | None = None
    coaching: str | None = None
    number: int | None = None  # of the closing


class Answer(Tolerant):
    """What the complainant said to a decision."""

    reference: str
    sequence: int
    at: Instant
    satisfied: bool
    applied: bool = True
    decision: int | None = None
    rating: int | None = None
    words: Personal | None = None


async def append(conn: Connection, reference: str, entries: tuple[Entry, ...]) -> None:
    """Add the entries that are not there yet. Raises `Refused` if another entry stands in the place of one."""
    added = await sql.execute_many(conn, QUERIES["append"], [_params(reference, entry) for entry in entries])
    stored = {} if added == len(entries) else await _stored(conn, reference, entries)
    for entry in entries:
        if stored.get(entry.sequence, entry.hash) != entry.hash:
            raise Refused(
                f"entry {entry.sequence} of {reference} is stored already, with another hash",
                field="timeline",
                remedy="two histories claim this case: see which one is true before anything is recorded",
            )
        await _derive(conn, reference, entry)
        await reviews.derive(conn, reference, entry)


async def _stored(conn: Connection, reference: str, entries: tuple[Entry, ...]) -> dict[int, str]:
    """The hashes that stand in the places of these, by sequence."""
    params = {"reference": reference, "sequences": [entry.sequence for entry in entries]}
    return {row.sequence: row.hash for row in await sql.fetch_all(conn, _Hash, QUERIES["hashes"], params)}


async def fetch(conn: Connection, reference: str, *, after: int = 0, limit: int = 10_000) -> tuple[Entry, ...]:
    """Fetch the entries in order; detail and words of an erased one are empty, its links remain."""
    return await entries(conn, QUERIES["fetch"], {"reference": reference, "after": after, "limit": limit})


async def entries(conn: Connection, query: LiteralString, params: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Fetch the entries of a query that selects whole rows."""
    return tuple(_entry(row) for row in await sql.fetch_all(conn, _Row, query, params))


async def root_causes(conn: Connection, reference: str) -> tuple[RootCause, ...]:
    return await sql.fetch_all(conn, RootCause, QUERIES["root_causes"], {"reference": reference})


async def evaluations(conn: Connection, reference: str) -> tuple[Evaluation, ...]:
    return await sql.fetch_all(conn, Evaluation, QUERIES["evaluations"], {"reference": reference})


async def answers(conn: Connection, reference: str) -> tuple[Answer, ...]:
    return await sql.fetch_all(conn, Answer, QUERIES["answers"], {"reference": reference})


_DERIVED: dict[Kind, tuple[type[RootCause | Evaluation | Answer], str, dict[str, Any]]] = {
    Kind.ROOT_CAUSE_RECORDED: (RootCause, "add_root_cause", {}),
    Kind.EVALUATION_RECORDED: (Evaluation, "add_evaluation", {}),
    Kind.SATISFACTION_CONFIRMED: (Answer, "add_answer", {"satisfied": True}),
    Kind.DISPUTED: (Answer, "add_answer", {"satisfied": False}),
}


async def _derive(conn: Connection, reference: str, entry: Entry) -> None:
    if entry.kind is Kind.SURVEY_ANSWERED:
        await surveys.answer(conn, reference, entry)
    elif entry.kind is Kind.SURVEYS_STOPPED:
        await surveys.stop(conn, reference, entry.at)
    if entry.kind not in _DERIVED:
        return
    model, query, given = _DERIVED[entry.kind]
    known = {"reference": reference, "sequence": entry.sequence, "at": entry.at, "actor_id": entry.actor.id}
    try:
        row = model.model_validate({**given, **entry.detail, "words": entry.words, **known})
    except ValidationError:
        row = model.model_validate({**given, **known})  # the entry itself is what counts; its row must not stop it
    params = row.model_dump()
    if isinstance(row, RootCause):
        params |= {
            "whys": sql.jsonb(row.whys), "weak_ends": sql.jsonb(row.weak_ends), "actions": list(row.actions),
        }  # fmt: skip
    await sql.execute(conn, QUERIES[query], params)


def _params(reference: str, entry: Entry) -> dict[str, Any]:
    # Field by field: an entry may hold values of any kind in its detail, which must reach the column untouched.
    return {
        "reference": reference,
        "sequence": entry.sequence,
        "at": entry.at,
        "acted_at": entry.acted_at,
        "kind": entry.kind,
        "actor_id": entry.actor.id,
        "actor_role": entry.actor.role,
        "detail": sql.exact_json(entry.detail),
        "words": entry.words,
        "salt": entry.salt,
        "digest": entry.digest,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _entry(row: _Row) -> Entry:
    return Entry(
        sequence=row.sequence,
        at=row.at,
        acted_at=row.acted_at,
        kind=row.kind,
        actor=Actor(id=row.actor_id, role=row.actor_role),
        detail=dict(row.detail or {}),
        words=row.words,
        salt=row.salt or "",
        digest=row.digest,
        previous=row.previous,
        hash=row.hash,
    )
