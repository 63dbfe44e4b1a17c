"""Checks of a policy's targets and calendars: is every promise countable, whatever complaint comes.

Each rule's docstring states what it wants; `complaints.policy_checks` runs them all. Pure: the policy is all they read.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product

from complaints.calendar import BusinessCalendar, CalendarError, NoOpenTime
from complaints.policy import CalendarSource, ClockRules, Facts, Policy, TargetRule
from complaints.policy_problems import Problem, Problems, Rule, calendar_of, usable
from complaints.targets import Target
from complaints.vocabulary import Channel, Form, Metric, OnDue, Severity

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REMINDED = (Metric.INFORMATION, Metric.CONFIRMATION)
_KEEP_ONE = "keep one of the two"
_SAMPLE_DAYS = 14  # two weeks of starts show every weekday, weekends and what follows them


def lists(policy: Policy) -> Iterator[tuple[str, tuple[TargetRule, ...]]]:
    """Every list of target rules with its path."""
    for metric, clock in policy.clocks.items():
        yield f"clocks.{metric}.targets", clock.targets
    yield "escalation.climb", policy.escalation.climb
    yield "escalation.top_reminder", policy.escalation.top_reminder


def placed(policy: Policy) -> Iterator[tuple[str, TargetRule]]:
    """Every target rule of the policy with its path."""
    for path, rules in lists(policy):
        yield from ((f"{path}.{index}", rule) for index, rule in enumerate(rules))
    yield "aftercare.period", policy.aftercare.period
    if policy.aftercare.effectiveness is not None:
        yield "aftercare.effectiveness", policy.aftercare.effectiveness
    if policy.early_closing is not None:
        yield "early_closing", policy.early_closing


def combinations(policy: Policy) -> Iterator[Facts]:
    """Everything that a choice of target can be asked for."""
    for channel, category, severity, form in product(Channel, (None, *policy.categories), Severity, Form):
        yield Facts.model_construct(channel=channel, category=category, severity=severity, form=form)


def calendars_can_be_built(policy: Policy) -> Problems:
    """Every calendar's zone, hours and dates make a calendar, and no date is closed twice."""
    for name, source in policy.calendars.items():
        try:
            calendar_of(source)
        except CalendarError as error:
            yield Problem(f"calendars.{name}.{error.field}", error.problem, error.remedy)
        frozen = source.holidays.dates if source.holidays is not None else ()
        for part, days in (("closed", source.closed), ("holidays.dates", frozen)):
            seen: set[date] = set()
            for index, day in enumerate(days):
                if day.date in seen:
                    yield Problem(f"calendars.{name}.{part}.{index}", f"{day.date} is listed twice", _KEEP_ONE)
                seen.add(day.date)


def calendars_open_sometimes(policy: Policy) -> Problems:
    """Every calendar has hours on some weekday, and opens within a year of the policy's date."""
    for name, calendar in usable(policy).items():
        field, source = f"calendars.{name}.hours", policy.calendars[name]
        remedy = 'open a weekday, such as `mon: [["08:00", "17:00"]]`'
        if not any(source.hours.get(day) for day in WEEKDAYS):
            yield Problem(field, "the calendar is never open", remedy)
            continue
        try:
            calendar.add(datetime.combine(policy.as_of, time(), UTC), timedelta(0))
        except NoOpenTime:
            yield Problem(field, "the calendar is never open within a year of `as_of`", remedy)


def targets_have_their_calendar(policy: Policy) -> Problems:
    """Whatever is not elapsed time is counted in a calendar that the policy has.

    An elapsed target may name a calendar that is always open (a hold's limits are counted in it), never one that
    closes: "24 hours" of office time are written "24 business hours".
    """
    for field, rule in placed(policy):
        if rule.calendar is None:
            if rule.target.needs_calendar:
                remedy = f"name one of {', '.join(policy.calendars) or 'the calendars you add'}"
                yield Problem(
                    f"{field}.calendar", f"`{rule.target}` is counted in a calendar, and none is named", remedy
                )
        elif rule.calendar not in policy.calendars:
            remedy = f"use one of {', '.join(policy.calendars) or 'the calendars you add'}"
            yield Problem(f"{field}.calendar", f"there is no calendar `{rule.calendar}`", remedy)
        elif not rule.target.needs_calendar and not _always_open(policy.calendars[rule.calendar]):
            problem = f"`{rule.target}` runs day and night; calendar `{rule.calendar}` would not count"
            yield Problem(f"{field}.calendar", problem, "remove the calendar, or write business hours or working days")


def _always_open(source: CalendarSource) -> bool:
    whole = (("00:00", "24:00"),)
    return not source.closed_dates and not source.special and all(source.hours.get(day) == whole for day in WEEKDAYS)


