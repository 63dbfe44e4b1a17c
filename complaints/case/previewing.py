"""What a re-plan would do to a case: the very command, carried out on a copy."""

from datetime import datetime
from typing import TYPE_CHECKING

from complaints.case.catching_up import CatchUp
from complaints.case.outline import changes, outline
from complaints.case.replanning import happened, named
from complaints.case.state import CaseState
from complaints.messages.commands import Actor, Replan
from complaints.messages.replan import Objection, ReplanPreview
from complaints.plan import Plan
from complaints.vocabulary import Occasion, Role

if TYPE_CHECKING:
    from complaints.case.case import Case

_KEY = "preview"


def preview(copy: "Case", plan: Plan, now: datetime, until: datetime | None) -> ReplanPreview:
    """`copy` is re-planned, and of no use after it."""
    state = copy.state
    CatchUp(copy.following, now).act(inclusive=False)
    before, told, policy = outline(state), _told(state), named(state.plan)
    status = state.status
    state.seen = {}
    lead = Actor(id=_KEY, role=Role.LEAD)
    refused = copy.handle(Replan(key=_KEY, actor=lead, policy=plan.rules.pack, reason=_KEY, plan=plan), now).refused
    return ReplanPreview(
        reference=state.reference,
        status=status,
        policy_before=policy,
        policy_after=named(plan),
        unchanged=refused is None and not happened(state, _KEY),
        refused=Objection(**refused.as_dict()) if refused else None,
        clocks=() if refused else changes(before, state, max(until or now, now)),
        promised_at=state.promised_at if _told(state) > told else None,
    )


def _told(state: CaseState) -> int:
    """How often the complainant was told another date, on a channel that reaches them."""
    return sum(Occasion.DATE_CHANGED in notice.occasions and not notice.failed for notice in state.notices)
