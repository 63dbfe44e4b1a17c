"""Whom `agent:ID` and `team:NAME` stand for, and how to reach them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from complaints.assignment import AGENT, TEAM
from complaints.model import Frozen, Personal
from complaints.vocabulary import Language
from database import agents
from database.agents import Contact
from database.sql import Connection


class Recipient(Frozen):
    """One who is told. A team nobody of whom is present stands for itself: its queue on the desk is what tells it."""

    name: str
    names: tuple[str, ...] = ()  # by which they were found: their own, that of their team
    email: Personal | None = None
    language: Language = Language.ID


async def find_recipients(conn: Connection, to: Iterable[str], at: datetime) -> tuple[Recipient, ...]:
    """Find everybody once: a team as those of it who are present, an unknown agent without an address."""
    names = tuple(to)
    known = await agents.contacts(conn, at, ids=[*_without(AGENT, names)], teams=[*_without(TEAM, names)])
    found: dict[str, Recipient] = {}
    for name in names:
        for recipient in [_recipient(one) for one in known if _goes_by(one, name)] or [Recipient(name=name)]:
            before = found.get(recipient.name, recipient)
            found[recipient.name] = before.model_copy(update={"names": (*before.names, name)})
    return tuple(found.values())


def _without(prefix: str, names: Iterable[str]) -> Iterator[str]:
    return (name.removeprefix(prefix) for name in names if name.startswith(prefix))


def _goes_by(one: Contact, name: str) -> bool:
    return name == AGENT + one.id or (one.present and one.team is not None and name == TEAM + one.team)


def _recipient(one: Contact) -> Recipient:
    language = one.languages[0] if one.languages else Language.ID
    return Recipient(name=AGENT + one.id, email=one.email, language=language)
