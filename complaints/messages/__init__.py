"""The contract: every name and payload that crosses Temporal.

`intake` what starts a case · `signals` what complainants and services say · `commands` what agents do · `duties` what a
case wants done · `feedback` what became of it. The names below are stored in histories: they never change.
"""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from complaints.messages.commands import AgentCommand as AgentCommand
from complaints.messages.commands import WeakEnd
from complaints.messages.intake import Intake
from complaints.model import Frozen, Instant, Tolerant, is_empty, share_names
from complaints.plan import PackedPlan

WORKFLOW = "ComplaintWorkflow"
MAILBOX_WORKFLOW = "MailboxWorkflow"

CASES_QUEUE = "cases"
NOTICES_QUEUE = "notices"
RECORDS_QUEUE = "records"
INBOX_QUEUE = "inbox"  # of each mailbox with its name behind it

COMPLAINANT_REPLIED = "complainant_replied"
SATISFACTION_CONFIRMED = "satisfaction_confirmed"
COMPLAINANT_WITHDREW = "complainant_withdrew"
FACT_REPORTED = "fact_reported"
SURVEY_ANSWERED = "survey_answered"
AGENT_ACTED = "agent_acted"
ACT = "act"
VIEW = "view"
EXPLAIN = "explain"
REASONS = "reasons"
PREVIEW = "preview"
WORKBENCH = "workbench"
REHEARSE = "rehearse"


def workflow_id(reference: str) -> str:
    """The workflow id of a case, fixed for life."""
    return f"complaint-{reference}"


def mailbox_workflow_id(name: str) -> str:
    return f"mailbox-{name}"


def inbox_queue(name: str) -> str:
    """Return the queue of a mailbox, which only those workers ask that can open it."""
    return f"{INBOX_QUEUE}-{name}"


class StartComplaint(Frozen):
    """The start argument of a new case. `salt` is random, drawn by starter; `clock_shift` is for simulation."""

    reference: str
    salt: str
    intake: Intake
    plan: PackedPlan
    clock_shift: timedelta = timedelta(0)

    @model_validator(mode="after")
    def _lean(self) -> Self:
        share_names(self, self.intake, self.intake.complainant)
        return self


class ViewRequest(Tolerant):
    """`at` is the asker's now: inside a query Temporal's clock stands at the last task. None: that instant."""

    at: Instant | None = None
    metric: str | None = None


class ActAnswer(Frozen):
    """The answer to an accepted command."""

    reference: str
    status: str
    sequence: int
    repeated: bool = False
    queued: bool = False
    unchanged: bool = Field(default=False, exclude_if=is_empty)  # a re-plan that moves nothing
    weak_ends: tuple[WeakEnd, ...] = Field(default=(), exclude_if=is_empty)  # of a root cause: advice
