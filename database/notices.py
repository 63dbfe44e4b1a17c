"""Messages to people: written before they are sent, then marked sent or failed; never both, never back."""

from datetime import datetime
from enum import StrEnum

from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Channel, Language, Occasion, Surveying
from database import sql
from database.sql import Connection

QUERIES = sql.load("notices")


class State(StrEnum):
    WRITTEN = "written"
    SENT = "sent"
    FAILED = "failed"
    WITHHELD = "withheld"  # its person wants no more of the kind


class Audience(StrEnum):
    COMPLAINANT = "complainant"
    AGENT = "agent"


class Written(Frozen):
    """One message to one recipient as it is first written. `duty` is the key of the notice that asked for it."""

    key: str
    duty: str
    reference: str
    audience: Audience
    recipient: str  # `complainant`, `agent:ID` or `team:NAME`
    occasion: Occasion
    occurrence: int
    channel: Channel
    language: Language
    address: Personal | None
    subject: Personal
    body: Personal
    message_id: str
    written_at: Instant
    # how it continues a conversation by mail
    in_reply_to: str | None = None
    refers_to: tuple[str, ...] = ()
    thread_subject: Personal | None = None
    automatic: bool = True
    survey: Surveying | None = None  # what became of the survey it was to bring
    decision: int | None = None  # the number of the decision that it tells


class NoticeRow(Written):
    """A message as it stands."""

    state: State
    sent_at: Instant | None
    failed_at: Instant | None
    problem: str | None


async def write(conn: Connection, notice: Written) -> bool:
    """Write a message; False if it is there already, which then stays as it is."""
    params = notice.model_dump() | {"refers_to": list(notice.refers_to)}
    return await sql.execute(conn, QUERIES["write"], params) == 1


async def claim(conn: Connection, key: str, *, sent_at: datetime | None = None) -> NoticeRow | None:
    """Become the only sender of a message until the transaction ends; None if another one is at it.

    With `sent_at` it is marked as sent as well, if it was to be sent and is no follow-up; the row is as it was before.
    """
    return await sql.fetch_one(conn, NoticeRow, QUERIES["claim"], {"key": key, "at": sent_at})


async def get(conn: Connection, key: str) -> NoticeRow | None:
    return await sql.fetch_one(conn, NoticeRow, QUERIES["get"], {"key": key})


async def mark_sent(conn: Connection, key: str, at: datetime) -> None:
    await sql.execute(conn, QUERIES["mark_sent"], {"key": key, "at": at})


async def withhold(conn: Connection, key: str) -> None:
    """Never send a message that was written: its person wants no surveys."""
    await sql.execute(conn, QUERIES["withhold"], {"key": key})


async def mark_failed(conn: Connection, key: str, at: datetime, problem: str) -> None:
    """`problem` names a code and its class, never an address."""
    await sql.execute(conn, QUERIES["mark_failed"], {"key": key, "at": at, "problem": problem})


async def keys_of_duty(conn: Connection, duty: str) -> list[str]:
    return await sql.fetch_values(conn, QUERIES["keys_of_duty"], {"duty": duty})


async def waiting(conn: Connection, written_before: datetime, limit: int = 100) -> list[str]:
    """Keys of messages to agents that were written before this instant and not sent."""
    return await sql.fetch_values(conn, QUERIES["waiting"], {"written_before": written_before, "limit": limit})


async def codes(conn: Connection, limit: int = 100) -> list[str]:
    """Keys of messages with a contact code that are to go out."""
    return await sql.fetch_values(conn, QUERIES["codes"], {"limit": limit})


async def drop_codes(conn: Connection, written_before: datetime, at: datetime) -> int:
    """Forget the codes of messages that could not be sent in time; how many."""
    return await sql.execute(conn, QUERIES["drop_codes"], {"written_before": written_before, "at": at})


async def fetch(conn: Connection, reference: str) -> tuple[NoticeRow, ...]:
    return await sql.fetch_all(conn, NoticeRow, QUERIES["fetch"], {"reference": reference})
