"""Closing, aftercare, archiving and reopening: nothing closes before the case is written up (DESIGN, 3 and 7)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from complaints.case import delivery, evaluating, reaching, reopening, timing
from complaints.case.projection import clock_rows
from complaints.case.state import CaseState
from complaints.case.turn import Turn
from complaints.messages.commands import Actor, Remedy
from complaints.messages.duties import ClosureDuty, ClosureRecord, NoticeFacts, RemedyRow
from complaints.model import Personal, made
from complaints.policy import ClosureRules
from complaints.targets import Target
from complaints.timeline import SYSTEM, record_digest
from complaints.vocabulary import (
    ActionKind,
    ClockState,
    ClosingReason,
    Kind,
    MetBy,
    Metric,
    Occasion,
    Severity,
    Status,
)

HEARD = (ClosingReason.CONFIRMED, ClosingReason.UNCONFIRMED, ClosingReason.DEADLOCK)
"""Closings after a decision: all parts that the severity demands must be there. The others write themselves."""


def _corrected(state: CaseState) -> bool:
    """Whether something is done about the cause: said in a line, or as an action with an owner and a date."""
    said = state.root_cause and state.root_cause.get("corrective_action")
    return bool(said) or any(a.kind is ActionKind.CORRECTIVE and a.cancelled_at is None for a in state.actions)


_PARTS: tuple[tuple[str, Callable[[ClosureRules], Severity | None], Callable[[CaseState], bool]], ...] = (
    ("root_cause", lambda rules: rules.root_cause_from, lambda state: state.root_cause is not None),
    (
        "corrective_action",
        lambda rules: rules.corrective_action_from,
        _corrected,
    ),
    ("evaluation", lambda rules: rules.evaluation_from, lambda state: state.evaluation is not None),
    ("steps", lambda rules: rules.steps_from, lambda state: bool(state.steps)),
)


def missing_parts(state: CaseState) -> tuple[str, ...]:
    """The parts of the closure record that a person must still give."""
    if state.closing_reason not in HEARD:
        return ()
    rules = state.plan.rules.closure
    return tuple(
        name
        for name, demanded_from, present in _PARTS
        if (since := demanded_from(rules)) is not None and state.severity.at_least(since) and not present(state)
    )


def begin(turn: Turn, reason: ClosingReason) -> None:
    """Enter `closing`; if nothing is missing the case closes in the same turn."""
    state = turn.state
    timing.cancel(turn, Metric.INFORMATION, Metric.HOLD, Metric.CONFIRMATION, Metric.PROGRESS_UPDATE)
    if reason not in HEARD:
        timing.cancel(turn, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION)
    state.closing_reason = reason
    state.proposal, state.question = None, None
    reaching.heard(turn)
    parts = missing_parts(state)
    turn.enter(Kind.CLOSING_BEGAN, reason=reason, missing=parts or None, status=Status.CLOSING)
    delivery.go_to(turn, Status.CLOSING)
    clock = timing.start(turn, Metric.CLOSURE)
    if not complete(turn):
        facts = NoticeFacts(missing=parts, reason=reason, due_at=clock.due_at if clock else None)
        turn.tell(Occasion.AGENT_CLOSURE_PARTS_MISSING, (state.owner,), facts)


def complete(turn: Turn, actor: Actor = SYSTEM) -> bool:
    """Close the case if every required part is there."""
    state = turn.state
    if state.status is not Status.CLOSING or state.closing_reason is None or missing_parts(state):
        return False
    timing.meet(turn, Metric.CLOSURE, MetBy.AUTOMATIC if actor is SYSTEM else MetBy.PERSON)
    _close(turn, actor, state.closing_reason)
    return True


def _close(turn: Turn, actor: Actor, reason: ClosingReason) -> None:
    state = turn.state
    for clock in turn.open_clocks():
        kept = clock.metric is Metric.ACTION or (clock.metric is Metric.NEXT_RESPONSE and reason in HEARD)
        if not kept:
            timing.end(turn, clock, ClockState.CANCELLED)
    state.closed_at = turn.at
    turn.enter(Kind.CLOSED, actor, reason=reason, status=Status.CLOSED, outcome=_outcome(state))
    delivery.go_to(turn, Status.CLOSED)
    record = closure_record(turn, reason)
    state.closures.append(record)
    turn.duties.append(made(ClosureDuty, key=f"{state.reference}/closure/{record.number}", record=record))
    digest = record_digest(record.model_dump(mode="json")) if state.chained else None
    turn.enter(Kind.CLOSURE_RECORDED, number=record.number, reason=reason, digest=digest)
    evaluating.draw(turn)
    turn.notify(
        Occasion.SUMMARY_RESOLUTION if _early(turn, reason) else Occasion(f"closed_{reason}"),
        made(
            NoticeFacts,
            outcome=record.outcome,
            actions=delivery.promises(turn),
            bodies=_bodies(turn, reason),
            words=_explanation(turn),
            limit=_early(turn, reason),
            cases=(state.merged_into,) if state.merged_into else (),
        ),
    )
    _begin_aftercare(turn, reason)


def _early(turn: Turn, reason: ClosingReason) -> Target | None:
    """The policy's time for an early closing, if the complainant accepted within it; not after a reopening."""
    rule, state = turn.rules.early_closing, turn.state
    if rule is None or reason is not ClosingReason.CONFIRMED or state.reopenings or not rule.when.matches(turn.facts):
        return None
    last = state.decisions[-1].number
    accepted = next(e.at for e in state.timeline if e.kind is Kind.SATISFACTION_CONFIRMED and _accepts(e.detail, last))
    return rule.target if accepted <= rule.target.due(state.received_at, turn.calendar(rule.calendar)) else None


