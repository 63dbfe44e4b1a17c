"""What complainants say: never refused, always recorded, always told to somebody."""

from collections.abc import Iterable
from copy import deepcopy

from pydantic import JsonValue

from complaints.case import (
    closing,
    consent,
    delivery,
    escalation,
    evidence,
    opening,
    reaching,
    reopening,
    timing,
    verifying,
)
from complaints.case.state import CaseState, Decision
from complaints.case.turn import Turn
from complaints.clocks import Clock, Pause
from complaints.lifecycle import BEFORE_DECISION
from complaints.messages.commands import Actor
from complaints.messages.duties import NoticeFacts
from complaints.messages.intake import Consent, Evidence
from complaints.messages.signals import ComplainantReplied, SatisfactionConfirmed, Unreadable
from complaints.model import Personal
from complaints.timeline import COMPLAINANT
from complaints.vocabulary import (
    Cause,
    ClockState,
    ClosingReason,
    Kind,
    MetBy,
    Metric,
    Occasion,
    Proof,
    Renewal,
    Status,
)


def said(turn: Turn, message: ComplainantReplied) -> None:
    """What the complainant wrote; it may show that the contact is theirs, or that they agreed to be represented."""
    state = turn.state
    via = message.via
    if message.proof is not None and via is None:
        verifying.prove(turn, message.channel or state.intake.channel, message.proof)
    consented = via is None and message.consent is not None and consent.lacking(state)
    if message.consent is not None and consented:
        given = Consent(how=message.consent, given_at=turn.at)
        state.complainant = state.complainant.model_copy(update={"consent": given})
    proof = message.proof if via is None else None
    replied(
        turn, message.text, message.details, files=message.evidence, proof=proof, consented=consented, via=via
    )  # fmt: skip


def replied(
    turn: Turn,
    words: Personal,
    details: dict[str, JsonValue],
    *,
    actor: Actor = COMPLAINANT,
    how: str | None = None,
    files: Iterable[Evidence] = (),
    proof: Proof | None = None,
    consented: bool = False,
    via: str | None = None,
) -> None:
    """`via` is the merged case it was said to. Somebody else's words answer no question of ours."""
    state = turn.state
    was = state.status
    own = via is None or any(case.reference == via and case.same_complainant for case in state.merged_in)
    state.details = {**state.details, **details} if own else {**details, **state.details}
    back = came_from(turn) if own else None
    given = details or None
    message = turn.enter(
        Kind.COMPLAINANT_REPLIED, actor, words, how=how, status=back, given=given, proof=proof, merged_from=via
    )  # fmt: skip
    evidence.received(turn, files, actor)
    if consented:
        opening.consent_given(turn, actor)
    if own and was in BEFORE_DECISION:
        verifying.check_customer(turn)
    if back is not None:
        opening.return_from_question(turn, back)
    elif own and was is Status.VERIFICATION and (details or proof or consented):
        opening.reconsider(turn)
    if was is Status.ARCHIVED:
        reopening.request(turn, words, message)
        return
    expect_response(turn)
    facts = NoticeFacts(words=words, category=state.category, cases=_of(via))
    turn.tell(Occasion.AGENT_MESSAGE_RECEIVED, (state.owner,), facts)


def _of(via: str | None) -> tuple[str, ...]:
    return () if via is None else (via,)


def came_from(turn: Turn) -> Status | None:
    if turn.state.status is not Status.AWAITING_COMPLAINANT:
        return None
    return turn.state.entered_from or Status.INVESTIGATION


def expect_response(turn: Turn) -> None:
    if turn.clock(Metric.NEXT_RESPONSE) is None:
        timing.start(turn, Metric.NEXT_RESPONSE)


