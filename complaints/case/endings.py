"""How a case ends by an agent's word, and begins again."""

from complaints.case import actions, closing, complainant, delivery, escalation, promises, reopening, timing
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.vocabulary import (
    AGENT_CLOSING_REASONS,
    Cause,
    ClockState,
    ClosingReason,
    Kind,
    Metric,
    Occasion,
    Status,
)


def close(turn: Turn, command: c.Close) -> None:
    if command.reason not in AGENT_CLOSING_REASONS:
        raise refuse(
            f"only the complainant or a lapsed clock closes a case as {command.reason}",
            field="reason",
            remedy=f"use one of: {', '.join(AGENT_CLOSING_REASONS)}",
        )
    _may_close(turn)
    turn.enter(Kind.NOTED, command.actor, command.explanation, explains_closing=command.reason)
    closing.begin(turn, command.reason)


def _may_close(turn: Turn) -> None:
    """After a decision only the complainant or their silence closes, unless there is no way to reach them."""
    if turn.state.status is Status.RESOLVED and not turn.state.stopped:
        raise refuse("the complainant has not answered the decision yet", remedy="wait for their answer, or record it")


def refer(turn: Turn, command: c.Refer) -> None:
    _may_close(turn)
    turn.enter(Kind.NOTED, command.actor, command.explanation, explains_closing=ClosingReason.REFERRED, to=command.to)
    closing.begin(turn, ClosingReason.REFERRED)


def reopen(turn: Turn, command: c.Reopen) -> None:
    """The reference stays and a count goes up; from the policy's count on a higher tier owns it."""
    state = turn.state
    facts = reopening.linked(turn, command.facts)
    state.reopenings += 1
    begin_again(turn)
    turn.enter(
        Kind.REOPENED,
        command.actor,
        reason=command.reason,
        explanation=command.text,
        number=state.reopenings,
        facts=facts or None,
        status=Status.INVESTIGATION,
    )
    go_on(turn)
    rule = turn.rules.escalation.reopening
    if rule is not None and state.reopenings >= rule.from_count:
        escalation.raise_case(turn, Cause.REOPENING, to=turn.rules.tier_index(rule.tier))
    turn.tell(Occasion.AGENT_REOPENED, (state.owner,), NoticeFacts(reason=command.reason, number=state.reopenings))
    state.promised_at = delivery.promised(turn)
    turn.notify(Occasion.REOPENED, NoticeFacts(promised_at=state.promised_at, number=state.reopenings))
    for row in promises.owed_again(turn):
        actions.tell_owner(turn, row)


def begin_again(turn: Turn) -> None:
    """Nothing of the closing holds any more."""
    state = turn.state
    for clock in turn.open_clocks():
        if clock.metric in (Metric.FOLLOW_UP, Metric.CONFIRMATION, Metric.CLOSURE):
            timing.end(turn, clock, ClockState.CANCELLED)
    state.closing_reason, state.closed_at, state.archived_at, state.aftercare_until = None, None, None, None
    state.satisfied, state.rating, state.silence = None, None, False
    state.evaluation = None  # it was of that closing, and is kept with it
    state.reopening_request = None  # whoever opens the case again has answered it


def go_on(turn: Turn) -> None:
    """Back to work, with the clocks that the policy gives a case that is opened again."""
    delivery.go_to(turn, Status.INVESTIGATION)
    complainant.renew_resolution(turn, turn.rules.on_reopen)
    timing.start(turn, Metric.PROGRESS_UPDATE)