def _accepts(detail: dict[str, Any], decision: int) -> bool:
    return bool(detail["satisfied"]) and detail.get("decision") == decision and "applied" not in detail


def _bodies(turn: Turn, reason: ClosingReason) -> tuple[str, ...]:
    return turn.rules.outside_bodies if reason is ClosingReason.DEADLOCK or _early(turn, reason) else ()


def _explanation(turn: Turn) -> Personal | None:
    """Why an agent closed it, in the words meant for the complainant."""
    found = next((e for e in reversed(turn.state.timeline) if e.detail.get("explains_closing")), None)
    return found.words if found else None


def _begin_aftercare(turn: Turn, reason: ClosingReason) -> None:
    state, rules = turn.state, turn.rules
    follow_up = rules.clocks.get(Metric.FOLLOW_UP)
    if follow_up is not None and (follow_up.after is None or reason in follow_up.after):
        timing.start(turn, Metric.FOLLOW_UP)
    period = rules.aftercare.period
    state.aftercare_until = (
        period.target.due(turn.at, turn.calendar(period.calendar)) if reason in rules.aftercare.after else turn.at
    )


def _outcome(state: CaseState) -> str | None:
    return state.decisions[-1].outcome if state.decisions else None


def closure_record(turn: Turn, reason: ClosingReason) -> ClosureRecord:
    """The closure record, assembled from the case so that nothing is typed twice."""
    state, rules = turn.state, turn.rules
    decision = state.decisions[-1] if state.decisions else None
    clocks = clock_rows(state, turn.at)
    record = made(
        ClosureRecord,
        number=len(state.closures) + 1,
        reference=state.reference,
        closed_at=turn.at,
        reason=reason,
        problem=state.intake.text,
        category=state.category,
        severity=state.severity,
        findings=decision.findings if decision else None,
        outcome=decision.outcome if decision else None,
        reasons=decision.reasons if decision else None,
        final=decision.final if decision else False,
        remedies=tuple(_remedy(remedy) for remedy in decision.remedies) if decision else (),
        cost=decision.cost if decision else 0,
        currency=rules.currency,
        approved_by=decision.approved_by if decision else None,
        steps=tuple(step.model_dump(mode="json") for step in state.steps),
        actions=tuple(a for a in state.actions if a.kind is not ActionKind.TASK),
        root_cause=state.root_cause,
        evaluation=state.evaluation,
        clocks=tuple(row for _, row in clocks),
        transfers=state.transfers,
        disputes=state.disputes,
        reopenings=state.reopenings,
        escalations=state.ladder.raises,
        satisfied=state.satisfied,
        rating=state.rating,
        silence=state.silence,
        owner=state.owner,
        tier=turn.tier.name,
        pack=rules.pack,
        policy_version=rules.version,
        chain_head=state.timeline[-1].hash,
        scores=evaluating.scores(state, clocks, len(state.closures) + 1),
    )
    again = reopening.since_last_record(state, record)
    return record.model_copy(update={"reopened": again}) if again else record


def _remedy(remedy: Remedy) -> RemedyRow:
    return made(RemedyRow, solution=remedy.solution, detail=remedy.detail, cost=remedy.cost)


# aftercare


def unfinished(state: CaseState) -> bool:
    """Whether somebody is still owed something: a closed case is not put away over it."""
    owing = any(a.open and a.kind is not ActionKind.TASK for a in state.actions)
    return owing or any(c.metric is Metric.NEXT_RESPONSE and c.open for c in state.clocks)


def aftercare_end(state: CaseState) -> datetime | None:
    if state.status is not Status.CLOSED or unfinished(state):
        return None
    return state.aftercare_until


def settle(turn: Turn) -> None:
    """Aftercare that was held open past its end, by an action or an unanswered message, ends when that is done."""
    state = turn.state
    ends = aftercare_end(state)
    if ends is not None and ends < turn.now:
        state.aftercare_until = turn.now


def archive(turn: Turn) -> None:
    state = turn.state
    for clock in turn.open_clocks():
        timing.end(turn, clock, ClockState.CANCELLED)
    state.archived_at = turn.at
    turn.enter(Kind.ARCHIVED, status=Status.ARCHIVED)
    delivery.go_to(turn, Status.ARCHIVED)
