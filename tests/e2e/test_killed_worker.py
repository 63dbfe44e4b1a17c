"""`kill -9` of the worker in the middle of everything: every case ends as its story says, and no notice is told twice.

DESIGN, section 8: no two mails with different Message-IDs carry the same notice key, and each kill repeats at most one
Message-ID.
"""

import asyncio
import os
import random
import signal
from collections import Counter, defaultdict
from email import policy as mail_policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from commands.session import quiet_runtime
from commands.stack import Stack, StackOptions, erase
from complaints.errors import Unreachable
from complaints.messages.view import CaseView
from starter.client import Tuntas, connect

pytestmark = pytest.mark.services

CASES = 12
MAILS_PER_CASE = 5  # acknowledgement, assessment, answer, decision, closing
KILLS = 3
SEED = 20261122


@pytest.fixture
def home(tmp_path):
    yield tmp_path / "home"
    erase(tmp_path / "home")


async def patiently(step):
    """As a backend service would: what could not be reached is asked again, under the same key."""
    async with asyncio.timeout(90):
        while True:
            try:
                return await step()
            except Unreachable:
                await asyncio.sleep(0.2)


async def seen(tuntas: Tuntas, reference: str, holds) -> CaseView:
    async with asyncio.timeout(90):
        while True:
            view = await patiently(lambda: tuntas.view(reference))
            if holds(view):
                return view
            await asyncio.sleep(0.3)


async def conversation(tuntas: Tuntas, number: int) -> str:
    intake = {
        "channel": "email",
        "key": f"killed-{number}",
        "text": "Kompor listrik saya mati setelah dua hari.",
        "category": "defective_product",
        "complainant": {"email": f"pelanggan{number}@example.test"},
    }
    filed = await patiently(lambda: tuntas.file(intake))
    agent = {"actor": {"id": "siti", "role": "agent"}}
    answer = {"act": "respond", "key": f"{number}-respond", "text": "Sedang kami periksa.", **agent}
    await patiently(lambda: tuntas.act(filed.reference, answer))
    decision = {"act": "decide", "key": f"{number}-decide", "outcome": "upheld", "reasons": "Cacat produksi.", **agent}
    await patiently(lambda: tuntas.act(filed.reference, decision))
    await seen(
        tuntas, filed.reference, lambda view: any(n.occasion == "decision" and n.handed_over_at for n in view.notices)
    )
    await patiently(lambda: tuntas.confirm(filed.reference, key=f"{number}-confirm", satisfied=True))
    return filed.reference


async def killer(stack: Stack, folder: Path, thresholds: list[int]) -> int:
    """Kill the worker whenever so many mails have arrived; the supervisor brings another."""
    for threshold in thresholds:
        while len(list(folder.glob("*.eml"))) < threshold:
            await asyncio.sleep(0.01)
        victim = stack.info.processes["worker"]
        os.kill(victim, signal.SIGKILL)
        while stack.info.processes.get("worker") in (victim, None):
            await asyncio.sleep(0.05)
    return len(thresholds)


async def test_every_case_ends_and_each_kill_repeats_one_mail_at_most(home):
    chance = random.Random(SEED)
    thresholds = sorted(chance.sample(range(3, CASES * MAILS_PER_CASE - 5), KILLS))
    print(f"seed {SEED}: the worker is killed after {thresholds} mails")
    options = StackOptions.model_validate({"home": home, "prepare": "database.migrate:migrate"})
    stack = Stack(options)
    async with (
        stack as info,
        await connect(
            database_url=info.database_url,
            target_host=info.temporal_address,
            namespace=info.namespace,
            runtime=quiet_runtime(),
        ) as tuntas,
    ):
        killing = asyncio.create_task(killer(stack, home / "mail", thresholds))
        references = await asyncio.gather(*[conversation(tuntas, number) for number in range(CASES)])
        kills = await killing
        for reference in references:
            view = await seen(
                tuntas,
                reference,
                lambda v: v.status == "closed" and all(n.handed_over_at for n in v.notices if n.to == "complainant"),
            )
            assert view.closing_reason == "confirmed"
            assert view.closure is not None
            sequences = [entry.sequence for entry in view.timeline]
            assert sequences == list(range(1, len(sequences) + 1))
    mails = [
        BytesParser(policy=mail_policy.default).parsebytes(path.read_bytes()) for path in (home / "mail").glob("*.eml")
    ]
    ids_of: dict[str, set[str]] = defaultdict(set)
    for mail in mails:
        ids_of[str(mail["X-Tuntas-Notice"])].add(str(mail["Message-ID"]))
    assert len(ids_of) == CASES * MAILS_PER_CASE
    assert all(len(ids) == 1 for ids in ids_of.values())
    repeated = sum(count - 1 for count in Counter(str(mail["Message-ID"]) for mail in mails).values())
    assert repeated <= kills
