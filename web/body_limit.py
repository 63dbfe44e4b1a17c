"""How much a request may bring: more is refused while it is read, whatever length it claimed.

A browser shows an answer only after it has sent all it wanted to: so a rest of bearable size is taken in and dropped.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 32 * 1024 * 1024  # bytes: a form with evidence
TOO_LARGE = 413
DRAINED = 4 * LARGEST  # bytes beyond the limit that are taken in for the answer's sake
DRAINING = 60.0  # seconds for that


class BodyLimit:
    """Refuses a body of more than `largest` bytes with 413, at the latest when that much of it was read."""

    def __init__(self, app: ASGIApp, *, largest: int = LARGEST) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def receive_limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                await _drained(receive, message)
                raise HTTPException(TOO_LARGE, "the request is too large")
            return message

        await self._app(scope, receive_limited, send)


async def _drained(receive: Receive, message: Message) -> None:
    left = DRAINED
    try:
        async with asyncio.timeout(DRAINING):
            while message.get("more_body") and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
    except TimeoutError:
        return
