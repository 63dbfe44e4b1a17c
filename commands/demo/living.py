"""`tuntas up --demo`: a desk that lives. Complaints of the last days in both languages, at every stage of handling.

Everything comes through the client library and the agents' commands, and every complaint has a key of its own: whoever
runs it again fills in what is missing and repeats nothing.
"""

import asyncio
import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from commands.demo.complaints import COMPLAINTS, TWINS, Step, Told
from commands.session import quiet_runtime
from commands.stack import StackInfo
from commands.stack.info import write_whole
from complaints.assignment import Agent
from complaints.errors import Refused
from complaints.model import Personal
from complaints.vocabulary import Language, Role
from database import accounts, agents
from database.accounts import Account
from database.pool import transaction
from starter.client import Tuntas, connect
from web.auth.passwords import Passwords, generated

FILE = "demo-accounts.json"
SIDE_BY_SIDE = 6


class Person(NamedTuple):
    name: str
    role: Role
    tier: str | None = None
    teams: tuple[str, ...] = ()
    language: Language = Language.ID


PEOPLE = {
    "siti": Person("Siti Rahma", Role.AGENT, "frontline"),
    "andi": Person("Andi Saputra", Role.AGENT, "frontline"),
    "budi": Person("Budi Hartono", Role.AGENT, "specialist"),
    "rina": Person("Rina Kusuma", Role.LEAD, "supervisor", ("frontline", "specialist", "supervisor", "management")),
    "audi": Person("Audi Lestari", Role.AUDITOR, language=Language.EN),
    "admin": Person("Admin", Role.ADMIN, language=Language.EN),
}
SIGNING_IN = ("siti", "rina", "audi", "admin")


class Living(NamedTuple):
    """What there is now: passwords by account, and how many cases."""

    passwords: dict[str, str]
    cases: int


async def fill(info: StackInfo, home: Path) -> Living:
    """Fill a running stack, or complete what an earlier run has left out."""
    async with await connect(
        database_url=info.database_url, target_host=info.temporal_address, namespace=info.namespace,
        runtime=quiet_runtime(), policy="id.default",
    ) as tuntas:  # fmt: skip
        await _hire(tuntas)
        passwords = await _accounts(tuntas, home / FILE)
        places, now = asyncio.Semaphore(SIDE_BY_SIDE), datetime.now(UTC)
        references: dict[str, str] = {}

        async def one(told: Told) -> None:
            async with places:
                references[told.key] = await _case(tuntas, told, now)

        await asyncio.gather(*(one(told) for told in COMPLAINTS))
        for told in (told for told in COMPLAINTS if told.key in TWINS):
            await _twin(tuntas, told, references[told.key], now)
    return Living(passwords, len(references) + len(TWINS))


async def _hire(tuntas: Tuntas) -> None:
    """Add the agents that are not there yet; one who is there stays as they were changed since."""
    async with transaction(tuntas.pool) as conn:
        known = {agent.id for agent in await agents.fetch(conn, datetime.now(UTC))}
        for name, person in PEOPLE.items():
            if person.tier is not None and name not in known:
                await agents.save(conn, Agent(
                    id=name, tier=person.tier, team=person.tier, name=Personal(person.name), role=person.role,
                    email=Personal(f"{name}@example.test"),
                ))  # fmt: skip


async def _accounts(tuntas: Tuntas, path: Path) -> dict[str, str]:
    """Return the passwords by account; those of earlier runs stand in the file. Somebody else's account is not ours."""
    kept = await asyncio.to_thread(_kept, path)
    made = {name: kept.get(name) or generated() for name in SIGNING_IN}
    await asyncio.to_thread(write_whole, path, json.dumps(made, indent=2) + "\n")
    ours = [name for name, password in made.items() if await _account(tuntas, name, password) or name in kept]
    found = {name: made[name] for name in ours}
    await asyncio.to_thread(write_whole, path, json.dumps(found, indent=2) + "\n")
    return found


def _kept(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


async def _account(tuntas: Tuntas, name: str, password: str) -> bool:
    """Add an account; False if there is one, whose password then stays as it is."""
    person, now = PEOPLE[name], datetime.now(UTC)
    account = Account(
        id=name, name=Personal(person.name), role=person.role, teams=person.teams, language=person.language,
        created_at=now,
    )  # fmt: skip
    hashed = await Passwords().hash(password)
    async with transaction(tuntas.pool) as conn:
        created = await accounts.create(conn, account)
        if created:
            await accounts.set_password(conn, name, hashed, now)
        return created


async def _case(tuntas: Tuntas, told: Told, now: datetime) -> str:
    """File a complaint and let happen to it what is told. The same keys again change nothing."""
    received_at = now - timedelta(hours=told.hours)
    filed = await tuntas.file({
        "channel": told.channel, "key": f"demo-{told.key}", "text": told.text, "category": told.category,
        "severity": told.severity, "details": {"order_number": "A-1047"}, "received_at": received_at,
        "complainant": {"name": told.name, "email": f"{told.key}@example.test", "language": told.language},
    })  # fmt: skip
    for number, step in enumerate(told.steps):
        key = f"demo-{told.key}-{number}"
        if "say" in step:
            await _say(tuntas, filed.reference, key, step)
        else:
            await _act(tuntas, filed.reference, _command(tuntas, told, step, key, now))
    return filed.reference


async def _say(tuntas: Tuntas, reference: str, key: str, step: Step) -> None:
    if step["say"] == "reply":
        await tuntas.reply(reference, key=key, text=step["text"])
    else:
        satisfied = step["say"] == "confirm"
        rating = 5 if satisfied else None
        await tuntas.confirm(reference, key=key, satisfied=satisfied, text=step["text"], rating=rating)


async def _act(tuntas: Tuntas, reference: str, command: dict[str, Any]) -> None:
    # In a stack that was filled before somebody else may have moved the case on: then it is theirs.
    with contextlib.suppress(Refused):
        await tuntas.act(reference, command)


def _command(tuntas: Tuntas, told: Told, step: Step, key: str, now: datetime) -> dict[str, Any]:
    command = {name: value for name, value in step.items() if name not in ("who", "cost", "days")}
    command |= {"key": key, "actor": {"id": step["who"], "role": PEOPLE[step["who"]].role}}
    category = tuntas.policy.categories[told.category]
    if step["act"] == "record_step":
        command["step"] = category.procedure[0].name
    if "cost" in step:
        command["remedies"] = [{"solution": category.solutions[0].name, "cost": step["cost"]}]
    if "days" in step:
        command["review_at"] = now + timedelta(days=step["days"])
    return command


async def _twin(tuntas: Tuntas, told: Told, into: str, now: datetime) -> None:
    """Let the same complaint come once more, an hour later, and merge it into the first."""
    merge = {"who": "siti", "act": "merge", "into": into}
    again = told._replace(key=f"{told.key}-again", hours=told.hours - 1, steps=(merge,))
    await _case(tuntas, again, now)
