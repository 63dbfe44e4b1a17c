"""What the desk shows besides one case: its queues with full-text search, their counts, drafts, load and breaches."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from complaints.assignment import Agent
from complaints.errors import BadInput
from complaints.messages.duties import ClockRow
from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import ActionKind, Channel, Metric, Severity, Status
from database import sql
from database.complaints import ComplaintRow
from database.sql import Connection

QUERIES = sql.load("desk")
MOST = 1000  # how far a queue is counted
PAGE = 40
LATELY = 2000  # ended cases, the last ones, that are looked through for a word before the index of words is asked
CHANGES = "tuntas_desk"  # the channel on which PostgreSQL tells which case has moved
_KEPT = timedelta(days=30)


class DeskRow(ComplaintRow):
    """A line of a queue: the complaint as it stands, whose it is, and how it begins."""

    contact_name: Personal | None
    beginning: Personal | None


class QueuePage(Frozen):
    """A part of a queue; `next` continues it, None at its end."""

    rows: tuple[DeskRow, ...]
    next: str | None = None


class Narrowing(Frozen):
    """What a queue is narrowed to. `teams`: only cases of these, or of `me`; None: of all."""

    owner: str | None = None
    team: str | None = None
    teams: tuple[str, ...] | None = None
    me: str | None = None
    status: Status | None = None
    severity: Severity | None = None
    category: str | None = None
    channel: Channel | None = None
    late: bool = False
    approvals: bool = False
    requested: bool = False
    due_from: Instant | None = None
    due_before: Instant | None = None
    words: str | None = None

    def params(self) -> dict[str, Any]:
        return {**self.model_dump(), "teams": list(self.teams) if self.teams is not None else None}


class Counts(Frozen):
    """How many cases each queue has; `MOST` stands for that many or more."""

    mine: int
    team: int
    at_risk: int
    breached: int
    awaiting: int
    on_hold: int
    approvals: int
    requests: int


class Owed(Frozen):
    reference: str
    number: int
    kind: ActionKind
    description: str
    owner: str
    due_at: Instant


class Draft(Frozen):
    """What somebody has typed into a form of a case, not sent yet."""

    form: str
    fields: dict[str, Any]
    saved_at: Instant


class Load(Frozen):
    """Open cases of a team (`team`) or of somebody (`owner`)."""

    team: str | None = None
    owner: str | None = None
    open: int
    late: int
    waiting: int
    unassigned: int = 0
    approvals: int = 0
    next_due_at: Instant | None


class BrokenPromise(Frozen):
    reference: str
    metric: Metric
    occurrence: int
    breached_at: Instant
    ended_at: Instant | None
    due_at: Instant | None
    late_seconds: int
    team: str
    owner: str
    tier: str
    category: str | None
    severity: Severity
    status: Status
    channel: Channel


class _Cursor(Frozen):
    at: Instant | None = None
    reference: str


class _ClockOf(ClockRow):
    reference: str


async def queue(conn: Connection, narrowing: Narrowing, *, after: str | None = None, limit: int = PAGE) -> QueuePage:
    """Fetch open cases, what is due first before the others. Raises `BadInput` for a cursor that is none."""
    rows = await _page(conn, "queue", narrowing, after, limit)
    return _paged(rows, limit, [row.next_due_at for row in rows])


async def ended(conn: Connection, narrowing: Narrowing, *, after: str | None = None, limit: int = PAGE) -> QueuePage:
    """Fetch closed and archived cases, the last one first."""
    rows = await _page(conn, "ended", narrowing, after, limit)
    if narrowing.words is not None and len(rows) <= limit:
        rows = await _page(conn, "ended_with_words", narrowing, after, limit)
    return _paged(rows, limit, [row.closed_at for row in rows])


async def counts(conn: Connection, *, me: str, teams: Sequence[str] | None, now: datetime, soon: datetime) -> Counts:
    params = {"me": me, "teams": _list(teams), "now": now, "soon": soon, "most": MOST}
    return (await sql.fetch_all(conn, Counts, QUERIES["counts"], params, prepare=False))[0]


async def owed(conn: Connection, owner: str, *, limit: int = 20) -> tuple[Owed, ...]:
    return await sql.fetch_all(conn, Owed, QUERIES["owed"], {"owner": owner, "limit": limit})


async def running_clocks(conn: Connection, references: Sequence[str]) -> dict[str, tuple[ClockRow, ...]]:
    """Return the running clocks of cases, the first due first."""
    found = await sql.fetch_all(conn, _ClockOf, QUERIES["clocks_of"], {"references": list(references)})
    return {reference: tuple(row for row in found if row.reference == reference) for reference in references}


async def save_draft(
    conn: Connection, user_id: str, reference: str, form: str, *, fields: Mapping[str, Any], now: datetime
) -> None:
    """Keep what was typed; a draft that nobody came back to within a month goes."""
    await sql.execute(conn, QUERIES["save_draft"], {
        "user_id": user_id, "reference": reference, "form": form, "fields": sql.jsonb(fields), "saved_at": now,
    })  # fmt: skip
    await sql.execute(conn, QUERIES["drop_old_drafts"], {"before": now - _KEPT})


async def drafts(conn: Connection, user_id: str, reference: str) -> dict[str, Draft]:
    found = await sql.fetch_all(conn, Draft, QUERIES["drafts"], {"user_id": user_id, "reference": reference})
    return {draft.form: draft for draft in found}


async def drop_draft(conn: Connection, user_id: str, reference: str, form: str) -> None:
    await sql.execute(conn, QUERIES["drop_draft"], {"user_id": user_id, "reference": reference, "form": form})


async def load_of_teams(conn: Connection, teams: Sequence[str] | None) -> tuple[Load, ...]:
    return await sql.fetch_all(conn, Load, QUERIES["load_of_teams"], {"teams": _list(teams)}, prepare=False)


async def load_of_owners(conn: Connection, owners: Sequence[str]) -> dict[str, Load]:
    found = await sql.fetch_all(conn, Load, QUERIES["load_of_owners"], {"owners": list(owners)}, prepare=False)
    return {load.owner or "": load for load in found}


async def breaches(
    conn: Connection, teams: Sequence[str] | None, since: datetime, *, limit: int = 100
) -> tuple[BrokenPromise, ...]:
    """Fetch the promises broken since an instant, the latest first."""
    params = {"teams": _list(teams), "since": since, "limit": limit}
    return await sql.fetch_all(conn, BrokenPromise, QUERIES["breaches"], params, prepare=False)


async def agents(conn: Connection, teams: Sequence[str] | None, at: datetime, *, limit: int = 500) -> tuple[Agent, ...]:
    """Fetch who works in these teams, with presence and load as of an instant."""
    params = {"teams": _list(teams), "at": at, "limit": limit}
    return await sql.fetch_all(conn, Agent, QUERIES["agents"], params, prepare=False)


async def _page(
    conn: Connection, query: str, narrowing: Narrowing, after: str | None, limit: int
) -> tuple[DeskRow, ...]:
    cursor = _read(after) if after else None
    place = {"after": cursor.reference if cursor else None, "after_at": cursor.at if cursor else None}
    params = narrowing.params() | place | {
        "limit": limit + 1, "within": limit + 1 if narrowing.words is None else LATELY,
    }  # fmt: skip
    return await sql.fetch_all(conn, DeskRow, QUERIES[query], params, prepare=False)


def _paged(rows: tuple[DeskRow, ...], limit: int, ats: list[datetime | None]) -> QueuePage:
    if len(rows) <= limit:
        return QueuePage(rows=rows)
    cursor = _Cursor(at=ats[limit - 1], reference=rows[limit - 1].reference)
    text = urlsafe_b64encode(cursor.model_dump_json(exclude_none=True).encode()).decode("ascii")
    return QueuePage(rows=rows[:limit], next=text)


def _read(text: str) -> _Cursor:
    try:
        return _Cursor.model_validate_json(urlsafe_b64decode(text.encode("ascii")))
    except (ValueError, ValidationError):
        raise BadInput("not where a page ended", field="after", remedy="begin at the first page") from None


def _list(values: Sequence[str] | None) -> list[str] | None:
    return list(values) if values is not None else None
