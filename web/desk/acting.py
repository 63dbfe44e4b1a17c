"""Forms of a case: each becomes one command, answered on the page when it took effect, or refused beside its form.

Whatever comes of it, nothing that was typed is lost: the page comes back with the form as it was filled in.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.files import checked_file
from complaints.case.moving_on import FIELD as BASED_ON
from complaints.case.moving_on import news
from complaints.errors import BadInput, NotFound, Refused, Unreachable
from complaints.messages import ActAnswer
from complaints.messages.commands import AgentCommand
from database import attachments, desk
from database.pool import transaction
from policies.texts import Rendered, texts_for
from starter import rpc
from web.auth.csrf import checked
from web.auth.log import note, noted
from web.auth.rights import action_of, require_case
from web.auth.user import User
from web.desk import casefile, forms
from web.desk.case import Attempt, Typed, show, templates
from web.desk.casefile import CaseFile
from web.desk.context import voice_of
from web.desk.forms import Problem
from web.desk.refusals import in_words
from web.services import services

router = APIRouter()
ANSWER = "answer"  # the editor: one form for what is said to the complainant
SPOKEN = ("respond", "send_update", "request_information")
_REFUSED, _MOVED_ON, _AWAY = 422, 409, 503
_KEY_LENGTH = 100


@router.post("/cases/{reference}/acts/{act}")
async def act(request: Request, reference: str, act: str, user: Annotated[User, Depends(checked)]) -> Response:
    """Carry out a command; `answer` is the editor's form, which says itself which one it is."""
    form = await request.form()
    spoken = str(form.get("as") or SPOKEN[0])
    name = spoken if act == ANSWER and spoken in SPOKEN else act
    if name not in forms.MODELS:
        raise HTTPException(404)
    what = "preview" if "preview" in form else "form"
    file = await casefile.load(request, user, reference, what=what, about=name)
    await _allowed(request, user, file, name, str(form.get("to") or ""))
    typed = _typed(form)
    if "insert" in form:
        return await show(request, user, file, await _inserted(request, user, file, act, typed))
    return await _carry_out(request, user, file, _Form(act, name, form, typed))


async def _allowed(request: Request, user: User, file: CaseFile, act: str, to: str) -> None:
    """Go on if a user may do it to a case that they see; that they tried and may not is noted."""
    try:
        require_case(user, action_of(act, user=user, to=to), file.team, file.owner)
    except HTTPException:
        await noted(request, user, act, file.reference, result="refused", problem="their role does not allow it")
        raise


class _Form:
    """A form as it was sent: `place` is where it stands on the page, `act` the command it means."""

    def __init__(self, place: str, act: str, form: FormData, typed: Typed) -> None:
        self.place = place
        self.act = act
        self.form = form
        self.typed = typed

    @property
    def key(self) -> str | None:
        key = str(self.form.get("key") or "")
        return key if 0 < len(key) <= _KEY_LENGTH and key.startswith("desk-") and key.isascii() else None

    @property
    def based_on(self) -> int | None:
        typed = str(self.form.get(BASED_ON) or "")
        return int(typed) if typed.isdecimal() and len(typed) < 8 and int(typed) else None  # noqa: PLR2004


async def _carry_out(request: Request, user: User, file: CaseFile, sent: _Form) -> Response:
    voice = await voice_of(request, user)
    if sent.key is None or sent.based_on is None:  # not a form of ours
        raise HTTPException(400, "the form has no key or no sequence")
    try:
        values = await _values(request, file, sent)
    except BadInput as error:
        problem = Problem(field=error.field or "file", what="file", said=error.problem)
        return await show(request, user, file, Attempt(form=sent.place, typed=sent.typed, problems=(problem,)))
    given = {"key": sent.key, "actor": user.actor.model_dump(), BASED_ON: sent.based_on}
    command = forms.command_of(sent.act, values, given)
    if isinstance(command, tuple):
        return await show(request, user, file, Attempt(form=sent.place, typed=sent.typed, problems=command))
    if "preview" in sent.form:
        return await _previewed(request, user, file, sent, command)
    try:
        answer = await services(request).tuntas.act(file.reference, command)
    except Refused as refused:
        return await _refused(request, user, sent, refused)
    except (Unreachable, NotFound) as error:
        await _keep(request, user, file.reference, sent)
        why = "gone" if isinstance(error, NotFound) else "away"
        result = "not_found" if why == "gone" else "unreachable"
        await noted(request, user, sent.act, file.reference, result=result)
        attempt = Attempt(
            form=sent.place, typed=sent.typed, said=voice.say(f"not_done.{why}"), key=sent.key, status=_AWAY
        )
        return await show(request, user, file, attempt)
    return await _done(request, user, file, sent, answer)


