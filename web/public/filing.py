"""Filing a complaint by form: its fields, what is wrong with them, and the receipt it leads to."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from channels.signing import Purpose
from complaints.errors import BadInput, Refused, TuntasError
from complaints.messages.intake import Address, Complainant, Consent, Evidence, Intake, Name, Phone, Text
from complaints.model import Personal
from complaints.vocabulary import Channel, Language
from database import links
from database.pool import transaction
from starter import rpc
from starter.client import Filed
from telemetry import context
from web.public import evidence, forms
from web.public.forms import Form, Kind, Problem
from web.public.guarding import Guarded
from web.public.rendering import elsewhere, language_of, texts_of
from web.public.voice import needs_of, voice
from web.services import Services, services

router = APIRouter(route_class=Guarded)
KIND = Kind(template="complaint.html.j2", limit=30, quickest=forms.QUICKEST)
PURPOSE = "complaint"
REACHED_BY = (Channel.EMAIL, Channel.PHONE, Channel.CHAT)
DETAIL = "detail-"
_READ: dict[str, tuple[TypeAdapter[Any], str]] = {
    "text": (TypeAdapter(Text), "field.text"),
    "remedy_sought": (TypeAdapter(Text), "field.long"),
    "name": (TypeAdapter(Name), "field.name"),
    "email": (TypeAdapter(Address), "field.email"),
    "phone": (TypeAdapter(Phone), "field.phone"),
    "represented_by": (TypeAdapter(Name), "field.name"),
}
_PERSON = ("name", "email", "phone", "represented_by")


@router.get("/complaint")
async def blank(request: Request) -> Response:
    return forms.show(request, KIND, PURPOSE, **_choices(request))


@router.post("/complaint")
async def file(request: Request) -> Response:
    """File it, and go on to the receipt. A second time under the same form it is the same complaint."""
    form = await forms.receive(request, KIND, PURPOSE, **_choices(request))
    if form.problem:
        return form.again(("", form.problem), kept=form.kept)
    here, kept = services(request), form.kept
    try:
        kept = await evidence.take(here, form.sent.files, kept)
        intake, problems = read_intake(form, kept, here)
        if intake is None:
            return form.again(*problems, kept=kept)
        filed = await here.tuntas.file(intake)
        context.concerns(filed.reference)
        token = await _token(here, filed)
    except evidence.Refusal as refusal:
        return form.again((evidence.FIELD, refusal.key), kept=kept)
    except TuntasError as error:
        return form.again(("", forms.fault(error)), kept=kept, new=isinstance(error, Refused))
    return elsewhere(request, f"/case/{token}/receipt")


async def _token(here: Services, filed: Filed) -> str:
    async with rpc.postgres(), transaction(here.pool) as conn:
        generation = await links.generation(conn, filed.reference)
    return here.case_links.token(filed.reference, generation, here.now(), purpose=Purpose.RECEIPT)


def _choices(request: Request) -> dict[str, Any]:
    """What can be chosen in the form: categories in words, and what any of them may ask for."""
    here, language = services(request), language_of(request)
    policy, texts = voice(here.tuntas.policy.pack, here.tuntas.policy)
    categories = [(name, category.in_language(language)) for name, category in policy.categories.items()]
    details = [(name, texts.word("detail", name, Language(language))) for name in needs_of(policy)]
    return {"categories": categories, "details": details, "languages": policy.languages, "reached_by": REACHED_BY}


def read_intake(form: Form, kept: tuple[Evidence, ...], here: Services) -> tuple[Intake | None, list[Problem]]:
    """Return the intake, or all that is wrong with the form, in the order of its fields."""
    problems: list[Problem] = []
    read = {name: _value(form, name, problems) for name in _READ}
    _check_choices(form, read, here, problems)
    text = read["text"]
    if problems or text is None:
        order = [*_READ, "consent", "reached_by"]
        return None, sorted(problems, key=lambda problem: order.index(problem[0]))
    person: dict[str, Any] = {name: read[name] for name in _PERSON if read[name] is not None}
    if read["represented_by"] is not None:
        person["consent"] = Consent(how=Personal(texts_of(form.request)("complaint.consent")))
    wanted = {"language": form["language"], "preferred_channel": form["reached_by"]}
    intake = Intake(
        channel=Channel.FORM,
        key=f"form-{form.id}",
        text=text,
        category=form["category"] or None,
        remedy_sought=read["remedy_sought"],
        complainant=Complainant.model_validate(person | {name: value for name, value in wanted.items() if value}),
        details=_details(form),
        evidence=kept,
    )
    return intake, []


def _value(form: Form, name: str, problems: list[Problem]) -> Personal | None:
    adapter, key = _READ[name]
    written = form[name]
    if not written and name != "text":
        return None
    try:
        found: Personal = adapter.validate_python(written)
    except ValidationError:
        problems.append((name, "field.text_missing" if name == "text" and not written else key))
        return None
    return found


def _check_choices(form: Form, read: dict[str, Personal | None], here: Services, problems: list[Problem]) -> None:
    """What depends on more than one field. A choice that is none of ours was not made in our form."""
    wrong = {name for name, _ in problems}
    policy = here.tuntas.policy
    known: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("category", lambda value: value in policy.categories),
        ("language", lambda value: value in policy.languages),
        ("reached_by", lambda value: value in REACHED_BY),
    )
    if any(form[name] and not fine(form[name]) for name, fine in known):
        raise BadInput("not one of the choices", field="form", remedy="choose one of those that are offered")
    if form["for_other"] and not read["represented_by"] and "represented_by" not in wrong:
        problems.append(("represented_by", "field.represented_by"))
    if (form["for_other"] or read["represented_by"]) and not form["consent"]:
        problems.append(("consent", "field.consent"))
    wanted = form["reached_by"]
    address = "email" if wanted == Channel.EMAIL else "phone"
    if wanted and not read[address] and address not in wrong:
        problems.append((address, f"field.{address}_missing"))


def _details(form: Form) -> dict[str, Any]:
    longest = 200
    known = needs_of(services(form.request).tuntas.policy)
    return {name: form[DETAIL + name][:longest] for name in known if form[DETAIL + name]}
