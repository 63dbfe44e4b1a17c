"""What came of many plays, in counts that can be added: whoever counted what, in whichever order, it is the same sum.

Its size depends on the length of the time observed and on the policy, not on the number of complaints.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo

from complaints.case import Case
from complaints.case.state import CaseState
from complaints.clocks import Clock
from complaints.timeline import Entry
from complaints.vocabulary import ClockState, Kind, Metric, Status
from simulation.whatif.sketch import Sketch

WITH_US = frozenset({Status.RECEIVED, Status.VERIFICATION, Status.ASSESSMENT, Status.INVESTIGATION, Status.CLOSING})
"""Where the next step is ours: the load of handlers."""
_BY_PEOPLE = frozenset(
    {
        Kind.RESPONDED, Kind.INFORMATION_REQUESTED, Kind.TRANSFERRED, Kind.DECIDED, Kind.ROOT_CAUSE_RECORDED,
        Kind.STEP_RECORDED, Kind.EVALUATION_RECORDED,
    }
)  # fmt: skip
EPOCH = date(1970, 1, 5)  # a Monday
_HOURS = 24


class ClockCounts:
    """The clocks of one metric. Each is in exactly one of the counts of `parts`."""

    __slots__ = ("elapsed", "late", "parts")

    def __init__(self) -> None:
        self.parts: Counter[str] = Counter()  # met, breached, running, lapsed, cancelled
        self.late = Sketch()  # of those breached: how late they were, or are by the end
        self.elapsed = Sketch()  # of those that ended met: how long they took

    def merge(self, other: "ClockCounts") -> None:
        self.parts.update(other.parts)
        self.late.merge(other.late)
        self.elapsed.merge(other.elapsed)

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    def share_breached(self) -> float | None:
        """Of those that were kept or not; what runs, lapsed or was cancelled is left out."""
        judged = self.parts["met"] + self.parts["breached"]
        return self.parts["breached"] / judged if judged else None


class Summary:
    """The counts of one policy under one seed."""

    def __init__(self) -> None:
        self.cases = 0
        self.outcomes: Counter[str] = Counter()  # closing reason, or the status of those that are open
        self.clocks: dict[Metric, ClockCounts] = {}
        self.raised: Counter[tuple[str, int]] = Counter()  # tier reached, hour of the week
        self.causes: Counter[str] = Counter()
        self.reminders = 0  # of the top tier
        self.notices: Counter[str] = Counter()  # occasion
        self.arrivals: Counter[int] = Counter()  # week
        self.acts: Counter[int] = Counter()  # week: what people of ours did
        self.load: Counter[tuple[str, int]] = (
            Counter()
        )  # tier, day: cases with us more than on the day before, at 24:00
        self.refused = 0
        self.mapped = 0  # complaints whose category the policy does not have

    def merge(self, other: "Summary") -> None:
        self.cases += other.cases
        self.reminders += other.reminders
        self.refused += other.refused
        self.mapped += other.mapped
        for name in ("outcomes", "raised", "causes", "notices", "arrivals", "acts", "load"):
            getattr(self, name).update(getattr(other, name))
        for metric, counts in other.clocks.items():
            self.clocks.setdefault(metric, ClockCounts()).merge(counts)

    def add(self, case: Case, until: datetime, zone: tzinfo) -> None:
        """Count a case as it stands at `until`; hours and days are those of the zone."""
        state = case.state
        self.cases += 1
        self.outcomes[state.closing_reason or state.status] += 1
        for clock in state.clocks:
            self._clock(clock, state, until)
        for notice in state.notices:
            self.notices[notice.occasion] += 1
        self.arrivals[week_of(state.received_at.astimezone(zone).date())] += 1
        self._entries(state, zone)

    def _clock(self, clock: Clock, state: CaseState, until: datetime) -> None:
        counts = self.clocks.get(clock.metric)
        if counts is None:
            counts = self.clocks[clock.metric] = ClockCounts()
        part = _part(clock)
        counts.parts[part] += 1
        if part == "breached":
            late = clock.late(until, state.calendar_of(clock))
            counts.late.add(int(late.total_seconds()))
        if clock.state is ClockState.MET:
            counts.elapsed.add(int(clock.elapsed(until, state.calendar_of(clock)).total_seconds()))

    def _entries(self, state: CaseState, zone: tzinfo) -> None:
        for entry in state.timeline:
            kind = entry.kind
            if kind is Kind.ESCALATED:
                local = entry.at.astimezone(zone)
                self.raised[entry.detail["tier"], local.weekday() * _HOURS + local.hour] += 1
                self.causes[entry.detail["cause"]] += 1
            elif kind is Kind.TOP_REMINDED:
                self.reminders += 1
            elif kind is Kind.REFUSED:
                self.refused += 1
            elif kind in _BY_PEOPLE:
                self.acts[week_of(entry.at.astimezone(zone).date())] += 1
        for tier, since, ended in _stretches(state.timeline, state.plan.rules.tiers[0].name):
            first = day_of(since.astimezone(zone).date())
            last = day_of(ended.astimezone(zone).date()) if ended else None
            if first != last:
                self.load[tier, first] += 1
                if last is not None:
                    self.load[tier, last] -= 1


def _part(clock: Clock) -> str:
    if clock.breached:
        return "breached"
    return "running" if clock.open else str(clock.state)


def _stretches(timeline: list[Entry], tier: str) -> Iterator[tuple[str, datetime, datetime | None]]:
    """From when to when (None: still) the case was with us, at which tier."""
    since: datetime | None = None
    for entry in timeline:
        status = Status.RECEIVED if entry.kind is Kind.RECEIVED else entry.detail.get("status")
        raised = entry.detail.get("tier") if entry.kind in (Kind.ESCALATED, Kind.DE_ESCALATED) else None
        if status is None and raised is None:
            continue
        with_us = since is not None if status is None else status in WITH_US
        reached = str(raised) if raised else tier
        if since is not None and (reached != tier or not with_us):
            yield tier, since, entry.at
            since = None
        tier = reached
        if with_us and since is None:
            since = entry.at
    if since is not None:
        yield tier, since, None


def day_of(day: date) -> int:
    """Days since a Monday of 1970."""
    return (day - EPOCH).days


def week_of(day: date) -> int:
    return day_of(day) // 7


def date_of(day: int) -> date:
    return EPOCH + timedelta(days=day)


__all__ = ["WITH_US", "ClockCounts", "Summary", "date_of", "day_of", "week_of"]
