"""Messages as they arrive: raw payloads, read tolerantly. What cannot be read is an `Unreadable`, never an error.

The SDK drops a signal that it cannot decode into the handler's parameters, and fails the task of one with too few; so
handlers take raw values and everything is read here.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from complaints.errors import BadInput, TuntasError
from complaints.messages import AGENT_ACTED, AgentCommand, ViewRequest
from complaints.messages.commands import read_command
from complaints.messages.intake import Key
from complaints.messages.merging import LET_GO, LetGo, TakeIn
from complaints.messages.replan import PreviewRequest
from complaints.messages.signals import SIGNALS, ComplainantMessage, FactReported, Unreadable, message_id_of
from complaints.messages.workbench import RehearsalRequest
from complaints.model import read

Message = ComplainantMessage | FactReported | AgentCommand | TakeIn | LetGo | Unreadable

_KEY: TypeAdapter[str] = TypeAdapter(Key)
_SHORT = 100
_LINE = 300


def decoded(values: Sequence[RawValue]) -> Any:
    """The one argument of a message as plain JSON values. Raises `BadInput`."""
    if len(values) != 1:
        raise BadInput(f"{len(values)} arguments instead of one", field="payload", remedy="send one JSON object")
    try:
        value = workflow.payload_converter().from_payload(values[0].payload)
    except Exception as error:  # noqa: BLE001  whatever bytes came, they are the sender's
        raise BadInput(type(error).__name__, field="payload", remedy="send one JSON object") from None
    if not isinstance(value, (dict, str, bytes)):
        raise BadInput("not a JSON object", field="payload", remedy="send one JSON object")
    return value


def signalled(name: str, values: Sequence[RawValue], arrival: int) -> Message:
    """The message of a signal, or that it could not be read. `arrival` tells messages without an id apart."""
    raw: Any = None
    try:
        raw = decoded(values)
        return _read(name, raw)
    except BadInput as error:
        return _unreadable(name, raw, values, arrival, error)


def commanded(value: RawValue) -> AgentCommand:
    """The command of an update; what cannot be read is refused to its caller."""
    try:
        return read_command(decoded([value]))
    except BadInput as error:
        raise rejection(error, "bad_input") from None


def taking_in(value: RawValue) -> TakeIn:
    """What another case asks."""
    try:
        return read(TakeIn, decoded([value]))
    except BadInput as error:
        raise rejection(error, "bad_input") from None


def asked(value: RawValue) -> ViewRequest:
    """The argument of a query."""
    try:
        return read(ViewRequest, decoded([value]))
    except BadInput as error:
        raise rejection(error, "bad_input") from None


def previewed(value: RawValue) -> PreviewRequest:
    """The argument of a preview."""
    try:
        return read(PreviewRequest, decoded([value]))
    except BadInput as error:
        raise rejection(error, "bad_input") from None


def rehearsed(value: RawValue) -> RehearsalRequest:
    """The argument of a rehearsal."""
    try:
        return read(RehearsalRequest, decoded([value]))
    except BadInput as error:
        raise rejection(error, "bad_input") from None


def rejection(error: TuntasError, kind: str) -> ApplicationError:
    """What the caller is told: `{field, problem, remedy}`, as everywhere."""
    return ApplicationError(str(error), error.as_dict(), type=kind, non_retryable=True)


def cancel_request(run_id: str) -> Unreadable:
    """A case is ended by closing or withdrawing it. The request is kept and told, and the case goes on."""
    problem = "a case is not cancelled: withdraw or close it"
    return Unreadable(message_id=f"cancel:{run_id}", name="workflow_cancel", field="", problem=problem)


def _read(name: str, raw: Any) -> Message:
    if name == AGENT_ACTED:
        return read_command(raw)
    if name == LET_GO:
        return read(LetGo, raw)
    if name not in SIGNALS:
        raise BadInput("no such message", field="name", remedy=f"use one of: {', '.join(SIGNALS)}")
    return read(SIGNALS[name], raw)  # type: ignore[return-value]  # the table holds members of the union


def _unreadable(name: str, raw: Any, values: Sequence[RawValue], arrival: int, error: BadInput) -> Unreadable:
    return Unreadable(
        message_id=_id_of_unreadable(name, raw, values, arrival),
        name=name[:_SHORT],
        field=error.field[:_SHORT],
        problem=error.problem[:_LINE],
    )


def _id_of_unreadable(name: str, raw: Any, values: Sequence[RawValue], arrival: int) -> str:
    """Never the sender's id alone: the corrected message may come under it. The same bytes again are the same."""
    given = message_id_of(raw)
    try:
        known = _KEY.validate_python(given)[:120]
    except ValidationError:
        return f"unreadable:{arrival}"
    content = b"\0".join([name.encode(errors="replace"), *(value.payload.data for value in values)])
    return f"{known}:unreadable:{hashlib.sha256(content).hexdigest()[:16]}"
