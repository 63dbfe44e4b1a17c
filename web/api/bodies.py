"""Bodies of requests: read within their limit, and made into the messages of `complaints.messages`.

The messages are those that cross Temporal; what an interface adds or takes away is their key (the Idempotency-Key) and
what the caller's own key says. So there is one definition of each, and one place where it is checked.
"""

import hashlib
import json
from typing import Annotated, Any, TypeVar

from fastapi import Header
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from starlette.requests import Request

from complaints.errors import BadInput
from complaints.messages.commands import COMMANDS, AgentCommand, read_command
from complaints.model import bad_input
from web.api.errors import NotJson, TooLarge, WrongType

LARGEST = 512 * 1024  # bytes of JSON: more than the largest intake
M = TypeVar("M", bound=BaseModel)

LONGEST_KEY = 180
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=LONGEST_KEY, pattern=r"^[\x21-\x7e]+$",
        description="Yours for this request: the same key with the same body is the same request, done once, "
        "however often it is sent. Visible ASCII, nothing personal.",
    ),
]  # fmt: skip


async def read_bytes(request: Request, largest: int) -> bytes:
    """Return the body. Raises `TooLarge` as soon as it is, whatever length it claims."""
    claimed = request.headers.get("content-length", "")
    if claimed.isdecimal() and int(claimed) > largest:
        raise _too_large(largest)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise _too_large(largest)
        parts.append(part)
    return b"".join(parts)


async def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object of a body. Raises `WrongType`, `TooLarge`, `NotJson` or `BadInput`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise WrongType("is not taken here", field="Content-Type", remedy="send application/json, in UTF-8")
    try:
        found = from_json(await read_bytes(request, LARGEST), allow_inf_nan=False)
    except ValueError:
        raise NotJson("is not one JSON document in UTF-8", field="body", remedy="send one JSON object") from None
    if not isinstance(found, dict):
        raise BadInput("is no JSON object", field="body", remedy="send one JSON object, {…}")
    return found


def read_message(model: type[M], body: dict[str, Any], hidden: dict[str, Any]) -> M:
    """Return a message; `hidden` are the fields that do not come from the body. Raises `BadInput`."""
    for name in body:
        if name not in model.model_fields or name in hidden:
            raise BadInput("is no field of this", field=name, remedy="remove it, or check its spelling")
    try:
        return model.model_validate_json(to_json({**body, **hidden}), strict=True)
    except ValidationError as error:
        raise bad_input(error) from None


_COMMAND: TypeAdapter[Any] = TypeAdapter(AgentCommand)


def read_agent_command(body: dict[str, Any], key: str) -> AgentCommand:
    """Return a command under a key. Raises `BadInput`."""
    if "key" in body:
        raise BadInput("is no field of this", field="key", remedy="give it as the Idempotency-Key")
    whole = {**body, "key": key}
    try:
        return COMMANDS.validate_json(to_json(whole), strict=True)
    except ValidationError:
        read_command(whole)  # says which field it is, as the command line does
        raise BadInput("is of another type than it should be", field="body", remedy="see the description") from None


def digest_of(name: str, body: dict[str, Any]) -> str:
    """Tell a repetition from another message."""
    text = json.dumps([name, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"is larger than {largest // 1024} kB", field="body", remedy="send less; evidence goes as files")
