"""The judge: looks at every case in Temporal, in PostgreSQL and in the mail, and names what is not as it must be."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import WorkflowExecutionStatus, WorkflowHistory
from temporalio.worker import Replayer

from complaints.case import Case, CaseState
from complaints.messages import VIEW, ViewRequest, workflow_id
from complaints.messages.view import CaseView, EntryView
from complaints.model import is_empty
from complaints.timeline import GENESIS, Entry, chain_hash, detail_digest
from complaints.vocabulary import Kind
from database import archive, clocks, closures, complaints, notices, timeline
from database.notices import Audience, NoticeRow, State
from database.pool import Pool, open_pool, transaction
from starter.client import Tuntas
from tests.drills.mails import Mails, count
from tests.drills.people import People
from tests.drills.rig import Rig
from tests.drills.stories import unmet
from tests.fixtures.waiting import eventually
from workflows.runner import WORKFLOWS, plugin

SETTLING = 150.0  # seconds for workflows to complete and for messages to agents that wait for the sweep
LOOKS = 8  # cases looked at side by side
PATIENCE = 60.0  # seconds for a connection: the drills of a test replay hundreds of histories in one process
_BENIGN = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND  # a message came while it answered


NO_MAILS = Mails(0, frozenset(), (), 0)


@dataclass
class Findings:
    problems: list[str] = field(default_factory=list)
    ended: int = 0  # cases that ended as their story says, and whose records are whole
    mails: Mails = NO_MAILS
    latest: timedelta = timedelta(0)  # the longest time between the instant of an entry and its being acted on
    events: int = 0
    workers: set[str] = field(default_factory=set)  # processes that carried out workflow tasks


async def judge(rig: Rig, cases: list[People], allowed: int, workflows=WORKFLOWS) -> Findings:
    """`allowed`: how many Message-IDs the faults may have repeated."""
    found, tuntas = Findings(), rig.tuntas
    told = [case for case in cases if case.doing == "came true"]
    found.problems += [f"{case.name} {case.reference}: {case.doing}" for case in cases if case not in told]
    looks = asyncio.Semaphore(LOOKS)
    async with open_pool(rig.info.database_url, max_size=LOOKS, wait=PATIENCE, name="judge") as pool:
        await _settled(tuntas, pool, [case.reference for case in told], found)
        rows = await _notices(pool, cases)

        async def look(case: People) -> None:
            async with looks:
                sent = rows.get(case.reference, [])
                problems = await _case(tuntas, pool, case, sent, found=found, workflows=workflows)
            found.problems += [f"{case.name} {case.reference}: {problem}" for problem in problems]
            found.ended += not problems

        await asyncio.gather(*[look(case) for case in told])
    found.workers.discard("")
    await _none_in_trouble(tuntas, found)
    _mail(rig.mails, rows, allowed, found)
    return found


async def _settled(tuntas: Tuntas, pool: Pool, references: list[str], found: Findings) -> None:
    """Workflows complete after their last record; a message to an agent may wait for the worker's sweep."""
    try:
        async with asyncio.timeout(SETTLING):
            for reference in references:
                await eventually(partial(_status, tuntas, reference), completed, SETTLING)
            await eventually(partial(_unsent, pool), is_empty, SETTLING)  # another process sends them
    except (TimeoutError, AssertionError):
        found.problems.append(f"not settled within {SETTLING:.0f} s")


def completed(status: WorkflowExecutionStatus | None) -> bool:
    return status is WorkflowExecutionStatus.COMPLETED


async def _status(tuntas: Tuntas, reference: str) -> WorkflowExecutionStatus | None:
    return (await tuntas.client.get_workflow_handle(workflow_id(reference)).describe()).status


async def _unsent(pool: Pool) -> list[str]:
    async with transaction(pool) as conn:
        return await notices.waiting(conn, datetime.now(UTC))


async def _notices(pool: Pool, cases: list[People]) -> dict[str, list[NoticeRow]]:
    async with transaction(pool) as conn:
        return {case.reference: list(await notices.fetch(conn, case.reference)) for case in cases if case.reference}


