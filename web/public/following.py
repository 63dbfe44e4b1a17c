"""Following a case: its receipt, what happened, what is next, and the files that were sent."""

from typing import get_args
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from complaints.messages.view import CaseView
from complaints.vocabulary import Kind, Status
from database import attachments
from database.pool import transaction
from starter import rpc
from web.public import evidence
from web.public.answers import OVER, Met, last_decision
from web.public.guarding import Guarded, LinkProblem
from web.public.opening import Opened, opened, view_if_answered
from web.public.rendering import HEADERS, page, texts_of
from web.public.story import Story

router = APIRouter(prefix="/case/{token}", route_class=Guarded)
DONE = ("replied", "withdrawn", "changed", "consented", "surveyed", "came_back", "stopped", *get_args(Met))
_SANDBOX = "default-src 'none'; sandbox"


def story_of(case: Opened, request: Request, seen: CaseView | None) -> Story:
    policy, texts = case.voice
    return Story(policy, texts, texts_of(request), withheld=seen is not None and case.withheld(seen))


@router.get("/receipt")
async def receipt(request: Request, token: str) -> Response:
    """The reference, what happens next and by when; without the instants while no worker answers."""
    case = await opened(request, token)
    seen = await view_if_answered(case)
    story = story_of(case, request, seen)
    promises = story.promises(seen.clocks, case.here.now()) if seen else []
    received = story.when(seen.timeline[0].at) if seen else ""
    link = f"{case.here.base_url}/{texts_of(request).language}{case.address}"
    return page(request, "receipt.html.j2", case=case, promises=promises, received=received, link=link)


@router.get("")
async def follow(request: Request, token: str, done: str = "") -> Response:
    case = await opened(request, token)
    seen = await case.view()
    story = story_of(case, request, seen)
    over = seen.status in OVER
    return page(
        request,
        "follow.html.j2",
        case=case,
        stands=seen.status,
        withheld=story.withheld,
        told=story.told(seen.timeline),
        promises=story.promises(seen.clocks, case.here.now()),
        made=story.made(seen.actions),
        files=() if story.withheld else await evidence.of_complainant(case.here, case.reference, seen),
        asks=seen.status is Status.RESOLVED and not story.withheld,
        decided=last_decision(seen) is not None and not story.withheld,
        over=over,
        surveys=surveys(case, seen),
        done=done if done in DONE else "",
    )


def surveys(case: Opened, seen: CaseView) -> bool:
    """Whether the page of the case offers the survey: while it is looked after, to whom its follow-up would ask."""
    policy, _ = case.voice
    rules = policy.aftercare.survey
    if rules is None or seen.status is not Status.CLOSED or seen.closing_reason not in rules.after:
        return False
    closed_at = max((entry.sequence for entry in seen.timeline if entry.kind is Kind.CLOSED), default=0)
    since = {entry.kind for entry in seen.timeline if entry.sequence > closed_at}
    stopped = any(entry.kind is Kind.SURVEYS_STOPPED for entry in seen.timeline)
    return not stopped and Kind.SURVEY_LEFT_OUT not in since and not case.withheld(seen)


@router.get("/files/{sha256}")
async def file(request: Request, token: str, sha256: str) -> Response:
    """A file that the complainant sent, and nobody else's: pictures to look at, everything else to save."""
    case = await opened(request, token)
    seen = await case.view()
    theirs = await evidence.of_complainant(case.here, case.reference, seen)
    if case.withheld(seen) or sha256 not in {one.sha256 for one in theirs}:
        raise LinkProblem
    async with rpc.postgres(), transaction(case.here.pool) as conn:
        found = await attachments.fetch(conn, case.reference, sha256)
    if found is None:
        raise LinkProblem
    shown = "inline" if found.media_type.startswith("image/") else "attachment"
    disposition = f"{shown}; filename*=UTF-8''{quote(found.name, safe='')}"
    headers = {**HEADERS, "content-disposition": disposition, "content-security-policy": _SANDBOX}
    return Response(found.content, media_type=found.media_type, headers=headers)
