"""`MailboxWorkflow`: a mailbox is read for as long as there is one, by whichever worker can open it.

It keeps no mail: what came is in PostgreSQL, what was not read yet in the mailbox. So it may be stopped, started anew
and started twice at any time.
"""

from collections import Counter
from dataclasses import replace

from temporalio import workflow

from complaints.messages import MAILBOX_WORKFLOW, inbox_queue
from complaints.messages.mailbox import MailboxInput, MailboxWatch
from workflows import limits
from workflows.duties import read_mailbox


@workflow.defn(name=MAILBOX_WORKFLOW)
class MailboxWorkflow:
    """One mailbox. It ends only by being cancelled or terminated."""

    @workflow.init
    def __init__(self, start: MailboxInput) -> None:
        self._name = start.name
        self._brought = Counter(start.brought)

    @workflow.run
    async def run(self, start: MailboxInput) -> None:
        del start  # the constructor has it
        watching = replace(read_mailbox, queue=inbox_queue(self._name))
        while not self._grown():
            watch = MailboxWatch(name=self._name, seconds=limits.WATCH.total_seconds())
            found = await watching.start(watch, f"mailbox {self._name}")
            self._brought.update(found.brought)
            workflow.set_current_details(self._card())
        workflow.continue_as_new(MailboxInput(name=self._name, brought=dict(self._brought)))

    @workflow.query(description="How many mails of each outcome were brought")
    def brought(self) -> dict[str, int]:
        return dict(self._brought)

    def _grown(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() > limits.WATCH_EVENTS

    def _card(self) -> str:
        lines = [f"- {outcome}: {number}" for outcome, number in sorted(self._brought.items())]
        return "\n".join(["**Mails brought**", *(lines or ["- none yet"])])
