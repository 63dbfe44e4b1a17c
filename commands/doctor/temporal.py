"""Checks of Temporal: the server, the namespace, its search attributes, and who works on the queues."""

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType
from temporalio.service import RPCError, RPCStatusCode

from commands.doctor.finding import Finding, ok, problem, unreachable, warning
from commands.output import in_words
from complaints.errors import Unreachable
from complaints.messages import inbox_queue, mailbox_workflow_id, workflow_id
from starter import rpc
from telemetry import polling
from workflows.attributes import KEYS

WITHIN = 5.0  # seconds for one call
SILENT = timedelta(seconds=80)  # a poller with nothing to do asks anew each minute
BACKLOG = timedelta(minutes=1)
_START = "start a worker: `tuntas up`, `tuntas worker` or `python worker.py`; its log says what it waits for"
_SHOWN = 5


async def server(client: Client) -> Finding:
    address = client.service_client.config.target_host
    try:
        async with rpc.temporal(WITHIN):
            info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    except Unreachable as error:
        remedy = "see that it runs, and that TEMPORAL_ADDRESS, the certificate and the key are right"
        return unreachable("temporal", f"{address}: {error.problem}", remedy, address=address)
    return ok("temporal", f"{address} answers", address=address, version=info.server_version)


async def namespace(client: Client) -> Finding:
    name = client.namespace
    request = DescribeNamespaceRequest(namespace=name)
    try:
        found = await client.workflow_service.describe_namespace(request, timeout=timedelta(seconds=WITHIN))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise rpc.meaning(error) from error
        remedy = "make it with `tuntas namespace ensure`, or set TEMPORAL_NAMESPACE to the right one"
        return problem("namespace", f"Temporal knows no namespace {name}", remedy, namespace=name)
    retention = found.config.workflow_execution_retention_ttl.ToTimedelta()
    return ok("namespace", f"{name} is there", namespace=name, retention_days=retention / timedelta(days=1))


async def search_attributes(client: Client) -> Finding:
    async with rpc.temporal(WITHIN):
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    known = {name: SearchAttributeIndexedValueType(kind).name for name, kind in listed.custom_attributes.items()}
    wanted = {key.name: key.indexed_value_type.name for key in KEYS}
    missing = sorted(name for name in wanted if name not in known)
    mistyped = {name: known[name] for name in wanted if name in known and known[name] != wanted[name]}
    if not missing and not mistyped:
        return ok("search_attributes", f"all {len(wanted)} are registered")
    said = [f"missing: {', '.join(missing)}"] if missing else []
    said += [f"{name} is {kind}, not {wanted[name]}" for name, kind in sorted(mistyped.items())]
    remedy = "run `tuntas namespace ensure`; remove one of the wrong type first"
    return problem("search_attributes", "; ".join(said), remedy, missing=missing, mistyped=mistyped)


async def workers(client: Client, mailbox: str | None = None) -> Finding:
    """Of the queues that every worker asks, and of our mailbox's, if it has a name."""
    now = datetime.now(UTC)
    queues = [*polling.QUEUES, *([inbox_queue(mailbox)] if mailbox else [])]
    async with rpc.temporal(WITHIN):
        states = {queue: await polling.look(client, queue) for queue in queues}
        read = {inbox_queue(mailbox)} if mailbox and await _is_read(client, mailbox) else set()
    details: dict[str, Any] = {}
    silent, waiting = [], []
    for queue, state in states.items():
        fresh = [identity for identity, at in state.polled_at.items() if now - at < SILENT]
        last = max(state.polled_at.values(), default=None)
        details[queue] = {
            "workers": len(fresh) or len(read & {queue}),
            "last_polled_at": last.isoformat() if last else None,
            "backlog": state.backlog,
            "backlog_age_seconds": state.backlog_age.total_seconds(),
        }
        if not fresh and queue not in read:
            ago = f", last {in_words((now - last).total_seconds())} ago" if last else ""
            silent.append(f"{queue} (nobody{ago})")
        elif state.backlog_age > BACKLOG:
            waiting.append(f"{queue} ({state.backlog} for {in_words(state.backlog_age.total_seconds())})")
    if silent:
        remedy = f"{_START}; a worker with TUNTAS_IMAP_URL asks for a mailbox's" if mailbox else _START
        return problem("workers", f"no worker asks for the tasks of: {', '.join(silent)}", remedy, **details)
    if waiting:
        remedy = "start more workers; see the other findings for what may hold them up"
        return warning("workers", f"tasks wait for a worker: {', '.join(waiting)}", remedy, **details)
    return ok("workers", f"every queue is worked on: {', '.join(states)}", **details)


async def _is_read(client: Client, mailbox: str) -> bool:
    """Whether a worker is at it: for ten minutes it then asks for nothing more. One that dies stops its heartbeat."""
    try:
        described = await client.get_workflow_handle(mailbox_workflow_id(mailbox)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    started = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    return any(activity.state == started for activity in described.raw_description.pending_activities)


async def case_tasks(client: Client) -> Finding:
    """Look for cases that a defect suspends: each of their workflow tasks fails, and they do nothing at all."""
    query = "TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')"
    async with rpc.temporal(WITHIN):
        count = (await client.count_workflows(query)).count
        prefix = workflow_id("")
        found = (
            [run.id.removeprefix(prefix) async for run in client.list_workflows(query, limit=_SHOWN)] if count else []
        )
    if not count:
        return ok("case_tasks", "no case is suspended by a defect")
    named = ", ".join(found) + (", …" if count > len(found) else "")
    remedy = (
        "look for these references in the worker's log (Failed activation) and deploy a mended program: "
        "the cases then go on by themselves; do not terminate them"
    )
    what = f"{count} suspended, because their workflow tasks fail: {named}"
    return problem("case_tasks", what, remedy, cases=count, references=found)
