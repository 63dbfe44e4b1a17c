"""Why everything about a case is as it is, in one value: what explanations in words are made of."""

from datetime import datetime

from complaints.case.explaining import clock_reasons
from complaints.case.explaining_closing import closing_reasons
from complaints.case.explaining_ladder import escalation_reasons
from complaints.case.state import CaseState
from complaints.messages.reasons import Reasons


def reasons(state: CaseState, now: datetime) -> Reasons:
    rules = state.plan.rules
    return Reasons(
        reference=state.reference,
        at=now,
        pack=rules.pack,
        policy_version=rules.version,
        texts=state.plan.texts,
        languages=tuple(rules.languages),
        timezone=rules.timezone,
        tiers={tier.name: tier.label for plan in (*state.earlier_plans, state.plan) for tier in plan.rules.tiers},
        clocks=tuple(clock_reasons(state, now)),
        escalations=escalation_reasons(state),
        closings=closing_reasons(state),
    )
