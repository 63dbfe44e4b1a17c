"""Lanes that are stuck: records, notices or escalations that are tried again and again, or failed for good.

No index over all cases says so, and none is needed to see trouble: a fault of a service shows in every case that speaks
to it. Looked at are the cases that something points to (overdue records, notices that wait), the newest ones, and the
newest of those that are further on: only they were raised, or have a closure to record. What failed for good the cases
themselves are asked. A record that nobody tries any more, as after an older backup of PostgreSQL was restored, shows in
search attributes that differ. A worker's metric `tuntas_duties_failing` counts all cases in its memory.
"""

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from commands.doctor.finding import Finding, ok, problem, warning
from commands.doctor.standing import Standing, standing_of, standings
from complaints.messages import WORKFLOW, workflow_id
from complaints.vocabulary import Status
from database import complaints, health
from database.sql import Connection
from starter import rpc
from telemetry.attempts import ATTEMPTS, LANES
from workflows import attributes

GRACE = timedelta(minutes=1)
_WITHIN = 6.0
SAMPLES = {  # what is looked for, and how many of them
    "": 50,
    f" AND {attributes.TIER.name} > 1": 20,  # the first is 1
    f' AND {attributes.STATUS.name} = "{Status.CLOSED}"': 20,
    f' AND {attributes.STATUS.name} = "{Status.ARCHIVED}"': 20,  # and not ended
}
_POINTED = 20
_AGAIN = 2.0  # seconds in which a record that is just being written arrives
_SHOWN = 5
_ASKING = 8.0  # seconds for the answers of all cases
_ANSWER = timedelta(seconds=3)  # for one: a worker may have to read its history first
_FIRST, _AT_ONCE = 5, 10
_MAY_LACK = {attributes.CATEGORY.name, attributes.NEXT_DUE.name, attributes.BREACHED.name}  # all others each case has
_STUCK = re.compile(r"^\*\*Stuck, (\w+):\*\* (.*)$", re.MULTILINE)

Stuck = dict[str, dict[str, str]]  # by lane: references, and what they meet with


async def lanes(client: Client, connection: Connection | None) -> Finding:
    samples = await sampled(client)
    pointed = await _pointed_at(connection) if connection is not None else []
    differ = await _differ(client, connection, samples, pointed) if connection is not None else {}
    behind = [reference for reference, it in differ.items() if not it.lost]
    seen = await standings(client, [*pointed, *behind, *(standing.reference for standing in samples)])
    stuck: Stuck = defaultdict(dict)
    for standing in seen.values():
        for failing in standing.failing:
            if failing.attempts > ATTEMPTS:
                lane = LANES.get(failing.activity, failing.activity)
                stuck[lane][standing.reference] = f"attempt {failing.attempts}, {failing.problem}"
    cards = Cards(client)
    running = [standing.reference for standing in seen.values() if standing.running]
    await cards.ask(running)
    for reference, lane, words in cards.stuck:
        stuck[lane].setdefault(reference, words)
    told = {reference for cases in stuck.values() for reference in cases}
    for reference in behind:
        if reference not in told:
            stuck["records"][reference] = differ[reference].words
    asked = {"looked_at": len(seen), "silent": len(running) - cards.answered}
    if stuck:
        return _told(stuck, asked)
    silent = f"; {asked['silent']} of them did not answer what failed for good" if asked["silent"] else ""
    what = f"no duty is stuck in the {len(seen)} cases looked at{silent}"
    if lost := {reference: it.names for reference, it in differ.items() if it.lost}:
        return _lost(lost, what, asked)
    return ok("lanes", what, **asked)


def _lost(lost: dict[str, tuple[str, ...]], what: str, asked: dict[str, int]) -> Finding:
    """Search attributes that were removed from the namespace and added again: PostgreSQL and the case are right."""
    names = ", ".join(sorted({name for one in lost.values() for name in one}))
    remedy = (
        "it was removed from the namespace and added again, empty. A case has it again when its value changes, or when "
        "a new run begins; until then Temporal's lists by it lack the case, the desk and `tuntas list` do not"
    )
    what = f"{what}; Temporal has no {names} of {len(lost)} of them ({next(iter(lost))})"
    return warning("lanes", what, remedy, **asked, lost=dict(list(lost.items())[:_SHOWN]))


