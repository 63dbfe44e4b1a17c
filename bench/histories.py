"""What the history of one conversation holds: events, bytes, and what Temporal Cloud would count."""

import asyncio
from collections import Counter
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

# One action each, as docs.temporal.io/cloud/actions counts them. An accepted update is one, its completion none.
_CALM = 3  # looks in a row without anything under way: a record that is done may be followed by another

ACTIONS = {
    "WORKFLOW_EXECUTION_STARTED": "start",
    "ACTIVITY_TASK_SCHEDULED": "activity",
    "TIMER_STARTED": "timer",
    "WORKFLOW_EXECUTION_SIGNALED": "signal",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": "update",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": "search attributes",
    "WORKFLOW_PROPERTIES_MODIFIED": "memo",
    "MARKER_RECORDED": "marker",
}


async def settled(client: Client, workflow_id: str) -> int:
    """Wait until nothing is under way in a run; the bytes of its history."""
    handle = client.get_workflow_handle(workflow_id)
    calm = 0
    while calm < _CALM:
        found = (await handle.describe()).raw_description
        busy = bool(found.pending_activities) or found.HasField("pending_workflow_task")
        calm = 0 if busy else calm + 1
        await asyncio.sleep(0.05)
    return int(found.workflow_execution_info.history_size_bytes)


def events(history: WorkflowHistory) -> Counter[str]:
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)


def actions(history: WorkflowHistory) -> Counter[str]:
    return Counter(ACTIONS[name] for name in events(history).elements() if name in ACTIONS)


def activities(history: WorkflowHistory) -> Counter[str]:
    """How often each activity was called."""
    return Counter(
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    )


def figures(history: WorkflowHistory, size: int) -> dict[str, Any]:
    counted, acted, called = events(history), actions(history), activities(history)
    return {
        "events": counted.total(),
        "bytes": size,
        "workflow_tasks": counted["WORKFLOW_TASK_COMPLETED"],
        "activities": called.total(),
        "actions": acted.total(),
        "actions_by_kind": dict(acted.most_common()),
        "actions_by_duty": dict(called.most_common()),
    }
