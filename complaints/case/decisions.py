"""Decisions: made, proposed above the approval limit, approved or declined; and extensions of a promised date."""

from complaints.case import delivery, limits, timing
from complaints.case.state import Decision
from complaints.case.turn import Turn, refuse
from complaints.clocks import Extended
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.model import made
from complaints.vocabulary import Kind, Metric, Occasion, Role, Status


def decide(turn: Turn, command: c.Decide) -> None:
    """Communicate a decision, or propose it if its cost is above what a handler may grant."""
    state = turn.state
    _check_remedies(turn, command)
    final = state.final_next
    decision = made(
        Decision,
        number=len(state.decisions) + 1,
        actor=command.actor,
        outcome=command.outcome,
        reasons=command.reasons,
        findings=command.findings,
        remedies=command.remedies,
        cost=command.cost,
        final=final,
        at=turn.at,
    )
    if _needs_approval(turn, command):
        _propose(turn, decision)
        return
    _communicate(turn, decision, Kind.DECIDED, command.actor)


def _check_remedies(turn: Turn, command: c.Decide) -> None:
    category = turn.rules.categories.get(turn.state.category or "")
    offered = {solution.name: solution for solution in category.solutions} if category else {}
    for index, remedy in enumerate(command.remedies):
        if remedy.solution not in offered:
            raise refuse(
                f"the category {turn.state.category} offers no {remedy.solution}",
                field=f"remedies.{index}.solution",
                remedy=f"use one of: {', '.join(sorted(offered)) or 'none'}",
            )
        limit = offered[remedy.solution].limit
        if limit is not None and remedy.cost > limit:
            raise refuse(
                f"is above the limit of {remedy.solution}, {limit} {turn.rules.currency}",
                field=f"remedies.{index}.cost",
                remedy=f"offer at most {limit}, or another solution; the limit is the policy's",
            )


def _needs_approval(turn: Turn, command: c.Decide) -> bool:
    category = turn.rules.categories.get(turn.state.category or "")
    limit = category.approval_from if category else None
    return limit is not None and command.cost >= limit and command.actor.role is not Role.LEAD


def _propose(turn: Turn, decision: Decision) -> None:
    """Nothing is communicated, resolution runs on, an approver becomes the next owner."""
    state, rules = turn.state, turn.rules
    state.proposal = decision
    top = len(rules.tiers) - 1
    index = rules.tier_index(rules.approver_tier) if rules.approver_tier else state.ladder.tier + 1
    before = turn.own(turn.team(rules.tiers[min(max(index, state.ladder.tier), top)]))
    turn.enter(
        Kind.DECISION_PROPOSED,
        decision.actor,
        decision.reasons,
        number=decision.number,
        outcome=decision.outcome,
        cost=decision.cost,
        remedies=[remedy.solution for remedy in decision.remedies],
        owner=state.owner,
        previous=before,
    )
    turn.tell(
        Occasion.AGENT_APPROVAL_WANTED, (state.owner,), NoticeFacts(outcome=decision.outcome, number=decision.number)
    )


def approve(turn: Turn, command: c.Approve) -> None:
    state = turn.state
    proposal = _pending(turn, command.actor)
    if proposal.actor.id == command.actor.id:
        raise refuse("nobody approves their own decision", field="actor.id", remedy="let another lead approve it")
    state.proposal = None
    proposal.approved_by = command.actor.id
    turn.enter(Kind.DECISION_APPROVED, command.actor, number=proposal.number, cost=proposal.cost, note=command.note)
    _communicate(turn, proposal, Kind.DECIDED, proposal.actor)
    turn.tell(
        Occasion.AGENT_APPROVAL_ANSWERED,
        (f"agent:{proposal.actor.id}",),
        NoticeFacts(reason="approved", number=proposal.number),
    )


