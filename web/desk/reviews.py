"""Reviews: which closed cases wait for a reviewer, and the form in which one is evaluated beside its derived scores."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.case.evaluating import WORK
from complaints.errors import BadInput, NotFound, Refused, Unreachable
from complaints.evaluation import Scores
from complaints.messages.commands import AgentCommand
from complaints.vocabulary import Dimension, ReviewCause
from database import reviews
from database.pool import transaction
from database.reviews import Judged, Review, Wanted
from policies.reasons import Told, why_scored
from starter import rpc
from web.auth.csrf import checked
from web.auth.log import note, noted
from web.auth.rights import Action, Scope, may, require, scope
from web.auth.user import User
from web.desk import forms
from web.desk.context import desk_page, voice_of
from web.desk.forms import Problem
from web.desk.refusals import in_words
from web.desk.voice import Voice
from web.services import services

router = APIRouter()
_FIELDS = (*(str(one) for one in Dimension), "note", "coaching")
_LONGEST = 100


def _teams(user: User) -> tuple[str, ...] | None:
    return None if scope(user, Action.READ_REVIEWS) is Scope.ALL else tuple(sorted(user.teams))


@router.get("/reviews")
async def queue(request: Request, user: Annotated[User, Depends(require(Action.READ_REVIEWS))]) -> Response:
    """What waits for a reviewer in the reader's teams, the oldest first; or what was reviewed."""
    here, given, voice = services(request), request.query_params, await voice_of(request, user)
    teams = _teams(user)
    wanted = _wanted(given, teams)
    try:
        async with rpc.postgres(), transaction(here.pool) as conn:
            page = await reviews.fetch(conn, wanted, after=given.get("after") or None)
            await note(conn, here, user, "reviews")
    except BadInput:
        raise HTTPException(404) from None
    return desk_page(
        request, "reviews.html", user, voice, page=page, wanted=wanted, causes=tuple(ReviewCause),
        teams=teams or tuple(tier.team for tier in voice.policy.tiers), after=given.get("after"),
        done=given.get("saved"),
    )  # fmt: skip


def _wanted(given: Mapping[str, str], teams: tuple[str, ...] | None) -> Wanted:
    """What the address asks for; what it does not understand is as if it were not there."""
    cause, team = given.get("cause", ""), given.get("team", "")[:_LONGEST] or None
    return Wanted(
        teams=teams, team=team if teams is None or team in teams else None, done=given.get("done") == "1",
        cause=ReviewCause(cause) if cause in set(ReviewCause) else None,
        handler=given.get("handler", "").strip()[:_LONGEST] or None,
    )  # fmt: skip


@router.get("/reviews/{reference}/{number}")
async def review(
    request: Request, reference: str, number: int, user: Annotated[User, Depends(require(Action.READ_REVIEWS))]
) -> Response:
    return await _shown(request, user, await _file(request, user, reference, number))


@router.post("/reviews/{reference}/{number}")
async def evaluate(request: Request, reference: str, number: int, user: Annotated[User, Depends(checked)]) -> Response:
    """Evaluate a closing. Whatever comes of it, nothing that was typed is lost."""
    file = await _file(request, user, reference, number)
    if not may(user, Action.EVALUATE, file.row.team or ""):
        await noted(
            request, user, "record_evaluation", reference, result="refused", problem="their role does not allow it"
        )
        raise HTTPException(403, "your role does not allow this")
    form = await request.form()
    typed = {name: str(form.get(name) or "") for name in _FIELDS}
    values = {name: text for name, text in typed.items() if text.strip()}
    sent = await send(request, user, reference, "record_evaluation", {**values, "closing": number}, key=form.get("key"))
    if isinstance(sent, str):
        return RedirectResponse(f"/desk/reviews?saved={sent}#done", 303)
    return await _shown(request, user, file, typed, sent)


class Sent:
    """What came of a form that was not carried out: what is wrong, and the key under which it may be sent again."""

    def __init__(self, status: int, said: str | None = None, problems: tuple[Problem, ...] = (), key: str = "") -> None:
        self.status = status
        self.said = said
        self.problems = {problem.field: problem for problem in problems}
        self.key = key or new_key()


