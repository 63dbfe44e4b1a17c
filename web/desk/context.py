"""What every page of the desk is made with: the reader's voice, the names of agents, what may be seen."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from complaints.assignment import Agent
from database import desk
from database.desk import Counts
from database.pool import connection
from starter import rpc
from web.auth.rights import Action, Scope, scope
from web.auth.user import User
from web.desk import rendering
from web.desk.live import Hub
from web.desk.voice import Voice
from web.services import services

_NAMES_FOR = 30.0  # seconds for which names of agents are kept
_AWAY_FOR = 5.0  # seconds in which a service that did not answer is not asked again


@dataclass
class Desk:
    """What the desk of this process keeps: open streams, names, and which service is away."""

    hub: Hub = field(default_factory=Hub)
    names: Mapping[str, str] = field(default_factory=dict)
    agents: tuple[Agent, ...] = ()
    named_at: float = -_NAMES_FOR
    away_at: float = -_AWAY_FOR
    naming: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def knows_names(self) -> bool:
        return time.monotonic() - self.named_at <= _NAMES_FOR

    @property
    def away(self) -> bool:
        """Whether Temporal did not answer a moment ago: nobody waits for it again at once."""
        return time.monotonic() - self.away_at < _AWAY_FOR

    def note_away(self) -> None:
        self.away_at = time.monotonic()


def desk_of(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


async def people(request: Request) -> tuple[Agent, ...]:
    """Return all agents as of a moment ago."""
    kept, here = desk_of(request), services(request)
    if kept.knows_names:
        return kept.agents
    async with kept.naming:  # one page asks, and those that come meanwhile wait for its answer
        if not kept.knows_names:
            async with rpc.postgres(), connection(here.pool) as conn:
                kept.agents = await desk.agents(conn, None, here.now())
            kept.names = {agent.id: str(agent.name or agent.id) for agent in kept.agents}
            kept.named_at = time.monotonic()
    return kept.agents


async def voice_of(request: Request, user: User) -> Voice:
    await people(request)
    here = services(request)
    return Voice(rendering.language_of(request, user), here.tuntas.policy, desk_of(request).names)


def visible_teams(user: User) -> tuple[str, ...] | None:
    """Return the teams whose cases a user may see; None: all."""
    return None if scope(user, Action.READ_CASE) is Scope.ALL else tuple(sorted(user.teams))


def desk_page(request: Request, template: str, user: User, voice: Voice, **values: Any) -> HTMLResponse:
    """Return a page of the desk: `v` is its voice, `d` its words, `now` the instant it was made."""
    counts: Counts | None = values.pop("counts", None)
    here = services(request)
    return rendering.page(
        request, template, user, v=voice, d=voice.d, now=here.now(), counts=counts, most=desk.MOST,
        ui=here.ui_url, **values,
    )  # fmt: skip
