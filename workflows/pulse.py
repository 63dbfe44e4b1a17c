"""How fast cases act in this process: for whoever has the same processors to share. No workflow reads it."""

import time
from collections import deque
from collections.abc import Callable

BEATS = 4
WITHIN = 0.2  # seconds


class Pulse:
    """`now` gives seconds, of any clock. A beat is a task of a case."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._beats: deque[float] = deque(maxlen=BEATS)

    def beat(self) -> None:
        self._beats.append(self._now())

    def quick(self) -> bool:
        """Whether `BEATS` were within so many seconds: twenty tasks a second."""
        return len(self._beats) == BEATS and self._now() - self._beats[0] < WITHIN


PULSE = Pulse()
"""Of the runs of this process."""
