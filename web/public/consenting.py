"""Recording that whom somebody speaks for agrees to it: how, in the representative's words, with files that show it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from complaints.messages.intake import Evidence
from complaints.vocabulary import Channel
from web.public.answering import blank, brought, done, received, words
from web.public.forms import Form, Kind, Problem
from web.public.guarding import Guarded
from web.public.opening import Opened, opened
from web.public.rendering import elsewhere

router = APIRouter(prefix="/case/{token}", route_class=Guarded)
CONSENT = Kind(template="consent.html.j2")


@router.get("/consent")
async def ask(request: Request, token: str) -> Response:
    case = await opened(request, token)
    if not case.withheld(await case.view()):
        return elsewhere(request, case.address)
    return await blank(request, CONSENT, case)


@router.post("/consent")
async def record(request: Request, token: str) -> Response:
    """Bring it as a reply: the case records it, and goes on if nothing else is missing."""
    form = await received(request, CONSENT, token)
    found = await brought(form, token)
    if isinstance(found, Response):
        return found
    case, kept = found
    problems: list[Problem] = [] if form["sure"] else [("sure", "field.consent")]
    how = words(form, problems, needed="field.consent_how")
    if problems:
        return form.again(*problems, kept=kept)
    return await done(form, _tell(form, case, how, kept), token, "consented")


async def _tell(form: Form, case: Opened, how: str, kept: tuple[Evidence, ...]) -> None:
    key = form.key("consent", how, [one.sha256 for one in kept])
    await case.here.tuntas.reply(
        case.reference, key=key, text=how, consent=how, channel=Channel.FORM, evidence=kept
    )  # fmt: skip
