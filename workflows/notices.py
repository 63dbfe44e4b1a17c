"""The lanes of notices: to the complainant, and to agents. Each speaks in order, as much at once as waits."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from complaints.case import Case
from complaints.messages.duties import AgentNotice, AgentNoticeBatch, Duty, Notice, NoticeBatch
from complaints.messages.feedback import Deliveries, Delivery
from workflows import duties, limits
from workflows.lane import Call, Lane
from workflows.pending import Waiting


class NoticesLane(Lane):
    """Notices in their order, as many in one activity as wait. A batch that failed is tried one by one."""

    def batch(self) -> list[Waiting]:
        return first_of(self.waiting)

    def failed(self, call: Call, problem: str, case: Case, now: datetime) -> list[Duty]:
        if len(call.carried) > 1:
            alone(call.carried)
            return []
        return self.told(call.carried, case, now, problem)

    def told(self, carried: Sequence[Waiting], case: Case, now: datetime, problem: str | None) -> list[Duty]:
        """The case learns that these were handed over now, or never will be."""
        following: list[Duty] = []
        for waiting in carried:
            self.waiting.remove(waiting)
            for key in _keys(waiting.duty):
                delivery = Delivery(key=key, handed_over=problem is None, at=now, problem=problem)
                following += case.learn(delivery, now)
        return following


class ComplainantLane(NoticesLane):
    """The complainant's notices go along with the record that is issued in the same moment, else by themselves.

    `riding` is what goes along with a record under way: what comes after it waits, as notices keep their order.
    """

    name = "notices"

    def __init__(self, waiting: list[Waiting], clock_shift: timedelta, riding: Callable[[], Sequence[Waiting]]) -> None:
        super().__init__(waiting)
        self._clock_shift = clock_shift
        self._riding = riding

    @property
    def busy(self) -> bool:
        return super().busy or bool(self._riding())

    def ride(self) -> list[Waiting]:
        """What a record may take along: nothing while some is under way, or has to be tried by itself."""
        batch = [] if self.busy else self.batch()
        return [] if any(w.alone or w.apart for w in batch) else batch

    def choose(self, case: Case, now: datetime) -> Call | None:
        del case, now
        carried = self.batch()
        notices = tuple(w.duty for w in carried if isinstance(w.duty, Notice))
        summary = ", ".join(f"{n.occasion} {n.occurrence}" for n in notices)
        return Call(duties.notify_complainant, NoticeBatch(notices=notices), summary, carried) if carried else None

    def succeeded(self, call: Call, result: Deliveries, case: Case, now: datetime) -> list[Duty]:
        told = {d.key for d in result.deliveries}
        silent = [key for w in call.carried for key in _keys(w.duty) if key not in told]
        done = [Delivery(key=key, handed_over=True, at=now - self._clock_shift) for key in silent]
        return self.answered(call.carried, [*result.deliveries, *done], case, now)

    def answered(
        self, carried: Sequence[Waiting], deliveries: Sequence[Delivery], case: Case, now: datetime
    ) -> list[Duty]:
        """What was handed over, or never will be. The rest is tried again, by itself.

        Each delivery counts from its own instant, which the worker read off the real clock.
        """
        answers = {d.key: d.model_copy(update={"at": d.at + self._clock_shift}) for d in deliveries}
        following: list[Duty] = []
        for waiting in carried:
            (key,) = _keys(waiting.duty)
            if (delivery := answers.get(key)) is None:
                waiting.apart = True
                continue
            self.waiting.remove(waiting)
            following += case.learn(delivery, now)
        return following


class AgentsLane(NoticesLane):
    """What agents are told goes along with the record that is issued in the same moment, else by itself.

    `riding` is what goes along with a record under way; nothing waits for that record.
    """

    name = "agents"

    def __init__(self, waiting: list[Waiting], riding: Callable[[], Sequence[Waiting]]) -> None:
        super().__init__(waiting)
        self._riding = riding

    def ride(self) -> list[Waiting]:
        """What a record may take along: nothing while some of it is under way already."""
        if self.busy or (self.waiting and (self.waiting[0].alone or self.waiting[0].apart)):
            return []
        return self.batch()

    def batch(self) -> list[Waiting]:
        riding = self._riding()
        return first_of([w for w in self.waiting if not any(w is other for other in riding)])

    def choose(self, case: Case, now: datetime) -> Call | None:
        del case, now
        carried = self.batch()
        notices = tuple(w.duty for w in carried if isinstance(w.duty, AgentNotice))
        summary = ", ".join(f"{n.occasion} {n.occurrence}" for n in notices)
        return Call(duties.notify_agents, AgentNoticeBatch(notices=notices), summary, carried) if carried else None

    def succeeded(self, call: Call, result: None, case: Case, now: datetime) -> list[Duty]:
        del result
        return self.told(call.carried, case, now, None)


def first_of(waiting: list[Waiting]) -> list[Waiting]:
    """What goes next, in one batch."""
    if waiting and waiting[0].alone:
        return waiting[:1]
    return list(takewhile(lambda w: not w.alone, waiting[: limits.NOTICES]))


def alone(carried: Sequence[Waiting]) -> None:
    """Their batch failed for good: from now on each goes by itself, so that one of them holds up no other."""
    for waiting in carried:
        waiting.alone = True


def _keys(duty: Duty) -> tuple[str, ...]:
    """The keys under which the case remembers a notice: one for each recipient."""
    return duty.keys if isinstance(duty, AgentNotice) else (duty.key,)
