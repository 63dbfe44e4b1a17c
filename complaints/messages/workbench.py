"""What a handler needs to work on a case: all that is known of it, and which commands it would accept now.

The desk asks for it; nothing here is stored: a case derives it from its state. `Rehearsal` is what a command would send
to the complainant, without sending it.
"""

from typing import Any

from complaints.evaluation import Scores
from complaints.messages.commands import Actor, AgentCommand, Remedy
from complaints.messages.duties import ActionRow, ClosureRecord, Notice
from complaints.messages.intake import Complainant, Intake
from complaints.messages.view import CaseView
from complaints.model import Frozen, Instant, Personal, Tolerant
from complaints.policy import Category, Tier
from complaints.targets import Target
from complaints.vocabulary import Form, Metric, Outcome, Severity


class Offer(Frozen):
    """A command, and why the case would refuse it now, in a word of `complaints.case.workbench`; None: it would not."""

    act: str
    why_not: str | None = None


class DecisionView(Frozen):
    """A decision as made or proposed."""

    number: int
    actor: Actor
    outcome: Outcome
    reasons: Personal
    findings: Personal | None
    remedies: tuple[Remedy, ...]
    cost: int
    final: bool
    at: Instant
    approved_by: str | None
    satisfied: bool | None
    rating: int | None


class StepRecord(Frozen):
    step: str
    at: Instant
    actor: str
    note: str | None


class Extendable(Frozen):
    """A clock that may be extended now, by how much and for which reasons."""

    metric: Metric
    by: Target
    reasons: tuple[str, ...]


class Workbench(Frozen):
    """The case as its handler sees it. `sequence` is what a form made from it carries as `based_on`."""

    view: CaseView
    sequence: int
    intake: Intake
    complainant: Complainant
    category: str | None
    severity: Severity
    form: Form
    received_at: Instant
    promised_at: Instant | None
    details: dict[str, Any]
    categories: tuple[Category, ...]
    tiers: tuple[Tier, ...]
    steps: tuple[StepRecord, ...]
    decisions: tuple[DecisionView, ...]
    proposal: DecisionView | None
    final_next: bool
    actions: tuple[ActionRow, ...]
    root_cause: dict[str, Any] | None
    evaluation: dict[str, Any] | None
    scores: Scores  # as of now; those of a closing stand in its record
    handled_by: tuple[str, ...]  # ids of the agents who worked on it: they do not judge it
    closures: tuple[ClosureRecord, ...]
    missing: tuple[str, ...]  # parts of the closure record that a person must still give
    offers: tuple[Offer, ...]
    extendable: tuple[Extendable, ...]
    transfers_left: int
    pack: str
    policy_version: str
    texts: str
    currency: str
    timezone: str

    def category_rules(self) -> Category | None:
        return next((category for category in self.categories if category.name == self.category), None)


class RehearsalRequest(Tolerant):
    command: AgentCommand
    at: Instant | None = None


class Rehearsal(Frozen):
    """What the complainant would be sent; or why the command would be refused."""

    notices: tuple[Notice, ...] = ()
    refused: str | None = None
    field: str | None = None
