"""Who answers for the case: assignment, transfer within the policy's limit, and the tier."""

import re

from complaints.case import escalation
from complaints.case.turn import Turn, refuse
from complaints.errors import Refused
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.messages.feedback import OwnerFound
from complaints.vocabulary import Cause, Kind, Occasion


class LimitReached(Refused):
    """Refused, and the case went up a tier for it: unlike any other refusal, this one changes the case."""


_ID = re.compile(r"(agent:)?[\w.@:+-]+")


def owner_named(turn: Turn, name: str, *, field: str = "to") -> str:
    """`team:NAME` for a team of the policy, else `agent:ID`. Raises `Refused`, naming the field, for neither."""
    teams = {tier.team for tier in turn.rules.tiers}
    if name.startswith("team:"):
        if name.removeprefix("team:") not in teams:
            raise refuse(
                f"there is no team {name.removeprefix('team:')}", field=field, remedy=f"use one of: {sorted(teams)}"
            )
        return name
    if _ID.fullmatch(name) is None or name == "agent:":
        raise refuse("names nobody", field=field, remedy="write an agent's id, or team: and a team's name")
    if name.startswith("agent:"):
        return name
    return f"team:{name}" if name in teams else f"agent:{name}"


def assign(turn: Turn, command: c.Assign) -> None:
    _hand_to(turn, command.actor, owner_named(turn, command.to), Kind.ASSIGNED, None)


def transfer(turn: Turn, command: c.Transfer) -> None:
    """Past the policy's limit it is refused, and the case goes up a tier to one accountable owner."""
    state = turn.state
    to = owner_named(turn, command.to)
    if to == state.owner:
        raise refuse(f"{to} owns the case already", field="to", remedy="transfer it to somebody else")
    if state.transfers >= turn.rules.transfers:
        escalation.raise_case(turn, Cause.TRANSFER_LIMIT, actor=command.actor, reason=command.note)
        turn.tell(
            Occasion.AGENT_TRANSFER_REFUSED, (state.owner,), NoticeFacts(actor=command.actor.id, reason=command.note)
        )
        raise LimitReached(
            f"the case was transferred {state.transfers} times, the limit of the policy",
            field="act",
            remedy=f"{state.owner} at tier {turn.tier.name} answers for it now",
        )
    state.transfers += 1
    _hand_to(turn, command.actor, to, Kind.TRANSFERRED, command.note)


def _hand_to(turn: Turn, actor: c.Actor, to: str, kind: Kind, note: str | None) -> None:
    state = turn.state
    before = turn.own(to)
    turn.enter(
        kind, actor, to=to, previous=before, note=note, number=state.transfers if kind is Kind.TRANSFERRED else None
    )
    facts = NoticeFacts(
        category=state.category, severity=state.severity, reason=note, actor=actor.id, tier=turn.tier.name
    )
    if to != before:
        turn.tell(Occasion.AGENT_ASSIGNED, (to,), facts)
        turn.tell(Occasion.AGENT_RELIEVED, (before,), facts)


def escalate(turn: Turn, command: c.Escalate) -> None:
    if escalation.at_top(turn):
        raise refuse("the case is at the top tier", remedy="assign it, or decide it")
    to = _tier(turn, command.to)
    if to is not None and to <= turn.state.ladder.tier:
        raise refuse("that tier is not above the present one", field="to", remedy="name a higher tier")
    if not escalation.raise_case(turn, Cause.COMMAND, to=to, actor=command.actor, reason=command.reason):
        raise refuse("the case was raised at this very instant", remedy="look at it again")


def de_escalate(turn: Turn, command: c.DeEscalate) -> None:
    present = turn.state.ladder.tier
    to = _tier(turn, command.to)
    if present == 0:
        raise refuse("the case is at the first tier", remedy="assign it instead")
    if to is not None and to >= present:
        raise refuse("that tier is not below the present one", field="to", remedy="name a lower tier")
    escalation.lower(turn, command.actor, present - 1 if to is None else to, command.reason)


def _tier(turn: Turn, name: str | None) -> int | None:
    if name is None:
        return None
    try:
        return turn.rules.tier_index(name)
    except KeyError:
        known = ", ".join(tier.name for tier in turn.rules.tiers)
        raise refuse(f"the policy has no tier {name}", field="to", remedy=f"use one of: {known}") from None


def found(turn: Turn, answer: OwnerFound) -> None:
    """The owner an escalation found. Too late, if somebody has given the case an owner since."""
    state = turn.state
    for log in state.notices:
        if log.within == answer.key and log.handed_over_at is None:
            log.handed_over_at = turn.now
    if answer.key == state.owner_sought and answer.owner != state.owner:
        turn.enter(Kind.OWNER_CHANGED, owner=answer.owner, previous=turn.own(answer.owner))
