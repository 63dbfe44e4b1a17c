"""The ladder: one per case. Who is raised, who is told, when it moves again (DESIGN, section 5)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from complaints.case import timing
from complaints.case.turn import Turn
from complaints.clocks import Clock
from complaints.messages.commands import Actor
from complaints.messages.duties import ActionRow, Escalation, NoticeFacts
from complaints.model import made
from complaints.policy import CauseRule
from complaints.timeline import SYSTEM
from complaints.vocabulary import ActionKind, Cause, Kind, Occasion

JUDGE = "judge_effect"
"""What a review asks, as the policy's texts word it."""


def recipients(turn: Turn, names: Iterable[str]) -> tuple[str, ...]:
    """`owner`, `tier` and tier names as the people and teams they stand for now."""
    teams = {tier.name: f"team:{tier.team}" for tier in turn.rules.tiers}
    known = {**teams, "owner": turn.state.owner, "tier": turn.team()}
    return tuple(dict.fromkeys(known[name] for name in names))


def at_top(turn: Turn) -> bool:
    return turn.state.ladder.tier == len(turn.rules.tiers) - 1


def _instant(turn: Turn) -> datetime:
    """When the ladder moves: at the effect's own instant, but after an outage when it is acted on."""
    return turn.now if turn.late else turn.at


def raise_case(
    turn: Turn,
    cause: Cause,
    *,
    to: int | None = None,
    actor: Actor = SYSTEM,
    by_clock: bool = False,
    reason: str | None = None,
    clock: Clock | None = None,
) -> bool:
    """Raise the case to a tier (the next one up), once per instant. False if it was raised already or is at the top."""
    ladder = turn.state.ladder
    target = min(ladder.tier + 1 if to is None else to, len(turn.rules.tiers) - 1)
    instant = _instant(turn)
    if target <= ladder.tier or ladder.last_instant == instant:
        return False
    before = turn.tier.name
    ladder.tier, ladder.raises, ladder.reminders = target, ladder.raises + 1, 0
    ladder.raised_at = ladder.anchor = instant
    ladder.last_instant = instant
    ladder.pauses = []
    if by_clock:
        ladder.clock_raised_at = instant
    rule = turn.rules.escalation.causes.get(cause, CauseRule())
    previous = turn.own(turn.team()) if rule.owner_changes else turn.state.owner
    told = recipients(turn, rule.tell)
    turn.enter(
        Kind.ESCALATED,
        actor,
        cause=cause,
        tier=turn.tier.name,
        from_tier=before,
        owner=turn.state.owner,
        told=told,
        reason=reason,
        metric=clock.metric if clock else None,
        occurrence=clock.occurrence if clock else None,
    )
    _emit(turn, cause=cause, rule=rule, previous=previous, told=told, reason=reason, clock=clock)
    timing.refresh_ladder(turn)
    return True


def _emit(
    turn: Turn,
    *,
    cause: Cause,
    rule: CauseRule,
    previous: str,
    told: tuple[str, ...],
    reason: str | None,
    clock: Clock | None,
) -> None:
    state = turn.state
    category = turn.rules.categories.get(state.category or "")
    number = turn.occurrence("escalation")
    key = f"{state.reference}/escalation/{number}"
    if rule.owner_changes:
        state.owner_sought = key
    turn.duties.append(
        made(
            Escalation,
            key=key,
            reference=state.reference,
            number=number,
            at=turn.at,
            cause=cause,
            tier=turn.tier.name,
            team=turn.tier.team,
            owner_changes=rule.owner_changes,
            previous_owner=previous,
            tell=told,
            skill=category.skill if category else None,
            language=state.complainant.language,
            pack=turn.rules.pack,
            texts=state.plan.texts,
            facts=made(
                NoticeFacts,
                cause=cause,
                tier=turn.tier.name,
                reason=reason,
                category=state.category,
                severity=state.severity,
                metric=clock.metric if clock else None,
                due_at=clock.breached_at if clock else None,
            ),
        )
    )


