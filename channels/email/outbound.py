"""E-mail, by SMTP. Connections are kept for the next message; what fails is told as permanent or transient, no more."""

import asyncio
import contextlib
import time
from email.message import EmailMessage
from enum import StrEnum
from typing import NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from channels.email.composing import compose, reply_address, sender_address
from channels.outbound import Message, TransportError
from channels.signing import Signer
from complaints.errors import BadInput

LONGEST = 40.0  # seconds that one message may take in all; shutting down must allow for it
_IDLE = 4
_FRESH = 1.0  # seconds for which a connection that was used counts as tried
_PORTS = {"smtp": 25, "smtps": 465}
_START_TLS = {"auto": None, "always": True, "never": False}


class Refusal(StrEnum):
    """At which step a mail server says no to us, whoever we write to."""

    UNREACHABLE = "the mail server cannot be reached"
    LOGIN = "the mail server refuses our login"
    SENDER = "the mail server refuses our sender"


class _Kept(NamedTuple):
    """A connection that waits for the next message."""

    connection: aiosmtplib.SMTP
    since: float


class EmailNotifier:
    """Hands messages over to one SMTP server. Use it as `async with`, or `aclose()` it.

    `url` is `smtp://user:password@host:port` or `smtps://…`; STARTTLS is used where the server offers it, unless
    `?starttls=always` or `?starttls=never` says otherwise. `sender` is the From address, with or without a name. With a
    signer, complainants answer to an address that names their case.
    """

    def __init__(self, url: str, *, sender: str, timeout: float = 15.0, signer: Signer | None = None) -> None:
        parts = urlsplit(url)
        start_tls = parse_qs(parts.query).get("starttls", ["auto"])[0]
        if parts.scheme not in _PORTS or not parts.hostname or start_tls not in _START_TLS:
            raise BadInput("not an SMTP URL", field="smtp", remedy="write it as smtp://user:password@host:587")
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = parts.scheme == "smtps"
        self._start_tls = None if self._tls else _START_TLS[start_tls]
        self._timeout = timeout
        self._sender = sender
        self._signer = signer
        self._envelope_sender = sender_address(sender)
        self._idle: list[_Kept] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        while self._idle:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._idle.pop().connection.quit()

    async def send(self, message: Message) -> None:
        reply_to = reply_address(self._envelope_sender, message.reference, self._signer)
        mail = compose(message, sender=self._sender, reply_to=reply_to)
        try:
            async with asyncio.timeout(LONGEST):
                await self._send(mail, str(message.address))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _classified(error) from None  # the server's answer may repeat the address

    async def refusal(self) -> tuple[Refusal, str] | None:
        """Try everything but a recipient, and send nothing: what the server refuses, with its code; None if nothing."""
        step, connection = Refusal.UNREACHABLE, self._new(login=False)
        try:
            async with asyncio.timeout(LONGEST):
                await connection.connect()
                if self._user is not None:
                    step = Refusal.LOGIN
                    await connection.login(self._user, self._password or "")
                step = Refusal.SENDER
                await connection.mail(self._envelope_sender)
                await connection.rset()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            connection.close()
            silent = isinstance(error, (aiosmtplib.SMTPTimeoutError, OSError, TimeoutError))
            return Refusal.UNREACHABLE if silent else step, _classified(error).problem
        await self._give_back(connection)
        return None

    async def _send(self, mail: EmailMessage, address: str) -> None:
        connection = await self._connection()
        try:
            if address.isascii():
                await connection.sendmail(self._envelope_sender, [address], mail.as_bytes())
            else:  # the library asks the server whether it may
                await connection.send_message(mail, sender=self._envelope_sender, recipients=[address])
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused):
            await self._give_back(connection)  # the server said no, and still listens
            raise
        except BaseException:
            connection.close()  # in the middle of something, also when cancelled: nobody may use it again
            raise
        await self._give_back(connection)

    async def _connection(self) -> aiosmtplib.SMTP:
        while self._idle:
            kept, since = self._idle.pop()
            try:
                if time.monotonic() - since > _FRESH or not kept.is_connected:
                    await kept.noop()
            except (aiosmtplib.SMTPException, OSError):
                kept.close()  # the server tired of waiting, which is no failure of this message
            else:
                return kept
        fresh = self._new(login=True)
        await fresh.connect()
        return fresh

    def _new(self, *, login: bool) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user if login else None,
            password=self._password if login else None,
            use_tls=self._tls,
            start_tls=self._start_tls,
            timeout=self._timeout,
        )

    async def _give_back(self, connection: aiosmtplib.SMTP) -> None:
        if connection.is_connected and len(self._idle) < _IDLE:
            self._idle.append(_Kept(connection, time.monotonic()))
        elif connection.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await connection.quit()


def message_domain(url: str | None, sender: str) -> str:
    """Return the domain that Message-IDs are made in: the sender's, or a name of ours where no mail server is set.

    Whoever writes a message anew asks this too: a mail that goes out twice must be seen to be one.
    """
    return sender_address(sender).rpartition("@")[2] if url is not None else "tuntas"


def _classified(error: Exception) -> TransportError:
    """Permanent is only what the server will always say of this recipient or this message.

    A refused sender or password is a fault of our settings: it is retried until somebody has put it right.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    name = type(error).__name__
    if isinstance(error, aiosmtplib.SMTPResponseException):
        about_this = isinstance(error, (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError))
        return TransportError(f"smtp {error.code} {name}", permanent=about_this and 500 <= error.code < 600)  # noqa: PLR2004
    return TransportError(f"smtp {name}", permanent=isinstance(error, aiosmtplib.SMTPNotSupported))
