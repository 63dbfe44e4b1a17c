"""Lateness: cases whose next due instant has passed and in which nothing has happened since.

PostgreSQL knows it from the last record, Temporal from the search attribute. Where they differ, the case has acted and
only its record is behind, which is for the check of lanes.
"""

from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from commands.doctor.finding import Finding, ok, problem
from commands.doctor.standing import Standing, standings
from commands.output import in_words
from database import health
from database.sql import Connection
from starter import rpc
from workflows import attributes

GRACE = timedelta(minutes=1)
_WITHIN = 5.0
_LOOKED_AT = 20
_SHOWN = 5


async def lateness(client: Client | None, connection: Connection | None) -> Finding:
    """Either of the two will do; with both, cases whose record is behind are told apart."""
    before = datetime.now(UTC) - GRACE
    by_temporal = await _late_in_temporal(client, before) if client is not None else None
    overdue = await health.overdue(connection, before, _LOOKED_AT) if connection is not None else ()
    by_records = await health.overdue_count(connection, before) if connection is not None else 0
    late = list(overdue)
    if client is not None and overdue:
        seen = await standings(client, [row.reference for row in overdue])
        late = [row for row in overdue if _late(seen.get(row.reference), before)]
    number = by_temporal if by_temporal is not None else by_records
    if not number and not late:
        return ok("lateness", "nothing is due for more than a minute")
    worst = late[0] if late else None
    what = f"{max(number, len(late))} late: due for more than a minute, and nothing has happened"
    if worst is not None:
        waited = in_words((datetime.now(UTC) - worst.due_at).total_seconds())
        what += f"; the longest for {waited}: {worst.reference} ({worst.next_due or 'due'})"
    remedy = "a worker must ask for the tasks of `cases`: see workers, case_tasks and the machine's load"
    return problem(
        "lateness", what, remedy, cases=max(number, len(late)), cases_by_records=by_records,
        references=[row.reference for row in late[:_SHOWN]],
    )  # fmt: skip


async def _late_in_temporal(client: Client, before: datetime) -> int:
    query = f'{attributes.NEXT_DUE.name} < "{before:%Y-%m-%dT%H:%M:%SZ}" AND ExecutionStatus = "Running"'
    async with rpc.temporal(_WITHIN):
        return (await client.count_workflows(query)).count


def _late(standing: Standing | None, before: datetime) -> bool:
    if standing is None or standing.next_due is None:
        return False
    return standing.running and standing.next_due < before
