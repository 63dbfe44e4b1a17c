"""Commands of agents: the closed union of `complaints.messages.commands`, validated and answered by the case."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from complaints.errors import Refused
from complaints.messages import ActAnswer, AgentCommand
from complaints.messages.commands import Merge, RecordReply
from database import api_calls
from database.api_keys import Scope
from database.pool import transaction
from database.sql import Connection
from starter import rpc
from web.api.bodies import IdempotencyKey, digest_of, read_agent_command, read_object
from web.api.description import body_of, of
from web.api.errors import Forbidden
from web.api.evidence import sent_by
from web.api.keys import Caller, Needs
from web.api.seeing import Reference, may_see, no_case, not_found, note, reference_of
from web.services import Services, serving

router = APIRouter(tags=["commands"])


@router.post("/complaints/{reference}/commands", **of("act"), openapi_extra=body_of("act"))
async def act(
    *, request: Request, response: Response, reference: Reference, here: Annotated[Services, Depends(serving)],
    caller: Annotated[Caller, Depends(Needs(Scope.ACT, Scope.LEAD))], key: IdempotencyKey,
) -> ActAnswer:  # fmt: skip
    """Carry out an agent's command. 202: no worker answered in time; it is kept, and will be done."""
    body = await read_object(request)
    command = read_agent_command(body, key)
    if not caller.may_act_as(command.actor.role):
        remedy = "act as an agent; as a lead with the scope lead"
        raise Forbidden("this key does not act in this role", field="actor.role", remedy=remedy)
    case = reference_of(reference)
    async with rpc.postgres(), transaction(here.pool) as conn:
        visible = await may_see(conn, caller, case)
        if visible:
            command = await _checked(conn, caller, command)
        known = visible and await api_calls.remember(conn, case, key, digest_of("command", body), here.now())
        result = "ok" if known else "refused" if visible else "not_found"
        await note(conn, here, caller, command.act, reference=case, result=result)
    if not visible:
        raise not_found()
    if not known:
        remedy = "give each command a key of its own"
        raise Refused("this key came before with another body", field="Idempotency-Key", remedy=remedy)
    answer = await here.tuntas.act(case, command)
    if answer.queued:
        response.status_code = status.HTTP_202_ACCEPTED
    return answer


async def _checked(conn: Connection, caller: Caller, command: AgentCommand) -> AgentCommand:
    """Return the command with files as this caller sent them. Raises `BadInput` for what it may not name."""
    if isinstance(command, RecordReply):
        return command.model_copy(update={"evidence": await sent_by(conn, caller, command.evidence)})
    if isinstance(command, Merge) and not await may_see(conn, caller, reference_of(command.into, field="into")):
        raise no_case("into")
    return command
