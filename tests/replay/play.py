"""Play written conversations on a real server and save their histories: what no story of the demonstration comes to.

    .venv/bin/python -m tests.replay.play            those of `SAVED` that have no history yet
    .venv/bin/python -m tests.replay.play merged     these anew, in place of what was saved before

The workflows are the real ones; activities are in memory and answer as the conversation says. Time is skipped. A run
that goes on has a history of its own: `written-grown`, `written-grown-2`.

Like those of `tests/replay/save.py` they are replaced when a release is made, never to make a failing test pass.
"""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHistory
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.mailbox import Mailboxes
from complaints.messages import ACT, CASES_QUEUE, StartComplaint, duties, inbox_queue
from complaints.messages.mailbox import MailboxInput
from complaints.messages.merging import TAKE_IN
from starter.mailbox.watching import start_watch, stop_watch
from tests.fixtures.temporal import PATIENCE, House, serving
from tests.replay.engine import Story
from tests.replay.save import FOLDER, keep
from tests.replay.stories import stories
from workflows.runner import WORKFLOWS

SAVED = (
    "merged",
    "taken in",
    "no customer",
    "longer than its calendars",
    "records down",
    "grown",
    "mailbox",
)
_GROWN = ("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40")
_WATCHES = 8  # that bring something; the next one waits until it is stopped


@dataclass
class Played(House):
    """A house in which all goes as the conversation says."""

    story: Story = field(kw_only=True)
    failures: Counter[str] = field(default_factory=Counter)

    async def _try(self, name: str, given: Any) -> None:
        await super()._try(name, given)
        self.failures[name] += 1
        if self.failures[name] <= self.story.refused.get(name, 0):
            raise ApplicationError("will never do", type="DatabaseError", non_retryable=True)
        info = activity.info()
        left = info.scheduled_time + timedelta(seconds=self.story.slow.get(name, 0.0)) - info.started_time
        if left > timedelta(0):  # by the case's clock, and without an activity that runs while time is skipped
            raise ApplicationError("busy", next_retry_delay=left, category=ApplicationErrorCategory.BENIGN)

    async def _moment(self, moment: duties.Moment) -> Any:
        await self._try("carry_out", moment)
        return await super()._moment(moment)

    def _answer(self, given: Any) -> Any:
        return self.story.world.answer(given, activity.info().started_time)


class Reader:
    """A mailbox with one mail a watch, until it is quiet."""

    def __init__(self) -> None:
        self.watches = 0

    async def listen(self, seconds: float, stop: Callable[[], bool]) -> Counter[str]:
        del seconds
        self.watches += 1
        while self.watches > _WATCHES and not stop():
            await asyncio.sleep(0.01)
        return Counter({"case": 1})


async def play_case(env: WorkflowEnvironment, story: Story) -> str:
    """Play it to its end; the id of the workflow."""
    assert isinstance(story.start, StartComplaint)
    house = Played(env, story=story)
    async with house.open():
        start = story.start.model_copy(update={"clock_shift": story.began - datetime.now(UTC)})
        handle = env.client.get_workflow_handle((await house.start(start)).id)
        passed = 0.0
        for index, (at, name, given) in enumerate(story.events):
            await house.pass_time(handle, timedelta(seconds=at - passed))
            passed = at
            if name == "cancel":
                await handle.cancel()
            elif name.startswith("update"):
                update = TAKE_IN if name == f"update {TAKE_IN}" else ACT
                await handle.execute_update(update, given, id=f"update-{index}")
            else:
                await handle.signal(name.removeprefix("signal "), given)
            await house.quiet(handle)
        while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await house.pass_time(handle, timedelta(days=1))
    return handle.id


async def play_mailbox(env: WorkflowEnvironment, story: Story) -> str:
    """Watched until the second run has waited for mail, then stopped."""
    assert isinstance(story.start, MailboxInput)
    name, reader = story.start.name, Reader()
    with env.with_time_skipping_disabled():
        async with (
            Worker(env.client, task_queue=CASES_QUEUE, workflows=WORKFLOWS),
            Worker(env.client, task_queue=inbox_queue(name), activities=Mailboxes(reader).activities),
        ):
            await start_watch(env.client, name, within=PATIENCE)
            async with asyncio.timeout(PATIENCE):
                while reader.watches <= _WATCHES:
                    await asyncio.sleep(0.01)
            await stop_watch(env.client, name, within=PATIENCE)
            with suppress(WorkflowFailureError):  # it is cancelled
                await env.client.get_workflow_handle(story.names[1]).result()
    return story.names[1]


async def runs_of(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """The histories of all its runs, the first one first."""
    found: list[WorkflowHistory] = []
    run_id: str | None = (
        await client.get_workflow_handle(workflow_id).describe()
    ).raw_description.workflow_execution_info.first_run_id
    while run_id:
        found.append(await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history())
        run_id = found[-1].events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found


def name_of(conversation: str) -> str:
    return f"written-{conversation.replace(' ', '_')}"


async def main(wanted: Collection[str]) -> None:
    for name in wanted:
        story = stories()[name]
        async with serving(*(_GROWN if story.grown_at is not None else ())) as env:
            play = play_mailbox if isinstance(story.start, MailboxInput) else play_case
            keep(name_of(name), await runs_of(env.client, await play(env, story)))


def unsaved() -> list[str]:
    return [name for name in SAVED if not (FOLDER / f"{name_of(name)}.json").exists()]


if __name__ == "__main__":
    logging.disable()  # activities that fail in a conversation are no news
    asyncio.run(main(sys.argv[1:] or unsaved()))
