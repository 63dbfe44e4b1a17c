"""Every saved history replays: a change of the workflow that would wedge an open case fails here first.

How histories are saved: `tests/replay/save.py`, `tests/replay/play.py`. A failure means that commands changed: put the
change behind `workflow.patched`, do not save the history again.
"""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from commands.demo.stories import STORIES
from complaints.messages import MAILBOX_WORKFLOW, WORKFLOW
from tests.replay.save import written
from workflows.duties import ACTIVITIES
from workflows.runner import WORKFLOWS, plugin

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_every_story_of_the_demonstration_has_a_history() -> None:
    assert {f"demo-{story}" for story in STORIES} <= {path.stem for path in HISTORIES}


def test_one_of_them_starts_from_an_archived_case() -> None:
    assert "demo-late_reply-2" in {path.stem for path in HISTORIES}


def test_every_workflow_and_activity_and_a_run_that_goes_on_is_in_one_of_them() -> None:
    events = [event for path in HISTORIES for event in json.loads(path.read_text(encoding="utf-8"))["events"]]
    started = [event.get("workflowExecutionStartedEventAttributes") for event in events]
    assert {one["workflowType"]["name"] for one in started if one} == {WORKFLOW, MAILBOX_WORKFLOW}
    asked = [event.get("activityTaskScheduledEventAttributes") for event in events]
    assert {one["activityType"]["name"] for one in asked if one} == {activity.name for activity in ACTIVITIES}
    types = {one["workflowType"]["name"] for one in started if one and one.get("continuedExecutionRunId")}
    assert types == {WORKFLOW, MAILBOX_WORKFLOW}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_it_names_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == written(json.loads(text))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_it_replays(path: Path) -> None:
    history = WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))
    await Replayer(workflows=list(WORKFLOWS), plugins=[plugin()]).replay_workflow(history)