def confirmed(turn: Turn, answer: SatisfactionConfirmed, *, actor: Actor = COMPLAINANT, how: str | None = None) -> None:
    """The answer to a decision. To an earlier one, or where none is asked, it is recorded and told: no more."""
    state = turn.state
    last = state.decisions[-1] if state.decisions else None
    named = answer.decision or (last.number if last else None)
    if last is None or named != last.number or answer.via is not None or not _still_open(state, answer):
        _late_answer(turn, answer, named, actor, how)
        return
    last.satisfied, last.rating = answer.satisfied, answer.rating
    state.satisfied, state.rating = answer.satisfied, answer.rating
    if answer.satisfied:
        _satisfied(turn, answer, last, actor, how)
    else:
        _dispute(turn, answer, last, actor, how)


def _still_open(state: CaseState, answer: SatisfactionConfirmed) -> bool:
    """Whether an answer to the last decision still counts: until it is closed they may say otherwise, not the same."""
    if state.status is Status.CLOSING:
        return state.closing_reason in closing.HEARD and state.satisfied is not answer.satisfied
    return state.status is Status.RESOLVED


def _satisfied(turn: Turn, answer: SatisfactionConfirmed, last: Decision, actor: Actor, how: str | None) -> None:
    state = turn.state
    resolved = state.status is Status.RESOLVED
    turn.enter(
        Kind.SATISFACTION_CONFIRMED,
        actor,
        answer.text,
        satisfied=True,
        rating=answer.rating,
        decision=last.number,
        how=how,
        status=Status.CLOSING if resolved else None,
    )
    reaching.answered(turn, Occasion.DECISION)
    if resolved:
        timing.meet(turn, Metric.CONFIRMATION, MetBy.COMPLAINANT)
        closing.begin(turn, ClosingReason.CONFIRMED)
    else:  # after silence, or a "no" to a final decision: heard before the record was complete
        state.closing_reason, state.silence = ClosingReason.CONFIRMED, False


def _late_answer(turn: Turn, answer: SatisfactionConfirmed, named: int | None, actor: Actor, how: str | None) -> None:
    """Too late, a second time, or to an earlier decision: kept and told. A "no" after the end asks for a reopening.

    A "yes" to the last decision of a case that was closed without one is noted as satisfaction: silence closed it, and
    its record stays, but they have told us now.
    """
    state = turn.state
    was = state.status
    back = came_from(turn) if answer.via is None else None
    noted = _satisfied_after_all(state, answer, named)
    message = turn.enter(
        Kind.SATISFACTION_CONFIRMED,
        actor,
        answer.text,
        satisfied=answer.satisfied,
        rating=answer.rating,
        decision=named,
        how=how,
        applied=None if noted else False,
        late=noted or None,
        status=back,
        merged_from=answer.via,
    )
    if noted:
        last = state.decisions[-1]
        last.satisfied, last.rating = True, answer.rating
        state.satisfied, state.rating = True, answer.rating
    if back is not None:
        opening.return_from_question(turn, back)
    if was is not Status.ARCHIVED and not answer.satisfied:
        expect_response(turn)
    if was in (Status.CLOSED, Status.ARCHIVED) and not answer.satisfied:
        reopening.request(turn, answer.text, message)
    else:
        facts = NoticeFacts(words=answer.text, category=state.category, cases=_of(answer.via))
        turn.tell(Occasion.AGENT_MESSAGE_RECEIVED, (state.owner,), facts)


def _satisfied_after_all(state: CaseState, answer: SatisfactionConfirmed, named: int | None) -> bool:
    last = state.decisions[-1] if state.decisions else None
    without = state.closing_reason in (ClosingReason.UNCONFIRMED, ClosingReason.DEADLOCK)
    theirs = answer.satisfied and answer.via is None and last is not None and named == last.number
    return state.status is Status.CLOSED and without and theirs and not state.satisfied


