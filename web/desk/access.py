"""The auditor's page: the access log, searched with filters in the address, page by page, or whole as CSV."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from complaints.model import seconds_z
from complaints.vocabulary import Language
from database import access
from database.access import Logged, Search
from database.pool import transaction
from starter import rpc
from web import catalogue
from web.auth import log
from web.auth.rights import Action, require
from web.auth.user import User
from web.desk import rendering
from web.desk.rendering import page
from web.services import Services, serving

router = APIRouter(prefix="/desk/access", include_in_schema=False)
Auditor = Annotated[User, Depends(require(Action.READ_ACCESS_LOG))]
Here = Annotated[Services, Depends(serving)]

PAGE = 100  # rows
EXPORTED = 100_000  # rows at most
_COLUMNS = ("number", "at", "actor_id", "actor_role", "what", "reference", "about", "result", "problem")
_DIGITS = 18
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@router.get("")
async def search(request: Request, here: Here, user: Auditor) -> Response:
    """Show what fits, the latest first. Looking is itself noted."""
    given = request.query_params
    wanted, wrong = _wanted(given, here.tuntas.policy.timezone)
    before, after = _number(given.get("before")), _number(given.get("after"))
    async with rpc.postgres(), transaction(here.pool) as conn:
        await log.note(conn, here, user, "search_access_log", about=wanted.reference)
        found = await access.search(conn, wanted, before=before, after=after, limit=PAGE + 1)
    more = len(found) > PAGE
    if more:
        found = found[1:] if after is not None else found[:PAGE]
    return page(
        request, "access.html", user, rows=found, given=given, wrong=wrong,
        said=said(rendering.language_of(request, user), wanted.what),
        older=found[-1].number if found and (more or after is not None) else None,
        newer=found[0].number if found and (before is not None or (after is not None and more)) else None,
    )  # fmt: skip


def said(language: Language, asked: str | None = None) -> dict[str, str]:
    """Return what the names of the log mean, in words; one that is asked for and means nothing stands for itself."""
    known = {**catalogue.words(language, "auth")["access"]["did"], **catalogue.words(language, "desk")["acts"]}
    return known | ({asked: asked} if asked and asked not in known else {})


@router.get("/export.csv")
async def export(request: Request, here: Here, user: Auditor) -> Response:
    """Give what fits as CSV, in UTC; that it was taken out is noted."""
    wanted, _ = _wanted(request.query_params, here.tuntas.policy.timezone)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await log.note(conn, here, user, "export_access_log", about=wanted.reference)
    return StreamingResponse(
        _csv(here, wanted), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="access-log.csv"', "cache-control": "no-store"},
    )  # fmt: skip


async def _csv(here: Services, wanted: Search) -> AsyncIterator[str]:
    yield _line(_COLUMNS)
    async with transaction(here.pool) as conn:
        async for row in access.every(conn, wanted, limit=EXPORTED):
            yield _line([_cell(row, column) for column in _COLUMNS])


def _cell(row: Logged, column: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    value: Any = seconds_z(row.at) if column == "at" else getattr(row, column)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _wanted(given: Any, timezone: str) -> tuple[Search, tuple[str, ...]]:
    """Return what the address asks for, and which of its days are none."""
    texts = {name: given.get(name, "").strip() or None for name in ("actor_id", "reference", "what", "result")}
    days: dict[str, datetime | None] = {}
    wrong = []
    for name, extra in (("from", 0), ("until", 1)):
        try:
            days[name] = _day(given.get(name, ""), timezone, extra)
        except (ValueError, OverflowError):
            wrong.append(name)
    reference = texts["reference"]
    texts["reference"] = reference.upper() if reference else None
    return Search(start=days.get("from"), end=days.get("until"), **texts), tuple(wrong)


def _day(text: str, timezone: str, extra: int) -> datetime | None:
    """Return the beginning of a day in the policy's time zone, or of the one after."""
    if not text:
        return None
    day = datetime.fromisoformat(text).date() + timedelta(days=extra)
    return datetime.combine(day, time(), ZoneInfo(timezone))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < _DIGITS else None
