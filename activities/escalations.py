"""Escalations: find the owner and tell everybody concerned, in one transaction."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from temporalio import activity

from activities.errors import clean_errors
from activities.outbox import Outbox
from complaints.assignment import AGENT, TEAM, choose
from complaints.messages.duties import AgentNotice, Escalation
from complaints.messages.feedback import OwnerFound
from complaints.vocabulary import Occasion
from database import agents
from database.pool import Pool, transaction
from database.sql import Connection


class Escalations:
    """The same escalation always finds the same owner: the first answer is kept by its key."""

    def __init__(self, pool: Pool, outbox: Outbox) -> None:
        self._pool = pool
        self._outbox = outbox

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.escalate]

    @activity.defn(name="escalate")
    async def escalate(self, escalation: Escalation) -> OwnerFound:
        with clean_errors():
            async with transaction(self._pool) as conn:
                owner = await find_owner(conn, self._outbox, escalation)
                keys = await self._outbox.keys_of(conn, escalation.key)
            # The case learns of its owner although a mail server is slow or down: nobody waits for these messages.
            self._outbox.deliver_soon(keys)
        return OwnerFound(key=escalation.key, owner=owner)


async def find_owner(conn: Connection, outbox: Outbox, escalation: Escalation) -> str:
    """The owner, and messages written to everybody concerned; the second time what was found the first time."""
    owner = await agents.owner_found(conn, escalation.key)
    if owner is None:
        now = outbox.now()
        owner = await _find(conn, escalation, now)
        await agents.add_escalation(conn, escalation, owner, now)
        await _tell(conn, outbox, escalation, owner)
    return owner


async def _tell(conn: Connection, outbox: Outbox, escalation: Escalation, owner: str) -> None:
    """Each person once, by what concerns them most."""
    told: set[str] = set()
    for notice in _notices(escalation, owner):
        told |= (await outbox.write_to_agents(conn, notice, duty=escalation.key, but=told)).keys()


def _notices(escalation: Escalation, owner: str) -> Iterator[AgentNotice]:
    """What those concerned are told, and after them those whom only the combined notice that it takes along is for."""
    meanwhile = escalation.meanwhile and _with_owner(escalation.meanwhile, TEAM + escalation.team, owner)
    for occasion, to in _concerned(escalation, owner):
        notice = AgentNotice(
            key=f"{escalation.key}/{occasion}", reference=escalation.reference, occasion=occasion,
            occurrence=escalation.number, to=to, at=escalation.at, pack=escalation.pack,
            texts=escalation.texts, facts=escalation.facts,
        )  # fmt: skip
        yield _within(meanwhile, notice, escalation.key) if meanwhile else notice
    if meanwhile:
        yield meanwhile


def _within(meanwhile: AgentNotice, notice: AgentNotice, key: str) -> AgentNotice:
    """A combined notice, with another as its part in the place that is kept under a key."""
    told = {name: getattr(notice, name) for name in ("key", "occasion", "to")}
    parts = tuple(part.model_copy(update=told) if part.key == key else part for part in meanwhile.parts)
    return meanwhile.model_copy(update={"to": notice.to, "parts": parts})


def _with_owner(meanwhile: AgentNotice, team: str, owner: str) -> AgentNotice:
    """What was for the team that stood for the owner is for the owner."""
    parts = tuple(
        part.model_copy(update={"to": (*part.to, owner)}) if team in part.to else part for part in meanwhile.parts
    )
    return meanwhile.model_copy(update={"parts": parts})


def _concerned(escalation: Escalation, owner: str) -> list[tuple[Occasion, tuple[str, ...]]]:
    if owner == escalation.previous_owner:
        return [(Occasion.AGENT_ESCALATED, (owner, *escalation.tell))]
    return [
        (Occasion.AGENT_ASSIGNED, (owner,)),
        (Occasion.AGENT_RELIEVED, (escalation.previous_owner,)),
        (Occasion.AGENT_ESCALATED, escalation.tell),
    ]


async def _find(conn: Connection, escalation: Escalation, now: datetime) -> str:
    if not escalation.owner_changes:
        return escalation.previous_owner
    await agents.lock_tier(conn, escalation.tier)
    found = choose(
        await agents.fetch(conn, now, tier=escalation.tier),
        tier=escalation.tier,
        team=escalation.team,
        skill=escalation.skill,
        language=escalation.language,
    )
    if found is None:
        return TEAM + escalation.team
    await agents.mark_assigned(conn, found, now)
    return AGENT + found
