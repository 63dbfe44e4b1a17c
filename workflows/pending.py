"""Duties that are not done yet, as a value: they go with the case through continue-as-new."""

from datetime import datetime

from pydantic import BaseModel

from complaints.messages.duties import Duty
from complaints.model import Instant
from workflows import limits


class Setback(BaseModel):
    """How often something failed for good, and when it is tried again: nothing is ever given up."""

    failures: int = 0
    again_at: Instant | None = None
    problem: str | None = None

    def ready(self, now: datetime) -> bool:
        return self.again_at is None or self.again_at <= now

    def failed(self, problem: str, now: datetime) -> None:
        pause = min(limits.FIRST_PAUSE * 2 ** min(self.failures, 10), limits.LONGEST_PAUSE)
        self.failures, self.again_at, self.problem = self.failures + 1, now + pause, problem


class Waiting(Setback):
    """A duty, and the sequence up to which the case must be recorded before it."""

    duty: Duty
    after: int = 0
    alone: bool = False  # its batch failed for good: which of them was it?


class Pending(BaseModel):
    """What each lane still has to do. `kept` is the sequence at which the case was archived last."""

    complainant: list[Waiting] = []
    agents: list[Waiting] = []
    escalations: list[Waiting] = []
    records: list[Waiting] = []
    lookups: list[Waiting] = []
    cases: list[Waiting] = []
    record: Setback = Setback()
    kept: int = 0