def holds_have_a_calendar(policy: Policy) -> Problems:
    """Every hold target names a calendar, because hold limits are counted in its working days."""
    clock = policy.clocks.get(Metric.HOLD)
    for index, rule in enumerate(clock.targets if clock else ()):
        if rule.calendar is None and not rule.target.needs_calendar:
            problem = "hold limits are working days, and no calendar is named to count them in"
            yield Problem(f"clocks.hold.targets.{index}.calendar", problem, "name a calendar, such as one always open")


def targets_cover_every_complaint(policy: Policy) -> Problems:
    """Whatever the channel, category, severity and form, some rule of each list applies."""
    for path, rules in lists(policy):
        if any(not rule.when.model_fields_set for rule in rules):
            continue
        missed = next((facts for facts in combinations(policy) if not any(r.when.matches(facts) for r in rules)), None)
        if missed is not None:
            case = f"{missed.channel}, {missed.category or 'no category'}, {missed.severity}, {missed.form}"
            yield Problem(path, f"no rule applies to a complaint of {case}", "end the list with a rule without `when`")


def targets_can_be_reached(policy: Policy) -> Problems:
    """No rule stands behind one that takes everything, and no condition is empty or names an unknown category."""
    for path, rules in lists(policy):
        for index, rule in enumerate(rules):
            if any(not earlier.when.model_fields_set for earlier in rules[:index]):
                problem = "is never reached: a rule without `when` stands before it"
                yield Problem(f"{path}.{index}", problem, "move the rule without `when` to the end")
            for name in sorted(rule.when.model_fields_set):
                if getattr(rule.when, name) == frozenset():
                    yield Problem(f"{path}.{index}.when.{name}", "matches nothing", "list a value, or remove it")
            for category in sorted((rule.when.category or frozenset()) - set(policy.categories)):
                remedy = f"use one of {', '.join(policy.categories)}"
                yield Problem(f"{path}.{index}.when.category", f"there is no category `{category}`", remedy)


def warnings_ascend(policy: Policy) -> Problems:
    """Warnings belong to promises that can be breached, in ascending order."""
    for metric, clock in policy.clocks.items():
        field = f"clocks.{metric}.warnings"
        if clock.warnings and clock.on_due is not OnDue.BREACH:
            yield Problem(field, f"nothing is breached when {metric} is due", "remove the warnings")
        if any(later <= earlier for earlier, later in pairwise(clock.warnings)):
            yield Problem(field, "the fractions do not ascend", "list each once, the smallest first")


def reminders_ascend_within_the_target(policy: Policy) -> Problems:
    """Reminders are sent to whom we wait for, one after the other, all of them before the time is up."""
    calendars = usable(policy)
    for metric, clock in policy.clocks.items():
        field = f"clocks.{metric}.reminders"
        if clock.reminders and metric not in REMINDED:
            yield Problem(field, f"{metric} does not wait for the complainant", "remove the reminders")
            continue
        for rule in clock.targets:
            yield from _reminders(policy, field, clock, rule, calendars)


def _reminders(
    policy: Policy, field: str, clock: ClockRules, rule: TargetRule, calendars: Mapping[str, BusinessCalendar]
) -> Problems:
    calendar = calendars.get(rule.calendar) if rule.calendar is not None else None
    steps = (*clock.reminders, rule.target)
    if calendar is None and any(step.needs_calendar for step in steps):
        if rule.calendar is None and not rule.target.needs_calendar:
            yield Problem(field, "are counted in a calendar, and the target names none", "write them in elapsed time")
        return
    for index, (earlier, later) in enumerate(pairwise(steps)):
        if not _before(policy, earlier, later, calendar):
            behind = "the target" if index == len(clock.reminders) - 1 else f"the reminder at `{later}`"
            yield Problem(
                f"{field}.{index}", f"`{earlier}` is not before {behind}", "let them ascend, within the target"
            )


def _before(policy: Policy, earlier: Target, later: Target, calendar: BusinessCalendar | None) -> bool:
    first = datetime.combine(policy.as_of, time(3), UTC)
    starts = (first + timedelta(days=day) for day in range(_SAMPLE_DAYS))
    try:
        return all(earlier.due(start, calendar) < later.due(start, calendar) for start in starts)
    except NoOpenTime:
        return True  # `calendars_open_sometimes` says it


RULES: tuple[Rule, ...] = (
    calendars_can_be_built,
    calendars_open_sometimes,
    targets_have_their_calendar,
    holds_have_a_calendar,
    targets_cover_every_complaint,
    targets_can_be_reached,
    warnings_ascend,
    reminders_ascend_within_the_target,
)
