"""What may be the same matter as a complaint that was just recorded for the first time."""

import logging

import psycopg
from psycopg_pool import PoolTimeout

from complaints.messages.duties import DuplicateSearch
from complaints.messages.feedback import Alike, DuplicatesFound
from database import duplicates
from database.pool import Pool, transaction

log = logging.getLogger(__name__)

MOST = 5  # that are told


async def alike(pool: Pool, search: DuplicateSearch) -> DuplicatesFound | None:
    """A hint, that no record waits for: if it cannot be had now, there is none."""
    try:
        async with transaction(pool) as conn:
            found = await duplicates.find(conn, search, until=search.received_at, limit=MOST)
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("possible duplicates were not searched for: %s", type(error).__name__)
        return None
    told = tuple(
        Alike(reference=one.reference, similarity=one.similarity, same_complainant=one.same_complainant)
        for one in found
    )
    return DuplicatesFound(key=f"{search.reference}/duplicates", found=told) if told else None
