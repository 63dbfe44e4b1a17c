"""Re-plan: a running case goes on under another policy, or a newer version of its own (DESIGN, section 4, "Pinned").

Every open clock is counted anew, from its own start, by the target that the new policy has for it; pauses and
extensions stay. What has happened stays too: a clock that ended, a breach, a warning that was given. What was agreed
with somebody is kept as well (a hold's review date, an action's due date), and the complainant's own time
(information, confirmation) is never cut.
"""

from copy import deepcopy
from datetime import datetime, timedelta

from complaints import lifecycle
from complaints.case import closing, delivery, timing
from complaints.case.outline import Outline, outline, outlined
from complaints.case.state import CaseState
from complaints.case.turn import Turn, refuse
from complaints.clocks import Clock, Reminder, Replanned, Warned
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.model import seconds_z
from complaints.plan import PinnedCalendar, Plan
from complaints.policy import TargetRule, Tier
from complaints.policy_clocks import ClockRules
from complaints.targets import Target
from complaints.vocabulary import ClockState, Kind, Metric, Occasion, Role, Status

CAUSE = "replanned"
AGREED = (Metric.HOLD, Metric.ACTION)
THEIRS = (Metric.INFORMATION, Metric.CONFIRMATION)
OPTIONAL = (Metric.NEXT_RESPONSE, Metric.PROGRESS_UPDATE, Metric.FOLLOW_UP)  # that a policy may leave out


def replan(turn: Turn, command: c.Replan) -> None:
    """Put the case under the command's plan. Under the same one nothing changes, and nothing is written."""
    plan = _checked(turn, command)
    state, old = turn.state, turn.state.plan
    if same(old, plan, state.received_at):
        return
    before, missing = outline(state), closing.missing_parts(state)
    tier, previous = turn.tier, state.owner
    _pin(state, plan)
    state.ladder.tier = plan.rules.tier_index(tier.name)
    if (owner := _owner(turn, previous, tier, old)) != previous:
        turn.own(owner)
    state.clocks = [_counted_anew(turn, clock) if clock.open else clock for clock in state.clocks]
    _begin_what_is_promised_now(turn, old)
    timing.follow_status(turn, state.status)
    _write(turn, command, old, before, previous if previous != state.owner else None)
    if previous != state.owner:
        turn.tell(Occasion.AGENT_ASSIGNED, (state.owner,), NoticeFacts(category=state.category, tier=turn.tier.name))
    _tell_date(turn)
    _closing(turn, command, missing)


def happened(state: CaseState, key: str) -> bool:
    """Whether the command of this key has re-planned the case; one that was accepted and has not, changed nothing."""
    return any(entry.kind is Kind.REPLANNED and entry.detail.get("command") == key for entry in state.timeline)


def named(plan: Plan) -> str:
    return f"{plan.rules.pack}@{plan.rules.version}"


# what is refused


def _checked(turn: Turn, command: c.Replan) -> Plan:
    plan = command.plan
    if command.actor.role not in (Role.LEAD, Role.ADMIN):
        raise refuse("only a lead re-plans", field="actor.role", remedy="ask a lead")
    if plan is None:
        raise refuse("the policy was not resolved", field="plan", remedy="send it with `tuntas replan`")
    state, rules = turn.state, plan.rules
    wanted = {rule.calendar for clock in rules.clocks.values() for rule in clock.targets} - {None}
    lacking = [*sorted(set(Metric) - set(OPTIONAL) - set(rules.clocks)), *sorted(wanted - set(plan.calendars))]  # type: ignore[type-var]
    if lacking:
        remedy = "see what `tuntas policy check` says about it"
        raise refuse(f"the policy {named(plan)} lacks {', '.join(map(str, lacking))}", field="plan", remedy=remedy)
    if state.category is not None and state.category not in rules.categories:
        raise refuse(
            f"the policy {named(plan)} has no category {state.category}, which is the case's",
            field="policy.categories",
            remedy=f"add it to the policy, or assess the case first as one of: {', '.join(rules.categories)}",
        )
    tiers = [tier.name for tier in rules.tiers]
    if turn.tier.name not in tiers:
        raise refuse(
            f"the policy {named(plan)} has no tier {turn.tier.name}, at which the case is",
            field="policy.tiers",
            remedy=f"add it to the policy, or bring the case first to one of: {', '.join(tiers)}",
        )
    return plan


