"""The mailbox's workflow on a real server, with a stand-in for the reader."""

import asyncio
from collections import Counter

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.worker import Replayer, Worker

from activities.mailbox import Mailboxes
from complaints.errors import BadInput
from complaints.messages import CASES_QUEUE, inbox_queue, mailbox_workflow_id
from starter.mailbox.watching import start_watch, stop_watch
from workflows.runner import WORKFLOWS, plugin

NAME = "care@tuntas.example"


class Reader:
    """Finds one mail a watch; at first the server refuses us."""

    def __init__(self):
        self.watches = 0
        self.refused = 1

    async def listen(self, seconds, stop):
        if self.refused:
            self.refused -= 1
            raise BadInput("the mail server refuses the login", field="TUNTAS_IMAP_URL", remedy="put it right")
        self.watches += 1
        if self.watches > 3:
            while not stop():
                await asyncio.sleep(0.01)
        return Counter({"case": 1})


async def test_a_mailbox_is_watched_again_and_again_and_started_once(env):
    reader = Reader()
    with env.with_time_skipping_disabled():
        async with (
            Worker(env.client, task_queue=CASES_QUEUE, workflows=WORKFLOWS),
            Worker(env.client, task_queue=inbox_queue(NAME), activities=Mailboxes(reader).activities),
        ):
            for _ in range(2):
                await start_watch(env.client, NAME, within=10)
            handle = env.client.get_workflow_handle(mailbox_workflow_id(NAME))
            async with asyncio.timeout(30):
                while reader.watches < 4:
                    await asyncio.sleep(0.05)
            assert await handle.query("brought") == {"case": 3}
            await stop_watch(env.client, NAME, within=10)
            with pytest.raises(WorkflowFailureError) as ended:
                await asyncio.wait_for(handle.result(), 30)
            assert isinstance(ended.value.cause, CancelledError)
    await Replayer(workflows=WORKFLOWS, plugins=[plugin()]).replay_workflow(await handle.fetch_history())