async def _values(request: Request, file: CaseFile, sent: _Form) -> dict[str, Any]:
    """Return the command's values; a file is kept first, so that nothing speaks of one that is not there."""
    upload = sent.form.get("file")
    if sent.act != "attach":
        return forms.read(sent.act, sent.form, services(request).tuntas.policy.timezone)
    if not isinstance(upload, UploadFile):
        raise BadInput("no file was chosen", field="file", remedy="choose one")
    found = checked_file(upload.filename or "file", await upload.read(), field="file")
    here = services(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await attachments.store(conn, found.evidence, found.content, here.now())
        await attachments.link(conn, file.reference, found.evidence, here.now())
    return found.evidence.model_dump()


async def _previewed(request: Request, user: User, file: CaseFile, sent: _Form, command: AgentCommand) -> Response:
    """Show what the complainant will be sent: the case says which letters, the policy's texts how they read."""
    voice = await voice_of(request, user)
    shown: tuple[Rendered, ...] = ()
    said = None
    try:
        seen = await services(request).tuntas.rehearse(file.reference, command)
    except (Unreachable, NotFound, Refused):
        said = voice.say("not_done.no_preview")
    else:
        shown = tuple(texts_for(notice).render(notice) for notice in seen.notices)
        if seen.field == BASED_ON:
            return await _refused(request, user, sent, Refused(seen.refused or "", field=BASED_ON))
        said = in_words(seen.refused, voice.language) if seen.refused else None
        if not seen.notices and not seen.refused:
            said = voice.say("nothing_sent")
    attempt = Attempt(form=sent.place, typed=sent.typed, preview=shown, said=said, key=sent.key, status=200)
    return await show(request, user, file, attempt)


async def _refused(request: Request, user: User, sent: _Form, refused: Refused) -> Response:
    """Show why, with the case as it is now; a form of yesterday's case shows what is new and may be sent again."""
    voice = await voice_of(request, user)
    file = await casefile.load(request, user, request.path_params["reference"], about=sent.act)
    if refused.field == BASED_ON:
        attempt = Attempt(
            form=sent.place, typed=sent.typed, news=tuple(news(file.entries, sent.based_on or 0)), status=_MOVED_ON
        )
    else:
        said = in_words(refused.problem, voice.language)
        attempt = Attempt(form=sent.place, typed=sent.typed, said=said, status=_REFUSED)
    return await show(request, user, file, attempt)


async def _done(request: Request, user: User, file: CaseFile, sent: _Form, answer: ActAnswer) -> Response:
    here = services(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await desk.drop_draft(conn, user.id, file.reference, sent.place)
        await note(conn, here, user, sent.act, file.reference, result="queued" if answer.queued else "ok")
    queued = "&queued=1" if answer.queued else ""
    return RedirectResponse(f"/desk/cases/{file.reference}?done={sent.act}{queued}#done", 303)


async def _keep(request: Request, user: User, reference: str, sent: _Form) -> None:
    here = services(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await desk.save_draft(conn, user.id, reference, sent.place, fields=sent.typed, now=here.now())


async def _inserted(request: Request, user: User, file: CaseFile, place: str, typed: dict[str, list[str]]) -> Attempt:
    """Put a template or a solution of the catalogue at the end of an answer."""
    voice = await voice_of(request, user)
    chosen = next(iter(typed.get("template", ())), "")
    known = templates(file, voice)
    solutions = {s.name: s.in_language(file.language) for s in (file.rules.solutions if file.rules else ())}
    text = known[chosen]["text"] if chosen in known else solutions.get(chosen.removeprefix("solution:"), "")
    before = "".join(typed.get("text", ()))
    both = f"{before.rstrip()}\n\n{text}".strip() if text else before
    return Attempt(form=place, typed={**typed, "text": [both]}, status=200)


def _typed(form: FormData) -> dict[str, list[str]]:
    """Return what was typed, by field; not files, and not what is ours."""
    own = ("csrf", "key", BASED_ON, "preview", "insert")
    names = dict.fromkeys(name for name, value in form.multi_items() if isinstance(value, str) and name not in own)
    return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in names}


@router.post("/cases/{reference}/drafts/{place}")
async def draft(request: Request, reference: str, place: str, user: Annotated[User, Depends(checked)]) -> Response:
    """Keep what is being typed, for this reader and this case."""
    if place not in (ANSWER, *forms.MODELS):
        raise HTTPException(404)
    form = await request.form()
    file = await casefile.may_handle(request, user, reference)
    typed = _typed(form)
    here = services(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        if _holds_anything(typed):
            await desk.save_draft(conn, user.id, file, place, fields=typed, now=here.now())
        else:
            await desk.drop_draft(conn, user.id, file, place)
    return Response(status_code=204)


def _holds_anything(typed: dict[str, list[str]]) -> bool:
    return any(value.strip() for name, values in typed.items() if name not in ("as", "template") for value in values)
