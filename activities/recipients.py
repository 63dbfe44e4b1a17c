"""Whom `agent:ID` and `team:NAME` stand for, and how to reach them."""

from collections.abc import Iterable
from datetime import datetime

from complaints.assignment import AGENT, TEAM, Agent
from complaints.model import Frozen, Personal
from complaints.vocabulary import Language
from database import agents
from database.sql import Connection


class Recipient(Frozen):
    """One who is told. A team nobody of whom is present stands for itself: its queue on the desk is what tells it."""

    name: str
    names: tuple[str, ...] = ()  # by which they were found: their own, that of their team
    email: Personal | None = None
    language: Language = Language.ID


async def find_recipients(conn: Connection, to: Iterable[str], at: datetime) -> tuple[Recipient, ...]:
    """Find everybody once: a team as those of it who are present, an unknown agent without an address."""
    found: dict[str, Recipient] = {}
    for name in to:
        for recipient in await _resolve(conn, name, at):
            known = found.get(recipient.name, recipient)
            found[recipient.name] = known.model_copy(update={"names": (*known.names, name)})
    return tuple(found.values())


async def _resolve(conn: Connection, name: str, at: datetime) -> list[Recipient]:
    if name.startswith(AGENT):
        known = await agents.fetch(conn, at, agent_id=name.removeprefix(AGENT))
    elif name.startswith(TEAM):
        known = tuple(agent for agent in await agents.fetch(conn, at, team=name.removeprefix(TEAM)) if agent.present)
    else:
        known = ()
    return [_recipient(agent) for agent in known] or [Recipient(name=name)]


def _recipient(agent: Agent) -> Recipient:
    language = agent.languages[0] if agent.languages else Language.ID
    return Recipient(name=agent.owner, email=agent.email, language=language)
