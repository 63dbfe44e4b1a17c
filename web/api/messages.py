"""What a complainant or a service says to a case: answered once Temporal has it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, status

from complaints.errors import Refused
from complaints.messages.intake import Evidence
from complaints.messages.signals import (
    ComplainantReplied,
    ComplainantWithdrew,
    FactReported,
    SatisfactionConfirmed,
    SurveyAnswered,
)
from complaints.vocabulary import KnownFact
from database import api_calls, attachments
from database.api_keys import Scope
from database.pool import transaction
from starter import rpc
from web.api.answers import Accepted
from web.api.bodies import IdempotencyKey, digest_of, read_message, read_object
from web.api.description import body_of, of
from web.api.evidence import sent_by
from web.api.keys import Caller, Needs
from web.api.seeing import Reference, may_see, not_found, reference_of
from web.services import Services, serving

router = APIRouter(tags=["messages"])
Here = Annotated[Services, Depends(serving)]
_VOUCHED = (KnownFact.CONTACT_PROVEN, KnownFact.CUSTOMER_CHECKED)
ACCEPTED = status.HTTP_202_ACCEPTED
_OURS = {"version": 1, "via": None}
"""What no service says: the form of a message, and the merged case that passed it on."""


@router.post(
    "/complaints/{reference}/messages", status_code=ACCEPTED, **of("message"), openapi_extra=body_of("message")
)
async def add_message(
    request: Request, reference: Reference, here: Here, caller: Annotated[Caller, Depends(Needs(Scope.MESSAGE))],
    key: IdempotencyKey,
) -> Accepted:  # fmt: skip
    """Bring what the complainant wrote, and files. On an archived case it is kept, and offered to its last team."""
    body = await read_object(request)
    said = read_message(ComplainantReplied, body, {"message_id": key, **_OURS})
    for field in ("proof", "consent"):
        if getattr(said, field) is not None:
            caller.vouches(field)
    case, evidence = await _known(
        here, caller, reference, key=key, digest=digest_of("message", body), evidence=said.evidence
    )
    await here.tuntas.reply(
        case, key=key, text=said.text, channel=said.channel, details=said.details, evidence=evidence,
        proof=said.proof, consent=said.consent, at=said.at,
    )  # fmt: skip
    return Accepted(reference=case, key=key)


@router.post("/complaints/{reference}/answers", status_code=ACCEPTED, **of("answer"), openapi_extra=body_of("answer"))
async def answer(
    request: Request, reference: Reference, here: Here, caller: Annotated[Caller, Depends(Needs(Scope.MESSAGE))],
    key: IdempotencyKey,
) -> Accepted:  # fmt: skip
    """Bring the complainant's answer to a decision: confirmed, or disputed with what was missing.

    With `action` it answers that promise alone: whether it was kept.
    """
    body = await read_object(request)
    said = read_message(SatisfactionConfirmed, body, {"message_id": key, **_OURS})
    case, _ = await _known(here, caller, reference, key=key, digest=digest_of("answer", body))
    await here.tuntas.confirm(
        case, key=key, satisfied=said.satisfied, rating=said.rating, text=said.text, decision=said.decision,
        action=said.action, at=said.at,
    )  # fmt: skip
    return Accepted(reference=case, key=key)


@router.post("/complaints/{reference}/survey", status_code=ACCEPTED, **of("survey"), openapi_extra=body_of("survey"))
async def answer_survey(
    request: Request, reference: Reference, here: Here, caller: Annotated[Caller, Depends(Needs(Scope.MESSAGE))],
    key: IdempotencyKey,
) -> Accepted:  # fmt: skip
    """Bring the complainant's answer to the survey after closing, in whole or in part; or that they want no more."""
    body = await read_object(request)
    said = read_message(SurveyAnswered, body, {"message_id": key, **_OURS})
    case, _ = await _known(here, caller, reference, key=key, digest=digest_of("survey", body))
    await here.tuntas.survey(
        case, key=key, outcome=said.outcome, handling=said.handling, effort=said.effort, solved=said.solved,
        text=said.text, stop=said.stop, at=said.at,
    )  # fmt: skip
    return Accepted(reference=case, key=key)


@router.post(
    "/complaints/{reference}/withdrawals", status_code=ACCEPTED, **of("withdraw"), openapi_extra=body_of("withdraw")
)
async def withdraw(
    request: Request, reference: Reference, here: Here, caller: Annotated[Caller, Depends(Needs(Scope.MESSAGE))],
    key: IdempotencyKey,
) -> Accepted:  # fmt: skip
    """Say that the complainant takes the complaint back."""
    body = await read_object(request)
    said = read_message(ComplainantWithdrew, body, {"message_id": key, **_OURS})
    case, _ = await _known(here, caller, reference, key=key, digest=digest_of("withdrawal", body))
    await here.tuntas.withdraw(case, key=key, text=said.text, at=said.at)
    return Accepted(reference=case, key=key)


@router.post("/complaints/{reference}/facts", status_code=ACCEPTED, **of("fact"), openapi_extra=body_of("fact"))
async def report_fact(
    request: Request, reference: Reference, here: Here, caller: Annotated[Caller, Depends(Needs(Scope.FACT))],
    key: IdempotencyKey,
) -> Accepted:  # fmt: skip
    """Report something that happened elsewhere; its source is the service that the key is of."""
    body = await read_object(request)
    if body.get("fact") in _VOUCHED:
        caller.vouches("fact")
    said = read_message(FactReported, body, {"message_id": key, "source": caller.service, **_OURS})
    case, _ = await _known(here, caller, reference, key=key, digest=digest_of("fact", body))
    await here.tuntas.report_fact(case, key=key, fact=said.fact, source=said.source, details=said.details, at=said.at)
    return Accepted(reference=case, key=key)


async def _known(
    here: Services, caller: Caller, reference: str, *, key: str, digest: str, evidence: tuple[Evidence, ...] = ()
) -> tuple[str, tuple[Evidence, ...]]:
    """Return the case and its files. Raises `NotFound`, or `Refused` if the key came before with something else.

    The key is remembered before Temporal has the message: repeated after an outage, the same body goes on.
    """
    case = reference_of(reference)
    async with rpc.postgres(), transaction(here.pool) as conn:
        if not await may_see(conn, caller, case):
            raise not_found()
        sent = await sent_by(conn, caller, evidence)
        if not await api_calls.remember(conn, case, key, digest, here.now()):
            raise Refused(
                "this key came before with another body", field="Idempotency-Key",
                remedy="give each message a key of its own",
            )  # fmt: skip
        for one in sent:
            await attachments.link(conn, case, one, here.now())
    return case, sent
