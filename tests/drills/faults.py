"""The faults. Each does its harm, waits until the supervisor has put things right, and says what it was."""

import asyncio
import os
import random
import signal
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tests.drills.rig import Rig

BACK_WITHIN = 120.0  # seconds; the supervisor's pauses grow to 30


class Injected(NamedTuple):
    """What was done, at which second of the drill, and how many seconds it lasted.

    `repeats` is how many Message-IDs it may repeat: one for each crash, none for an orderly stop (DESIGN, section 8).
    """

    what: str
    at: float
    lasted: float
    repeats: int = 0


class Fault(Protocol):
    async def inject(self, rig: Rig, chance: random.Random) -> Injected: ...


@dataclass(frozen=True)
class Kill:
    """`kill -9` of one part, or of several in the same moment."""

    parts: tuple[str, ...]

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        del chance
        at = rig.seconds
        waits = [asyncio.create_task(_back(rig, part)) for part in self.parts]
        victims = [await _running(rig, part) for part in self.parts]
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        await asyncio.gather(*waits)
        return Injected("kill -9 " + " + ".join(self.parts), at, rig.seconds - at, repeats=len(self.parts))


async def _running(rig: Rig, part: str) -> int:
    while (pid := rig.child(part).pid) is None:
        await asyncio.sleep(0.02)
    return pid


async def _back(rig: Rig, part: str) -> None:
    """Until another process does the part's work."""
    child, before = rig.child(part), await _running(rig, part)
    begun = times_begun(rig, part) if part.startswith("worker") else 0
    async with asyncio.timeout(BACK_WITHIN):
        while child.pid in {before, None}:
            await asyncio.sleep(0.02)
        if part.startswith("worker"):
            while times_begun(rig, part) == begun:
                await asyncio.sleep(0.05)
        else:
            while not await child.service.ready():
                await asyncio.sleep(0.05)


def times_begun(rig: Rig, worker: str) -> int:
    """How often its processes have said that they work."""
    return rig.log(worker).count('"message": "working"')


class Terminate:
    """SIGTERM while a mail is being sent to a server that takes its time: it is finished, marked and not repeated."""

    takes = 3.0  # seconds until the server says that it has the mail

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        del chance
        smtp, worker = rig.proxies["smtp"], rig.child("worker")
        at, pid, stopped = rig.seconds, await _running(rig, "worker"), rig.log("worker").count('"stopping: ')
        back = asyncio.create_task(_back(rig, "worker"))
        caught = _mails(rig)
        smtp.delay = self.takes
        while _mails(rig) == caught:  # one is on the server's disk, and its answer is held back
            await asyncio.sleep(0.01)
        os.kill(pid, signal.SIGTERM)
        smtp.delay = 0.0
        await back
        assert rig.log("worker").count('"stopping: ') == stopped + 1, "the worker was to stop in order"
        assert worker.pid != pid
        return Injected("SIGTERM worker during a send", at, rig.seconds - at)


def _mails(rig: Rig) -> int:
    return sum(1 for _ in rig.mails.glob("*.eml"))


@dataclass(frozen=True)
class Cut:
    """Connections of the worker are cut, and new ones refused for a while."""

    services: tuple[str, ...]
    longest: float = 6.0

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        await _connected(rig, self.services)
        at, ended = rig.seconds, 0
        for service in self.services:
            rig.proxies[service].refusing = True
            ended += rig.proxies[service].cut()
        await asyncio.sleep(chance.uniform(0.2, self.longest))
        for service in self.services:
            rig.proxies[service].refusing = False
        what = f"cut {ended} connections to " + " + ".join(self.services)
        return Injected(what, at, rig.seconds - at, repeats=_unmarked(self.services))


@dataclass(frozen=True)
class Silence:
    """Connections of the worker fall silent for good without being ended; new ones are answered after a while."""

    services: tuple[str, ...]
    longest: float = 6.0

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        await _connected(rig, self.services)
        at = rig.seconds
        for service in self.services:
            rig.proxies[service].fall_silent()
        await asyncio.sleep(chance.uniform(0.2, self.longest))
        for service in self.services:
            rig.proxies[service].speak()
        what = "silence on " + " + ".join(self.services)
        return Injected(what, at, rig.seconds - at, repeats=_unmarked(self.services))


def _unmarked(services: tuple[str, ...]) -> int:
    """A connection that ends between sending and marking is what a crash is: the mark is not made."""
    return sum(service in {"smtp", "postgres"} for service in services)


async def _connected(rig: Rig, services: tuple[str, ...]) -> None:
    """Until there is something to cut on every line."""
    async with asyncio.timeout(BACK_WITHIN):
        while not all(rig.proxies[service].connections for service in services):
            await asyncio.sleep(0.01)
