"""My work and the queues: what is to be done next and why, narrowed and searched by what stands in the address."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput
from complaints.vocabulary import Role
from database import desk
from database.desk import QueuePage
from database.pool import connection
from database.sql import Connection
from starter import rpc
from starter.references import read_reference
from web.auth.current import current_user
from web.auth.log import note
from web.auth.rights import Action, may, require
from web.auth.user import User
from web.desk.context import desk_page, people, visible_teams, voice_of
from web.desk.queues import SOON, Asked, Queue, asked, by_promise, lines, narrowing
from web.services import services

router = APIRouter()
_MINE = 40  # cases of one's own that the first page shows: what comes next, and under 100 kB with all it loads


@router.get("")
async def my_work(request: Request, user: Annotated[User, Depends(current_user)]) -> Response:
    """What I must do next, by the nearest promise; what I owe; what waits for my approval."""
    if not may(user, Action.READ_CASE):
        return RedirectResponse("/desk/admin" if may(user, Action.ADMINISTER) else "/desk/access", 303)
    if user.role is Role.AUDITOR:
        return RedirectResponse("/desk/queues/all", 303)
    here, teams, now = services(request), visible_teams(user), services(request).now()
    voice = await voice_of(request, user)
    async with rpc.postgres(), connection(here.pool) as conn:
        counts = await desk.counts(conn, me=user.owner, teams=teams, now=now, soon=now + SOON)
        mine = await desk.queue(conn, narrowing(Queue.MINE, Asked(), user, teams, now), limit=_MINE)
        free = await desk.queue(conn, narrowing(Queue.UNASSIGNED, Asked(), user, teams, now), limit=10)
        approvals = await _approvals(conn, user, teams, now)
        clocks = await desk.running_clocks(
            conn, [row.reference for page in (mine, free, approvals) for row in page.rows]
        )
        owed = await desk.owed(conn, user.owner)
        await note(conn, here, user, "my_work")
    return desk_page(
        request, "my_work.html", user, voice, counts=counts, queue=None, owed=owed, more=mine.next is not None,
        mine=by_promise(lines(mine.rows, clocks, now)), free=lines(free.rows, clocks, now),
        approvals=lines(approvals.rows, clocks, now),
    )  # fmt: skip


async def _approvals(conn: Connection, user: User, teams: tuple[str, ...] | None, now: datetime) -> QueuePage:
    if not may(user, Action.APPROVE):
        return QueuePage(rows=())
    return await desk.queue(conn, narrowing(Queue.APPROVALS, Asked(), user, teams, now), limit=10)


@router.get("/queues/{name}")
async def queue(request: Request, name: str, user: Annotated[User, Depends(require(Action.READ_CASE))]) -> Response:
    if name not in set(Queue):
        raise HTTPException(404)
    chosen, wanted, here = Queue(name), asked(request.query_params), services(request)
    if wanted.q and (reference := _reference(wanted.q)) is not None:
        return RedirectResponse(f"/desk/cases/{reference}", 303)
    teams, now = visible_teams(user), here.now()
    narrowed = narrowing(chosen, wanted, user, teams, now)
    fetch = desk.ended if chosen in (Queue.ENDED, Queue.REQUESTS) else desk.queue
    voice = await voice_of(request, user)
    async with rpc.postgres(), connection(here.pool) as conn:
        counts = await desk.counts(conn, me=user.owner, teams=teams, now=now, soon=now + SOON)
        page = await _fetched(fetch(conn, narrowed, after=wanted.after))
        clocks = await desk.running_clocks(conn, [row.reference for row in page.rows])
        await note(conn, here, user, "queue", about=chosen)
    return desk_page(
        request, "queue.html", user, voice, counts=counts, queue=chosen, wanted=wanted, next=page.next,
        lines=lines(page.rows, clocks, now), agents=await people(request),
        teams=teams or tuple(tier.team for tier in voice.policy.tiers),
    )  # fmt: skip


async def _fetched(fetching: Awaitable[QueuePage]) -> QueuePage:
    try:
        return await fetching
    except BadInput:
        raise HTTPException(404) from None


def _reference(typed: str) -> str | None:
    try:
        return read_reference(typed)
    except BadInput:
        return None
