"""Files that were sent and never named by a case: forms given up, uploads forgotten. Kept a week, then removed."""

from datetime import datetime, timedelta

from database import attachments
from database.pool import Pool, transaction

KEPT = timedelta(days=7)
"""Longer than any form, upload or repetition takes to name its files."""
BATCH = 100  # files a transaction


async def purge_files(pool: Pool, now: datetime) -> int:
    """Remove what is left over; how many files. A file whose case names it is linked to it instead."""
    removed, more = 0, True
    while more:
        async with transaction(pool) as conn:
            count, more = await attachments.purge(conn, now - KEPT, BATCH)
        removed += count
    return removed
