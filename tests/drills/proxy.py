"""A proxy in front of one service, which cuts its connections, refuses new ones, falls silent, or is slow to answer."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

CHUNK = 65_536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Passes bytes on as they come. `connect` opens a connection to the service itself."""

    def __init__(self, connect: Callable[[], Awaitable[Streams]]) -> None:
        self._connect = connect
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()  # whose connection has fallen silent, and stays so
        self.refusing = False
        self.silent = False
        self.delay = 0.0  # seconds by which answers are held back

    async def listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", port)

    async def listen_unix(self, path: Path) -> None:
        self._server = await asyncio.start_unix_server(self._accepted, str(path))

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        return len(self._writers) // 2

    def cut(self) -> int:
        """End every connection at once, in the middle of whatever it carries; how many there were."""
        ended = self.connections
        for writer in self._writers:
            writer.transport.abort()
        return ended

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Until the end of the block what is behind it is not there: lines are cut, and new ones refused."""
        self.refusing = True
        self.cut()
        try:
            yield
        finally:
            self.refusing = False

    def fall_silent(self) -> None:
        """Half-open: what is connected now is never heard again, and nobody is told; new connections likewise."""
        self.silent = True
        self._deaf |= self._writers

    def speak(self) -> None:
        """New connections work again; those that fell silent stay so."""
        self.silent = False

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            service_reader, service_writer = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, service_writer}
        self._writers |= pair
        if self.silent:
            self._deaf |= pair
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, service_writer, writer, answers=False))
                group.create_task(self._pass_on(service_reader, writer, service_writer, answers=True))
        except* OSError:
            pass
        finally:
            self._writers -= pair
            self._deaf -= pair
            for one in pair:
                one.transport.abort()

    async def _pass_on(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, back: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while chunk := await reader.read(CHUNK):
            if answers and self.delay:
                await asyncio.sleep(self.delay)
            if to in self._deaf:
                continue  # lost on the way
            to.write(chunk)
            await to.drain()
        if to not in self._deaf:
            # One side has ended; PostgreSQL, gRPC and SMTP all end both.
            to.transport.close() if to.can_write_eof() else to.transport.abort()
            back.transport.close()


def to_port(port: int) -> Proxy:
    return Proxy(lambda: asyncio.open_connection("127.0.0.1", port))


def to_socket(path: Path) -> Proxy:
    return Proxy(lambda: asyncio.open_unix_connection(str(path)))


@contextlib.contextmanager
def socket_directory():
    """A short path for PostgreSQL's name of a socket."""
    directory = Path(tempfile.mkdtemp(prefix="tuntas-drill-"))
    os.chmod(directory, 0o700)  # noqa: PTH101
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
