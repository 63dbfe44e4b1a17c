"""What we promised a complainant: the page on which they say whether a promise was kept."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from complaints.errors import Unreachable
from complaints.messages.view import CaseView
from web.public.answering import blank, done, received, words
from web.public.following import story_of
from web.public.forms import Kind, Problem
from web.public.guarding import Guarded, LinkProblem
from web.public.opening import Opened, opened
from web.public.rendering import elsewhere
from web.public.story import Made

router = APIRouter(prefix="/case/{token}/promises/{number}", route_class=Guarded)
PROMISE = Kind(template="promise.html.j2")


def _made(request: Request, case: Opened, seen: CaseView, number: int) -> Made:
    """Return the promise as it stands. Raises `LinkProblem` if there is none of this number."""
    story = story_of(case, request, seen)
    found = next((one for one in story.made(seen.actions) if one.number == number), None)
    if found is None:
        raise LinkProblem
    return found


@router.get("")
async def promise(request: Request, token: str, number: int, kept: str = "") -> Response:
    """The question whether it was kept. A link may choose the answer beforehand; sending it takes the button."""
    case = await opened(request, token)
    seen = await case.view()
    if case.withheld(seen):
        return elsewhere(request, f"{case.address}/consent")
    made = _made(request, case, seen, number)
    chosen = {"kept": kept} if kept in ("yes", "no") else {}
    return await blank(request, PROMISE, case, values=chosen, number=number, made=made)


@router.post("")
async def send_promise(request: Request, token: str, number: int) -> Response:
    form = await received(request, PROMISE, token, number=number, made=None)
    if form.problem:
        return form.again(("", form.problem))
    kept, problems = form["kept"], list[Problem]()
    if kept not in ("yes", "no"):
        problems.append(("kept", "field.solved"))
    text = words(form, problems, needed="field.what_is_missing" if kept == "no" else None)
    if problems:
        return form.again(*problems)
    try:
        case = await opened(request, token)
        seen = await case.view()
    except Unreachable:
        return form.again(("", "form.away"))
    if case.withheld(seen):
        return elsewhere(request, f"{case.address}/consent")
    _made(request, case, seen, number)
    telling = case.here.tuntas.confirm(
        case.reference, key=form.key(number, kept, text), satisfied=kept == "yes", text=text, action=number
    )
    return await done(form, telling, token, "answered")
