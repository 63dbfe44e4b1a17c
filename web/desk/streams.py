"""The stream of events that an open page hears (server-sent events): which of its reader's cases has moved."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from web.auth.rights import Action, may, require
from web.auth.user import User
from web.desk.context import desk_of
from web.desk.live import Change, Hub
from web.services import services

router = APIRouter()
HEARTBEAT = 15.0  # seconds: less than what lies in between may wait
LONGEST = 600.0  # seconds: then the browser comes back, and its session is looked at again


@router.get("/events")
async def events(request: Request, user: Annotated[User, Depends(require(Action.READ_CASE))]) -> Response:
    return StreamingResponse(
        told(desk_of(request).hub, str(services(request).pool.conninfo), user), media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )  # fmt: skip


async def told(hub: Hub, conninfo: str, user: User) -> AsyncIterator[str]:
    """Tell of the cases that a user may see, until it has lasted long enough or the process stops."""
    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST
    async with hub.hearing(conninfo) as ears:
        yield "retry: 3000\n\n"
        while loop.time() < until and not hub.closing.is_set():
            try:
                change = await asyncio.wait_for(ears.get(), HEARTBEAT)
            except TimeoutError:
                yield ": \n\n"
                continue
            if change is None:
                yield "event: resync\ndata: {}\n\n"
            elif may(user, Action.READ_CASE, change.team, case_owner=change.owner):
                yield f"event: case\ndata: {_data(change, user)}\n\n"


def _data(change: Change, user: User) -> str:
    mine = "true" if change.owner == user.owner else "false"
    return f'{{"reference": "{change.reference}", "through": {change.through}, "mine": {mine}}}'
