"""After closing: the survey, and the page on which one asks for no more of them. Opening either answers nothing."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from complaints.errors import Unreachable
from complaints.messages.view import CaseView
from complaints.vocabulary import OnReturn, Status
from web.public.answering import RATINGS, blank, done, received, words
from web.public.forms import Form, Kind, Problem
from web.public.guarding import Guarded
from web.public.opening import Opened, opened
from web.public.rendering import elsewhere

router = APIRouter(prefix="/case/{token}", route_class=Guarded)
SURVEY = Kind(template="survey.html.j2")
STOP = Kind(template="stop.html.j2")
SCORES = ("outcome", "handling", "effort")


def _closed_once(seen: CaseView) -> bool:
    return seen.closure is not None


def _elsewhere(request: Request, case: Opened, seen: CaseView) -> Response | None:
    """Where somebody goes who has nothing to answer here: a case that was never closed, a consent still owed."""
    if case.withheld(seen):
        return elsewhere(request, f"{case.address}/consent")
    return None if _closed_once(seen) else elsewhere(request, case.address)


@router.get("/survey")
async def survey(request: Request, token: str) -> Response:
    case = await opened(request, token)
    seen = await case.view()
    return _elsewhere(request, case, seen) or await blank(request, SURVEY, case, ratings=RATINGS)


@router.post("/survey")
async def send_survey(request: Request, token: str) -> Response:
    form = await received(request, SURVEY, token, ratings=RATINGS)
    if form.problem:
        return form.again(("", form.problem))
    answers, problems = read(form)
    if problems:
        return form.again(*problems)
    try:
        case = await opened(request, token)
        seen = await case.view()
    except Unreachable:
        return form.again(("", "form.away"))
    if (away := _elsewhere(request, case, seen)) is not None:
        return away
    telling = case.here.tuntas.survey(case.reference, key=form.key(*sorted(answers.items())), **answers)
    return await done(form, telling, token, _met(case, seen, solved=answers.get("solved")))


def _met(case: Opened, seen: CaseView, *, solved: bool | None) -> str:
    """Return what an answer leads to, a word of `done`: what does not open the case again at once asks for it."""
    if solved is not False:
        return "surveyed"
    policy, _ = case.voice
    rules = policy.aftercare.survey
    asks = rules is not None and rules.returned is OnReturn.REQUEST
    return "requested" if seen.status is Status.ARCHIVED or (seen.status is Status.CLOSED and asks) else "came_back"


def read(form: Form) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return what was answered, and what is wrong: a score out of range, nothing at all, a return without words."""
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in SCORES:
        if form[name] in {str(rating) for rating in RATINGS}:
            answers[name] = int(form[name])
        elif form[name]:
            problems.append((name, "field.score"))
    solved = form["solved"]
    if solved in ("yes", "no"):
        answers["solved"] = solved == "yes"
    elif solved:
        problems.append(("solved", "field.still_solved"))
    text = words(form, problems, needed="field.what_came_back" if solved == "no" else None)
    if text is not None:
        answers["text"] = text
    if not answers and not problems:
        problems.append(("outcome", "field.survey_missing"))
    return answers, problems


@router.get("/stop")
async def stop(request: Request, token: str) -> Response:
    return await blank(request, STOP, await opened(request, token))


@router.post("/stop")
async def send_stop(request: Request, token: str) -> Response:
    form = await received(request, STOP, token)
    if form.problem:
        return form.again(("", form.problem))
    try:
        case = await opened(request, token)
    except Unreachable:
        return form.again(("", "form.away"))
    return await done(form, case.here.tuntas.survey(case.reference, key=form.key("stop"), stop=True), token, "stopped")
