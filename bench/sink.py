"""An SMTP server that takes every mail and keeps none: it only says which notice has come."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_NOTICE = re.compile(rb"^X-Tuntas-Notice: *([^/\s]+)/([^/\s]+)/", re.MULTILINE | re.IGNORECASE)


class Sink:
    """Who waits for a notice is woken when its mail comes, or goes on at once if it came before."""

    def __init__(self) -> None:
        self.port = 0
        self.mails = 0
        self._told: dict[tuple[str, str], asyncio.Event] = {}

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def told(self, reference: str, occasion: str) -> None:
        await self._event(reference, occasion).wait()
        del self._told[reference, occasion]

    def _event(self, reference: str, occasion: str) -> asyncio.Event:
        return self._told.setdefault((reference, occasion), asyncio.Event())

    def take(self, mail: bytes) -> None:
        self.mails += 1
        found = _NOTICE.search(mail)
        if found is not None:
            self._event(found[1].decode(), found[2].decode()).set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Sink"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        try:
            while line := await reader.readline():
                writer.write(await self._answer(line.upper(), reader))
        except ConnectionError:
            pass  # a worker that is killed leaves without a word
        finally:
            writer.close()

    async def _answer(self, line: bytes, reader: asyncio.StreamReader) -> bytes:
        if line.startswith(b"DATA"):
            return b"354 go on\r\n"
        if line.startswith((b"EHLO", b"HELO", b"MAIL", b"RCPT", b"NOOP", b"RSET", b"QUIT")):
            return b"250 OK\r\n"
        self.take(line + await reader.readuntil(b"\r\n.\r\n"))
        return b"250 taken\r\n"
