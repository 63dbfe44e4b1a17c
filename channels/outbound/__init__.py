"""Outbound: a message written for one recipient is handed over to a channel.

`Notifier` is what activities know; which one they get is decided by the composition root.
"""

import hashlib
from collections.abc import Callable
from typing import Protocol

from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Channel, Language


class Message(Frozen):
    """What is handed over. Equal keys have equal ids and dates, so that a repetition shows as one."""

    key: str
    message_id: str
    recipient: str  # `complainant`, `agent:ID`, `team:NAME`
    address: Personal | None
    channel: Channel
    language: Language
    subject: Personal
    body: Personal
    written_at: Instant
    reference: str | None = None  # of the case, for a recipient who may answer to it
    in_reply_to: str | None = None  # the Message-ID of what it answers
    refers_to: tuple[str, ...] = ()  # those of the conversation so far, the first one first
    thread_subject: Personal | None = None  # of the conversation, when it is one by mail
    automatic: bool = True  # no person wrote it


class TransportError(Exception):
    """A message was not handed over. `problem` names a code and its class, never an address or words.

    Permanent: this message will never reach this recipient. Otherwise the same attempt may succeed later.
    """

    def __init__(self, problem: str, *, permanent: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.permanent = permanent


class Notifier(Protocol):
    """Hands messages over."""

    async def send(self, message: Message) -> None:
        """Return when the channel has taken the message. Raises `TransportError`, and nothing else."""


def message_id(key: str, domain: str) -> str:
    """Derive the Message-ID of a key: always the same, and telling nothing."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def is_email(address: str | None) -> bool:
    return address is not None and "@" in address


class Router:
    """Sends by e-mail what has an e-mail address; the rest goes to whoever must call, write or post it.

    Phone, chat, letter and the others have no transport of their own yet: what matters is the address a notice brings.
    """

    def __init__(self, *, email: Notifier, other: Notifier) -> None:
        self._email = email
        self._other = other

    async def send(self, message: Message) -> None:
        await (self._email if is_email(message.address) else self._other).send(message)


class UntilStopped:
    """Hands over no further message once its process is to end: what is being sent then is finished, the rest waits.

    So an orderly end takes as long as one message at most, and breaks off none, whoever sends.
    """

    def __init__(self, notifier: Notifier, stopping: Callable[[], bool]) -> None:
        self._notifier = notifier
        self._stopping = stopping

    async def send(self, message: Message) -> None:
        if self._stopping():
            raise TransportError("this worker is stopping", permanent=False)
        await self._notifier.send(message)