# is it another plan at all


def same(one: Plan, other: Plan, since: datetime) -> bool:
    """Whether a case received then obeys both plans alike; one may reach further into the future."""
    if one.digest == other.digest:
        return True
    texts = (one.texts, one.texts_version) == (other.texts, other.texts_version)
    if one.rules != other.rules or not texts or one.calendars.keys() != other.calendars.keys():
        return False
    return all(_alike(calendar, other.calendars[name], since) for name, calendar in one.calendars.items())


def _alike(one: PinnedCalendar, other: PinnedCalendar, since: datetime) -> bool:
    """The same in the time that both cover, from the day before the receipt on."""
    until = min(one.until, other.until)
    first, last = (since - timedelta(days=1)).date().isoformat(), (until - timedelta(days=1)).date().isoformat()

    def seen(calendar: PinnedCalendar) -> tuple[object, ...]:
        closed = [day for day in calendar.closed if first <= day <= last]
        special = {day: hours for day, hours in calendar.special.items() if first <= day <= last}
        began = [seconds for at, seconds in calendar.offsets if at <= since][-1:]
        offsets = [(at, seconds) for at, seconds in calendar.offsets if since < at < until]
        return calendar.version, calendar.hours, closed, special, began, offsets

    return seen(one) == seen(other)


# the clocks


def _pin(state: CaseState, plan: Plan) -> None:
    """Every clock stays with the plan it was counted by until it is counted anew."""
    old = state.plan
    kept = [earlier.digest for earlier in state.earlier_plans]
    if old.digest not in kept:
        state.earlier_plans = [*state.earlier_plans, old]
        kept.append(old.digest)
    for clock in state.clocks:
        if clock.earlier_plan is None:
            clock.earlier_plan = kept.index(old.digest)
    state.plan = plan
    state.extending = None  # what the old policy's calendars would say is no longer wanted
    state.occurrences["replan"] = state.occurrences.get("replan", 0) + 1


def _counted_anew(turn: Turn, clock: Clock) -> Clock:
    configured = turn.rules.clocks.get(clock.metric)
    rule = configured.choose(turn.facts) if configured else None
    if configured is None or rule is None:
        timing.end(turn, clock, ClockState.CANCELLED)  # the new policy promises nothing of the kind
        return clock
    if clock.breached or clock.metric in AGREED:
        return clock
    fresh = deepcopy(clock)
    fresh.on_due, fresh.climbs = configured.terms(rule).on_due, configured.climbs
    fresh.warnings, fresh.reminders = _warnings(clock, configured), _reminders(turn, clock, configured, rule)
    timing.count_anew(turn, fresh, rule.target, rule.calendar)
    if clock.metric in THEIRS and fresh.due_at is not None and clock.due_at is not None and fresh.due_at < clock.due_at:
        return clock
    timing.touch(turn, fresh)
    return fresh


def _warnings(clock: Clock, configured: ClockRules) -> list[Warned]:
    """Those that were given, and what the new policy has beyond them: none is given twice."""
    given = [warning for warning in clock.warnings if warning.fired]
    last = max((warning.fraction for warning in given), default=0.0)
    return given + [Warned(fraction=fraction, at=None) for fraction in configured.warnings if fraction > last]


def _reminders(turn: Turn, clock: Clock, configured: ClockRules, rule: TargetRule) -> list[Reminder]:
    sent = [reminder for reminder in clock.reminders if reminder.key is not None]
    start, calendar = clock.started_at, turn.calendar(rule.calendar)
    return sent + [
        Reminder(number=number, after=after, at=after.due(start, calendar))
        for number, after in enumerate(configured.reminders, 1)
        if number > len(sent)
    ]


