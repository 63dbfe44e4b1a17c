"""Which complaints may be the same matter as another one. A hint for people: nothing is decided by it."""

from datetime import datetime, timedelta
from typing import Any

from complaints.messages.duties import DuplicateSearch
from complaints.model import Frozen, Instant
from complaints.vocabulary import Status
from database import sql
from database.sql import Connection

QUERIES = sql.load("duplicates")
SHORTEST = 40  # characters: "barang rusak" is said by many who have never met


class PossibleDuplicate(Frozen):
    """`similarity` is the share of trigrams that the two texts have in common, from 0 to 1."""

    reference: str
    similarity: float
    status: Status
    received_at: Instant
    same_complainant: bool


async def find(
    conn: Connection, search: DuplicateSearch, *, until: datetime, limit: int
) -> tuple[PossibleDuplicate, ...]:
    """Find those by the same complainant first, each group the most alike first."""
    who, rules = search.complainant, search.rules
    params: dict[str, Any] = {
        "reference": search.reference,
        "company": search.company,
        "email": who.email,
        "phone": who.phone,
        "name": who.name,
        "words": (search.text or "").replace("\x00", ""),
        "since": search.received_at - timedelta(days=rules.days),
        "until": until,
        "similar": rules.similar,
        "identical": rules.identical,
        "shortest": SHORTEST,
        "limit": limit,
    }
    return await sql.fetch_all(conn, PossibleDuplicate, QUERIES["possible"], params)
