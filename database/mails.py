"""Mails that came in: written once before anything follows from them, then decided, then done; or set aside."""

from datetime import datetime

from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Occasion
from database import sql
from database.sql import Connection

QUERIES = sql.load("mails")
MOST = 1000
_ASKING = (
    Occasion.DECISION, Occasion.FINAL_DECISION, Occasion.CONFIRMATION_REMINDER, Occasion.CLOSED_CONFIRMED,
    Occasion.CLOSED_UNCONFIRMED, Occasion.SUMMARY_RESOLUTION,
)  # fmt: skip
"""What may be answered with a plain yes or no: the decision, its reminders, and the closing that followed from it."""


class ArrivedMail(Frozen):
    """A mail as it is first written."""

    key: str
    mailbox: str
    message_id: str | None
    sender: Personal | None
    subject: Personal | None
    kind: str
    received_at: Instant
    read_at: Instant


class MailRow(ArrivedMail):
    """A mail as it stands: `decision` is what is to be done with it, `outcome` what was."""

    decision: str | None
    matched_by: str | None
    reference: str | None
    answers: int | None
    outcome: str | None
    done_at: Instant | None


class AsideRow(Frozen):
    """A mail that could not be brought to a case, and why."""

    key: str
    mailbox: str
    field: str
    problem: str
    remedy: str
    size: int
    received_at: Instant
    set_aside_at: Instant
    settled_at: Instant | None = None
    mail: str | None = None


class AsideMail(AsideRow):
    """With its bytes; of one that was too large only the first."""

    raw: bytes


class SentNotice(Frozen):
    """A notice that has gone out."""

    key: str
    reference: str
    address: Personal | None


class Question(Frozen):
    """That a mail was asked whether it is solved, and the number of the decision that this is about."""

    decision: int | None


class Written(Frozen):
    """One mail of a conversation."""

    message_id: str
    theirs: bool
    subject: Personal | None


async def write(conn: Connection, mail: ArrivedMail, raw: bytes) -> MailRow:
    """Write a mail unless it is there; how it stands. It is locked until the transaction ends."""
    await sql.execute(conn, QUERIES["write"], mail.model_dump() | {"raw": raw})
    found = await sql.fetch_one(conn, MailRow, QUERIES["get"], {"key": mail.key})
    if found is None:
        raise LookupError("a mail is there once it is written")
    return found


async def raw(conn: Connection, key: str) -> bytes | None:
    found = await sql.fetch_values(conn, QUERIES["raw"], {"key": key})
    return bytes(found[0]) if found else None


async def decide(
    conn: Connection, key: str, decision: str, *, matched_by: str | None, reference: str | None, answers: int | None
) -> None:  # fmt: skip
    """`answers` is the number of the decision that it answers."""
    params = {
        "key": key, "decision": decision, "matched_by": matched_by, "reference": reference, "answers": answers,
    }  # fmt: skip
    await sql.execute(conn, QUERIES["decide"], params)


async def finish(conn: Connection, key: str, outcome: str, reference: str | None, at: datetime) -> None:
    await sql.execute(conn, QUERIES["finish"], {"key": key, "outcome": outcome, "reference": reference, "at": at})


async def begin_again(conn: Connection, key: str) -> None:
    """Forget what was decided of a mail that was set aside."""
    await sql.execute(conn, QUERIES["begin_again"], {"key": key})


async def latest(conn: Connection, limit: int = MOST) -> tuple[MailRow, ...]:
    return await sql.fetch_all(conn, MailRow, QUERIES["list"], {"limit": limit})


async def answered(conn: Connection, key: str, message_ids: tuple[str, ...]) -> str | None:
    """The case to whose mails these ids belong. `key`: the mail itself, which does not count."""
    found = await sql.fetch_values(conn, QUERIES["answered"], {"key": key, "message_ids": list(message_ids)})
    return str(found[0]) if found else None


async def contact(conn: Connection, reference: str) -> str | None:
    """The address of a case's complainant, in small letters."""
    found = await sql.fetch_values(conn, QUERIES["contact"], {"reference": reference})
    return found[0] if found else None


async def question(conn: Connection, reference: str, message_ids: tuple[str, ...]) -> Question | None:
    """What a mail with a plain yes or no answers, by the ids it names; None if nothing was asked there."""
    params = {"reference": reference, "message_ids": list(message_ids), "occasions": [str(one) for one in _ASKING]}
    return await sql.fetch_one(conn, Question, QUERIES["question"], params)


async def asks_after_closing(conn: Connection, reference: str, message_ids: tuple[str, ...]) -> bool:
    """Whether the mail answers a follow-up: the notice it names, else the last one that was sent."""
    params = {"reference": reference, "message_ids": list(message_ids)}
    return bool((await sql.fetch_values(conn, QUERIES["asks_after_closing"], params))[0])


async def notice(conn: Connection, key: str | None, message_id: str | None) -> SentNotice | None:
    return await sql.fetch_one(conn, SentNotice, QUERIES["notice"], {"key": key, "message_id": message_id})


async def thread(conn: Connection, reference: str) -> tuple[Written, ...]:
    return await sql.fetch_all(conn, Written, QUERIES["thread"], {"reference": reference})


async def set_aside(conn: Connection, row: AsideRow, content: bytes) -> None:
    """Keep a mail that was not brought to a case; set aside again, with the new reason."""
    await sql.execute(conn, QUERIES["set_aside"], row.model_dump() | {"raw": content})


async def list_aside(conn: Connection, limit: int = MOST) -> tuple[AsideRow, ...]:
    return await sql.fetch_all(conn, AsideRow, QUERIES["list_aside"], {"limit": limit})


async def get_aside(conn: Connection, key: str) -> AsideMail | None:
    """By its key or a beginning of it that no other one has."""
    found = await sql.fetch_all(conn, AsideMail, QUERIES["get_aside"], {"key": key})
    exact = [row for row in found if row.key == key] or found
    return exact[0] if len(exact) == 1 else None


async def settle(conn: Connection, key: str, mail: str, at: datetime) -> None:
    await sql.execute(conn, QUERIES["settle"], {"key": key, "mail": mail, "at": at})


async def count_aside(conn: Connection) -> int:
    return int((await sql.fetch_values(conn, QUERIES["count_aside"], {}))[0])
