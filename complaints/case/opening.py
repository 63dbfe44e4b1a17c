"""From receipt to investigation: logged, verified, assessed; by rule where the intake says enough, else by an agent."""

from complaints.case import delivery, escalation, timing
from complaints.case.turn import Turn
from complaints.messages.commands import Actor, Assess
from complaints.messages.duties import NoticeFacts
from complaints.timeline import COMPLAINANT, SYSTEM
from complaints.vocabulary import Kind, Metric, Occasion, Status


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
    )
    state.status = Status.VERIFICATION
    timing.start(turn, Metric.ACKNOWLEDGEMENT)
    timing.start(turn, Metric.FIRST_RESPONSE)
    if timing.resolution_starts(turn) == "receipt":
        timing.start(turn, Metric.RESOLUTION)
    turn.notify(Occasion.ACKNOWLEDGEMENT, delivery.acknowledgement(turn))
    turn.tell(
        Occasion.AGENT_ASSIGNED, (state.owner,), NoticeFacts(category=state.category, tier=turn.tier.name, cause=None)
    )
    verify(turn, SYSTEM)


def missing(turn: Turn) -> tuple[str, ...]:
    """What the category needs and nobody has given."""
    category = turn.rules.categories.get(turn.state.category or "")
    return tuple(name for name in category.needs if turn.state.details.get(name) in (None, "")) if category else ()


def verify(turn: Turn, actor: Actor, note: str | None = None) -> None:
    """Go on if everything is there; what is missing is asked in one message. An agent's word makes up for it."""
    lacking = missing(turn) if actor is SYSTEM else ()
    if lacking:
        turn.enter(Kind.INFORMATION_MISSING, missing=lacking, status=Status.AWAITING_COMPLAINANT)
        delivery.ask(turn, None, lacking)
        return
    turn.state.documents_at = turn.at
    turn.enter(Kind.VERIFIED, actor, note=note, status=Status.ASSESSMENT)
    delivery.go_to(turn, Status.ASSESSMENT)
    if turn.clock(Metric.RESOLUTION) is None:  # it waited for the documents; a re-planned case may have one already
        timing.start(turn, Metric.RESOLUTION)
    if turn.state.category is not None:
        assessed(turn, SYSTEM)


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
            NoticeFacts(
                promised_at=promised,
                steps=turn.label_steps(),
                category=state.category,
                severity=state.severity,
                change=None if first else "reassessed",
            ),
        )
