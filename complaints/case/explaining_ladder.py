"""Why a case is at its tier: every time it moved on the ladder, and every breach that could have raised it and did not.

The timeline says when a case was raised. Why a breach did not raise it is found by going through the timeline with what
held at each entry: tier, owner, severity, and when a clock had raised it last (DESIGN, section 5).
"""

from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from complaints.case import timing
from complaints.case.state import CaseState
from complaints.messages.reasons import EscalationReasons, LadderStep
from complaints.plan import Plan
from complaints.policy import CauseRule, Rules
from complaints.timeline import Entry
from complaints.vocabulary import METRIC_ORDER, Cause, Form, Kind, Metric, Severity

BY_CLOCK = (Cause.BREACH, Cause.STILL_BREACHED)
_OWNER = {Kind.ASSIGNED: "to", Kind.TRANSFERRED: "to"}
WhyNot = Literal["raised_lately", "at_top", "raised_at_this_instant"]


def escalation_reasons(state: CaseState) -> EscalationReasons:
    ladder = state.ladder
    breached = sorted({clock.metric for clock in timing.climbing(state)}, key=METRIC_ORDER.__getitem__)
    top = ladder.tier == len(state.plan.rules.tiers) - 1
    return EscalationReasons(
        reference=state.reference,
        tier=state.plan.rules.tiers[ladder.tier].name,
        owner=state.owner,
        raises=ladder.raises,
        steps=tuple(_Walk(state).steps()),
        next=("remind" if top else "raise") if breached else None,
        next_at=ladder.next_at,
        breached=tuple(breached),
    )


