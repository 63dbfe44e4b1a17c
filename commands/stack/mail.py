"""The mail catcher: an SMTP server on the loopback that keeps each mail as one `.eml` file and passes none on.

Run as a process of its own: `python -m commands.stack.mail --directory DIR --port PORT`. Mail to an address that is put
off (`defer`) it refuses for the time being, as a real server does whose mailbox cannot be reached, until `accept`.
"""

import argparse
import asyncio
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from commands.stack.info import write_whole
from commands.stack.ports import LOOPBACK

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_DEFERRED = "deferred"


def defer(directory: Path, address: str) -> None:
    """From now on answer mail to this address with a temporary failure; other addresses are not touched.

    The list is a file in the mail directory, one address a line: it holds also over a restart of the catcher.
    """
    _write_deferred(directory, deferred(directory) | {address})


def accept(directory: Path, address: str) -> None:
    """Take mail to this address again."""
    _write_deferred(directory, deferred(directory) - {address})


def deferred(directory: Path) -> frozenset[str]:
    try:
        return frozenset((directory / _DEFERRED).read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return frozenset()


def _write_deferred(directory: Path, addresses: frozenset[str]) -> None:
    write_whole(directory / _DEFERRED, "".join(f"{address}\n" for address in sorted(addresses)))


class Mailbox:
    """A directory of received mails; their names sort by arrival."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for unfinished in directory.glob("*.part"):
            unfinished.unlink()
        self._last = self._newest()
        self._storing = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name and arguments
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in deferred(self._directory):
            return "450 4.2.1 the mailbox cannot be reached for the moment"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer 250 only once the file is on disk: what we accept, the sender forgets."""
        name, content = self._next_name(), _as_file(envelope)
        self._storing += 1
        self.idle.clear()
        try:
            await asyncio.to_thread(self._store, name, content)
        except OSError as error:
            return f"451 4.3.0 the mail could not be stored: {error.strerror}"
        finally:
            self._storing -= 1
            if not self._storing:
                self.idle.set()
        return f"250 2.0.0 kept as {name}"

    def _next_name(self) -> str:
        # A clock that is set back must not give a name twice, nor an earlier one.
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return f"{self._last.strftime(_STAMP)}.eml"

    def _newest(self) -> datetime:
        stems = sorted(path.stem for path in self._directory.glob("*.eml"))
        for stem in reversed(stems):
            try:
                return datetime.strptime(stem, _STAMP).replace(tzinfo=UTC)
            except ValueError:
                continue
        return datetime.min.replace(tzinfo=UTC)

    def _store(self, name: str, content: bytes) -> None:
        part = self._directory / f".{name}.part"
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._directory / name)
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)  # the name too must survive a power cut
        finally:
            os.close(directory)


def _as_file(envelope: Envelope) -> bytes:
    content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
    # The envelope may differ from what the headers say (blind copies, bounces), so it is kept in headers of our own.
    lines = [f"X-MailFrom: {envelope.mail_from or '<>'}", *(f"X-RcptTo: {address}" for address in envelope.rcpt_tos)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + content


async def serve(directory: Path, port: int) -> None:
    mailbox = Mailbox(directory)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def session() -> SMTP:
        return SMTP(mailbox, enable_SMTPUTF8=True, hostname="tuntas.localhost", ident="Tuntas mail catcher")

    server = await loop.create_server(session, LOOPBACK, port)
    await stopping.wait()
    server.close()
    await mailbox.idle.wait()  # a mail on disk whose sender is not told so would come twice


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="commands.stack.mail", description="Keep each received mail as a file.")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    asyncio.run(serve(options.directory, options.port))


if __name__ == "__main__":
    main()
