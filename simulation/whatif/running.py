"""Playing many complaints under several policies and seeds, on all processors, in bounded memory.

Complaints come from a spool in chunks; a process plays a piece of one under every policy and seed and answers with its
sums. Only as many are under way as keep the processes busy, so that memory does not grow with the complaints.
"""

import gc
import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import policies
from complaints.policy import Policy
from complaints.vocabulary import Metric
from simulation.whatif.hours import WorkingHours
from simulation.whatif.model import Assumptions, Fitted, Model
from simulation.whatif.past import PastComplaint
from simulation.whatif.playing import play
from simulation.whatif.story import draw
from simulation.whatif.summary import Summary

CHUNK = 200
_PLAYS = 100  # of a piece that a process is given: so long it takes at most to end when interrupted
_AHEAD = 4  # pieces under way for each process
_YOUNG = 50_000  # objects made and not yet gone before the collector looks at them: those of some tens of cases

_ENDING = {signal.SIGINT, signal.SIGTERM}

Key = tuple[int, int]  # the policy's place, the seed
Sums = dict[Key, Summary]


class Task(NamedTuple):
    """What is the same for every complaint. `working`: the calendar of the first policy in which handlers work."""

    policies: tuple[Policy, ...]
    assumptions: Assumptions
    fitted: Fitted
    working: str | None
    other: str  # the category that stands for those a policy does not have
    until: datetime
    seeds: tuple[int, ...]


class Player:
    """Plays complaints for a task, in one process."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._model = Model(task.assumptions, task.fitted)
        self._zones = [ZoneInfo(policy.timezone) for policy in task.policies]
        self._hours: dict[int, WorkingHours] = {}

    def play(self, chunk: Sequence[PastComplaint]) -> Sums:
        sums: Sums = {(place, seed): Summary() for seed in self._task.seeds for place in range(len(self._zones))}
        for past in chunk:
            for seed in self._task.seeds:
                self._play_one(past, seed, sums)
        return sums

    def _play_one(self, past: PastComplaint, seed: int, sums: Sums) -> None:
        task = self._task
        hours = self._hours_at(past.received_at)
        story = draw(past, self._model, hours, seed, task.until)
        for place, policy in enumerate(task.policies):
            known = past.category in policy.categories
            played = past if known else past._replace(category=task.other)
            sums[place, seed].mapped += not known
            case = play(played, story, policy, hours, task.until)
            sums[place, seed].add(case, task.until, self._zones[place])

    def _hours_at(self, at: datetime) -> WorkingHours:
        """The working hours around an instant: a plan's calendars reach two years from the receipt."""
        if self._task.working is None:
            return self._hours.setdefault(0, WorkingHours(None))
        plan = policies.resolve(self._task.policies[0], at)
        return self._hours.setdefault(id(plan), WorkingHours(plan.calendar(self._task.working)))


def working_calendar(policy: Policy) -> str | None:
    """The calendar in which handlers work unless another is named: that of the promise of a decision."""
    rules = policy.clocks[Metric.RESOLUTION].targets if Metric.RESOLUTION in policy.clocks else ()
    return next((rule.calendar for rule in rules if rule.calendar is not None), None)


def run(task: Task, chunks: Iterator[Sequence[PastComplaint]], processes: int, progress: Callable[[int], None]) -> Sums:
    """Play all chunks; `progress` is told how many complaints are done. Interrupted, it leaves no process behind."""
    total: Sums = {}
    if processes == 1:
        player = Player(task)
        with _settled():
            for chunk in chunks:
                _add(total, player.play(chunk))
                progress(len(chunk))
        return total
    context = multiprocessing.get_context("spawn")  # nothing of ours is copied half-way
    with ProcessPoolExecutor(processes, context, _begin, (pickle.dumps(task),)) as pool:
        under_way: deque[tuple[int, Future[Sums]]] = deque()
        try:
            for chunk in _pieces(chunks, max(_PLAYS // (len(task.policies) * len(task.seeds)), 1)):
                with _uninterrupted():
                    under_way.append((len(chunk), pool.submit(_play, chunk)))
                if len(under_way) >= _AHEAD * processes:
                    _take(total, under_way, progress)
            while under_way:
                _take(total, under_way, progress)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return total


def _pieces(chunks: Iterator[Sequence[PastComplaint]], size: int) -> Iterator[Sequence[PastComplaint]]:
    for chunk in chunks:
        yield from (chunk[start : start + size] for start in range(0, len(chunk), size))


def _settle() -> None:
    """What is loaded by now stays, and a case leaves no cycles: the collector of garbage need not look often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


@contextmanager
def _settled() -> Iterator[None]:
    """So while the block runs."""
    before = gc.get_threshold()
    _settle()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A process begins here whole, or not at all. It inherits the mask: Ctrl-C is its parent's, who ends it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def _take(total: Sums, under_way: deque[tuple[int, Future[Sums]]], progress: Callable[[int], None]) -> None:
    number, future = under_way.popleft()
    _add(total, future.result())
    progress(number)


def _add(total: Sums, sums: Sums) -> None:
    for key, summary in sums.items():
        total.setdefault(key, Summary()).merge(summary)


_player: Player


def _begin(task: bytes) -> None:
    global _player  # noqa: PLW0603  a process of the pool has one task for its life
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _player = Player(pickle.loads(task))  # noqa: S301  from our own parent
    _settle()


def _play(chunk: Sequence[PastComplaint]) -> Sums:
    return _player.play(chunk)
