"""For leads: load by team and handler, who is present, which promises were broken and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.assignment import Agent
from database import agents, desk, reviews
from database.pool import transaction
from starter import rpc
from web.auth.csrf import checked
from web.auth.log import note
from web.auth.rights import Action, Scope, may, require, scope
from web.auth.user import User
from web.desk.context import desk_of, desk_page, voice_of
from web.services import services

router = APIRouter()
_SINCE = timedelta(days=30)
_EVALUATED_SINCE = timedelta(days=90)  # of closings whose mean scores are shown


def _teams(user: User) -> tuple[str, ...] | None:
    return None if scope(user, Action.SEE_LOAD) is Scope.ALL else tuple(sorted(user.teams))


@router.get("/team")
async def team(request: Request, user: Annotated[User, Depends(require(Action.SEE_LOAD))]) -> Response:
    """Load by team and handler, presence, the promises broken in the last thirty days, and how cases were handled."""
    here, teams = services(request), _teams(user)
    voice = await voice_of(request, user)
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await desk.agents(conn, teams, here.now())
        loads = await desk.load_of_teams(conn, teams)
        own = await desk.load_of_owners(conn, [agent.owner for agent in found])
        broken = await desk.breaches(conn, teams, here.now() - _SINCE)
        means = await reviews.means(conn, closed_from=here.now() - _EVALUATED_SINCE, teams=teams)
        await note(conn, here, user, "team")
    return desk_page(
        request, "team.html", user, voice, handlers=found, loads=loads, own=own, broken=broken, queue=None,
        means=dict(zip(("agent", "team"), means, strict=True)), done=request.query_params.get("done"),
    )  # fmt: skip


@router.post("/team/{agent_id}/presence")
async def presence(request: Request, agent_id: str, user: Annotated[User, Depends(checked)]) -> Response:
    """Mark somebody of one's team away, until an instant and with a substitute, or back."""
    here = services(request)
    form = await request.form()
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await agents.fetch(conn, here.now(), agent_id=agent_id)
        if not found or not may(user, Action.SET_PRESENCE, found[0].team or ""):
            raise HTTPException(404)
        if form.get("present") == "yes":
            await agents.back(conn, agent_id)
        else:
            until = _until(str(form.get("until") or ""), here.tuntas.policy.timezone)
            substitute = _substitute(str(form.get("substitute") or ""), desk_of(request).agents)
            await agents.away(conn, agent_id, until=until, substitute=substitute)
        await note(conn, here, user, "presence", about=agent_id)
    desk_of(request).named_at = float("-inf")
    return RedirectResponse("/desk/team?done=presence#done", 303)


def _until(typed: str, timezone: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))


def _substitute(typed: str, known: Sequence[Agent]) -> str | None:
    return typed if any(agent.id == typed for agent in known) else None
