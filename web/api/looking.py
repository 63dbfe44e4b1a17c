"""Looking at cases: one from its workflow, lists from PostgreSQL; each look is noted in the access log."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from complaints.errors import NotFound
from complaints.messages.duties import ClosureRecord
from complaints.messages.view import Explanation
from complaints.model import Frozen, Instant
from complaints.vocabulary import Channel, Language, Metric, Severity, Status
from database import complaints
from database.api_keys import Scope
from database.complaints import LARGEST_PAGE, Filters, Page, Sort
from database.pool import transaction
from starter import rpc
from starter.duplicates import MOST
from web import closures
from web.api.answers import CaseStatus, Duplicates, TimelinePage
from web.api.description import of
from web.api.keys import Caller, Needs
from web.api.seeing import Reference, note, seen
from web.closures import Format
from web.services import Services, serving

router = APIRouter(tags=["cases"])
Here = Annotated[Services, Depends(serving)]
Reader = Annotated[Caller, Depends(Needs(Scope.READ))]
Word = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Words = Field(max_length=20)
Moment = Annotated[Instant, BeforeValidator(lambda text: text if "T" in str(text) else "")]
"""An instant as RFC 3339 has it; pydantic takes seconds since 1970 too."""
_LONGEST_CURSOR = 500
_MEDIA = {
    "application/json": Format.JSON, "*/*": Format.JSON, "application/*": Format.JSON, "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML, "application/pdf": Format.PDF,
}  # fmt: skip


class Spoken(StrEnum):
    """What the house speaks."""

    ID = "id"
    EN = "en"


class Listing(Frozen):
    """What a listing is narrowed to, as with `tuntas list`; what is left out means all."""

    status: Annotated[tuple[Status, ...], Words] | None = None
    severity: Annotated[tuple[Severity, ...], Words] | None = None
    channel: Annotated[tuple[Channel, ...], Words] | None = None
    owner: Word | None = Field(default=None, description="`agent:ID` or `team:NAME`.")
    team: Word | None = None
    tier: Word | None = None
    category: Word | None = None
    company: Word | None = None
    policy: Word | None = Field(default=None, description="The pack it is handled under.")
    breached: Metric | None = Field(default=None, description="Late on this promise.")
    open: bool | None = Field(default=None, description="Neither closed nor archived; or one of these.")
    imported: bool | None = Field(default=None, description="History of an import.")
    received_from: Moment | None = None
    received_before: Moment | None = None
    due_before: Moment | None = None
    sort: Sort = Sort.DUE
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    after: Annotated[str, Field(max_length=_LONGEST_CURSOR)] | None = Field(
        default=None, description="The `next` of the page before."
    )

    def filters(self, company: str | None) -> Filters:
        named = {"statuses": self.status, "severities": self.severity, "channels": self.channel, "pack": self.policy}
        same = self.model_dump(include=set(Filters.model_fields))
        return Filters.model_validate({**same, **named, "company": company})


@router.get("/complaints", **of("list"))
async def list_complaints(here: Here, caller: Reader, asked: Annotated[Listing, Query()]) -> Page:
    """List complaints, what is due first; narrowed as with `tuntas list`."""
    filters = asked.filters(caller.company_for(asked.company))
    async with rpc.postgres(), transaction(here.pool) as conn:
        await note(conn, here, caller, "list")
        return await complaints.fetch_page(conn, filters, sort=asked.sort, limit=asked.limit, after=asked.after)


@router.get("/complaints/{reference}", **of("status"))
async def case_status(reference: Reference, here: Here, caller: Reader) -> CaseStatus:
    """Say how a case stands, by the case itself."""
    return CaseStatus.of(await here.tuntas.view(await seen(here, caller, reference, "status")))


@router.get("/complaints/{reference}/timeline", **of("timeline"))
async def timeline(
    reference: Reference, here: Here, caller: Reader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Entries after this sequence.")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 200,
) -> TimelinePage:  # fmt: skip
    """List what happened to a case, in order."""
    entries = await here.tuntas.timeline(await seen(here, caller, reference, "timeline"))
    further = [entry for entry in entries if entry.sequence > after]
    items = tuple(further[:limit])
    return TimelinePage(items=items, next=items[-1].sequence if len(further) > limit else None)


@router.get("/complaints/{reference}/clocks", **of("clocks"))
async def clocks(
    reference: Reference, here: Here, caller: Reader, metric: Metric | None = None
) -> tuple[Explanation, ...]:
    """Say for each clock when it is due, and why then: as `tuntas explain --json`."""
    return await here.tuntas.explain(await seen(here, caller, reference, "clocks"), metric)


@router.get("/complaints/{reference}/duplicates", **of("duplicates"))
async def duplicates(
    reference: Reference, here: Here, caller: Reader,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 5,
) -> Duplicates:  # fmt: skip
    """List what may be the same matter, likeliest first: a hint, by which nothing is decided. 404 until recorded."""
    found = await here.tuntas.possible_duplicates(await seen(here, caller, reference, "duplicates"), limit=limit)
    return Duplicates(items=found)


def _wanted(
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    format: Annotated[Format | None, Query(description="Goes before `Accept`.")] = None,  # noqa: A002
) -> Format:
    """Return the form that a request asks for: by name, else the first of ours that it accepts, else JSON."""
    if format is not None:
        return format
    for one in (accept or "").lower().split(","):
        found = _MEDIA.get(one.partition(";")[0].strip())
        if found is not None:
            return found
    return Format.JSON


@router.get("/complaints/{reference}/closure", response_model=ClosureRecord, **of("closure"))
async def closure(
    reference: Reference, here: Here, caller: Reader, wanted: Annotated[Format, Depends(_wanted)],
    language: Annotated[Spoken, Query(description="Of HTML and PDF.")] = Spoken.ID,
) -> ClosureRecord | Response:  # fmt: skip
    """Return the closure record, the last one of a case that was closed several times; 404 while there is none.

    As JSON, or as a page or tagged PDF with its timeline: by `format`, else by `Accept`.
    """
    known = await seen(here, caller, reference, "closure")
    if wanted is not Format.JSON:
        async with rpc.postgres(), transaction(here.pool) as conn:
            papers = await closures.load(conn, known)
        made = closures.render(papers, Language(language), here.tuntas.policy)
        return await closures.answer(made, wanted, here.printer)
    view = await here.tuntas.view(known)
    if view.closure is None:
        raise NotFound("it has no closure record yet", field="closure", remedy="ask again when it is closed")
    return view.closure
