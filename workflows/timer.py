"""The one timer of a case: armed anew exactly when the next due instant changes."""

import asyncio
from datetime import datetime

from temporalio import workflow

from complaints.case import CaseState
from complaints.case.effects import next_effect
from complaints.clocks import Reminder, Warned
from workflows.duties import clipped

_LADDER = 2  # the rank of the ladder among effects


class Timer:
    """A single pending timer, or none."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def fired(self) -> bool:
        return self._task is not None and self._task.done()

    def arm(self, at: datetime | None, now: datetime, summary: str) -> bool:
        """See to it that it fires at this instant, and at no other. Whether that took a command."""
        if at == self._at and not self.fired:
            return False
        pending = self._task is not None and not self._task.done()
        if self._task is not None and not self._task.done():
            self._task.cancel()
        self._at, self._task = at, None
        if at is not None:
            self._task = asyncio.create_task(workflow.sleep(at - now, summary=clipped(summary)))
        return pending or at is not None


def next_due_in_words(state: CaseState) -> str:
    """What happens next by time alone, such as "first_response 1 due"."""
    effect = next_effect(state)
    if effect is None:
        return "nothing"
    clock = effect.clock
    if clock is None:
        return "ladder" if effect.rank == _LADDER else "end of aftercare"
    what = f"{clock.metric} {clock.occurrence}"
    if isinstance(effect.part, Warned):
        return f"{what} warning"
    return f"{what} reminder {effect.part.number}" if isinstance(effect.part, Reminder) else f"{what} due"
