"""The page of a case, its explanation, and its evidence."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from channels.files import PLAIN
from complaints.errors import NotFound, Refused, Unreachable
from complaints.messages.view import EntryView
from complaints.model import Frozen
from complaints.policy import Solution
from complaints.vocabulary import Language
from database import attachments
from database.pool import transaction
from policies import reasons as told
from policies.texts import Rendered
from starter import rpc
from web import catalogue, closures
from web.auth.rights import Action, may, require
from web.auth.user import User
from web.desk import alike, casefile, forms, records
from web.desk.casefile import CaseFile
from web.desk.context import desk_page, people, voice_of
from web.desk.forms import Problem
from web.desk.offers import ELSEWHERE, FISHBONE, GROUPS, Offered, offered, owners
from web.desk.stream import LATEST, sentences, stream
from web.desk.unanswered import new_facts, unanswered
from web.desk.voice import Voice
from web.services import Services, services

router = APIRouter()
Typed = Mapping[str, Sequence[str]]
_DIGITS = 6
_ROWS = 3  # lines of remedies and whys that a form offers
_SHOWN = ("image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", PLAIN)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of a form that was not carried out: it stands open again, with what was typed and what is wrong."""

    form: str
    typed: Typed
    problems: tuple[Problem, ...] = ()
    said: str | None = None  # why it was refused, or could not be brought
    news: tuple[EntryView, ...] = ()  # what has happened since the form was made
    preview: tuple[Rendered, ...] = ()
    key: str | None = None  # the same again: whether the first was carried out is not known
    status: int = 422


class Clock(Frozen):
    """A clock as the page shows it."""

    metric: str
    occurrence: int
    state: str
    due_at: Any
    breached: bool
    remaining: int | None
    target: str


@dataclass(frozen=True)
class Filled:
    """What the fields of the page's forms hold: what was just typed, else a draft."""

    forms: Mapping[str, Typed] = field(default_factory=dict)

    def get(self, form: str, name: str, row: int = 0) -> str:
        values = self.forms.get(form, {}).get(name, ())
        return values[row] if row < len(values) else ""

    def ticked(self, form: str, name: str, value: str) -> bool:
        return value in self.forms.get(form, {}).get(name, ())


@router.get("/cases/{reference}")
async def case(request: Request, reference: str, user: Annotated[User, Depends(require(Action.READ_CASE))]) -> Response:
    return await show(request, user, await casefile.load(request, user, reference))


async def show(request: Request, user: User, file: CaseFile, attempt: Attempt | None = None) -> Response:
    """Return the page of a case; after a form that was not carried out, with that form as it was filled in."""
    voice = await voice_of(request, user)
    here = services(request)
    items = stream(file.entries, file.recorded.notices, voice)
    every = request.query_params.get("all") == "1"
    duplicates = await alike.of_case(request, user, file)
    handlers = await people(request)
    acts = offered(file, user, voice, handlers)
    return desk_page(
        request, "case.html", user, voice, status=attempt.status if attempt else 200, file=file, attempt=attempt,
        items=items if every else items[:LATEST], more=0 if every else max(len(items) - LATEST, 0),
        scored=_scored(user, file, voice),
        acts=acts, left=_left(attempt, acts, voice), groups=GROUPS, elsewhere=ELSEWHERE,
        owners=owners(file, user, voice, handlers),
        clocks=_clocks(file), filled=_filled(file, attempt), key=_key(attempt), rows=range(_ROWS), fishbone=FISHBONE,
        news=sentences(attempt.news, voice) if attempt else (), done=_done(request), mine=file.owner == user.owner,
        problems=defaultdict(lambda: None, _problems(attempt)), run=_run(here, file),
        waits=unanswered(file.entries), facts=new_facts(file.entries), alike=duplicates,
        family=alike.family(file.entries), past_records=await records.like_case(request, user, file),
        templates=templates(file, voice), solutions=_solutions(file), queued="queued" in request.query_params,
    )  # fmt: skip


def _scored(user: User, file: CaseFile, voice: Voice) -> tuple[told.Told, ...]:
    """The scores as of now, for leads and auditors, and for whoever's handling it is."""
    if file.bench is None:
        return ()
    own = file.bench.scores.handler == user.id
    if not own and not may(user, Action.READ_REVIEWS, file.team, case_owner=file.owner):
        return ()
    return told.why_scored(file.bench.scores, voice.policy.texts, voice.language)


def _key(attempt: Attempt | None) -> str:
    return (attempt.key if attempt else None) or f"desk-{secrets.token_hex(12)}"


def _done(request: Request) -> str | None:
    act = request.query_params.get("done", "")
    return act if act in (*ELSEWHERE, *(one for group in GROUPS.values() for one in group)) else None


def _problems(attempt: Attempt | None) -> dict[str, Problem]:
    """Problems by form and field."""
    return {f"{attempt.form}.{problem.field}": problem for problem in attempt.problems} if attempt else {}


