"""How often something may be done: a sliding window for each bucket, in the memory of one process."""

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

MOST = 50_000  # buckets that are remembered; of more the oldest are forgotten


class Limiter:
    """Counts what was let through. Several processes let through as many times as much."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: dict[str, deque[float]] = {}

    def allow(self, bucket: str, *, limit: int, per: timedelta) -> bool:
        """Return whether this is one of at most `limit` within the last `per`; if so, it counts."""
        now = self._now()
        seen = self._seen.pop(bucket, None) or deque()
        self._seen[bucket] = seen  # the latest used stand last
        while seen and seen[0] <= now - per.total_seconds():
            seen.popleft()
        if len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]
        if len(seen) >= limit:
            return False
        seen.append(now)
        return True
