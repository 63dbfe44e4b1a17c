"""Speaking to a case through its link: reply with files, confirm or dispute, withdraw."""

from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from complaints.errors import Unreachable
from complaints.messages.intake import Evidence, Text
from complaints.messages.view import CaseView
from complaints.vocabulary import Channel
from web.public import answers, evidence, forms
from web.public.following import story_of
from web.public.forms import Form, Kind, Problem
from web.public.guarding import Guarded
from web.public.opening import Opened, opened, read_link
from web.public.rendering import elsewhere, texts_of

router = APIRouter(prefix="/case/{token}", route_class=Guarded)
REPLY = Kind(template="reply.html.j2")
ANSWER = Kind(template="answer.html.j2")
WITHDRAW = Kind(template="withdraw.html.j2")
RATINGS = (1, 2, 3, 4, 5)
_WORDS: TypeAdapter[Any] = TypeAdapter(Text)


def purpose(kind: Kind, reference: str) -> str:
    return f"{kind.template}:{reference}"


def words(form: Form, problems: list[Problem], *, needed: str | None) -> Any:
    """Return what was written, if anything; `needed` names the text that asks for it."""
    written = form["text"]
    if not written:
        if needed:
            problems.append(("text", needed))
        return None
    try:
        return _WORDS.validate_python(written)
    except ValidationError:
        problems.append(("text", "field.long"))
        return None


async def received(request: Request, kind: Kind, token: str, **extra: Any) -> Form:
    reference = read_link(request, token).reference
    extra = {"reference": reference, "address": f"/case/{token}", **extra}
    return await forms.receive(request, kind, purpose(kind, reference), bucket=reference, **extra)


async def blank(request: Request, kind: Kind, case: Opened, **extra: Any) -> Response:
    extra = {"reference": case.reference, "address": case.address, **extra}
    return forms.show(request, kind, purpose(kind, case.reference), **extra)


async def brought(form: Form, token: str) -> tuple[Opened, tuple[Evidence, ...]] | Response:
    """Open the case and keep what came with the form: the files; or the page again, with why that cannot be done."""
    kept = form.kept
    if form.problem:
        return form.again(("", form.problem), kept=kept)
    try:
        case = await opened(form.request, token)
        return case, await evidence.take(case.here, form.sent.files, kept)
    except evidence.Refusal as refusal:
        return form.again((evidence.FIELD, refusal.key), kept=kept)
    except Unreachable:
        return form.again(("", "form.away"), kept=kept)


async def done(form: Form, telling: Awaitable[None], token: str, what: str) -> Response:
    """Go back to the case once the message is kept there."""
    try:
        await telling
    except Unreachable:
        return form.again(("", "form.away"), kept=form.kept)
    return elsewhere(form.request, f"/case/{token}?done={what}")


@router.get("/reply")
async def reply(request: Request, token: str) -> Response:
    return await blank(request, REPLY, await opened(request, token))


@router.post("/reply")
async def send_reply(request: Request, token: str) -> Response:
    form = await received(request, REPLY, token)
    found = await brought(form, token)
    if isinstance(found, Response):
        return found
    case, kept = found
    problems: list[Problem] = []
    text = words(form, problems, needed=None if kept else "field.reply_missing")
    if problems:
        return form.again(*problems, kept=kept)
    return await done(form, _reply(form, case, text or texts_of(request)("reply.only_files"), kept), token, "replied")


async def _reply(form: Form, case: Opened, text: str, kept: tuple[Evidence, ...]) -> None:
    here, key = case.here, form.key(text, [one.sha256 for one in kept])
    await here.tuntas.reply(case.reference, key=key, text=text, channel=Channel.FORM, evidence=kept)


@router.get("/answer")
async def answer(request: Request, token: str, solved: str = "") -> Response:
    """The question whether it is solved. A link may choose the answer beforehand; sending it takes the button."""
    case = await opened(request, token)
    seen = await case.view()
    if case.withheld(seen):
        return elsewhere(request, f"{case.address}/consent")
    chosen = {"solved": solved} if solved in ("yes", "no") else {}
    return await blank(request, ANSWER, case, values=chosen, **_question(request, case, seen))


def _question(request: Request, case: Opened, seen: CaseView) -> dict[str, Any]:
    """The last decision as it was told, so that nobody has to look for it."""
    story = story_of(case, request, seen)
    decisions = [entry for entry in seen.timeline if entry.kind == "decided"]
    before, until = answers.given(seen), answers.answer_by(seen)
    return {
        "number": answers.last_decision(seen), "decision": story.told(decisions[-1:])[0] if decisions else None,
        "ratings": RATINGS, "stands": answers.stands(seen), "silence": story.when(until) if until else None,
        "final": bool(decisions) and bool(decisions[-1].detail.get("final")),
        "said": (before.solved, story.when(before.entry.at)) if before else None,
    }  # fmt: skip


_NOTHING_KNOWN: dict[str, Any] = {
    "number": None, "decision": None, "ratings": RATINGS, "stands": None, "silence": None, "final": False, "said": None,
}  # fmt: skip
"""What the page of an answer says of the case when a form comes back from it: the form alone."""


@router.post("/answer")
async def send_answer(request: Request, token: str) -> Response:
    form = await received(request, ANSWER, token, **_NOTHING_KNOWN)
    if form.problem:
        return form.again(("", form.problem))
    solved, problems = form["solved"], list[Problem]()
    if solved not in ("yes", "no"):
        problems.append(("solved", "field.solved"))
    text = words(form, problems, needed="field.what_is_missing" if solved == "no" else None)
    if problems:
        return form.again(*problems)
    number = _number(form["decision"]) or None
    try:
        case = await opened(request, token)
        seen = await case.view()
    except Unreachable:
        return form.again(("", "form.away"))
    if case.withheld(seen):
        return elsewhere(request, f"{case.address}/consent")
    telling = _answer(form, case, satisfied=solved == "yes", text=text, number=number)
    return await done(form, telling, token, answers.meets(seen, number, solved == "yes"))


async def _answer(form: Form, case: Opened, *, satisfied: bool, text: Any, number: int | None) -> None:
    rating = _number(form["rating"])
    await case.here.tuntas.confirm(
        case.reference, key=form.key(form["solved"], rating, text, number), satisfied=satisfied,
        rating=rating if rating in RATINGS else None, text=text, decision=number,
    )  # fmt: skip


def _number(written: str) -> int | None:
    longest = 4
    return int(written) if written.isascii() and written.isdigit() and len(written) <= longest else None


@router.get("/withdraw")
async def withdraw(request: Request, token: str) -> Response:
    """The step in between: what withdrawing means, and the question whether it is meant."""
    return await blank(request, WITHDRAW, await opened(request, token))


@router.post("/withdraw")
async def send_withdrawal(request: Request, token: str) -> Response:
    form = await received(request, WITHDRAW, token)
    if form.problem:
        return form.again(("", form.problem))
    problems: list[Problem] = [] if form["sure"] else [("sure", "field.sure")]
    text = words(form, problems, needed=None)
    if problems:
        return form.again(*problems)
    try:
        case = await opened(request, token)
    except Unreachable:
        return form.again(("", "form.away"))
    return await done(
        form, case.here.tuntas.withdraw(case.reference, key=form.key(text), text=text), token, "withdrawn"
    )
