"""Save the histories of a kept demonstration, for the replay tests.

    make demo KEEP=1
    .venv/bin/python -m tests.replay.save .tuntas/demo

Do so when a release is made, never to make a failing replay test pass: a history stands for cases that are still open.
"""

import asyncio
import base64
import json
import sys
from pathlib import Path

from temporalio.client import Client, WorkflowHistory

from commands.stack import read_info

FOLDER = Path(__file__).parent / "histories"
LANGUAGE = "id"  # one of the two that every story is played in


async def save(home: Path) -> None:
    info = read_info(home)
    client = await Client.connect(info.temporal_address, namespace=info.namespace)
    FOLDER.mkdir(exist_ok=True)
    async for workflow in client.list_workflows("WorkflowType = 'ComplaintWorkflow'"):
        history = await client.get_workflow_handle(workflow.id, run_id=workflow.run_id).fetch_history()
        story, language = story_of(history)
        if language == LANGUAGE:
            text = json.dumps(json.loads(history.to_json()), separators=(",", ":"), ensure_ascii=False)
            (FOLDER / f"demo-{story}.json").write_text(text + "\n", encoding="utf-8")
            size = sum(event.ByteSize() for event in history.events)
            print(f"{story:12} {len(history.events):4} events {size:7} bytes")


def story_of(history: WorkflowHistory) -> tuple[str, str]:
    """The key under which the demonstration filed it says which story and language it is."""
    first = json.loads(history.to_json())["events"][0]["workflowExecutionStartedEventAttributes"]
    start = json.loads(base64.b64decode(first["input"]["payloads"][0]["data"]))
    _, story, language, _ = start["intake"]["key"].split("-")
    return story, language


if __name__ == "__main__":
    asyncio.run(save(Path(sys.argv[1])))
