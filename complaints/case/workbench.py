"""The case as its handler sees it: what is known, what is missing, and what may be done now.

An offer looks at the state only, not at what a form will say: the case still checks each command when it comes.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import get_args

from complaints import lifecycle
from complaints.case import closing, evaluating, merging, projection, reviewing, timing
from complaints.case.commands import HANDLERS
from complaints.case.state import CaseState, Decision
from complaints.case.turn import Turn
from complaints.messages.commands import AgentCommand
from complaints.messages.workbench import DecisionView, Extendable, Offer, StepRecord, Workbench
from complaints.model import made

ACTS: tuple[str, ...] = tuple(command.model_fields["act"].default for command in get_args(get_args(AgentCommand)[0]))
"""Every command of the closed union, in its order."""


def workbench(state: CaseState, now: datetime, next_due: datetime | None) -> Workbench:
    rules, turn = state.plan.rules, Turn(state, now)
    extendable = _extendable(turn)
    return Workbench(
        view=projection.view(state, now, next_due),
        sequence=state.timeline[-1].sequence,
        intake=state.intake,
        complainant=state.complainant,
        category=state.category,
        severity=state.severity,
        form=state.form or state.intake.effective_form,
        received_at=state.received_at,
        promised_at=state.promised_at,
        details=state.details,
        categories=tuple(rules.categories.values()),
        tiers=rules.tiers,
        steps=tuple(made(StepRecord, step=s.step, at=s.at, actor=s.actor, note=s.note) for s in state.steps),
        decisions=tuple(_decision(decision) for decision in state.decisions),
        proposal=_decision(state.proposal) if state.proposal else None,
        final_next=state.final_next,
        actions=tuple(state.actions),
        root_cause=state.root_cause,
        evaluation=state.evaluation,
        scores=evaluating.scores(state, projection.clock_rows(state, now), max(len(state.closures), 1)),
        handled_by=evaluating.handled_by(state),
        closures=tuple(state.closures),
        missing=closing.missing_parts(state),
        offers=tuple(Offer(act=act, why_not=_why_not(turn, act, extendable)) for act in ACTS),
        extendable=extendable,
        transfers_left=max(rules.transfers - state.transfers, 0),
        pack=rules.pack,
        policy_version=rules.version,
        texts=state.plan.texts,
        currency=rules.currency,
        timezone=rules.timezone,
    )


def _decision(decision: Decision) -> DecisionView:
    return DecisionView.model_validate({name: getattr(decision, name) for name in DecisionView.model_fields})


def _why_not(turn: Turn, act: str, extendable: tuple[Extendable, ...]) -> str | None:
    """Why a command would be refused whatever it says: a word that the desk has a sentence for."""
    if act not in HANDLERS:
        return "not_offered"
    if not lifecycle.allows(turn.state.status, act):
        return "status"
    if act == "extend" and not extendable:
        return "nothing_to_extend"
    if turn.state.merged_into is not None and act in merging.ELSEWHERE:
        return "merged"
    missing = _WANTED.get(act)
    return missing[0] if missing is not None and not missing[1](turn.state) else None


_WANTED: Mapping[str, tuple[str, Callable[[CaseState], bool]]] = {
    "approve": ("no_proposal", lambda state: state.proposal is not None),
    "decline": ("no_proposal", lambda state: state.proposal is not None),
    **dict.fromkeys(
        ("complete_action", "change_action", "cancel_action"),
        ("no_open_action", lambda state: any(a.open for a in state.actions)),
    ),
    "answer_evaluation": ("not_evaluated", lambda state: any(reviewing.open_to_answer(state))),
    "decline_reopening": ("not_requested", lambda state: state.reopening_request is not None),
    "merge": ("merge_asked", lambda state: state.merging is None),
    "unmerge": ("not_merged", lambda state: state.merged_into is not None),
    "escalate": ("top_tier", lambda state: state.ladder.tier < len(state.plan.rules.tiers) - 1),
    "de_escalate": ("first_tier", lambda state: state.ladder.tier > 0),
}
"""What must be there for a command to make sense, and the word for its absence."""


def _extendable(turn: Turn) -> tuple[Extendable, ...]:
    found = []
    for clock in turn.open_clocks():
        rule = timing.terms_of(turn, clock.metric).extension if clock.metric in turn.rules.clocks else None
        if rule is None or len(clock.extensions) >= rule.at_most or (rule.notice_before_expiry and clock.breached):
            continue
        found.append(Extendable(metric=clock.metric, by=rule.by, reasons=tuple(rule.reasons)))
    return tuple(found)
