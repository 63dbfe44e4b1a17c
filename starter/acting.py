"""An agent's command as an update: answered in a bounded time, or queued as a signal under the same key."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any

from temporalio.client import Client, RPCTimeoutOrCancelledError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from complaints.errors import BadInput, Refused, TuntasError, Unreachable
from complaints.messages import ACT, AGENT_ACTED, ActAnswer, AgentCommand, workflow_id
from complaints.messages.merging import TAKE_IN, TakeIn
from database import access, complaints
from database.access import Access
from database.pool import Pool, transaction
from starter import archive, owners, rpc

log = logging.getLogger(__name__)

_WAKINGS = 3  # how often an archived case is woken for one command
_AGAIN = 0.3  # seconds before a command is brought again
_ENDED_MEANWHILE = "AcceptedUpdateCompletedWorkflow"
_ERRORS: dict[str, type[TuntasError]] = {
    "refused": Refused,
    "bad_input": BadInput,
}  # the types `ComplaintWorkflow` uses


class Acting:
    """Commands to cases. `wait` bounds the update, `within` every other call."""

    def __init__(self, client: Client, pool: Pool | None, *, wait: float, within: float) -> None:
        self._client = client
        self._pool = pool
        self._wait = wait
        self._within = within

    async def act(
        self, reference: str, command: AgentCommand, now: datetime, *, teams: Callable[[], Collection[str]] = tuple
    ) -> ActAnswer:
        """Raises `Refused` (noted in the access log), `NotFound` or `Unreachable`. `teams` are those of the policy."""
        try:
            await owners.check(self._pool, command, teams)
            return await self._running(reference, command, now)
        except Refused as refused:
            await self._note(reference, command, refused, now)
            raise

    async def ask(self, reference: str, ask: TakeIn, now: datetime) -> ActAnswer:
        """Ask a case to take in another. It is never queued: raises `Unreachable` as long as there is no answer."""
        handle = self._client.get_workflow_handle(workflow_id(reference))

        async def update() -> ActAnswer:
            answer: ActAnswer = await handle.execute_update(TAKE_IN, ask, id=ask.key, result_type=ActAnswer)
            return answer

        try:
            answer = await self._in_time(update)
        except rpc.NoSuchRun:
            case = await archive.archived_case(self._pool, reference)
            answer = archive.answered_before(case, ask)
            if answer is None and (refused := archive.refusal(case, ask, now)) is not None:
                raise refused from None
        if answer is None:
            raise Unreachable("no answer in time", field="into", remedy="see that a worker is running; it is repeated")
        return answer

    async def _running(self, reference: str, command: AgentCommand, now: datetime) -> ActAnswer:
        handle = self._client.get_workflow_handle(workflow_id(reference))

        async def update() -> ActAnswer:
            answer: ActAnswer = await handle.execute_update(ACT, command, id=command.key, result_type=ActAnswer)
            return answer

        try:
            answer = await self._in_time(update)
        except rpc.NoSuchRun:
            return await self._archived(reference, command, now)
        if answer is not None:
            return answer
        try:
            async with rpc.temporal(self._within):
                await handle.signal(AGENT_ACTED, command)
        except rpc.NoSuchRun:
            return await self._archived(reference, command, now)
        return await self._queued(reference)

    async def _archived(self, reference: str, command: AgentCommand, now: datetime) -> ActAnswer:
        """Wake an archived case; if the run that somebody else woke ends over the command, ask what it has become."""
        for _ in range(_WAKINGS):
            try:
                answer = await self._woken(reference, command, now)
            except rpc.NoSuchRun as error:
                if self._pool is None:
                    raise
                log.info("%s ended while it was woken: %s", reference, error.problem, extra={"reference": reference})
            else:
                return answer or await self._queued(reference)
        raise Unreachable("the case is being archived", field="reference", remedy="repeat the command: nothing is lost")

    async def _woken(self, reference: str, command: AgentCommand, now: datetime) -> ActAnswer | None:
        async with archive.held(self._pool, reference) as case:
            answered = archive.answered_before(case, command)
            if answered is not None:
                return answered
            refused = archive.refusal(case, command, now)
            if refused is not None:
                raise refused
            answer = await self._in_time(lambda: archive.wake_with_command(self._client, case, command))
            if answer is None:
                await archive.wake_with_signal(self._client, case, AGENT_ACTED, command, within=self._within)
            return answer

    async def _in_time(self, update: Callable[[], Awaitable[ActAnswer]]) -> ActAnswer | None:
        """Return the answer, or None if no worker gave one in time."""
        try:
            async with asyncio.timeout(self._wait):
                return await _while_its_task_fails(update)
        except (TimeoutError, RPCTimeoutOrCancelledError) as error:
            if rpc.was_cancelled():
                raise asyncio.CancelledError from error
            return None
        except WorkflowUpdateFailedError as error:
            raise _refusal(error.cause) from None
        except RPCError as error:
            if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                return None
            raise rpc.meaning(error) from error
        except (RuntimeError, ValueError) as error:
            raise rpc.unconnected(error) from error

    async def _queued(self, reference: str) -> ActAnswer:
        """The standing as last recorded: what the command will find, as far as we know."""
        row = None
        if self._pool is not None:
            try:
                async with rpc.postgres(), transaction(self._pool) as conn:
                    row = await complaints.get(conn, reference)
            except Unreachable:
                log.info("the standing of %s could not be read", reference, extra={"reference": reference})
        status, sequence = (str(row.status), row.through) if row else ("unknown", 0)
        return ActAnswer(reference=reference, status=status, sequence=sequence, queued=True)

    async def _note(self, reference: str, command: AgentCommand, refused: Refused, now: datetime) -> None:
        if self._pool is None:
            return
        entry = Access(
            at=now, actor_id=command.actor.id, actor_role=command.actor.role, what=command.act, reference=reference,
            result="refused", problem=str(refused),
        )  # fmt: skip
        try:
            async with rpc.postgres(), transaction(self._pool) as conn:
                await access.note(conn, entry)
        except Unreachable:
            said = "a refusal of %s could not be noted in the access log"
            log.warning(said, reference, extra={"reference": reference})


async def _while_its_task_fails(update: Callable[[], Awaitable[ActAnswer]]) -> ActAnswer:
    """Ask again, which under the same key is asking once: the task in which it was to be answered is tried again too.

    A worker that is just dying, or of another version, fails a task that the next worker carries out.
    """
    while True:
        try:
            return await update()
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
            log.info("the case's task fails for the moment: %s", error.message)
            await asyncio.sleep(_AGAIN)


def _refusal(cause: BaseException) -> TuntasError:
    """Read what the case answered: an error of ours travels as `{field, problem, remedy}` in the details."""
    if not isinstance(cause, ApplicationError):
        return Unreachable("the case ended while it was asked", field="reference", remedy="repeat the command")
    if cause.type == _ENDED_MEANWHILE:
        return rpc.NoSuchRun("the case was archived meanwhile", field="reference", remedy="repeat the command")
    said: dict[str, Any] = next((detail for detail in cause.details if isinstance(detail, dict)), {})
    kind = _ERRORS.get(cause.type or "", Refused)
    return kind(
        str(said.get("problem") or cause.message),
        field=str(said.get("field") or ""),
        remedy=str(said.get("remedy") or "look at the case with `tuntas show`"),
    )