def _dispute(turn: Turn, answer: SatisfactionConfirmed, last: Decision, actor: Actor, how: str | None) -> None:
    """Back to investigation one tier up, with what was missing; a final decision disputed is a deadlock."""
    state, rules = turn.state, turn.rules
    state.disputes += 1
    state.silence = False
    timing.cancel(turn, Metric.CONFIRMATION, Metric.CLOSURE)
    reaching.answered(turn, Occasion.DECISION)
    turn.enter(
        Kind.DISPUTED,
        actor,
        answer.text,
        number=state.disputes,
        decision=last.number,
        rating=answer.rating,
        how=how,
        final=last.final or None,
        status=Status.CLOSING if last.final else Status.INVESTIGATION,
    )
    if last.final:
        if state.status is Status.RESOLVED:
            closing.begin(turn, ClosingReason.DEADLOCK)
        else:
            timing.start(turn, Metric.CLOSURE)
            state.closing_reason = ClosingReason.DEADLOCK
            closing.complete(turn)
        return
    state.closing_reason = None
    top = escalation.at_top(turn)
    state.final_next = top or state.disputes >= rules.disputes
    delivery.go_to(turn, Status.INVESTIGATION)
    renew_resolution(turn, rules.on_dispute)
    timing.start(turn, Metric.PROGRESS_UPDATE)
    escalation.raise_case(turn, Cause.DISPUTE)
    turn.tell(
        Occasion.AGENT_DISPUTED,
        (state.owner,),
        NoticeFacts(words=answer.text, number=state.disputes, category=state.category),
    )
    state.promised_at = delivery.promised(turn)
    turn.notify(Occasion.DISPUTE_RECEIVED, NoticeFacts(promised_at=state.promised_at, number=state.disputes))


def renew_resolution(turn: Turn, how: Renewal) -> None:
    """The next occurrence of the resolution clock: restarted, credited with the time since the decision, or kept."""
    timing.cancel(turn, Metric.RESOLUTION)
    old = next((c for c in reversed(turn.state.clocks) if c.metric is Metric.RESOLUTION), None)
    if how is Renewal.RESTART or old is None or old.ended_at is None:
        timing.start(turn, Metric.RESOLUTION)
        return
    new: Clock = deepcopy(old)
    new.occurrence += 1
    new.state, new.ended_at, new.met_by = ClockState.RUNNING, None, None
    new.breached_at, new.breach_cause, new.expected_at = None, None, None
    new.on_due = timing.terms_of(turn, Metric.RESOLUTION).on_due  # the facts, or the policy, may be others by now
    if how is Renewal.CREDIT:
        new.pauses = [*new.pauses, Pause(since=old.ended_at, until=turn.at, reason="decision")]
    new.refresh(turn.calendar_of(new))
    turn.state.clocks.append(new)
    timing.touch(turn, new)


def withdrew(
    turn: Turn,
    words: Personal | None,
    *,
    actor: Actor = COMPLAINANT,
    how: str | None = None,
    via: str | None = None,
) -> None:
    """Said to a case that is merged into this one (`via`), it takes back that complaint and not this."""
    state = turn.state
    effective = state.status not in (Status.CLOSED, Status.ARCHIVED) and via is None
    turn.enter(
        Kind.WITHDRAWN,
        actor,
        words,
        how=how,
        status=Status.CLOSING if effective else None,
        applied=None if effective else False,
        merged_from=via,
    )
    facts = NoticeFacts(words=words, reason="withdrawn", cases=_of(via))
    turn.tell(Occasion.AGENT_MESSAGE_RECEIVED, (state.owner,), facts)
    if effective and state.status is Status.CLOSING:
        state.closing_reason = ClosingReason.WITHDRAWN
        closing.complete(turn)
    elif effective:
        closing.begin(turn, ClosingReason.WITHDRAWN)


def unreadable(turn: Turn, message: Unreadable) -> None:
    """Something came that could not be read: which field, never what it said."""
    turn.enter(Kind.UNREADABLE_MESSAGE, name=message.name, field=message.field, problem=message.problem)
    turn.tell(Occasion.AGENT_UNREADABLE_MESSAGE, (turn.state.owner,), NoticeFacts(reason=message.field))
