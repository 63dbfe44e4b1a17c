"""Activities in memory. What bears on the case is answered when its player says so, one after the other by lanes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from complaints.messages.duties import (
    ArchiveDuty,
    CalendarDuty,
    ClosureDuty,
    CustomerDuty,
    Escalation,
    Moment,
    Notice,
    NoticeBatch,
)
from complaints.messages.feedback import Deliveries, Delivery, DutyDone, MomentOutcome
from complaints.messages.merging import ForwardDuty, MergeDuty
from simulation.surroundings import Surroundings
from workflows.duties import (
    ACTIVITIES,
    carry_out,
    check_customer,
    escalate,
    extend_calendars,
    merge,
    notify_complainant,
)

# The workflow's order of lanes.
_ORDER = (
    carry_out.name,
    notify_complainant.name,
    escalate.name,
    extend_calendars.name,
    check_customer.name,
    merge.name,
)
_NEVER = timedelta(days=3650)  # the player says when the channel is tried again

_OVER = ApplicationError("over", type="Over", non_retryable=True, category=ApplicationErrorCategory.BENIGN)


@dataclass(eq=False)
class Call:
    """An activity under way, that waits for leave to answer."""

    id: str
    name: str
    leave: asyncio.Future[None]


class House:
    """What is done for one case. `archived` is its state when it was archived last."""

    def __init__(self, surroundings: Surroundings, clock_shift: timedelta, now: datetime) -> None:
        self.surroundings = surroundings
        self.now = now
        self.archived: dict[str, Any] | None = None
        self.calls: list[Call] = []
        self.put_off: set[str] = set()  # ids of activities that failed because the channel was down
        self._clock_shift = clock_shift

    def holds(self, activity_id: str) -> bool:
        """Whether this activity waits for leave to answer."""
        return any(call.id == activity_id and not call.leave.done() for call in self.calls)

    def leaves(self, activities: Iterable[str]) -> bool:
        """Whether none of these is at work."""
        return all(self.holds(one) or one in self.put_off for one in activities)

    def let_answer(self) -> bool:
        """Give leave to the first of those that wait, in the order of lanes. False if none does."""
        call = min(self.calls, key=lambda call: _ORDER.index(call.name), default=None)
        if call is not None and not call.leave.done():
            call.leave.set_result(None)
        return call is not None

    def close(self) -> None:
        """Nothing is waited for any more: a play that was broken off leaves no activity behind."""
        for call in self.calls:
            if not call.leave.done():
                call.leave.set_exception(_OVER)

    async def carry_out(self, name: str, given: Any) -> Any:
        if name in _ORDER:
            await self._wait_for_leave(name)
        return self._answer(given)

    async def _wait_for_leave(self, name: str) -> None:
        call = Call(activity.info().activity_id, name, asyncio.get_running_loop().create_future())
        self.put_off.discard(call.id)
        self.calls.append(call)
        try:
            await call.leave
        finally:
            self.calls.remove(call)

    def _answer(self, given: Any) -> Any:
        match given:
            case Moment():
                return self._outcome(given)
            case NoticeBatch():
                self._reach()
                return Deliveries(deliveries=self._handed_over(given.notices))
            case Escalation() | CustomerDuty() | MergeDuty() | CalendarDuty():
                return self.surroundings.answer(given)
            case ArchiveDuty() | ClosureDuty() | ForwardDuty():
                self.archived = given.state if isinstance(given, ArchiveDuty) else self.archived
                return DutyDone(key=given.key)
            case _:
                return None

    def _outcome(self, moment: Moment) -> MomentOutcome:
        """What cannot be handed over now is asked for again by itself."""
        owner = self.surroundings.owner(moment.escalation) if moment.escalation else None
        deliveries = self._handed_over(moment.notices) if self.surroundings.reaches(self.now) else ()
        return MomentOutcome(recorded=True, owner=owner, deliveries=deliveries)

    def _handed_over(self, notices: Iterable[Notice]) -> tuple[Delivery, ...]:
        at = self.now - self._clock_shift  # as a worker would read it off the clock
        return tuple(self.surroundings.handed_over(notice, self.now, at) for notice in notices)

    def _reach(self) -> None:
        if self.surroundings.reaches(self.now):
            return
        self.put_off.add(activity.info().activity_id)
        raise ApplicationError(
            "down", type="ChannelDown", next_retry_delay=_NEVER, category=ApplicationErrorCategory.BENIGN
        )


def activities(houses: dict[str, House], queue: str) -> list[Callable[..., Awaitable[Any]]]:
    """The activities of a queue, each carried out in the house of the workflow that asks."""
    return [_activity(houses, a.name, a.payload) for a in ACTIVITIES if a.queue == queue]


def _activity(houses: dict[str, House], name: str, payload: type[Any]) -> Callable[..., Awaitable[Any]]:
    async def carry_out(given: Any) -> Any:
        return await houses[activity.info().workflow_id or ""].carry_out(name, given)

    carry_out.__annotations__["given"] = payload
    return activity.defn(name=name)(carry_out)
