"""What a limit does besides being kept or missed: a letter goes out, or the complaint takes another form.

A letter never meets the promise of a decision: it says why there is none yet, by when one is expected, and where else
the complainant may turn. The case goes on, and late stays late.
"""

from complaints.case import delivery, timing
from complaints.case.turn import Turn
from complaints.clocks import Clock
from complaints.messages.duties import NoticeFacts
from complaints.policy_clocks import Letter
from complaints.vocabulary import ClockState, Kind, Metric, Occasion


def write(turn: Turn, clock: Clock) -> None:
    """Send the letter that the policy wants when this clock is due; and anew when the date that it named has come."""
    terms = timing.terms_of(turn, clock.metric)
    clock.expected_at = None  # an assessment or a re-plan may have come under rules without a letter
    if terms.send is None or not clock.open:
        return
    if terms.expect is not None:
        rule = turn.rules.clocks[clock.metric].choose(turn.facts)  # whose letter it is, be the clock an earlier one's
        clock.expected_at = terms.expect.due(turn.now, turn.calendar(rule.calendar if rule else None))
    timing.touch(turn, clock)
    turn.enter(
        Kind.LETTER_SENT,
        occasion=terms.send,
        metric=clock.metric,
        occurrence=clock.occurrence,
        due_at=clock.due_at,
        expected_at=clock.expected_at,
    )
    state = turn.state
    if clock.metric is Metric.RESOLUTION:
        state.promised_at = delivery.promised(turn)
    facts = letter_facts(turn, clock).model_copy(update={"promised_at": clock.expected_at})
    # Extended, it is no longer the target that is over.
    turn.notify(terms.send, facts.model_copy(update={"limit": None}) if clock.extensions else facts)


def letter_facts(turn: Turn, clock: Clock) -> NoticeFacts:
    return NoticeFacts(
        metric=clock.metric, limit=clock.target, category=turn.state.category, bodies=turn.rules.outside_bodies
    )


def tell_extension(turn: Turn, clock: Clock, reason: str, letter: Letter | None) -> None:
    """Tell the new date of a decision with its reason; a letter goes out also while the clock is paused."""
    if letter is None:
        delivery.tell_date(turn, "extension", reason=reason)
        return
    turn.state.promised_at = delivery.promised(turn)
    facts = letter_facts(turn, clock).model_copy(update={"promised_at": turn.state.promised_at, "reason": reason})
    turn.notify(letter, facts)


def convert(turn: Turn, clock: Clock) -> None:
    """End the clock without a breach and start that of the complaint's new form: now, or when its documents are there.

    The promises that other clocks measure stay as they were made.
    """
    terms = timing.terms_of(turn, clock.metric)
    if terms.convert is None:
        raise ValueError(f"{clock.metric} converts into nothing")  # `complaints.policy_terms` refuses such a policy
    timing.end(turn, clock, ClockState.LAPSED)
    state = turn.state
    state.form = terms.convert.form
    waits = timing.resolution_starts(turn) == "documents_complete" and state.documents_at is None
    # Reassessed past its due instant it is due now, and nobody's time began before that.
    following = None if waits else timing.start(turn, clock.metric, turn.now if clock.breach_cause else None)
    turn.enter(
        Kind.CONVERTED,
        metric=clock.metric,
        occurrence=clock.occurrence,
        form=state.form,
        into=following.occurrence if following else None,
        target=following.target if following else None,
        due_at=following.due_at if following else None,
    )
    state.promised_at = delivery.promised(turn)
    facts = letter_facts(turn, following or clock)
    turn.tell(Occasion.AGENT_CONVERTED, (state.owner,), facts.model_copy(update={"due_at": state.promised_at}))
    turn.notify(
        terms.send or Occasion.DATE_CHANGED,
        facts.model_copy(update={"promised_at": state.promised_at, "change": "conversion"}),
    )