class _Walk:
    """Goes through the timeline and knows what held at each entry."""

    def __init__(self, state: CaseState) -> None:
        self.state = state
        replanned = next((e for e in state.timeline if e.kind is Kind.REPLANNED), None)
        self.plan = self._named(replanned.detail["from"]) if replanned else state.plan
        self.tier = self.rules.tiers[0].name
        self.owner = f"team:{self.rules.tiers[0].team}"
        self.severity, self.category = state.severity, state.category
        self.form = state.intake.effective_form
        self.raised_by_clock: datetime | None = None
        self.raised_at: datetime | None = None
        self.found: list[LadderStep] = []

    @property
    def rules(self) -> Rules:
        return self.plan.rules

    def _named(self, name: str) -> Plan:
        """The plan that was meant by `pack@version`."""
        plans = [self.state.plan, *self.state.earlier_plans]
        return next((p for p in plans if f"{p.rules.pack}@{p.rules.version}" == name), self.state.plan)

    def steps(self) -> list[LadderStep]:
        timeline = self.state.timeline
        first = next((e for e in timeline if e.kind is Kind.ASSESSED), None)
        if first is not None:  # what held before is what it found: the default, or the intake's
            self.severity, self.category = Severity(first.detail["severity"]), first.detail.get("category")
        for entry, following in pairwise([*timeline, None]):
            if entry is not None:
                self._take(entry, following)
        return self.found

    def _take(self, entry: Entry, following: Entry | None) -> None:
        detail = entry.detail
        match entry.kind:
            case Kind.ASSESSED:
                self.severity, self.category = Severity(detail["severity"]), detail.get("category")
            case Kind.CONVERTED:
                self.form = Form(detail["form"])
            case Kind.REPLANNED:
                self.plan = self._named(detail["to"])
            case Kind.ESCALATED:
                self._raised(entry)
            case Kind.DE_ESCALATED:
                self._add(entry, "lowered", from_tier=detail["from_tier"], tier=detail["tier"], reason=detail["reason"])
                self.tier = detail["tier"]
            case Kind.TOP_REMINDED:
                about = {"metric": Metric(detail["metric"]), "due_at": self._due(detail["metric"], None, entry)}
                self._add(entry, "reminded", told=detail["told"], number=detail["number"], **about)
            case Kind.OWNER_CHANGED if self.found and self.found[-1].owner == detail.get("previous"):
                told = dict.fromkeys((*self.found[-1].told, detail["owner"]))
                self.found[-1] = self.found[-1].model_copy(update={"owner": detail["owner"], "told": tuple(told)})
            case Kind.BREACHED if self._climbs(detail) and not _raises(following, detail):
                self._not_raised(entry, Cause.BREACH)
            case Kind.DISPUTED if not detail.get("final") and (following is None or following.kind != Kind.ESCALATED):
                self._not_raised(entry, Cause.DISPUTE)
            case _:
                pass
        self.owner = detail.get(_OWNER.get(entry.kind, "owner"), self.owner)

    def _raised(self, entry: Entry) -> None:
        detail, instant = entry.detail, self._instant(entry)
        cause = Cause(detail["cause"])
        metric, occurrence = detail.get("metric"), detail.get("occurrence")
        self._add(
            entry,
            "raised",
            cause=cause,
            metric=Metric(metric) if metric else None,
            occurrence=occurrence,
            due_at=self._due(metric, occurrence, entry) if metric else None,
            from_tier=detail["from_tier"],
            tier=detail["tier"],
            owner=detail["owner"],
            told=_both(detail["told"], self.owner, detail["owner"]),
            reason=detail.get("reason"),
        )
        self.tier, self.raised_at = detail["tier"], instant
        if cause in BY_CLOCK:
            self.raised_by_clock = instant

    def _not_raised(self, entry: Entry, cause: Cause) -> None:
        rule = self.rules.escalation.causes.get(cause, CauseRule())
        breach = cause is Cause.BREACH
        until = self._interval_end() if breach else None
        why = self._why_not(entry, until)
        about: dict[str, Any] = {}
        if breach:
            metric, occurrence = Metric(entry.detail["metric"]), entry.detail["occurrence"]
            about = {"metric": metric, "occurrence": occurrence, "due_at": self._due(metric, occurrence, entry)}
        told = self._told(rule) if breach else ()
        until = until if why == "raised_lately" else None
        self._add(entry, "not_raised", cause=cause, told=told, why_not=why, until=until, **about)

    def _why_not(self, entry: Entry, until: datetime | None) -> WhyNot:
        if self.tier == self.rules.tiers[-1].name:
            return "at_top"
        if self.raised_at == self._instant(entry) and (until is None or self.raised_by_clock != self.raised_at):
            return "raised_at_this_instant"
        return "raised_lately"

    def _interval_end(self) -> datetime | None:
        """Until when no other clock raises the case, since one did."""
        if self.raised_by_clock is None:
            return None
        facts = self.rules.facts(self.state.intake.channel, self.category, self.severity, self.form)
        rule = next((rule for rule in self.rules.escalation.climb if rule.when.matches(facts)), None)
        return rule.target.due(self.raised_by_clock, self.plan.calendar(rule.calendar)) if rule else None

    def _told(self, rule: CauseRule) -> tuple[str, ...]:
        teams = {tier.name: f"team:{tier.team}" for tier in self.rules.tiers}
        known = {**teams, "owner": self.owner, "tier": teams.get(self.tier, self.owner)}
        return tuple(dict.fromkeys(known[name] for name in rule.tell if name in known))

    def _climbs(self, detail: dict[str, Any]) -> bool:
        return any(clock.climbs for clock in self.state.clocks if _same(clock.metric, clock.occurrence, detail))

    def _due(self, metric: str, occurrence: int | None, until: Entry) -> datetime | None:
        """The due instant that was breached."""
        breaches = (
            clock.breached_at
            for clock in self.state.clocks
            if clock.metric == metric
            and occurrence in (None, clock.occurrence)
            and clock.breached_at is not None
            and clock.breached_at <= until.acted_at
        )
        return max(breaches, default=None)

    def _instant(self, entry: Entry) -> datetime:
        """When the ladder moved: at the effect's instant, or when it was acted on where that was late by the rule."""
        late = entry.acted_at - entry.at > self.rules.outage.after.amount
        return entry.acted_at if late else entry.at

    def _add(self, entry: Entry, kind: Literal["raised", "not_raised", "lowered", "reminded"], **about: Any) -> None:
        same = {"from_tier": self.tier, "tier": self.tier, "previous_owner": self.owner}
        none = dict.fromkeys(("cause", "metric", "occurrence", "due_at", "reason", "why_not", "until", "number"))
        about = {**none, **same, "owner": entry.detail.get("owner", self.owner), "told": (), **about}
        self.found.append(LadderStep(at=entry.at, kind=kind, by=entry.actor, **about))


def _both(told: list[str], old: str, new: str) -> tuple[str, ...]:
    """Who the rule names; and where the owner changes, the old one and the new one (DESIGN, section 5)."""
    return tuple(dict.fromkeys((*told, *((old, new) if old != new else ()))))


def _raises(following: Entry | None, breach: dict[str, Any]) -> bool:
    """Whether what follows a breach is that it raised the case."""
    if following is None or following.kind is not Kind.ESCALATED:
        return False
    about = following.detail
    return about["cause"] == Cause.BREACH and _same(about.get("metric"), about.get("occurrence"), breach)


def _same(metric: str | None, occurrence: int | None, detail: dict[str, Any]) -> bool:
    return (metric, occurrence) == (detail["metric"], detail["occurrence"])
