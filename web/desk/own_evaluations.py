"""My evaluations: how one's own closed cases were scored and reviewed, and the answer to a review."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput
from complaints.evaluation import Scores
from complaints.model import Frozen
from database import reviews
from database.pool import transaction
from database.reviews import Closing, Judged
from policies.reasons import Told
from starter import rpc
from web.auth.csrf import checked
from web.auth.log import note
from web.auth.rights import Action, may, require
from web.auth.user import User
from web.desk.context import desk_page, voice_of
from web.desk.reviews import Sent, new_key, send, told_of
from web.services import services

router = APIRouter()


class _Own(Frozen):
    """A closing of one's own handling, with what led to its scores and what a reviewer said."""

    closing: Closing
    told: tuple[Told, ...]
    judged: Judged | None


@router.get("/my-evaluations")
async def mine(request: Request, user: Annotated[User, Depends(require(Action.ANSWER_EVALUATION))]) -> Response:
    """The closings of one's own handling, the latest first; nobody else's."""
    return await _shown(request, user)


@router.post("/my-evaluations/{reference}/{number}")
async def answer(request: Request, reference: str, number: int, user: Annotated[User, Depends(checked)]) -> Response:
    """Answer the evaluation of one's own handling. Whatever comes of it, nothing that was typed is lost."""
    if not may(user, Action.ANSWER_EVALUATION):
        raise HTTPException(403, "your role does not allow this")
    here = services(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        row = await reviews.one(conn, reference, number) if 0 < number < 2**31 else None
    if row is None or row.handler != user.id:
        raise HTTPException(404)
    form = await request.form()
    text = str(form.get("text") or "")
    values = {"closing": number, **({"text": text} if text.strip() else {})}
    sent = await send(request, user, reference, "answer_evaluation", values, key=form.get("key"))
    if isinstance(sent, str):
        return RedirectResponse(f"/desk/my-evaluations?saved={sent}#done", 303)
    return await _shown(request, user, (f"{reference}-{number}", text, sent))


async def _shown(request: Request, user: User, attempt: tuple[str, str, Sent] | None = None) -> Response:
    here, voice, after = services(request), await voice_of(request, user), request.query_params.get("after")
    try:
        async with rpc.postgres(), transaction(here.pool) as conn:
            page = await reviews.of_handler(conn, user.id, after=after or None)
            references = sorted({one.reference for one in page.items})
            judged = await reviews.judged(conn, references)
            found = await reviews.derivations(conn, references)
            await note(conn, here, user, "my_evaluations")
    except BadInput:
        raise HTTPException(404) from None
    rows = tuple(
        _Own(closing=one, told=told_of(found.get(key, Scores()), voice), judged=judged.get(key))
        for one in page.items
        for key in ((one.reference, one.number),)
    )
    place, text, sent = attempt or (None, "", None)
    return desk_page(
        request, "my_evaluations.html", user, voice, status=sent.status if sent else 200, rows=rows, next=page.next,
        after=after, done=request.query_params.get("saved"), place=place, text=text, sent=sent,
        key=sent.key if sent else new_key(),
    )  # fmt: skip
