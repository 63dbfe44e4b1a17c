"""How far the decreed holidays of a policy's calendars reach, and whether a deadline can lie beyond them.

Pure: a policy and an instant in, warnings out. A deadline beyond is still computed: with the estimates that are frozen,
or as if a year without holidays had none.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from complaints.calendar import BusinessCalendar, NoOpenTime
from complaints.policy import CalendarSource, ClockRules, Policy, TargetRule
from complaints.policy_clocks import Terms
from complaints.policy_problems import Problem, usable
from complaints.policy_targets import placed
from complaints.targets import Target, Unit
from complaints.vocabulary import Metric, Status

_DAY = timedelta(days=1)
_COUNTED = (Unit.BUSINESS, Unit.WORKING_DAYS)  # calendar days and elapsed time pass on holidays too


def undecreed(policy: Policy, now: datetime) -> list[Problem]:
    """Return a warning for each calendar in which a clock started now could be due in a year without decreed holidays.

    The furthest due instant counts: with every extension, and with one pause for each reason for which the clock
    pauses: the holds a case may have in all, and an answer that comes on the last day.
    """
    found = []
    for name, calendar in usable(policy).items():
        last = decreed(policy.calendars[name])
        if last is None:
            continue
        reaches = [(calendar.local_date(due), path) for path, due in _reaches(policy, name, calendar, now)]
        latest, path = max(reaches, default=(now.date(), ""))
        if path and latest.year > last:
            found.append(_warning(policy, name, path, latest.year, last))
    return found


def decreed(source: CalendarSource) -> int | None:
    """Return the last year whose holidays a calendar knows for certain; None if it does not close for any."""
    if source.holidays is not None:
        return source.holidays.decreed
    return max((day.date.year for day in source.closed if not day.provisional), default=None)


def _warning(policy: Policy, name: str, path: str, year: int, last: int) -> Problem:
    frozen = policy.calendars[name].holidays
    held = frozen is not None and last < frozen.years[1]
    what = "estimates" if held else "no holidays"
    problem = (
        f"{path} can be due in {year} if it starts now, and holidays are decreed to {last} only: "
        f"after that the calendar holds {what}"
    )
    refresh = f"run `tuntas policy calendar refresh` when those of {last + 1} are out, then re-plan the running cases"
    by_hand = f"add the holidays of {last + 1} to `closed`, then re-plan the running cases"
    field = f"calendars.{name}.{'closed' if frozen is None else 'holidays.decreed'}"
    return Problem(field, problem, by_hand if frozen is None else refresh)


def _reaches(policy: Policy, name: str, calendar: BusinessCalendar, now: datetime) -> Iterator[tuple[str, datetime]]:
    clocks = {f"clocks.{metric}.targets": clock for metric, clock in policy.clocks.items()}
    for path, rule in (*placed(policy), ("undelivered", policy.undelivered)):
        if rule.calendar != name or rule.target.unit not in _COUNTED:
            continue
        clock = clocks.get(path.rpartition(".")[0])
        try:
            yield path, _furthest(policy, rule, clock, calendar, now)
        except (NoOpenTime, OverflowError):
            continue  # told by `calendars_open_sometimes`


def _furthest(
    policy: Policy, rule: TargetRule, clock: ClockRules | None, calendar: BusinessCalendar, now: datetime
) -> datetime:
    due = rule.target.due(now, calendar)
    for target in _later(policy, clock, rule) if clock is not None else ():
        due = target.due(due, calendar)
    return due


def _later(policy: Policy, clock: ClockRules, rule: TargetRule) -> Iterator[Target]:
    """What may be added to a target of a clock."""
    terms = clock.terms(rule)
    yield from _extensions(terms)
    if terms.convert is not None:  # the clock of the other form starts then
        other = _longest(clock)
        yield other.target
        yield from _extensions(clock.terms(other))
    if Status.ON_HOLD in terms.pauses:
        yield Target(f"{policy.hold.total} working days")
    asked = policy.clocks.get(Metric.INFORMATION)
    if Status.AWAITING_COMPLAINANT in terms.pauses and asked is not None:
        yield _longest(asked).target


def _extensions(terms: Terms) -> list[Target]:
    return [terms.extension.by] * terms.extension.at_most if terms.extension is not None else []


def _longest(clock: ClockRules) -> TargetRule:
    return max(clock.targets, key=lambda rule: rule.target.amount + rule.target.days * _DAY)
