"""Past records as a reference: the closed cases that are like one, and a search over all of them."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput, NotFound
from complaints.model import Frozen
from complaints.vocabulary import CauseCategory, Outcome, Status
from database import past_records
from database.past_records import PastPage, PastRecord, Sight, Sought
from database.pool import connection
from starter import rpc
from starter.references import read_reference
from web.auth.log import note, note_each
from web.auth.rights import Action, require
from web.auth.user import User
from web.desk.casefile import CaseFile
from web.desk.context import desk_page, visible_teams, voice_of
from web.services import services

router = APIRouter()
SHOWN = 5  # on the page of a case
_OVER = (Status.CLOSED, Status.ARCHIVED)
LONGEST_QUERY = 200


class Asked(Frozen):
    """What the address asks for; `wrong` are the fields that it did not understand, which then ask for nothing."""

    q: str | None = Field(default=None, max_length=LONGEST_QUERY)
    category: str | None = Field(default=None, max_length=100)
    outcome: Outcome | None = None
    cause: CauseCategory | None = None
    start: datetime | None = None
    end: datetime | None = None
    after: str | None = Field(default=None, max_length=500)
    wrong: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        return any((self.q, self.category, self.outcome, self.cause, self.start, self.end))

    @property
    def sought(self) -> Sought:
        return Sought(
            words=self.q, category=self.category, outcome=self.outcome, cause=self.cause, closed_from=self.start,
            closed_before=self.end,
        )  # fmt: skip


def sight(user: User) -> Sight:
    """Return which past records a user may see: those of the cases that they may see."""
    return Sight(teams=visible_teams(user), me=user.owner)


async def like_case(request: Request, user: User, file: CaseFile) -> tuple[PastRecord, ...] | None:
    """Return the closed cases most like one that is worked on, each noted as seen; None for one that is over."""
    if file.status in _OVER or file.record is None:
        return None
    here = services(request)
    try:
        found = await here.tuntas.similar(file.reference, category=file.category, limit=SHOWN, sight=sight(user))
    except NotFound:  # erased a moment ago
        return None
    if found:
        async with rpc.postgres(), connection(here.pool) as conn:
            await note_each(conn, here, user, "similar", [one.reference for one in found])
    return found


@router.get("/records")
async def records(request: Request, user: Annotated[User, Depends(require(Action.READ_CASE))]) -> Response:
    """Search closure records, the last closed first."""
    here = services(request)
    wanted = asked(request.query_params, here.tuntas.policy.timezone)
    if wanted.q and (reference := _reference(wanted.q)) is not None:
        return RedirectResponse(f"/desk/cases/{reference}", 303)
    voice = await voice_of(request, user)
    page, wrong = PastPage(items=()), wanted.wrong
    async with rpc.postgres(), connection(here.pool) as conn:
        await note(conn, here, user, "search_records")
        try:
            page = await past_records.search(conn, wanted.sought, sight=sight(user), after=wanted.after)
        except BadInput as error:
            wrong = (*wrong, "after" if error.field == "after" else "q")
    return desk_page(
        request, "records.html", user, voice, status=422 if wrong else 200, wanted=wanted, wrong=wrong,
        given=request.query_params, page=page, outcomes=tuple(Outcome), causes=tuple(CauseCategory),
    )  # fmt: skip


def asked(params: Mapping[str, Any], timezone: str) -> Asked:
    """Read the address field by field: one that is nonsense does not spoil the others."""
    kept: dict[str, Any] = {}
    wrong: list[str] = []
    for name in ("q", "category", "outcome", "cause", "after"):
        value = str(params.get(name) or "").strip().replace("\x00", "")
        if value:
            try:
                Asked.model_validate({name: value})
            except ValueError:
                wrong.append(name)
                continue
            kept[name] = value
    for name, field, days in (("from", "start", 0), ("to", "end", 1)):
        try:
            kept[field] = _day(str(params.get(name) or "").strip(), timezone, days)
        except (ValueError, OverflowError):
            wrong.append(name)
    return Asked.model_validate({**kept, "wrong": tuple(wrong)})


def _day(text: str, timezone: str, extra: int) -> datetime | None:
    """Return the beginning of a day in the policy's time zone, or of the one after."""
    if not text:
        return None
    day = datetime.fromisoformat(text).date() + timedelta(days=extra)
    return datetime.combine(day, time(), ZoneInfo(timezone))


def _reference(typed: str) -> str | None:
    try:
        return read_reference(typed)
    except BadInput:
        return None
