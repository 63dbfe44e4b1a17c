"""The course of a scenario: what happens when, and in which order. Every engine takes these steps, one after the other.

Whatever comes at the instant of a due effect is heard before it (DESIGN, section 4, "Order"): an event goes before what
is due at its instant. A channel that is up again hands over before anything else of that instant does.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum, auto
from typing import Any, NamedTuple

from complaints.messages.commands import Replan, read_command
from complaints.messages.signals import SIGNALS
from simulation.scenario import ChannelDown, Outage, Scenario
from starter.plans import replan_of


class What(Enum):
    """What an engine does in a step. Duties that follow are carried out within it."""

    RECEIVE = auto()
    SAY = auto()  # a message or a command
    POST = auto()  # one that waits until we are back
    CHANNEL_DOWN = auto()
    CHANNEL_UP = auto()  # notices that waited are handed over
    LEAVE = auto()  # from here on nobody works on the case
    COME_BACK = auto()  # all messages that waited, in order, then what has fallen due
    WAKE = auto()  # time alone does something


PASSING = (What.POST, What.CHANNEL_DOWN, What.LEAVE)
"""Nothing is carried out in these."""


class Step(NamedTuple):
    """`until` is the end of an outage or of a channel's."""

    what: What
    at: datetime
    message: Any = None
    until: datetime | None = None


def message_of(event: Any, index: int) -> Any:
    """The message or command that an event stands for; without an id of its own it is named by its place."""
    raw = event.model_dump(mode="json", exclude_none=True, exclude={"at", "message"})
    if hasattr(event, "act"):
        return read_command({"key": f"event-{index}", **raw})
    return SIGNALS[event.message].model_validate({"message_id": f"event-{index}", **raw})


def course(scenario: Scenario, next_due: Callable[[], datetime | None]) -> Iterator[Step]:
    """The steps from receipt to `until`, inclusive. `next_due` says, between them, when the case acts by itself."""
    return _Course(scenario, next_due).steps()


class _Course:
    def __init__(self, scenario: Scenario, next_due: Callable[[], datetime | None]) -> None:
        self._scenario = scenario
        self._next_due = next_due
        self._now = scenario.received_at
        self._down_until: datetime | None = None
        self._away_until: datetime | None = None

    def steps(self) -> Iterator[Step]:
        yield Step(What.RECEIVE, self._now)
        until = self._scenario.instant(self._scenario.until)
        for index, event in enumerate(self._scenario.events):
            at = self._scenario.instant(event.at)  # type: ignore[attr-defined]  # every event has it
            if at > until:
                break
            yield from self._run_to(at, inclusive=False)
            self._now = at
            yield from self._happen(event, index)
        yield from self._run_to(until, inclusive=True)

    def _happen(self, event: Any, index: int) -> Iterator[Step]:
        if isinstance(event, ChannelDown):
            self._down_until = self._scenario.instant(event.channel_down_until)
            yield Step(What.CHANNEL_DOWN, self._now, until=self._down_until)
        elif isinstance(event, Outage):
            left, self._away_until = self._away_until is None, self._scenario.instant(event.outage_until)
            if left:
                yield Step(What.LEAVE, self._now, until=self._away_until)
        else:
            what = What.SAY if self._away_until is None else What.POST
            yield Step(what, self._now, self._planned(message_of(event, index)))

    def _planned(self, message: Any) -> Any:
        """A re-plan names its policy; what that means for this case is found here, as `starter` does."""
        if isinstance(message, Replan) and message.plan is None:
            return replan_of(message, self._scenario.received_at, self._now)
        return message

    def _run_to(self, limit: datetime, *, inclusive: bool) -> Iterator[Step]:
        """Everything that comes by itself before `limit` (up to it, if inclusive)."""
        while (step := self._next()) is not None and (step.at < limit or (inclusive and step.at == limit)):
            self._now = max(self._now, step.at)
            if step.what is What.COME_BACK:
                self._away_until = None
            elif step.what is What.CHANNEL_UP:
                self._down_until = None
            yield step._replace(at=self._now)

    def _next(self) -> Step | None:
        if self._away_until is not None:
            return Step(What.COME_BACK, self._away_until)  # nothing of ours happens before
        due = self._next_due()
        if self._down_until is not None and (due is None or self._down_until <= due):
            return Step(What.CHANNEL_UP, self._down_until)
        return Step(What.WAKE, due) if due is not None else None
