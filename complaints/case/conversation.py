"""What agents say to the complainant, and record of what the complainant said to them."""

from complaints import lifecycle
from complaints.case import complainant, delivery, holds, opening, promises, timing, verifying
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.messages.intake import Consent
from complaints.messages.signals import SatisfactionConfirmed
from complaints.model import made
from complaints.vocabulary import Channel, Kind, Metric, Occasion, Status


def _keep_promises(turn: Turn, *metrics: Metric) -> None:
    """A person speaks to the complainant: these promises are kept, and so is the progress update."""
    for metric in (*metrics, Metric.PROGRESS_UPDATE):
        timing.meet(turn, metric)
    timing.refresh_ladder(turn)


def _promise_progress(turn: Turn) -> None:
    """The next progress update counts from here, while the complaint is worked on and once it was acknowledged."""
    acknowledged = any(clock.metric is Metric.PROGRESS_UPDATE for clock in turn.state.clocks)
    if acknowledged and turn.state.status in lifecycle.BEFORE_DECISION:
        timing.start(turn, Metric.PROGRESS_UPDATE)


def spoke(turn: Turn) -> None:
    """Any notice a person caused counts as contact, also one that only tells a new date."""
    clock = turn.clock(Metric.PROGRESS_UPDATE)
    if clock is not None and clock.started_at < turn.at:
        _keep_promises(turn)
        _promise_progress(turn)


def respond(turn: Turn, command: c.Respond) -> None:
    turn.enter(Kind.RESPONDED, command.actor, command.text)
    _keep_promises(turn, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
    _promise_progress(turn)
    turn.notify(Occasion.RESPONSE, made(NoticeFacts, words=command.text))


def send_update(turn: Turn, command: c.SendUpdate) -> None:
    turn.enter(Kind.UPDATE_SENT, command.actor, command.text)
    _keep_promises(turn)
    _promise_progress(turn)
    turn.notify(Occasion.PROGRESS_UPDATE, NoticeFacts(words=command.text, promised_at=delivery.promised(turn)))


def request_information(turn: Turn, command: c.RequestInformation) -> None:
    turn.enter(Kind.INFORMATION_REQUESTED, command.actor, command.text, status=Status.AWAITING_COMPLAINANT)
    _keep_promises(turn, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
    delivery.ask(turn, command.text)
    _promise_progress(turn)


def hold(turn: Turn, command: c.Hold) -> None:
    holds.hold(turn, command)
    _keep_promises(turn)
    _promise_progress(turn)


def record_reply(turn: Turn, command: c.RecordReply) -> None:
    complainant.replied(
        turn, command.text, command.details, actor=command.actor, how=command.how, files=command.evidence
    )


def record_confirmation(turn: Turn, command: c.RecordConfirmation) -> None:
    answer = SatisfactionConfirmed(
        message_id=command.key,
        satisfied=command.satisfied,
        rating=command.rating,
        text=command.text,
        decision=command.decision,
        action=command.action,
    )
    if command.action is not None:
        promises.recorded(turn, command, answer)
        return
    complainant.confirmed(turn, answer, actor=command.actor, how=command.how)


def record_withdrawal(turn: Turn, command: c.RecordWithdrawal) -> None:
    complainant.withdrew(turn, command.reason, actor=command.actor, how=command.how)


def amend(turn: Turn, command: c.Amend) -> None:
    changes = command.model_dump(exclude={"act", "key", "actor", "consent", "consent_at"}, exclude_none=True)
    if command.consent is None and command.consent_at is not None:
        raise refuse("says when, but not how it was given", field="consent", remedy="give `consent` too")
    if not changes and command.consent is None:
        raise refuse("nothing to amend", remedy="give a name, an address, a language, a channel or the consent")
    state, before = turn.state, turn.state.complainant
    if command.consent is not None:
        changes["consent"] = Consent(how=command.consent, given_at=command.consent_at or turn.at)
    state.complainant = before.model_copy(update=changes)
    verifying.contact_changed(
        turn, frozenset(on for on in Channel if before.address_on(on) != state.complainant.address_on(on))
    )
    turn.enter(Kind.AMENDED, command.actor, changed=sorted(changes))
    if command.consent is not None:
        opening.consent_given(turn, command.actor, opening.returns_to(turn))
    state.amended = turn.sequence
    if command.consent is not None:
        opening.reconsider(turn)
    if changes.keys() - {"consent"} and state.stopped and (state.complainant.email or state.complainant.phone):
        delivery.send_again(turn)
