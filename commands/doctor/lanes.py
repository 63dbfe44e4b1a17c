"""Lanes that are stuck: records, notices or escalations that are tried again and again, or failed for good.

No index over all cases says so, and none is needed to see trouble: a fault of a service shows in every case that speaks
to it. Looked at are the cases that something points to (overdue records, notices that wait) and the newest ones; a
worker's metric `tuntas_duties_failing` counts all cases in its memory.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from commands.doctor.finding import Finding, ok, problem
from commands.doctor.standing import Standing, standing_of, standings
from complaints.messages import WORKFLOW, workflow_id
from database import complaints, health
from database.sql import Connection
from starter import rpc
from telemetry.attempts import LANES
from workflows import attributes

GRACE = timedelta(minutes=1)
_WITHIN = 6.0
_NEWEST = 50
_POINTED = 20
_ASKED = 10
_AGAIN = 2.0  # seconds in which a record that is just being written arrives
_ATTEMPTS = 3  # the third attempt: a hiccup is over by then
_SHOWN = 5
_STUCK = re.compile(r"^\*\*Stuck, (\w+):\*\* (.*)$", re.MULTILINE)

Stuck = dict[str, dict[str, str]]  # by lane: references, and what they meet with


async def lanes(client: Client, connection: Connection | None) -> Finding:
    newest = await _newest(client)
    pointed = await _pointed_at(connection) if connection is not None else []
    behind = await _behind(client, connection, newest, pointed) if connection is not None else []
    seen = await standings(client, [*pointed, *behind, *(standing.reference for standing in newest)])
    stuck: Stuck = defaultdict(dict)
    for standing in seen.values():
        for failing in standing.failing:
            if failing.attempts >= _ATTEMPTS:
                lane = LANES.get(failing.activity, failing.activity)
                stuck[lane][standing.reference] = f"attempt {failing.attempts}, {failing.problem}"
    told = {reference for cases in stuck.values() for reference in cases}
    for reference, lane, words in await _cards(client, [one for one in [*behind, *pointed] if one not in told]):
        stuck[lane].setdefault(reference, words)
    told = {reference for cases in stuck.values() for reference in cases}
    for reference in behind:
        if reference not in told:
            stuck["records"][reference] = "what PostgreSQL holds is not what the case is"
    if not stuck:
        return ok("lanes", f"no duty is stuck in the {len(seen)} cases looked at", looked_at=len(seen))
    return _told(stuck, len(seen))


def _told(stuck: Stuck, looked_at: int) -> Finding:
    words = []
    for lane, cases in sorted(stuck.items()):
        reference, first = next(iter(cases.items()))
        words.append(f"{lane} of {len(cases)} ({reference}: {first})")
    remedy = (
        "see database (records), mail (notices, agents) and workers; duties are tried again by themselves. "
        "A record that PostgreSQL refuses, or that is behind: `tuntas show REF` tells the case as it is"
    )
    details: dict[str, Any] = {lane: dict(list(cases.items())[:_SHOWN]) for lane, cases in stuck.items()}
    what = f"stuck, of the {looked_at} cases looked at: {'; '.join(words)}"
    return problem("lanes", what, remedy, looked_at=looked_at, stuck=details)


async def _newest(client: Client) -> list[Standing]:
    query = f'WorkflowType = "{WORKFLOW}" AND ExecutionStatus = "Running"'
    async with rpc.temporal(_WITHIN):
        return [standing_of(run) async for run in client.list_workflows(query, limit=_NEWEST)]


async def _pointed_at(connection: Connection) -> list[str]:
    before = datetime.now(UTC) - GRACE
    overdue = await health.overdue(connection, before, _POINTED)
    waiting = await health.oldest_waiting(connection, before, _POINTED)
    return list(dict.fromkeys([row.reference for row in overdue] + [row.reference for row in waiting]))


async def _behind(
    client: Client, connection: Connection, newest: Iterable[Standing], pointed: Iterable[str]
) -> list[str]:
    """Cases that stand otherwise in PostgreSQL than in Temporal, also after some time to catch up."""
    begun = datetime.now(UTC) - GRACE
    looked_at = [standing for standing in newest if standing.started_at < begun]
    looked_at += [standing for standing in (await standings(client, pointed)).values() if standing.running]
    suspects = [standing.reference for standing in looked_at if await _differs(connection, standing)]
    if not suspects:
        return []
    await asyncio.sleep(_AGAIN)
    again = await standings(client, suspects)
    return [reference for reference, standing in again.items() if await _differs(connection, standing)]


async def _differs(connection: Connection, standing: Standing) -> bool:
    row = await complaints.get(connection, standing.reference)
    return standing.running and (row is None or attributes.values_of(row) != standing.values)


async def _cards(client: Client, references: Iterable[str]) -> list[tuple[str, str, str]]:
    """Ask the cases themselves, by their cards, what failed for good. Without a worker they do not answer."""

    async def card(reference: str) -> list[tuple[str, str, str]]:
        handle = client.get_workflow_handle(workflow_id(reference))
        try:
            found = await handle.query(
                "__temporal_workflow_metadata", result_type=WorkflowMetadata, rpc_timeout=timedelta(seconds=3)
            )
        except (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return []  # nobody works, or a defect suspends it: other checks say so
        return [(reference, lane, words) for lane, words in _STUCK.findall(found.current_details)]

    asked = list(dict.fromkeys(references))[:_ASKED]
    return [line for lines in await asyncio.gather(*map(card, asked)) for line in lines]
