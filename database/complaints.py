"""The read model's main table: each complaint as it stands, and the listings of the desk."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field, JsonValue, ValidationError

from complaints.errors import BadInput
from complaints.messages.duties import RecordBatch, Standing
from complaints.messages.intake import Complainant, Intake
from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Channel, Metric, Severity, Status
from database import sql
from database.sql import Connection

QUERIES = sql.load("complaints")
LARGEST_PAGE = 1000
_RANKS = {severity: rank for rank, severity in enumerate(reversed(Severity))}  # as the column severity_rank


class Sort(StrEnum):
    """The orders of a listing; each has an index."""

    DUE = "due"
    OLDEST = "oldest"
    NEWEST = "newest"
    SEVERITY = "severity"


class ComplaintRow(Standing):
    """A line of a listing."""

    through: int
    imported: bool
    subject: Personal | None
    recorded_at: Instant


class ComplaintRecord(ComplaintRow):
    """One complaint with what was written and how to reach the complainant."""

    intake_key: str | None
    problem: Personal | None
    remedy_sought: Personal | None
    details: dict[str, JsonValue]
    source: str | None
    contact_name: Personal | None
    contact_email: Personal | None
    contact_phone: Personal | None
    contact_channel: Channel | None
    represented_by: Personal | None


class Filters(Frozen):
    """What a listing is narrowed to. Left out means all; `open`: neither closed nor archived."""

    statuses: tuple[Status, ...] | None = None
    owner: str | None = None
    team: str | None = None
    tier: str | None = None
    category: str | None = None
    severities: tuple[Severity, ...] | None = None
    channels: tuple[Channel, ...] | None = None
    breached: Metric | None = None
    company: str | None = None
    pack: str | None = None
    open: bool | None = None
    imported: bool | None = None
    received_from: Instant | None = None
    received_before: Instant | None = None
    due_before: Instant | None = None

    def params(self) -> dict[str, Any]:
        return _lists(self.model_dump())


class Page(Frozen):
    """A part of a listing; `next` continues it, None at its end."""

    items: tuple[ComplaintRow, ...]
    next: str | None = None


class _Cursor(Frozen):
    """Where a page ended: the values it was sorted by, so that a case that moves meanwhile shifts nothing else."""

    sort: Sort
    after: str | None = None
    after_due: Instant | None = None
    after_received: Instant | None = None
    after_rank: int | None = Field(default=None, ge=0)


class _Count(Frozen):
    number: int


async def upsert(conn: Connection, batch: RecordBatch) -> bool:
    """Store the standing, the first intake and an amended contact; False if a later standing is there already."""
    standing = _standing(batch.standing, batch.through)
    complainant = batch.complainant or (batch.intake.complainant if batch.intake else None)
    contact = _contact(complainant) if complainant is not None else {}
    if batch.intake is not None:
        # The first record of a case is nearly always that, and one statement writes the row and its indexes once.
        if await _add(conn, standing | _intake(batch.intake) | contact, imported=False):
            return True
        await sql.execute(conn, QUERIES["set_intake"], _intake(batch.intake) | {"reference": batch.reference})
    written = await sql.execute(conn, QUERIES["upsert"], standing)
    if contact:
        known = {"reference": batch.reference, "through": batch.through}
        await sql.execute(conn, QUERIES["set_contact"], contact | known)
    return written == 1


async def set_owner(conn: Connection, reference: str, through: int, owner: str) -> None:
    """Who was found as the owner of a case that a team has, if it still stands as it was recorded up to there."""
    await sql.execute(conn, QUERIES["set_owner"], {"reference": reference, "through": through, "owner": owner})


async def add_history(conn: Connection, standing: Standing, intake: Intake) -> bool:
    """Add a complaint that ended before Tuntas came; False if it is there already."""
    return await _add(conn, _standing(standing, 0) | _intake(intake) | _contact(intake.complainant), imported=True)


async def get(conn: Connection, reference: str) -> ComplaintRecord | None:
    return await sql.fetch_one(conn, ComplaintRecord, QUERIES["get"], {"reference": reference})


async def get_each(conn: Connection, references: Sequence[str]) -> dict[str, ComplaintRecord]:
    """Return those that are there, by reference."""
    rows = await sql.fetch_all(conn, ComplaintRecord, QUERIES["get_each"], {"references": list(references)})
    return {row.reference: row for row in rows}


async def count(conn: Connection, filters: Filters) -> int:
    found = await sql.fetch_all(conn, _Count, QUERIES["count"], filters.params(), prepare=False)
    return found[0].number


async def fetch_page(
    conn: Connection, filters: Filters, *, sort: Sort = Sort.DUE, limit: int = 50, after: str | None = None
) -> Page:
    """Fetch a page of complaints; `after` is the `next` of the page before. Raises `BadInput`."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise BadInput(f"not between 1 and {LARGEST_PAGE}", field="limit", remedy="ask for further pages")
    cursor = _read_cursor(after, sort) if after else _Cursor(sort=sort)
    params = filters.params() | cursor.model_dump(exclude={"sort"}) | {"limit": limit + 1}
    rows = await sql.fetch_all(conn, ComplaintRow, QUERIES[f"list_{sort}"], params, prepare=False)
    items = rows[:limit]
    return Page(items=items, next=_cursor_after(items[-1], sort) if len(rows) > limit else None)


def _read_cursor(text: str, sort: Sort) -> _Cursor:
    try:
        cursor = _Cursor.model_validate_json(urlsafe_b64decode(text.encode("ascii")))
    except (ValueError, ValidationError):
        cursor = None
    if cursor is None or cursor.sort is not sort:
        raise BadInput(
            "not where a page of this listing ended", field="after", remedy="give the `next` of a page as it is"
        )
    return cursor


def _cursor_after(row: ComplaintRow, sort: Sort) -> str:
    cursor = _Cursor(
        sort=sort,
        after=row.reference,
        after_due=row.next_due_at,
        after_received=row.received_at,
        after_rank=_RANKS[row.severity],
    )
    return urlsafe_b64encode(cursor.model_dump_json(exclude_none=True).encode()).decode("ascii")


async def _add(conn: Connection, params: dict[str, Any], *, imported: bool) -> bool:
    """Add a complaint whole; False if it is there."""
    return await sql.execute(conn, QUERIES["add"], params | {"imported": imported}) == 1


def _standing(standing: Standing, through: int) -> dict[str, Any]:
    requested = standing.reopening_requested_at  # left out of the dump when there is none
    return _lists(standing.model_dump()) | {"through": through, "reopening_requested_at": requested}


def _intake(intake: Intake) -> dict[str, Any]:
    return {
        "intake_key": intake.key,
        "subject": intake.subject,
        "problem": intake.text,
        "remedy_sought": intake.remedy_sought,
        "details": sql.jsonb(intake.details),
        "source": intake.source,
    }


def _contact(complainant: Complainant) -> dict[str, Any]:
    return {
        "contact_name": complainant.name,
        "contact_email": complainant.email,
        "contact_phone": complainant.phone,
        "contact_channel": complainant.preferred_channel,
        "represented_by": complainant.represented_by,
    }


def _lists(params: dict[str, Any]) -> dict[str, Any]:
    """Tuples as lists: psycopg makes arrays of lists, records of tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in params.items()}
