"""Surveys after closing: nobody is asked twice within the quiet period, nor after they said "stop".

A person is known by keyed digests of their addresses, within a company. Cases know nothing of each other, so it is
here, in the transaction that writes the notice, that is found whether it may ask.
"""

from datetime import datetime
from typing import Any

from complaints.messages.duties import Surveyed
from complaints.model import Frozen, Instant, Tolerant
from complaints.timeline import Entry
from complaints.vocabulary import Surveying
from database import sql
from database.sql import Connection

QUERIES = sql.load("surveys")


class _Known(Frozen):
    """What is known of a person by one of their addresses."""

    person: str
    asked_at: Instant | None
    asked_key: str | None
    stopped_at: Instant | None
    stopped_in: str | None


class _Scores(Tolerant):
    outcome: int | None = None
    handling: int | None = None
    effort: int | None = None


class SurveyRow(Frozen):
    """What was answered about one closing, as it counts. Scores from 1 to 5."""

    reference: str
    closing: int
    sequence: int
    at: Instant
    outcome: int | None
    handling: int | None
    effort: int | None
    solved: bool | None


async def ask(
    conn: Connection, who: Surveyed, *, key: str, reference: str, at: datetime, pages: bool = True
) -> Surveying | None:
    """Find whether the notice `key` may ask, and note that it does; asked again under the same key, it may.

    None: nobody minds the notice, and it was to bring no survey. Others who would ask the same person wait until the
    transaction ends.
    """
    people = await sql.fetch_values(conn, QUERIES["people"], _address(who))
    for person in people:
        await sql.fetch_values(conn, QUERIES["lock"], {"person": person})
    known = await sql.fetch_all(conn, _Known, QUERIES["known"], {"people": people})
    if any(one.stopped_at is not None and (who.ask or one.stopped_in != reference) for one in known):
        return Surveying.STOPPED
    if not who.ask:
        return None
    if any(one.asked_key == key for one in known):
        return Surveying.ASKED
    if not pages:
        return Surveying.NO_PAGE
    if any(one.asked_at is not None and at < one.asked_at + who.quiet for one in known):
        return Surveying.QUIET_PERIOD
    await note(conn, who, key=key, at=at)
    return Surveying.ASKED


async def note(conn: Connection, who: Surveyed, *, key: str, at: datetime) -> None:
    """Note that a notice asked, unless a later one has."""
    people = await sql.fetch_values(conn, QUERIES["people"], _address(who))
    await sql.execute(conn, QUERIES["ask"], {"people": people, "key": key, "at": at})


async def take_back(conn: Connection, key: str) -> None:
    """Forget that a notice asked, because it will never arrive."""
    await sql.execute(conn, QUERIES["take_back"], {"key": key})


async def stop(conn: Connection, reference: str, at: datetime) -> None:
    """Ask the complainant of a case no more, in any case of the company."""
    await sql.execute(conn, QUERIES["stop"], {"reference": reference, "at": at})


async def stopped(conn: Connection, reference: str) -> bool:
    """Whether the complainant of a case wants to be asked no more, in whichever case they said so."""
    return bool((await sql.fetch_values(conn, QUERIES["stopped"], {"reference": reference}))[0])


async def forget(conn: Connection, *, company: str | None, email: str | None, phone: str | None) -> int:
    """Erase what is known of a person here; how many rows."""
    address = {"company": company, "email": email, "phone": phone}
    return await sql.execute(conn, QUERIES["forget"], address)


async def answer(conn: Connection, reference: str, entry: Entry) -> None:
    """Keep what an entry `survey_answered` says, if it counts."""
    closing = entry.detail.get("closing")
    if not isinstance(closing, int):
        return
    scores = _Scores.model_validate(entry.detail.get("scores") or {})
    params: dict[str, Any] = {
        **scores.model_dump(), "reference": reference, "closing": closing, "sequence": entry.sequence, "at": entry.at,
        "solved": entry.detail.get("solved"), "late": bool(entry.detail.get("late")),
    }  # fmt: skip
    await sql.execute(conn, QUERIES["answer"], params)


async def answers(conn: Connection, reference: str) -> tuple[SurveyRow, ...]:
    """What was answered about each closing of a case."""
    return await sql.fetch_all(conn, SurveyRow, QUERIES["answers"], {"reference": reference})


def _address(who: Surveyed) -> dict[str, str | None]:
    return {"company": who.company, "email": who.email, "phone": who.phone}
