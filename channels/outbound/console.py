"""The console: for development, for tests, and for recipients whom only a person can reach."""

import sys
from typing import TextIO

from channels.outbound import Message


class ConsoleNotifier:
    """Prints one line for each message, never its words or its address, and keeps the message in `sent`."""

    def __init__(self, stream: TextIO | None = None, *, keep: int = 1000) -> None:
        self.sent: list[Message] = []
        self._stream = stream
        self._keep = keep

    async def send(self, message: Message) -> None:
        task = f"an agent must reach them by {message.channel}" if message.recipient == "complainant" else "told"
        line = f"notice {message.key} to {message.recipient}: {task}"
        print(line, file=self._stream or sys.stderr, flush=True)
        self.sent.append(message)
        del self.sent[: -self._keep]
