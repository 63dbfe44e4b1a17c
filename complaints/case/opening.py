"""From receipt to investigation: logged, verified, assessed; by rule where the intake says enough, else by an agent."""

from complaints.case import delivery, escalation, evidence, reaching, timing, verifying
from complaints.case.turn import Turn
from complaints.messages.commands import Actor, Assess
from complaints.messages.duties import NoticeFacts
from complaints.model import made
from complaints.timeline import COMPLAINANT, SYSTEM
from complaints.vocabulary import Kind, MetBy, Metric, Occasion, Status


def receive(turn: Turn) -> None:
    """Log the complaint, start its clocks at receipt, and go as far as the intake allows."""
    state, intake = turn.state, turn.state.intake
    turn.enter(
        Kind.RECEIVED,
        COMPLAINANT,
        intake.text,
        channel=intake.channel,
        form=intake.effective_form,
        category=state.category,
        severity=intake.severity,
        source=intake.source,
        owner=state.owner,
        remedy_sought=intake.remedy_sought,
        proof=intake.proof,
    )
    evidence.received(turn, intake.evidence, COMPLAINANT)
    if intake.proof is not None:
        verifying.prove(turn, intake.channel, intake.proof)
    if state.complainant.consent is not None:
        consent_given(turn, COMPLAINANT)
    state.status = Status.VERIFICATION
    timing.start(turn, Metric.ACKNOWLEDGEMENT)
    timing.start(turn, Metric.FIRST_RESPONSE)
    if timing.resolution_starts(turn) == "receipt":
        timing.start(turn, Metric.RESOLUTION)
    turn.notify(Occasion.ACKNOWLEDGEMENT, delivery.acknowledgement(turn))
    turn.tell(Occasion.AGENT_ASSIGNED, (state.owner,), made(NoticeFacts, category=state.category, tier=turn.tier.name))
    verifying.check_customer(turn)
    verify(turn, SYSTEM)


def consent_given(turn: Turn, actor: Actor, back: Status | None = None) -> None:
    """Record the consent that the complainant now has: how it was given, and when."""
    consent = turn.state.complainant.consent
    if consent is not None:
        turn.enter(Kind.CONSENT_RECORDED, actor, consent.how, given_at=consent.given_at, status=back)
        turn.state.amended = turn.sequence
        evidence.received(turn, consent.evidence, actor, of=verifying.CONSENT)


def verify(turn: Turn, actor: Actor, note: str | None = None) -> None:
    """Go on if everything is there; what is missing is asked in one message. An agent's word makes up for it."""
    if actor is SYSTEM:
        if lacking := verifying.missing(turn):
            lacking += verifying.along(turn)
            turn.enter(Kind.INFORMATION_MISSING, missing=lacking, status=Status.AWAITING_COMPLAINANT)
            delivery.ask(turn, None, lacking)
            return
        if verifying.being_checked(turn):
            return
    verified(turn, actor, note)


def verified(turn: Turn, actor: Actor, note: str | None = None, *, without: tuple[str, ...] = ()) -> None:
    """Everything that is needed is there, or is done without."""
    turn.state.documents_at = turn.at
    turn.enter(Kind.VERIFIED, actor, note=note, without=without or None, status=Status.ASSESSMENT)
    delivery.go_to(turn, Status.ASSESSMENT)
    if turn.clock(Metric.RESOLUTION) is None:  # it waited for the documents; a re-planned case may have one already
        timing.start(turn, Metric.RESOLUTION)
    if turn.state.category is not None:
        assessed(turn, SYSTEM)


def returns_to(turn: Turn) -> Status | None:
    """Verification, if what it asked for is all there although nobody has answered; None if the case stays."""
    state = turn.state
    asked = state.status is Status.AWAITING_COMPLAINANT and state.entered_from is Status.VERIFICATION
    automatic = state.question is not None and state.question.automatic
    return Status.VERIFICATION if asked and automatic and not verifying.missing(turn) else None


def reconsider(turn: Turn, *, ask: bool = False) -> None:
    """What was missing may have come another way: then the case goes on; else the question is for what is left.

    `ask`: what has turned out to be missing is asked for, if no question is out.
    """
    state = turn.state
    if (back := returns_to(turn)) is not None:
        return_from_question(turn, back)
    elif state.status is Status.VERIFICATION and (ask or not verifying.missing(turn)):
        verify(turn, SYSTEM)
    elif state.entered_from is Status.VERIFICATION and state.question is not None and state.question.automatic:
        state.question.missing = verifying.missing(turn) + verifying.along(turn)


def return_from_question(turn: Turn, back: Status) -> None:
    """The waiting ends; the promised date moves by the time we waited."""
    state = turn.state
    timing.meet(turn, Metric.INFORMATION, MetBy.COMPLAINANT)
    automatic = state.question is not None and state.question.automatic
    state.question = None
    reaching.answered(turn, Occasion.INFORMATION_REQUEST)
    delivery.go_to(turn, back)
    if back is Status.VERIFICATION and automatic and not verifying.missing(turn):
        verify(turn, SYSTEM)
    else:
        delivery.tell_date(turn, "pause")


def reassess(turn: Turn, command: Assess) -> None:
    """An agent's assessment: category and severity, from which targets are chosen again from the same start."""
    state = turn.state
    if command.category is not None:
        state.category = command.category
    if command.severity is not None:
        state.severity = command.severity
    assessed(turn, command.actor, command.note)


def assessed(turn: Turn, actor: Actor, note: str | None = None) -> None:
    """Category, severity and so targets and tier are settled; the complainant is told the steps and the date."""
    state = turn.state
    first = state.assessed_at is None
    state.assessed_at = state.assessed_at or turn.at
    arrives = state.status is Status.ASSESSMENT
    turn.enter(
        Kind.ASSESSED,
        actor,
        category=state.category,
        severity=state.severity,
        note=note,
        status=Status.INVESTIGATION if arrives else None,
    )
    timing.choose_again(turn)
    if arrives:
        delivery.go_to(turn, Status.INVESTIGATION)
    escalation.enter_by_severity(turn, actor)
    timing.refresh_ladder(turn)
    promised = delivery.promised(turn)
    if first or (promised is not None and promised != state.promised_at):
        state.promised_at = promised
        turn.notify(
            Occasion.ASSESSMENT,
            made(
                NoticeFacts,
                promised_at=promised,
                steps=turn.label_steps(),
                category=state.category,
                severity=state.severity,
                change=None if first else "reassessed",
            ),
        )