def new_key() -> str:
    return f"desk-{secrets.token_hex(12)}"


async def send(
    request: Request, user: User, reference: str, act: str, values: Mapping[str, Any], *, key: object
) -> "Sent | str":
    """Bring a command to its case and note it. Returns `ok` or `queued`, else what to show."""
    voice = await voice_of(request, user)
    text = str(key or "")
    if not text.startswith("desk-") or not text.isascii() or len(text) > _LONGEST:
        raise HTTPException(400, "the form has no key")
    command = forms.command_of(act, values, {"key": text, "actor": user.actor.model_dump()})
    if isinstance(command, tuple):
        return Sent(422, problems=command)
    return await _brought(request, user, reference, command, voice)


async def _brought(request: Request, user: User, reference: str, command: AgentCommand, voice: Voice) -> "Sent | str":
    try:
        answer = await services(request).tuntas.act(reference, command)
    except Refused as refused:
        return Sent(422, said=in_words(refused.problem, voice.language))
    except (Unreachable, NotFound) as error:
        gone = isinstance(error, NotFound)
        await noted(request, user, command.act, reference, result="not_found" if gone else "unreachable")
        return Sent(503, said=voice.say(f"not_done.{'gone' if gone else 'away'}"), key=command.key)
    result = "queued" if answer.queued else "ok"
    await noted(request, user, command.act, reference, result=result)
    return result


class _File:
    """A closing with all that its page shows."""

    def __init__(self, row: Review, scores: Scores | None, judged: Judged | None, *, handled: bool) -> None:
        self.row = row
        self.scores = scores or Scores()
        self.judged = judged
        self.handled = handled


async def _file(request: Request, user: User, reference: str, number: int) -> _File:
    """Return a closing of one's own teams, and note that it was seen. 404 for any other, as if it were not there."""
    here, key = services(request), (reference, number)
    if not 0 < number < 2**31:
        raise HTTPException(404)
    async with rpc.postgres(), transaction(here.pool) as conn:
        row = await reviews.one(conn, reference, number)
        if row is None:
            raise HTTPException(404)
        if not may(user, Action.READ_REVIEWS, row.team or ""):
            await note(conn, here, user, "review", reference, result="refused", problem="the case of another team")
            row = None
        else:
            judged = (await reviews.judged(conn, [reference])).get(key)
            scores = (await reviews.derivations(conn, [reference])).get(key)
            handled = user.id == row.handler or await reviews.worked(conn, reference, user.id, WORK)
            await note(conn, here, user, "review", reference)
    if row is None:
        raise HTTPException(404)
    return _File(row, scores, judged, handled=handled)


async def _shown(
    request: Request, user: User, file: _File, typed: Mapping[str, str] | None = None, sent: Sent | None = None
) -> Response:
    voice = await voice_of(request, user)
    before = file.judged
    filled = {name: str(getattr(before, name) or "") for name in _FIELDS} if before else dict.fromkeys(_FIELDS, "")
    return desk_page(
        request, "review.html", user, voice, status=sent.status if sent else 200, file=file,
        told=dict(zip(Dimension, told_of(file.scores, voice), strict=True)), why_not=_why_not(user, file),
        filled={**filled, **(typed or {})}, sent=sent, key=sent.key if sent else new_key(), stars=range(1, 6),
    )  # fmt: skip


def _why_not(user: User, file: _File) -> str | None:
    """Why the reader cannot evaluate it: a word of `desk.yaml`, `reviews.why_not`; None: they can."""
    if not may(user, Action.EVALUATE, file.row.team or ""):
        return "role"
    if file.handled:
        return "handled"
    if file.judged is not None and file.judged.reviewer != user.id:
        return "judged"
    return "answered" if file.judged is not None and file.judged.answered_at is not None else None


def told_of(scores: Scores, voice: Voice) -> tuple[Told, ...]:
    """What led to each score, in the reader's language."""
    return why_scored(scores, voice.policy.texts, voice.language)
