"""How many messages have gone out lately: a mail provider takes so many a second, and this process must know."""

from collections import deque
from datetime import datetime, timedelta

SECOND = timedelta(seconds=1)


class Pace:
    """Counts what was sent within the last second. The queue of notices has its own limit, which the server holds."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._sent: deque[datetime] = deque()

    def count(self, at: datetime) -> None:
        self._forget(at)
        self._sent.append(at)

    def room(self, now: datetime) -> bool:
        """Whether one more may go out now."""
        self._forget(now)
        return len(self._sent) < self._per_second

    def _forget(self, now: datetime) -> None:
        while self._sent and self._sent[0] <= now - SECOND:
            self._sent.popleft()
