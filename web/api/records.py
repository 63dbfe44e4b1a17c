"""Past records as a reference: closed cases like one, and closure records that hold given words."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from complaints.model import Frozen
from complaints.vocabulary import CauseCategory, Outcome
from database import past_records
from database.past_records import PastPage, Sight, Sought
from database.pool import transaction
from starter import rpc
from starter.past_records import LARGEST_PAGE, MOST
from web.api.answers import SimilarRecords
from web.api.description import of
from web.api.keys import Caller
from web.api.looking import Here, Moment, Reader, Word
from web.api.seeing import Reference, note, seen

router = APIRouter(tags=["cases"])
_LONGEST = 1_000  # characters of a query


class Search(Frozen):
    """What closure records are searched for, as with `tuntas search`; what is left out means all."""

    q: Annotated[str, Field(max_length=_LONGEST, pattern=r"^[^\x00]*$")] | None = Field(
        default=None, description='All of these words, in Indonesian or English; "a phrase", -without, this or that.'
    )
    category: Word | None = None
    outcome: Outcome | None = None
    cause: CauseCategory | None = Field(default=None, description="Category of the root cause.")
    company: Word | None = None
    closed_from: Moment | None = None
    closed_before: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20
    after: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="The `next` of the page before."
    )

    def sought(self, company: str | None) -> Sought:
        return Sought.model_validate({
            **self.model_dump(include=set(Sought.model_fields)), "words": (self.q or "").strip() or None,
            "company": company,
        })  # fmt: skip


@router.get("/complaints/{reference}/similar", **of("similar"))
async def similar(
    reference: Reference, here: Here, caller: Reader,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 5,
) -> SimilarRecords:  # fmt: skip
    """List closed cases that are like this one, those of its category first, then by how much they hold of it."""
    known = await seen(here, caller, reference, "similar")
    return SimilarRecords(items=await here.tuntas.similar(known, limit=limit, sight=_sight(caller)))


@router.get("/closures", **of("search"))
async def search(here: Here, caller: Reader, asked: Annotated[Search, Query()]) -> PastPage:
    """Search closure records, the last closed first. Contact data are in no answer."""
    sought = asked.sought(caller.company_for(asked.company))
    async with rpc.postgres(), transaction(here.pool) as conn:
        await note(conn, here, caller, "search_records")
        return await past_records.search(conn, sought, sight=_sight(caller), after=asked.after, limit=asked.limit)


def _sight(caller: Caller) -> Sight:
    return Sight(companies=caller.companies)
