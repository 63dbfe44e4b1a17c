"""A lane: duties that wait for each other. One activity is in flight at most, and nobody waits for it inline."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, NamedTuple

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from complaints.case import Case
from complaints.messages.duties import Duty
from workflows.duties import Activity
from workflows.pending import Waiting

_LINE = 200


class Call(NamedTuple):
    """What a lane does next."""

    activity: Activity[Any, Any]
    payload: Any
    summary: str
    carried: list[Waiting]


class Lane(ABC):
    """Subclasses say what comes next and what becomes of the case afterwards."""

    name: str
    awaited = True  # whether the end of a run waits for it

    def __init__(self, waiting: list[Waiting]) -> None:
        self.waiting = waiting
        self._handle: workflow.ActivityHandle[Any] | None = None
        self.call: Call | None = None

    @abstractmethod
    def choose(self, case: Case, now: datetime) -> Call | None:
        """What to do next, or None if nothing waits that may go."""

    @abstractmethod
    def succeeded(self, call: Call, result: Any, case: Case, now: datetime) -> list[Duty]:
        """What follows once a call is done."""

    def failed(self, call: Call, problem: str, case: Case, now: datetime) -> list[Duty]:
        """A permanent failure: unless a lane knows better, its duties are kept and tried again after a pause."""
        del case
        for waiting in call.carried:
            waiting.failed(problem, now)
            self.waiting.remove(waiting)
            self.waiting.append(waiting)  # those behind it need not wait
        return []

    # driven by the workflow's one coroutine

    @property
    def busy(self) -> bool:
        return self._handle is not None

    @property
    def finished(self) -> bool:
        return self._handle is not None and self._handle.done()

    @property
    def clear(self) -> bool:
        """Whether nothing is in flight and nothing waits."""
        return not self.busy and not self.waiting

    def settle(self, case: Case, now: datetime) -> list[Duty]:
        """If the activity is done, tell the case what became of it. Returns the duties that follow."""
        if self._handle is None or self.call is None or not self._handle.done():
            return []
        handle, call = self._handle, self.call
        self._handle = self.call = None
        error = handle.exception()
        if error is None:
            return self.succeeded(call, handle.result(), case, now)
        if not isinstance(error, ActivityError):
            raise error  # a defect of ours: it suspends the task
        workflow.logger.warning("%s failed for good: %s", call.activity.name, problem := _problem(error))
        return self.failed(call, problem, case, now)

    def dispatch(self, case: Case, now: datetime) -> bool:
        """Start the next activity if none is in flight. Whether it did."""
        if self.busy or (call := self.choose(case, now)) is None:
            return False
        self._handle, self.call = call.activity.start(call.payload, call.summary), call
        return True

    def retries(self) -> list[datetime]:
        """When something that failed is tried again."""
        return [] if self.busy else [w.again_at for w in self.waiting if w.again_at is not None]

    def load(self) -> tuple[int, int]:
        """How many duties are not done yet, the one under way among them, and how many of these failed for good."""
        waiting = list(self.waiting)
        return len(waiting), sum(1 for w in waiting if w.failures)

    def stuck(self) -> str | None:
        """In words what failed for good and waits, if anything."""
        failing = [w for w in self.waiting if w.failures]
        return f"{len(failing)} failing, {failing[0].problem}" if failing else None


def _problem(error: ActivityError) -> str:
    """Activities keep their errors free of personal data."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return f"{cause.type}: {cause.message}"[:_LINE]
    return type(cause).__name__