def _told(stuck: Stuck, asked: dict[str, int]) -> Finding:
    words = []
    for lane, cases in sorted(stuck.items()):
        reference, first = next(iter(cases.items()))
        words.append(f"{lane} of {len(cases)} ({reference}: {first})")
    remedy = (
        "see database (records), mail (notices, agents) and workers; duties are tried again by themselves. "
        "A record that PostgreSQL refuses, or that is behind: `tuntas show REF` tells the case as it is"
    )
    details: dict[str, Any] = {lane: dict(list(cases.items())[:_SHOWN]) for lane, cases in stuck.items()}
    what = f"stuck, of the {asked['looked_at']} cases looked at: {'; '.join(words)}"
    return problem("lanes", what, remedy, **asked, stuck=details)


async def sampled(client: Client) -> list[Standing]:
    """Of each kind the newest: the server lists them first."""
    running = f'WorkflowType = "{WORKFLOW}" AND ExecutionStatus = "Running"'
    found: dict[str, Standing] = {}
    async with rpc.temporal(_WITHIN):
        for more, limit in SAMPLES.items():
            async for run in client.list_workflows(running + more, limit=limit):
                found[run.id] = standing_of(run)
    return list(found.values())


async def _pointed_at(connection: Connection) -> list[str]:
    before = datetime.now(UTC) - GRACE
    overdue = await health.overdue(connection, before, _POINTED)
    waiting = await health.oldest_waiting(connection, before, _POINTED)
    return list(dict.fromkeys([row.reference for row in overdue] + [row.reference for row in waiting]))


class Difference(NamedTuple):
    """Search attributes in which a case stands otherwise in PostgreSQL than in Temporal; none if PostgreSQL lacks it.

    `lost`: Temporal has none of them, though every case has them.
    """

    names: tuple[str, ...] = ()
    lost: bool = False

    @property
    def words(self) -> str:
        return f"PostgreSQL and Temporal differ in {', '.join(self.names)}" if self.names else "not in PostgreSQL"


async def _differ(
    client: Client, connection: Connection, samples: Iterable[Standing], pointed: Iterable[str]
) -> dict[str, Difference]:
    """Cases that stand otherwise in PostgreSQL than in Temporal, also after some time to catch up."""
    begun = datetime.now(UTC) - GRACE
    looked_at = [standing for standing in samples if standing.started_at < begun]
    looked_at += [standing for standing in (await standings(client, pointed)).values() if standing.running]
    suspects = [standing.reference for standing in looked_at if await _difference(connection, standing) is not None]
    if not suspects:
        return {}
    await asyncio.sleep(_AGAIN)
    again = await standings(client, suspects)
    found = {reference: await _difference(connection, standing) for reference, standing in again.items()}
    return {reference: it for reference, it in found.items() if it is not None}


async def _difference(connection: Connection, standing: Standing) -> Difference | None:
    if not standing.running:
        return None
    row = await complaints.get(connection, standing.reference)
    if row is None:
        return Difference()
    recorded = attributes.values_of(row)
    names = tuple(name for name, value in standing.values.items() if recorded[name] != value)
    lost = all(standing.values[name] is None and name not in _MAY_LACK for name in names)
    return Difference(names, lost) if names else None


class Cards:
    """What cases say of themselves, by their cards: what failed for good. Without a worker they say nothing."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self.answered = 0
        self.stuck: list[tuple[str, str, str]] = []  # reference, lane, and what it met with

    async def ask(self, references: Sequence[str]) -> None:
        """If none of the first answers, nobody works, or a defect suspends them: other checks say so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ASKING):
                await asyncio.gather(*map(self._ask, references[:_FIRST]))
                if self.answered:
                    await asyncio.gather(*map(self._ask, references[_FIRST:]))

    async def _ask(self, reference: str) -> None:
        handle = self._client.get_workflow_handle(workflow_id(reference))
        try:
            async with self._gate:
                found = await handle.query(
                    "__temporal_workflow_metadata", result_type=WorkflowMetadata, rpc_timeout=_ANSWER
                )
        except (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return
        self.answered += 1
        self.stuck += [(reference, lane, words) for lane, words in _STUCK.findall(found.current_details)]