def _left(attempt: Attempt | None, acts: Mapping[str, Offered], voice: Voice) -> tuple[tuple[str, str], ...] | None:
    """Return what was typed into a form that the page no longer has, label and words; None if it has it.

    Somebody was faster: what the form would have done cannot be done any more. It says so, and the words can be copied.
    """
    if attempt is None:
        return None
    offer = acts.get("respond" if attempt.form == "answer" else attempt.form)
    if offer is None or offer.why_not is None:
        return None
    return tuple(
        (voice.word("fields", name.rpartition("-")[2]), value)
        for name, values in attempt.typed.items()
        if forms.is_words(offer.act, name)
        for value in values
        if value.strip()
    )


def _filled(file: CaseFile, attempt: Attempt | None) -> Filled:
    drafts = {
        name: {field: [str(one) for one in values] for field, values in draft.fields.items()}
        for name, draft in file.recorded.drafts.items()
    }
    return Filled(forms={**drafts, **({attempt.form: attempt.typed} if attempt else {})})


def _clocks(file: CaseFile) -> tuple[Clock, ...]:
    """The clocks that run or stand still, the first due first; then those that are late and over."""
    found = [
        Clock(
            metric=str(clock.metric), occurrence=clock.occurrence, state=str(clock.state), due_at=clock.due_at,
            breached=clock.breached_at is not None, remaining=getattr(clock, "remaining_seconds", None),
            target=clock.target,
        )
        for clock in file.clocks
        if clock.state in ("running", "paused")
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda clock: (clock.due_at is None, clock.due_at and clock.due_at.isoformat())))


def _run(here: Services, file: CaseFile) -> str | None:
    """Return where Temporal's Web UI shows the run."""
    if here.ui_url is None or file.away in ("gone", "imported"):
        return None
    return f"{here.ui_url.rstrip('/')}/namespaces/{here.tuntas.client.namespace}/workflows/complaint-{file.reference}"


def templates(file: CaseFile, voice: Voice) -> dict[str, dict[str, str]]:
    """Return the templates of answers in the complainant's language: name, title in the reader's, and text."""
    texts = catalogue.words(file.language, "answers")
    theirs = Voice(file.language, voice.policy)
    promised = file.bench.promised_at if file.bench else None
    places = {"reference": file.reference, "promised_at": theirs.when(promised) if promised else "…"}
    return {
        name: {"title": voice.word("answer_templates", name), "text": str(text).format(**places)}
        for name, text in texts.items()
    }


def _solutions(file: CaseFile) -> tuple[Solution, ...]:
    return file.rules.solutions if file.rules else ()


@router.get("/cases/{reference}/why")
async def why(request: Request, reference: str, user: Annotated[User, Depends(require(Action.READ_CASE))]) -> Response:
    """Say why each clock is due when it is, why the case is at its tier, and why it was closed."""
    file = await casefile.load(request, user, reference, what="why")
    voice = await voice_of(request, user)
    found: tuple[Any, ...] = ()
    if file.away is None:
        try:
            reasons = await services(request).tuntas.reasons(file.reference)
        except (Unreachable, Refused):
            return desk_page(request, "why.html", user, voice, file=file, told=(), status=503)
        found = (
            *told.why_due(reasons, voice.language),
            told.why_escalated(reasons, voice.language),
            *told.why_closed(reasons, voice.language),
        )
    return desk_page(request, "why.html", user, voice, file=file, told=found)


@router.get("/cases/{reference}/closures/{number}.{form}")
async def closure_record(
    request: Request, reference: str, number: str, form: str,
    user: Annotated[User, Depends(require(Action.READ_CASE))],
) -> Response:  # fmt: skip
    """Return a closure record as a page or as PDF, in the reader's language; `?language=` asks for another."""
    known = int(number) if number.isascii() and number.isdigit() and len(number) < _DIGITS else 0
    file = await casefile.load(request, user, reference, what="closure", about=f"closure {known}")
    if form not in ("html", "pdf") or not known:
        raise HTTPException(404)
    here, voice = services(request), await voice_of(request, user)
    asked = request.query_params.get("language")
    language = Language(asked) if asked in catalogue.LANGUAGES else voice.language
    try:
        async with rpc.postgres(), transaction(here.pool) as conn:
            papers = await closures.load(conn, file.reference, known)
    except NotFound:
        raise HTTPException(404) from None
    made = closures.render(papers, language, here.tuntas.policy, voice.people)
    return await closures.answer(made, closures.Format(form), here.printer)


@router.get("/cases/{reference}/evidence/{sha256}")
async def evidence(
    request: Request, reference: str, sha256: str, user: Annotated[User, Depends(require(Action.READ_CASE))]
) -> Response:
    """Return a file of the case. A browser runs nothing of it, and shows only pictures, PDF and plain text."""
    file = await casefile.load(request, user, reference, what="evidence", about=sha256[:64])
    here = services(request)
    async with rpc.postgres(), transaction(here.pool) as conn:
        stored = await attachments.fetch(conn, file.reference, sha256)
    if stored is None:
        raise HTTPException(404)
    kind = "inline" if stored.media_type in _SHOWN else "attachment"
    ascii_name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in stored.name)
    return Response(
        stored.content, media_type=stored.media_type, headers={
            "content-disposition": f'{kind}; filename="{ascii_name}"', "cache-control": "private, no-store",
            "content-security-policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
            "x-content-type-options": "nosniff",
        },
    )  # fmt: skip
