"""The drills, smaller than `make drill` plays them: four stacks side by side, so that their waits overlap.

The instants are drawn from a seed that is printed; `DRILL_SEED=N` chooses another one.
"""

import asyncio
import os
import random
from email.message import EmailMessage

import pytest
import pytest_asyncio

from tests.drills import every, mails
from tests.drills.drill import Drill, run
from tests.drills.every import PARTS
from tests.drills.faults import Cut, Kill, Terminate

SEED = int(os.environ.get("DRILL_SEED", "20261122"))


def kills() -> Drill:
    """Each part alone, and two together, in an order and a pair that the seed draws."""
    chance = random.Random(SEED)
    alone = [Kill((part,)) for part in chance.sample(PARTS, len(PARTS))]
    return Drill("kills", "each part, and two together", (*alone, Kill(tuple(chance.sample(PARTS, 2)))))


CASES = {"kills": 16, "cuts": 8, "disk full": 8, "two builds": 8}
DRILLS = [
    kills(),
    Drill("cuts", "SIGTERM during a send, and lines cut", (Terminate(), Cut(("temporal", "postgres", "smtp"))),
          {"proxied": True}),
    *[drill for drill in every.drills() if drill.name in CASES],
]  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def reports():
    print(f"seed {SEED}")
    async with asyncio.TaskGroup() as group:
        running = {drill.name: group.create_task(run(drill, CASES[drill.name], SEED)) for drill in DRILLS}
    return {name: task.result() for name, task in running.items()}


@pytest.mark.services
@pytest.mark.parametrize("name", CASES)
async def test_every_case_ends_as_its_story_says(reports, name):
    report = reports[name]
    print(report.as_json())
    assert report.findings.problems == []
    assert report.findings.ended == report.cases == CASES[name]
    assert len(report.injected) == len(next(drill for drill in DRILLS if drill.name == name).faults)
    assert report.findings.mails.repeated <= report.allowed


@pytest.mark.services
async def test_both_builds_carried_out_tasks(reports):
    assert len(reports["two builds"].findings.workers) >= 2


def test_mails_are_counted_by_key_and_message_id(tmp_path):
    for number, (key, message_id) in enumerate([("a", "<1@x>"), ("a", "<1@x>"), ("b", "<2@x>"), ("b", "<3@x>")]):
        mail = EmailMessage()
        mail["X-Tuntas-Notice"], mail["Message-ID"] = key, message_id
        (tmp_path / f"{number}.eml").write_bytes(mail.as_bytes())
    assert mails.count(tmp_path) == (4, {"a", "b"}, ("b",), 1)
