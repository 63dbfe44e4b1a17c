"""What may be the same matter as a complaint that was just recorded for the first time."""

import logging

import psycopg
from psycopg_pool import PoolTimeout

from complaints.messages.duties import RecordBatch
from complaints.messages.feedback import Alike, DuplicatesFound
from database import duplicates
from database.pool import Pool, connection

log = logging.getLogger(__name__)

MOST = 5  # that are told


async def alike(pool: Pool, record: RecordBatch) -> DuplicatesFound | None:
    """What a first record wants to be searched for. A hint, which none waits for: if it cannot be had, it is none."""
    search = record.search
    if search is None:
        return None
    if search.text is None and record.intake is not None:
        search = search.model_copy(update={"text": record.intake.text})
    try:
        async with connection(pool) as conn:
            found = await duplicates.find(conn, search, until=search.received_at, limit=MOST)
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("possible duplicates were not searched for: %s", type(error).__name__)
        return None
    told = tuple(
        Alike(reference=one.reference, similarity=one.similarity, same_complainant=one.same_complainant)
        for one in found
    )
    return DuplicatesFound(key=f"{search.reference}/duplicates", found=told) if told else None
