"""Files that come with a complaint or a message: kept before anything speaks of them, then linked to their case."""

from collections.abc import Sequence
from datetime import datetime

from channels.files import CheckedFile
from complaints.messages.intake import Evidence
from database import attachments
from database.pool import Pool, transaction
from starter import rpc


async def keep(pool: Pool, files: Sequence[CheckedFile], now: datetime) -> tuple[Evidence, ...]:
    """Keep the bytes; the same file twice is kept once."""
    if files:
        async with rpc.postgres(), transaction(pool) as conn:
            for file in files:
                await attachments.store(conn, file.evidence, file.content, now)
    return tuple(file.evidence for file in files)


async def link(pool: Pool | None, reference: str, files: Sequence[Evidence], now: datetime) -> None:
    """Say that files belong to a case: those whose bytes are kept here."""
    if pool is None or not files:
        return
    async with rpc.postgres(), transaction(pool) as conn:
        for file in files:
            await attachments.link(conn, reference, file, now)
