"""Handlers: who they are, whether they are present, what they own; and what escalations have found."""

from collections.abc import Sequence
from datetime import datetime

from complaints.assignment import Agent
from complaints.messages.duties import Escalation
from complaints.model import Frozen, Personal
from complaints.vocabulary import Language
from database import sql
from database.sql import Connection

QUERIES = sql.load("agents")


class Contact(Frozen):
    """How an agent is reached. What agents have to do is counted over complaints, and is not asked for here."""

    id: str
    team: str | None
    email: Personal | None
    languages: tuple[Language, ...]
    present: bool


async def save(conn: Connection, agent: Agent) -> None:
    """Add an agent or correct one; presence and the last assignment stay as they are."""
    await sql.execute(conn, QUERIES["save"], {
        "id": agent.id, "name": agent.name, "email": agent.email, "role": agent.role, "team": agent.team,
        "tier": agent.tier, "skills": list(agent.skills), "languages": list(agent.languages),
        "substitute": agent.substitute,
    })  # fmt: skip


async def away(
    conn: Connection, agent_id: str, *, until: datetime | None = None, substitute: str | None = None
) -> bool:
    """Mark an agent away, until they are back or until an instant; False if there is no such agent."""
    params = {"id": agent_id, "until": until, "substitute": substitute}
    return await sql.execute(conn, QUERIES["away"], params) == 1


async def back(conn: Connection, agent_id: str) -> bool:
    return await sql.execute(conn, QUERIES["back"], {"id": agent_id}) == 1


async def fetch(
    conn: Connection, at: datetime, *, agent_id: str | None = None, team: str | None = None, tier: str | None = None
) -> tuple[Agent, ...]:
    """Agents as of an instant: all, one, those of a team, or those of a tier with the substitutes they named."""
    params = {"at": at, "id": agent_id, "team": team, "tier": tier}
    return await sql.fetch_all(conn, Agent, QUERIES["fetch"], params, prepare=False)


async def contacts(conn: Connection, at: datetime, *, ids: Sequence[str], teams: Sequence[str]) -> tuple[Contact, ...]:
    """Return those of these who are agents, and everybody of these teams, present at an instant or not."""
    params = {"at": at, "ids": list(ids), "teams": list(teams)}
    return await sql.fetch_all(conn, Contact, QUERIES["contacts"], params)


async def known(conn: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Return which of these are agents, or have an account at the desk."""
    return frozenset(await sql.fetch_values(conn, QUERIES["known"], {"ids": list(ids)}))


async def lock_tier(conn: Connection, tier: str) -> None:
    """Let nobody else choose among the agents of a tier until the transaction ends."""
    await sql.execute(conn, QUERIES["lock_tier"], {"tier": tier})


async def mark_assigned(conn: Connection, agent_id: str, at: datetime) -> None:
    await sql.execute(conn, QUERIES["mark_assigned"], {"id": agent_id, "at": at})


async def owner_found(conn: Connection, key: str) -> str | None:
    """Return what an escalation of this key has found; whoever asks at the same time waits."""
    await sql.execute(conn, QUERIES["claim_escalation"], {"key": key})
    found = await sql.fetch_values(conn, QUERIES["escalation_found"], {"key": key})
    return found[0] if found else None


async def add_escalation(conn: Connection, escalation: Escalation, owner: str, at: datetime) -> None:
    await sql.execute(conn, QUERIES["add_escalation"], {
        "key": escalation.key, "reference": escalation.reference, "number": escalation.number, "tier": escalation.tier,
        "owner": owner, "previous_owner": escalation.previous_owner, "found_at": at,
    })  # fmt: skip