def _begin_what_is_promised_now(turn: Turn, old: Plan) -> None:
    """A promise that only the new policy makes, and whose beginning has passed already."""
    state, clocks = turn.state, turn.rules.clocks
    if state.status not in lifecycle.BEFORE_DECISION:
        return
    promised = [clock for clock in state.clocks if clock.metric is Metric.RESOLUTION]
    under_way = any(clock.open or clock.state is ClockState.MET for clock in promised)
    if not under_way and timing.resolution_starts(turn) == "receipt":
        # One that was converted and waited for documents waits no more; the time that has passed was the other one's.
        timing.start(turn, Metric.RESOLUTION, turn.now if promised else state.received_at)
    acknowledged = any(k.metric is Metric.ACKNOWLEDGEMENT and k.state is ClockState.MET for k in state.clocks)
    if acknowledged and Metric.PROGRESS_UPDATE in clocks and Metric.PROGRESS_UPDATE not in old.rules.clocks:
        timing.start(turn, Metric.PROGRESS_UPDATE)


# what is written and said


def _write(turn: Turn, command: c.Replan, old: Plan, before: Outline, previous: str | None) -> None:
    state = turn.state
    rows = []
    for clock in state.clocks:
        was = before.get(clock.key)
        if not clock.open and (was is None or not was.open):
            continue
        now = outlined(clock)
        rows.append({"metric": str(clock.metric), "occurrence": clock.occurrence,
                     "before": _printed(was.due_at if was else None), "after": _printed(now.due_at)})  # fmt: skip
        if clock.open and was is not None and was[1:4] != now[1:4]:  # target, calendar, due instant
            clock.replans = (
                *clock.replans,
                Replanned(
                    at=turn.at, actor=command.actor, reason=command.reason,
                    policy_before=named(old), policy_after=named(state.plan),
                    target_before=Target(was.target), target_after=clock.target, before=was.due_at, after=now.due_at,
                ),
            )  # fmt: skip
        moved = was is None or was[1:4] != now[1:4]
        if moved and clock.open and not clock.breached and clock.due_at is not None and clock.due_at <= turn.now:
            clock.breach_cause = CAUSE  # it breaches now, for this
    turn.enter(
        Kind.REPLANNED,
        command.actor,
        details={"from": named(old), "to": named(state.plan), "clocks": rows},
        reason=command.reason,
        owner=state.owner if previous else None,
        previous=previous,
        command=command.key,
    )


def _printed(at: datetime | None) -> str | None:
    return None if at is None else seconds_z(at)


def _owner(turn: Turn, owner: str, tier: Tier, old: Plan) -> str:
    """A team that owns the case is followed by its tier's name, as an approver's is; a person stays."""
    if owner == turn.team(tier):
        return turn.team()
    if not owner.startswith("team:"):
        return owner
    held = next((each.name for each in old.rules.tiers if turn.team(each) == owner), None)
    return turn.team(next((each for each in turn.rules.tiers if each.name == held), turn.tier))


def _tell_date(turn: Turn) -> None:
    """The promised date moves with the clock, and the complainant is told; never one that has passed."""
    at = delivery.promised(turn)
    if turn.state.promised_at is not None and at is not None and at > turn.now:
        delivery.tell_date(turn, "replan")


def _closing(turn: Turn, command: c.Replan, missing_before: tuple[str, ...]) -> None:
    """The new policy may ask for less, or more, before a case may close."""
    state = turn.state
    if state.status is not Status.CLOSING or closing.complete(turn, command.actor):
        return
    missing = closing.missing_parts(state)
    if missing != missing_before:
        facts = NoticeFacts(missing=missing, reason=state.closing_reason)
        turn.tell(Occasion.AGENT_CLOSURE_PARTS_MISSING, (state.owner,), facts)
