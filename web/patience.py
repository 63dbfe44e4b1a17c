"""Slow clients: whoever sends a byte now and then holds no request open.

A request's head must be there within `HEAD_WITHIN`, and in `LARGEST_HEAD` (the protocol's own class, below uvicorn's),
its body at `SLOWEST` on the whole, after a grace for a bad line. A file from a phone on a poor network comes through.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = 10.0  # seconds
LARGEST_HEAD = 64 * 1024  # bytes
GRACE = 20.0  # seconds
SLOWEST = 4096  # bytes a second
TOO_SLOW = 408


class Patience:
    """Answers a body that comes too slowly with 408."""

    def __init__(self, app: ASGIApp, *, grace: float = GRACE, slowest: float = SLOWEST) -> None:
        self._app = app
        self._grace = grace
        self._slowest = slowest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        began, read, complete = loop.time(), 0, False

        async def receive_in_time() -> Message:
            nonlocal read, complete
            if complete:
                return await receive()  # waits for a disconnection, for as long as it takes
            try:
                async with asyncio.timeout_at(began + self._grace + read / self._slowest):
                    message = await receive()
            except TimeoutError:
                complete = True
                raise HTTPException(TOO_SLOW, "the request came too slowly", {"connection": "close"}) from None
            read += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            return message

        await self._app(scope, receive_in_time, send)


class ImpatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not get as far as its head in time, or whose head has no end."""

    _waiting: asyncio.TimerHandle | None = None
    _head: int | None = None  # bytes of a head that has begun and is not there yet, after those it began with
    _received = 0  # bytes that came last

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._received = len(data)
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > LARGEST_HEAD and not self.transport.is_closing():
                self._refuse()
        if self._is_answering():
            self._stop_waiting()
        elif self._waiting is None:
            self._wait()  # a further request has begun on a connection that was kept

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = -self._received  # a body, or another request, may have come with it

    def on_headers_complete(self) -> None:
        self._head = None
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD_WITHIN, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self._is_answering() and not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        """A head that comes while an earlier request is being answered has no place for an answer of its own."""
        if self._is_answering():
            self.transport.close()
        else:
            self.send_400_response("The head of the request is too large.")

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete
