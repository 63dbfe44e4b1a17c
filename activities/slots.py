"""How many activities a worker takes in hand at a time: cases act first, and what they want done follows.

A case that is due has acted once its workflow task is done; what it wants recorded and told then waits its turn. So
while cases act quickly one after the other, few activities are begun, or a hundred cases due in a second would wait for
what the first of them have done. That is for a rush: where there is no end of work, activities are a part of it like
any other, and what is kept waiting costs the server more.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable

from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    WorkerTuner,
)

LOOK = 0.02  # seconds between looks for a slot
FEW = 1  # activities at a time in a rush
RUSH = 10.0  # seconds for which activities stand back
CALM = 5.0  # seconds without a rush, after which the next one is another
TASKS = 100  # workflow tasks at a time, as the SDK has it


class AfterCases(CustomSlotSupplier):
    """At most so many at a time, and few while cases are `quick`. `now` gives seconds, of any clock.

    Pollers reserve a slot before they ask for a task, so that in a calm most of those that are taken are not in use.
    """

    def __init__(self, most: int, quick: Callable[[], bool], now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._quick = quick
        self._now = now
        self._rush_began = self._rushed_at = -math.inf
        self._lock = threading.Lock()  # the SDK's core gives slots back in threads of its own
        self._taken = 0
        self._turn: asyncio.Lock | None = None

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        if self._turn is None:
            self._turn = asyncio.Lock()
        async with self._turn:
            while (permit := self.try_reserve_slot(ctx)) is None:  # noqa: ASYNC110 (who releases one is in another thread)
                await asyncio.sleep(LOOK)
        return permit

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        del ctx
        with self._lock:
            if self._taken >= self.room():
                return None
            self._taken += 1
            return SlotPermit()

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        """It makes no difference."""

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        del ctx
        with self._lock:
            self._taken -= 1

    def room(self) -> int:
        """How many there may be now."""
        if not self._quick():
            return self._most
        now = self._now()
        if now - self._rushed_at > CALM:
            self._rush_began = now
        self._rushed_at = now
        return FEW if now - self._rush_began <= RUSH else self._most


def after_cases(most: int, quick: Callable[[], bool]) -> WorkerTuner:
    """For a worker that takes so many activities at most, with workflow tasks or without."""
    none = FixedSizeSlotSupplier(1)
    return WorkerTuner.create_composite(
        workflow_supplier=FixedSizeSlotSupplier(TASKS), activity_supplier=AfterCases(most, quick),
        local_activity_supplier=none, nexus_supplier=none,
    )  # fmt: skip
