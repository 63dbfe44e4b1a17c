"""Who works at the desk: seven of ten in the first team, two specialists, and a lead of all teams."""

import random
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg

from bench.desk.visiting import PASSWORD
from bench.stack import TIERS
from complaints.assignment import Agent as Handler
from complaints.model import Personal
from complaints.vocabulary import Language, Role
from database import accounts, agents
from database.accounts import Account
from database.pool import open_pool, transaction
from web.auth.passwords import Passwords

_SAMPLE = 400  # cases of each team that are looked at


class Agent(NamedTuple):
    id: str
    teams: tuple[str, ...]
    lead: bool


async def hire(url: str, number: int) -> list[Agent]:
    """Make agents and their accounts, the first one a lead; those that are there already stay."""
    found = [_agent(each) for each in range(number)]
    hashed = await Passwords().hash(PASSWORD)
    now = datetime.now(UTC)
    async with open_pool(url) as pool, transaction(pool) as conn:
        for one in found:
            role, name = Role.LEAD if one.lead else Role.AGENT, Personal(one.id.replace("-", " ").title())
            await agents.save(
                conn, Handler(id=one.id, tier=one.teams[0], team=one.teams[0], name=name, role=role)
            )  # fmt: skip
            account = Account(
                id=one.id, name=name, role=role, teams=one.teams, language=Language.ID, created_at=now
            )  # fmt: skip
            if await accounts.create(conn, account):
                await accounts.set_password(conn, one.id, hashed, now)
    return found


def _agent(number: int) -> Agent:
    lead = number % 10 == 0
    teams = TIERS if lead else ("specialist",) if number % 10 > 7 else ("frontline",)  # noqa: PLR2004
    return Agent(f"bench-{number}", tuple(teams), lead)


def references(url: str) -> dict[str, list[str]]:
    """Return some open cases of each team that are rows and no more, and some that have ended."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(url, autocommit=True) as conn:
        for team in TIERS:
            rows = conn.execute(
                """
                (SELECT reference FROM complaints WHERE is_open AND team = %(team)s AND intake_key IS NULL LIMIT 4000)
                UNION ALL
                (SELECT reference FROM complaints WHERE NOT is_open AND team = %(team)s LIMIT 400)
                """,
                {"team": team},
            ).fetchall()
            names = sorted(str(row[0]) for row in rows)
            found[team] = random.Random(team).sample(names, min(_SAMPLE, len(names)))
    return found
