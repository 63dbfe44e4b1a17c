"""Filing a complaint: answered once Temporal has the case, and the same however often it is sent."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status

from complaints.messages.intake import Intake
from complaints.vocabulary import Channel
from database.api_keys import Scope
from database.pool import connection
from starter import rpc
from starter.client import Filed
from telemetry import context
from web.api.bodies import IdempotencyKey, read_message, read_object
from web.api.description import body_of, of
from web.api.evidence import sent_by
from web.api.keys import Caller, Needs
from web.services import Services, serving

router = APIRouter(tags=["complaints"])


@router.post("/complaints", status_code=status.HTTP_201_CREATED, **of("file"), openapi_extra=body_of("file"))
async def file_complaint(
    request: Request, response: Response, here: Annotated[Services, Depends(serving)],
    caller: Annotated[Caller, Depends(Needs(Scope.FILE))], key: IdempotencyKey,
) -> Filed:  # fmt: skip
    """File a complaint. 201: the case is opened, and nothing can lose it; 200: it was, under the same key."""
    intake = await _intake(here, caller, await read_object(request), key)
    filed = await here.tuntas.file(intake)
    context.concerns(filed.reference)
    if not filed.created:
        response.status_code = status.HTTP_200_OK
    case = f"{here.base_url}/api/v1/complaints/{filed.reference}"
    response.headers["location"] = case
    if Scope.READ in caller.scopes:  # found once the case is recorded: nobody who files waits for the search
        response.headers["link"] = f'<{case}/duplicates>; rel="related"; title="possible duplicates"'
    return filed


async def _intake(here: Services, caller: Caller, body: dict[str, Any], key: str) -> Intake:
    intake = read_message(Intake, {"channel": Channel.APP, **body}, {"key": key})
    company = caller.company_for(intake.company)
    if intake.proof is not None:
        caller.vouches("proof")
    person, consent = intake.complainant, intake.complainant.consent
    if consent is not None:
        caller.vouches("complainant.consent")
    evidence = intake.evidence
    if evidence or (consent is not None and consent.evidence):  # most bring none, and need no look
        async with rpc.postgres(), connection(here.pool) as conn:
            evidence = await sent_by(conn, caller, evidence)
            if consent is not None:
                shown = await sent_by(conn, caller, consent.evidence, field="complainant.consent.evidence")
                person = person.model_copy(update={"consent": consent.model_copy(update={"evidence": shown})})
    own = {"key": key_of(caller, company, key), "company": company, "evidence": evidence, "complainant": person}
    return intake.model_copy(update=own)


def key_of(caller: Caller, company: str | None, key: str) -> str:
    """Return the intake's key: as it was given, and within its company for a key that is bound to some.

    So no company takes another one's keys away, nor learns of them.
    """
    if caller.companies is None or company is None:
        return key
    return f"{hashlib.sha256(company.encode()).hexdigest()[:12]}/{key}"
