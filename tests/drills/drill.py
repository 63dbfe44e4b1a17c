"""A drill: conversations under way, faults at instants drawn from a seed, and the verdict."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from complaints.errors import TuntasError
from tests.drills.faults import Fault, Injected
from tests.drills.judge import Findings, judge
from tests.drills.people import NotTrue, People, Progress
from tests.drills.rig import Rig, rig
from tests.drills.stories import STORIES
from workflows.runner import WORKFLOWS

APART = 0.2  # seconds between the beginnings of two conversations
FIRST, LAST = 0.05, 0.75  # faults come when this share of all steps is done


@dataclass(frozen=True)
class Drill:
    """`options` are those of `rig`."""

    name: str
    shows: str
    faults: tuple[Fault, ...]
    options: dict[str, Any] = field(default_factory=dict)
    first: Callable[[Rig], Awaitable[None]] | None = None  # what comes before the conversations
    workflows: tuple[type, ...] = WORKFLOWS  # as they are in the end


@dataclass(frozen=True)
class Report:
    drill: str
    seed: int
    cases: int
    injected: tuple[Injected, ...]
    allowed: int
    repeated_calls: int
    findings: Findings
    seconds: float

    def as_json(self) -> str:
        found = self.findings
        return json.dumps({
            "drill": self.drill,
            "seed": self.seed,
            "cases": self.cases,
            "ended_as_told": found.ended,
            "faults": [{"what": i.what, "at": round(i.at, 1), "seconds": round(i.lasted, 1)} for i in self.injected],
            "calls_repeated": self.repeated_calls,
            "mails": found.mails.total,
            "message_ids_repeated": found.mails.repeated,
            "message_ids_repeated_at_most": self.allowed,
            "keys_with_two_message_ids": len(found.mails.twice),
            "latest_entry_seconds": round(found.latest.total_seconds(), 1),
            "events": found.events,
            "worker_processes": len(found.workers),
            "seconds": round(self.seconds, 1),
            "problems": found.problems,
        })  # fmt: skip


async def run(drill: Drill, cases: int, seed: int, *, patience: float = 240.0) -> Report:
    """Run one drill on a stack of its own. `patience`: seconds for one step of a story."""
    begun = time.monotonic()
    async with rig(**drill.options) as stack:
        return await on(stack, drill, cases, seed, patience=patience, begun=begun)


async def on(stack: Rig, drill: Drill, cases: int, seed: int, *, patience: float, begun: float) -> Report:
    if drill.first is not None:
        await drill.first(stack)
    chance = random.Random(f"{seed}/{drill.name}")  # so that one drill alone is what it is among all
    stack.began = time.monotonic()
    progress = Progress()
    people = [People(stack.tuntas, story, number, progress, patience) for number, story in _mixed(cases)]
    progress.expected = sum(STORIES[one.story].steps for one in people)
    shares = sorted(chance.uniform(FIRST, LAST) for _ in drill.faults)
    harming = asyncio.create_task(_harm(stack, drill.faults, shares, progress, chance))
    try:
        await asyncio.gather(*[_told(one, one.number * APART) for one in people])
        injected = await harming
    finally:
        harming.cancel()
    allowed = sum(one.repeats for one in injected)
    findings = await judge(stack, people, allowed, drill.workflows)
    return Report(
        drill.name, seed, cases, tuple(injected), allowed, sum(one.repeated for one in people), findings,
        time.monotonic() - begun,
    )  # fmt: skip


def _mixed(cases: int) -> list[tuple[int, str]]:
    stories = list(STORIES)
    return [(number, stories[number % len(stories)]) for number in range(cases)]


async def _told(people: People, wait: float) -> None:
    await asyncio.sleep(wait)
    try:
        await STORIES[people.story].tell(people)
    except (NotTrue, TuntasError) as error:
        people.doing = f"{people.doing}: {error}"
    else:
        people.doing = "came true"


async def _harm(
    stack: Rig, faults: Sequence[Fault], shares: list[float], progress: Progress, chance: random.Random
) -> list[Injected]:
    injected = []
    for fault, share in zip(faults, shares, strict=True):
        while progress.share < share:
            await asyncio.sleep(0.01)
        await asyncio.sleep(chance.uniform(0, 1))
        injected.append(await fault.inject(stack, chance))
    return injected