async def _case(
    tuntas: Tuntas, pool: Pool, case: People, rows: list[NoticeRow], *, found: Findings, workflows
) -> list[str]:
    reference = case.reference
    view: CaseView = await tuntas.client.get_workflow_handle(workflow_id(reference)).query(
        VIEW, ViewRequest(at=datetime.now(UTC)), result_type=CaseView
    )
    problems = [f"its story promised: {what}" for what in unmet(case.story, view)]
    async with transaction(pool) as conn:
        row = await complaints.get(conn, reference)
        entries = await timeline.fetch(conn, reference)
        stored_clocks = await clocks.fetch(conn, reference)
        records = await closures.fetch(conn, reference)
        kept = await archive.get(conn, reference)
    if kept is None or row is None:
        return [*problems, "it is not in the archive" if row else "it is not in the read model"]
    state = CaseState.model_validate(kept.state)
    if entries:
        found.latest = max(found.latest, *(entry.acted_at - entry.at for entry in entries))
    checks = {
        "the read model is behind": row.through == len(view.timeline) and row.status == view.status,
        "the timeline is not gapless or its chain is broken": _chained(reference, entries),
        "the timeline differs from the workflow's": [_printed(entry) for entry in entries]
        == [entry.model_dump(mode="json") for entry in view.timeline],
        "the archive's timeline is another": [e.hash for e in state.timeline] == [e.hash for e in entries],
        "the archive shows another case": _same(Case(state).view(datetime.now(UTC)), view),
        "clocks differ": {(c.metric, c.occurrence): _clock(c) for c in stored_clocks}
        == {(c.metric, c.occurrence): _clock(c) for c in view.clocks},
        "a closure record is missing": len(records) == sum(e.kind is Kind.CLOSURE_RECORDED for e in entries),
        "notices differ": {r.key: r.state is State.SENT for r in rows if r.audience is Audience.COMPLAINANT}
        == {n.key: n.handed_over_at is not None for n in view.notices if n.to == "complainant"},
        "a message was not sent": all(row.state is State.SENT for row in rows),
    }
    problems += [what for what, holds in checks.items() if not holds]
    return problems + await _histories(tuntas, reference, found, workflows)


async def _histories(tuntas: Tuntas, reference: str, found: Findings, workflows) -> list[str]:
    """No task of any of its runs has failed, and each replays."""
    problems = []
    for run in await _runs(tuntas, reference):
        history = await tuntas.client.get_workflow_handle(workflow_id(reference), run_id=run).fetch_history()
        found.events += len(history.events)
        for event in history.events:
            found.workers.add(event.workflow_task_completed_event_attributes.identity)
            failed = event.workflow_task_failed_event_attributes
            if event.HasField("workflow_task_failed_event_attributes") and failed.cause != _BENIGN:
                problems.append(f"a task failed: {WorkflowTaskFailedCause.Name(failed.cause)} {failed.failure.message}")
        problems += await _replayed(history, workflows)
    return problems


async def _runs(tuntas: Tuntas, reference: str) -> list[str]:
    return [run.run_id async for run in tuntas.client.list_workflows(f"WorkflowId = '{workflow_id(reference)}'")]


async def _replayed(history: WorkflowHistory, workflows) -> list[str]:
    replayer = Replayer(workflows=list(workflows), plugins=[plugin()])
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return [f"its history does not replay: {result.replay_failure}"] if result.replay_failure else []


async def _none_in_trouble(tuntas: Tuntas, found: Findings) -> None:
    query = 'TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")'
    found.problems += [f"{run.id} has reported problems" async for run in tuntas.client.list_workflows(query)]
    found.problems += [
        f"{run.id} still runs" async for run in tuntas.client.list_workflows("ExecutionStatus='Running'")
    ]


def _mail(folder, rows: dict[str, list[NoticeRow]], allowed: int, found: Findings) -> None:
    found.mails = caught = count(folder)
    sent = {row.key for of_case in rows.values() for row in of_case if row.state is State.SENT}
    if caught.twice:
        found.problems.append(f"{len(caught.twice)} keys with two Message-IDs, such as {caught.twice[0]}")
    if caught.repeated > allowed:
        found.problems.append(f"{caught.repeated} Message-IDs repeated, and the faults allow {allowed}")
    if sent != caught.keys:
        found.problems.append(f"{len(sent - caught.keys)} mails lost, {len(caught.keys - sent)} not marked")


def _chained(reference: str, entries: tuple[Entry, ...]) -> bool:
    previous = GENESIS
    for number, entry in enumerate(entries, 1):
        wanted = chain_hash(
            reference=reference, sequence=number, at=entry.at, kind=entry.kind, actor=entry.actor,
            digest=detail_digest(entry.salt, entry.detail, entry.words), previous=previous,
        )  # fmt: skip
        if (entry.sequence, entry.previous, entry.hash) != (number, previous, wanted):
            return False
        previous = entry.hash
    return bool(entries)


def _printed(entry: Entry) -> dict[str, object]:
    shown = EntryView(
        sequence=entry.sequence, at=entry.at, kind=entry.kind, actor=entry.actor, detail=entry.printed_detail()
    )
    return shown.model_dump(mode="json")


def _same(archived: CaseView, view: CaseView) -> bool:
    leave_out = {"clocks": {"__all__": {"elapsed_seconds", "remaining_seconds"}}}
    return archived.model_dump(mode="json", exclude=leave_out) == view.model_dump(mode="json", exclude=leave_out)


def _clock(clock) -> tuple[object, ...]:
    """What a stored clock and a shown one have in common."""
    return tuple(
        value.replace(microsecond=0) if isinstance(value, datetime) else value
        for value in (clock.state, clock.target, clock.calendar, clock.started_at, clock.due_at, clock.breached_at)
    )
