"""`kill -9` of each part while complaints come in through the HTTP interface: cases in and out are counted."""

import asyncio
import itertools
import os
import random

import httpx2
import pytest

from complaints.messages import workflow_id
from database.api_keys import Scope
from database.pool import transaction
from tests.drills.faults import Kill
from tests.drills.rig import rig
from tests.fixtures.web import make_key, services_of

pytestmark = pytest.mark.services

SEED = int(os.environ.get("DRILL_SEED", "20261123"))
PARTS = ("web", "temporal", "postgres", "worker")
COMPLAINTS, CLIENTS, PATIENCE = 60, 4, 120.0
PACE = 0.2  # seconds between two complaints of one client: the parts are to die while some are under way


class Client:
    """Sends a complaint until it is accepted, always under the same key, as a service would."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx2.AsyncClient(
            base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {token}"}, timeout=20
        )
        self.repeated = 0

    async def file(self, number: int) -> str:
        said = {"text": f"Complaint {number}.", "category": "billing"}
        while True:
            try:
                answer = await self.http.post(
                    "/complaints", json=said, headers={"idempotency-key": f"in-{number}"}
                )  # fmt: skip
            except httpx2.TransportError:
                answer = None
            if answer is not None and answer.status_code in (200, 201):
                return str(answer.json()["reference"])
            assert answer is None or (answer.status_code == 503 and "retry-after" in answer.headers), answer.text
            self.repeated += 1
            await asyncio.sleep(0.1)


async def test_every_complaint_is_one_case_whatever_is_killed():
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    async with rig(web_port=0) as stack, asyncio.timeout(PATIENCE):
        _, secret = await make_key(services_of(stack.tuntas), Scope.FILE)
        clients = [Client(stack.info.web_url, secret.token) for _ in range(CLIENTS)]
        numbers, accepted = itertools.count(), {}
        killing = asyncio.Event()

        async def service(client: Client) -> None:
            """At least so many, and then until the last part has been killed and is back."""
            while (number := next(numbers)) < COMPLAINTS or not killing.is_set():
                accepted[number] = await client.file(number)
                await asyncio.sleep(PACE)

        async def kill() -> None:
            for part in chance.sample(PARTS, len(PARTS)):
                before = len(accepted)
                while len(accepted) < before + 5:
                    await asyncio.sleep(0.01)
                print(await Kill((part,)).inject(stack, chance))
            killing.set()

        await asyncio.gather(kill(), *map(service, clients))
        for client in clients:
            await client.http.aclose()
        references = set(accepted.values())
        print(f"{len(accepted)} in, {len(references)} out, {sum(client.repeated for client in clients)} calls repeated")
        assert sum(client.repeated for client in clients) > 0
        assert len(references) == len(accepted) >= COMPLAINTS
        async with transaction(stack.tuntas.pool) as conn:
            rows = await (await conn.execute("SELECT reference FROM intakes")).fetchall()
        assert {row[0] for row in rows} == references
        found = {flow.id async for flow in stack.tuntas.client.list_workflows("WorkflowType = 'ComplaintWorkflow'")}
        assert found <= {workflow_id(reference) for reference in references}
        while (received := await beginnings(stack)).keys() < references:
            await asyncio.sleep(0.1)
        assert received == dict.fromkeys(references, 1)


async def beginnings(stack) -> dict[str, int]:
    """How often each case was recorded as received."""
    query = "SELECT reference, count(*) FROM timeline WHERE kind = 'received' GROUP BY reference"
    async with transaction(stack.tuntas.pool) as conn:
        return dict(await (await conn.execute(query)).fetchall())
