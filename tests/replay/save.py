"""Save the histories of a kept demonstration, for the replay tests.

    make demo KEEP=1
    .venv/bin/python -m tests.replay.save .tuntas/demo              stories that have no history yet
    .venv/bin/python -m tests.replay.save .tuntas/demo confirmed    these, in place of what was saved before
    .venv/bin/python -m tests.replay.save .tuntas/demo all          every story, likewise
    .venv/bin/tuntas down --home .tuntas/demo

What no story comes to is played and saved by `tests/replay/play.py`.

A story in which an archived case is woken has a history for each run: `demo-late_reply`, `demo-late_reply-2`, …

Replace histories when a release is made, never to make a failing replay test pass: a history stands for cases that are
still open.
"""

import asyncio
import base64
import json
import sys
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHistory

from commands.demo.stories import STORIES
from commands.stack import read_info

FOLDER = Path(__file__).parent / "histories"
LANGUAGE = "id"  # one of the two that every story is played in


async def save(home: Path, wanted: Collection[str]) -> None:
    info = read_info(home)
    client = await Client.connect(info.temporal_address, namespace=info.namespace)
    FOLDER.mkdir(exist_ok=True)
    runs = [run async for run in client.list_workflows("WorkflowType = 'ComplaintWorkflow'")]
    told: dict[str, list[WorkflowHistory]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: run.start_time):
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        story, language = story_of(history)
        if language == LANGUAGE and story in wanted:
            told[story].append(history)
    for story, histories in told.items():
        keep(f"demo-{story}", histories)


def keep(name: str, histories: Sequence[WorkflowHistory]) -> None:
    """Write the histories of a case, one for each of its runs, in place of those that are there."""
    for path in FOLDER.glob(f"{name}-*.json"):
        path.unlink()  # an earlier time may have had more runs
    for number, history in enumerate(histories, 1):
        path = FOLDER / (f"{name}.json" if number == 1 else f"{name}-{number}.json")
        path.write_text(written(json.loads(history.to_json())), encoding="utf-8")
        size = sum(event.ByteSize() for event in history.events)
        print(f"{path.stem:32} {len(history.events):4} events {size:7} bytes")


def written(history: Any) -> str:
    """A history as it is kept: without what names the machine that it comes from, which no replay looks at."""
    return json.dumps(_anonymous(history), separators=(",", ":"), ensure_ascii=False) + "\n"


def _anonymous(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _anonymous(item) for key, item in value.items() if key not in ("stackTrace", "identity")}
    return [_anonymous(item) for item in value] if isinstance(value, list) else value


def story_of(history: WorkflowHistory) -> tuple[str, str]:
    """The key under which the demonstration filed it says which story and language it is."""
    first = json.loads(history.to_json())["events"][0]["workflowExecutionStartedEventAttributes"]
    start = json.loads(base64.b64decode(first["input"]["payloads"][0]["data"]))
    case = start.get("state", start)  # a woken case starts from its state
    _, story, language, _ = case["intake"]["key"].split("-")
    return story, language


def unsaved() -> set[str]:
    return {story for story in STORIES if not (FOLDER / f"demo-{story}.json").exists()}


if __name__ == "__main__":
    place, *names = sys.argv[1:]
    asyncio.run(save(Path(place), set(STORIES) if "all" in names else set(names) or unsaved()))
