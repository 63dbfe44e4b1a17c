"""Past records as a reference, for whoever handles a like case."""

from complaints.errors import BadInput, NotFound
from database import complaints, past_records
from database.past_records import EVERYTHING, PastPage, PastRecord, Sight, Sought
from database.pool import Pool, connection
from starter import rpc
from starter.references import read_reference

MOST = 50  # of those that are alike
LARGEST_PAGE = 100


async def similar(
    pool: Pool, reference: str | None, text: str | None, *, category: str | None, sight: Sight, limit: int
) -> tuple[PastRecord, ...]:
    """Find the closed cases most like a case or a text. Raises `BadInput`, `NotFound`."""
    _bounded(limit, MOST)
    if (reference is None) == (text is None):
        raise BadInput("neither or both are given", field="reference", remedy="give a reference, or a text")
    async with rpc.postgres(), connection(pool) as conn:
        if reference is not None:
            reference = read_reference(reference)
            row = await complaints.get(conn, reference)
            if row is None:
                raise NotFound("it is not recorded", field="reference", remedy="check it, or ask again in a moment")
            text, category = f"{row.subject or ''}\n{row.problem or ''}", category or row.category
        return await past_records.alike(
            conn, text or "", category=category, reference=reference, sight=sight, limit=limit
        )


async def search(pool: Pool, sought: Sought, *, sight: Sight = EVERYTHING, after: str | None, limit: int) -> PastPage:
    """Fetch a page of closure records that hold all the words, the last closed first. Raises `BadInput`."""
    _bounded(limit, LARGEST_PAGE)
    async with rpc.postgres(), connection(pool) as conn:
        return await past_records.search(conn, sought, sight=sight, after=after, limit=limit)


def _bounded(limit: int, most: int) -> None:
    if not 1 <= limit <= most:
        raise BadInput(f"not between 1 and {most}", field="limit", remedy="ask for fewer, or for a further page")