def on_breach(turn: Turn, clock: Clock) -> None:
    """A breach of a climbing clock raises one tier, unless a clock raised it within the climb interval."""
    ladder = turn.state.ladder
    if not at_top(turn) and not _raised_lately(turn) and raise_case(turn, Cause.BREACH, by_clock=True, clock=clock):
        return
    rule = turn.rules.escalation.causes.get(Cause.BREACH, CauseRule())
    turn.tell(Occasion.AGENT_BREACH, recipients(turn, rule.tell), breach_facts(turn, clock))
    if ladder.anchor is None:
        ladder.anchor = _instant(turn) if at_top(turn) or ladder.raised_at is None else ladder.raised_at
    timing.refresh_ladder(turn)


def _raised_lately(turn: Turn) -> bool:
    """Whether a clock raised the case within the climb interval before this instant."""
    raised = turn.state.ladder.clock_raised_at
    rule = next((r for r in turn.rules.escalation.climb if r.when.matches(turn.facts)), None)
    if raised is None or rule is None:
        return False
    return turn.at < rule.target.due(raised, turn.calendar(rule.calendar))


def climb(turn: Turn) -> None:
    """The interval since the last raise has passed and a climbing clock is still breached."""
    ladder = turn.state.ladder
    clock = max(timing.climbing(turn.state), key=lambda c: c.breached_at or turn.now)
    if not at_top(turn):
        if not raise_case(turn, Cause.STILL_BREACHED, by_clock=True, clock=clock):
            ladder.anchor = _instant(turn)  # raised at this very instant for another cause
            timing.refresh_ladder(turn)
        return
    ladder.reminders += 1
    ladder.anchor = _instant(turn)
    ladder.pauses = []
    rule = turn.rules.escalation.causes.get(Cause.STILL_BREACHED, CauseRule())
    told = recipients(turn, dict.fromkeys((*rule.tell, "tier", "owner")))
    turn.enter(Kind.TOP_REMINDED, number=ladder.reminders, tier=turn.tier.name, told=told, metric=clock.metric)
    facts = breach_facts(turn, clock, number=ladder.reminders)
    turn.tell(Occasion.AGENT_TOP_REMINDER, told, facts)
    timing.refresh_ladder(turn)


def breach_facts(turn: Turn, clock: Clock, **more: Any) -> NoticeFacts:
    """What is told of a clock that is late, or soon will be; `more` facts go before those of its action."""
    return made(
        NoticeFacts,
        metric=clock.metric,
        due_at=clock.breached_at or clock.due_at,
        tier=turn.tier.name,
        category=turn.state.category,
        severity=turn.state.severity,
        **{**_of_action(turn, clock), **more},
    )


def _of_action(turn: Turn, clock: Clock) -> dict[str, Any]:
    """Which action a clock is of: its number and what was promised."""
    if clock.action is None:
        return {}
    row = next((a for a in turn.state.actions if a.number == clock.action), None)
    return {} if row is None else {"number": row.number, **spoken_of(row)}


def spoken_of(row: ActionRow) -> dict[str, Any]:
    """How its owner is told of an action: in its own words, those of a review with what is asked."""
    if row.kind is ActionKind.REVIEW:
        return {"reason": JUDGE, "actions": (row.description,)}
    return {"reason": row.description}


def enter_by_severity(turn: Turn, actor: Actor = SYSTEM) -> None:
    """A severity with an entry tier is raised there, and the tiers it names are told."""
    entry = turn.rules.escalation.entry.get(turn.state.severity)
    if entry is None:
        return
    raise_case(turn, Cause.ENTRY_SEVERITY, to=turn.rules.tier_index(entry.tier), actor=actor)
    if entry.tell:
        facts = NoticeFacts(
            cause=Cause.ENTRY_SEVERITY, severity=turn.state.severity, category=turn.state.category, tier=turn.tier.name
        )
        turn.tell(Occasion.AGENT_ESCALATED, recipients(turn, entry.tell), facts)


def lower(turn: Turn, actor: Actor, to: int, reason: str) -> None:
    """Tiers fall only by an agent's command; the interval of a running breach starts over."""
    ladder = turn.state.ladder
    before = turn.tier.name
    ladder.tier, ladder.reminders, ladder.pauses = to, 0, []
    if ladder.anchor is not None:
        ladder.anchor = turn.now
    turn.own(turn.team())
    turn.enter(Kind.DE_ESCALATED, actor, tier=turn.tier.name, from_tier=before, owner=turn.state.owner, reason=reason)
    turn.tell(Occasion.AGENT_ASSIGNED, (turn.state.owner,), NoticeFacts(tier=turn.tier.name, reason=reason))
    timing.refresh_ladder(turn)