def decline(turn: Turn, command: c.Decline) -> None:
    """The proposal goes back to whoever made it, with the reason."""
    state = turn.state
    proposal = _pending(turn, command.actor)
    state.proposal = None
    before = turn.own(f"agent:{proposal.actor.id}")
    turn.enter(
        Kind.DECISION_DECLINED,
        command.actor,
        number=proposal.number,
        reason=command.reason,
        owner=state.owner,
        previous=before,
    )
    turn.tell(
        Occasion.AGENT_APPROVAL_ANSWERED, (state.owner,), NoticeFacts(reason=command.reason, number=proposal.number)
    )


def _pending(turn: Turn, actor: c.Actor) -> Decision:
    if turn.state.proposal is None:
        raise refuse("no decision awaits approval", remedy="propose one with `decide`")
    if actor.role not in (Role.LEAD, Role.ADMIN):
        raise refuse("only a lead approves or declines", field="actor.role", remedy="ask a lead")
    return turn.state.proposal


def _communicate(turn: Turn, decision: Decision, kind: Kind, actor: c.Actor) -> None:
    state = turn.state
    decision.number = len(state.decisions) + 1
    decision.at = turn.at
    state.decisions.append(decision)
    state.proposal = None
    state.final_next = False
    turn.enter(
        kind,
        actor,
        decision.reasons,
        number=decision.number,
        outcome=decision.outcome,
        final=decision.final or None,
        cost=decision.cost,
        remedies=[remedy.solution for remedy in decision.remedies],
        approved_by=decision.approved_by,
        bodies=turn.rules.outside_bodies if decision.final else None,
        status=Status.RESOLVED,
    )
    for metric in (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.PROGRESS_UPDATE, Metric.RESOLUTION):
        timing.meet(turn, metric)
    delivery.go_to(turn, Status.RESOLVED)
    delivery.announce(turn, decision)


def extend(turn: Turn, command: c.Extend) -> None:
    """Move a clock by the policy's extension: a closed list of reasons, and told before the old date passes."""
    rule = timing.terms_of(turn, command.metric).extension if command.metric in turn.rules.clocks else None
    clock = turn.clock(command.metric)
    if rule is None:
        raise refuse(f"the policy has no extension for {command.metric}", field="metric", remedy="keep the date")
    if clock is None:
        raise refuse(f"no {command.metric} clock is running", field="metric", remedy="name a running clock")
    if command.reason not in rule.reasons:
        raise refuse(
            f"{command.reason} is no reason to extend", field="reason", remedy=f"use one of: {', '.join(rule.reasons)}"
        )
    if len(clock.extensions) >= rule.at_most:
        raise refuse(
            f"it has been extended as often as allowed ({rule.at_most})", field="metric", remedy="keep the date"
        )
    if rule.notice_before_expiry and clock.breached:
        raise refuse("the date has passed; an extension must be told before", field="metric", remedy="decide now")
    calendar = turn.calendar_of(clock)
    before = clock.base_due
    chosen = turn.rules.clocks[command.metric].choose(turn.facts)
    by = timing.countable(rule.by, before, turn.calendar(chosen.calendar if chosen else None), calendar)
    clock.base_due = by.after(before, calendar)
    clock.extensions = [*clock.extensions, Extended(by=by, reason=command.reason, at=turn.at, base_before=before)]
    clock.refresh(calendar)
    timing.expect_with(turn, clock)
    timing.touch(turn, clock)
    turn.enter(
        Kind.EXTENDED,
        command.actor,
        metric=clock.metric,
        occurrence=clock.occurrence,
        by=str(rule.by),
        reason=command.reason,
        note=command.note,
        due_at=clock.due_at,
    )
    if command.metric is Metric.RESOLUTION:
        limits.tell_extension(turn, clock, command.reason, rule.send)
    elif command.metric is Metric.INFORMATION:
        turn.notify(Occasion.INFORMATION_EXTENDED, NoticeFacts(answer_by=clock.due_at, reason=command.reason))
