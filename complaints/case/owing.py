"""Who hears of the clock of an action: whoever owes it, beside whoever has the case."""

from complaints.case import escalation
from complaints.case.turn import Turn
from complaints.clocks import Clock
from complaints.policy import CauseRule
from complaints.vocabulary import Cause, Occasion


def owners(turn: Turn, clock: Clock) -> tuple[str, ...]:
    """The owner of the action that a clock is of; nobody for other clocks."""
    return tuple(a.owner for a in turn.state.actions if a.number == clock.action)


def on_breach(turn: Turn, clock: Clock) -> None:
    """The ladder moves as for any climbing clock. The action's owner is told, if that has not told them already."""
    before = turn.state.owner
    escalation.on_breach(turn, clock)
    rule = turn.rules.escalation.causes.get(Cause.BREACH, CauseRule())
    told = {before, turn.state.owner, *escalation.recipients(turn, rule.tell)}
    missed = [owner for owner in owners(turn, clock) if owner not in told]
    if missed:
        turn.tell(Occasion.AGENT_BREACH, missed, escalation.breach_facts(turn, clock))
