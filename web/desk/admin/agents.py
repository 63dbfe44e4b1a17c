"""Who handles complaints: agents added and corrected, away with a substitute and back, and the teams they belong to."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.assignment import Agent
from complaints.errors import BadInput
from database import agents
from database.pool import transaction
from starter import rpc
from web.auth import csrf, log
from web.auth.rights import Action, require
from web.auth.user import User
from web.catalogue import LANGUAGES
from web.desk.admin import inputs
from web.desk.rendering import page
from web.services import Services, serving

router = APIRouter(prefix="/desk/admin", include_in_schema=False, dependencies=[Depends(csrf.checked)])
Admin = Annotated[User, Depends(require(Action.ADMINISTER))]
Here = Annotated[Services, Depends(serving)]
LIST = "/desk/admin/agents"


@router.get("")
async def first(user: Admin) -> Response:
    del user
    return RedirectResponse(LIST, HTTPStatus.SEE_OTHER)


@router.get("/agents")
async def everyone(request: Request, here: Here, user: Admin) -> Response:
    found = await _fetch(here)
    return page(request, "agents.html", user, agents=found, done=request.query_params.get("done"), at="agents")


@router.get("/teams")
async def teams(request: Request, here: Here, user: Admin) -> Response:
    """Show the tiers of the policy with the agents of each team."""
    found = await _fetch(here)
    tiers = [(tier, [a for a in found if a.tier == tier.name]) for tier in here.tuntas.policy.tiers]
    return page(request, "teams.html", user, tiers=tiers, at="teams")


@router.get("/agents/new")
async def new(request: Request, here: Here, user: Admin) -> Response:
    return _form(request, here, user, None, {})


@router.post("/agents/new")
async def add(request: Request, here: Here, user: Admin) -> Response:
    """Add an agent. An id that is taken is refused: it stands in records as somebody else."""
    form = await request.form()
    agent_id = inputs.text(form, "id")
    try:
        agent = inputs.agent_of(form, agent_id, _tiers(here))
        await _is_free(here, agent_id)
    except BadInput as error:
        return _form(request, here, user, None, form, error=error)
    return await _save(here, user, agent)


@router.get("/agents/{agent_id}")
async def edit(request: Request, here: Here, user: Admin, agent_id: str) -> Response:
    agent = await _one(here, agent_id)
    shown = agent.model_dump() | {"skills": " ".join(agent.skills)}
    return _form(request, here, user, agent, shown)


@router.post("/agents/{agent_id}")
async def correct(request: Request, here: Here, user: Admin, agent_id: str) -> Response:
    known, form = await _one(here, agent_id), await request.form()
    try:
        return await _save(here, user, inputs.agent_of(form, agent_id, _tiers(here)))
    except BadInput as error:
        return _form(request, here, user, known, form, error=error)


@router.post("/agents/{agent_id}/away")
async def away(request: Request, here: Here, user: Admin, agent_id: str) -> Response:
    """Mark an agent away, with a substitute who is one of the agents."""
    known, form = await _one(here, agent_id), await request.form()
    substitute = inputs.text(form, "substitute") or None
    try:
        until = inputs.back_on(form, here.tuntas.policy.timezone, here.now())
        await _is_somebody_else(here, substitute, agent_id)
    except BadInput as error:
        shown = known.model_dump() | {"skills": " ".join(known.skills)}
        return _form(request, here, user, known, shown, error=error)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await agents.away(conn, agent_id, until=until, substitute=substitute)
        await log.note(conn, here, user, "mark_away", about=agent_id)
    return RedirectResponse(f"{LIST}?done=away", HTTPStatus.SEE_OTHER)


@router.post("/agents/{agent_id}/back")
async def back(here: Here, user: Admin, agent_id: str) -> Response:
    await _one(here, agent_id)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await agents.back(conn, agent_id)
        await log.note(conn, here, user, "mark_back", about=agent_id)
    return RedirectResponse(f"{LIST}?done=back", HTTPStatus.SEE_OTHER)


async def _save(here: Services, user: User, agent: Agent) -> Response:
    async with rpc.postgres(), transaction(here.pool) as conn:
        await agents.save(conn, agent)
        await log.note(conn, here, user, "save_agent", about=agent.id)
    return RedirectResponse(f"{LIST}?done=saved", HTTPStatus.SEE_OTHER)


async def _fetch(here: Services, agent_id: str | None = None) -> tuple[Agent, ...]:
    async with rpc.postgres(), transaction(here.pool) as conn:
        return await agents.fetch(conn, here.now(), agent_id=agent_id)


async def _one(here: Services, agent_id: str) -> Agent:
    found = await _fetch(here, agent_id)
    if not found:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found[0]


async def _is_free(here: Services, agent_id: str) -> None:
    if await _fetch(here, agent_id):
        raise BadInput("taken", field="id", remedy="choose another one")


async def _is_somebody_else(here: Services, substitute: str | None, agent_id: str) -> None:
    if substitute and (substitute == agent_id or not await _fetch(here, substitute)):
        raise BadInput("no such agent", field="substitute", remedy="choose one of the agents")


def _tiers(here: Services) -> dict[str, str]:
    return {tier.name: tier.team for tier in here.tuntas.policy.tiers}


def _form(
    request: Request, here: Services, user: User, agent: Agent | None, shown: Any, *, error: BadInput | None = None
) -> Response:
    spoken = shown.getlist("languages") if hasattr(shown, "getlist") else shown.get("languages") or ()
    return page(
        request, "agent.html", user, status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK, agent=agent,
        shown=shown, spoken=spoken, error=error, tiers=here.tuntas.policy.tiers, roles=inputs.AGENT_ROLES,
        categories=sorted(here.tuntas.policy.categories), spoken_here=LANGUAGES, at="agents",
    )  # fmt: skip
