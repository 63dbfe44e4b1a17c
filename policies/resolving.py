"""From a policy to the plan of a case: calendars with their UTC offsets written out for as long as it may need them.

All receipts of one UTC month get the same plan object, so that a hundred thousand cases cost what twelve a year do.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from complaints.calendar import offsets_for
from complaints.errors import BadPolicy
from complaints.plan import PinnedCalendar, Plan, interned
from complaints.policy import CalendarSource, Policy

_MONTHS_BEFORE = 2  # an import starts a case with clocks that ran before it
_MONTHS_AFTER = 25  # two years, counted from the month after the receipt
_MONTHS_YOUNG = 12  # up to which a re-planned case still has a year before it
_KEPT = 32  # policies whose plans are remembered

Month = tuple[int, int]
Ages = tuple[int, ...]  # the month of receipt, and after a year how many months ago that was

# By identity, because a policy holds mappings and has no hash; the policy is held, so that its id is not given again.
_plans: OrderedDict[int, tuple[Policy, dict[Ages, Plan]]] = OrderedDict()


def resolve(policy: Policy, received_at: datetime) -> Plan:
    """Return the plan of a case received then: good for two years, and the same object for the whole month."""
    if received_at.tzinfo is None:
        raise ValueError("received_at is naive; give an aware datetime")
    receipt = received_at.astimezone(UTC)
    month = receipt.year, receipt.month
    plans = _plans_of(policy)
    if month not in plans:
        plans[month] = _plan(policy, month)
    return plans[month]


def resolve_again(policy: Policy, received_at: datetime, now: datetime) -> Plan:
    """Return the plan of a re-plan: the one `resolve` gives, but for an older case good for two years from now."""
    if received_at.tzinfo is None or now.tzinfo is None:
        raise ValueError("an instant is naive; give aware datetimes")
    receipt, today = received_at.astimezone(UTC), now.astimezone(UTC)
    age = (today.year - receipt.year) * 12 + today.month - receipt.month
    if age <= _MONTHS_YOUNG:
        return resolve(policy, received_at)
    plans, key = _plans_of(policy), (receipt.year, receipt.month, age)
    if key not in plans:
        plans[key] = _plan(policy, (receipt.year, receipt.month), age)
    return plans[key]


def extend(policy: Policy, names: Iterable[str], since: datetime, until: datetime) -> dict[str, PinnedCalendar]:
    """Return these calendars pinned from the month of `since` to the end of the month of `until`.

    Raises `BadPolicy` if the policy has lost one of them.
    """
    start, end = since.astimezone(UTC), until.astimezone(UTC)
    first, last = _month(start.year, start.month), _month(end.year, end.month + 1)
    missing = sorted(set(names := list(names)) - set(policy.calendars))
    if missing:
        remedy = "put the calendar back: running cases count in it"
        raise BadPolicy("a running case needs this calendar", field=f"calendars.{missing[0]}", remedy=remedy)
    return {name: pinned(name, policy.calendars[name], first, last) for name in names}


def pinned(name: str, source: CalendarSource, start: datetime, until: datetime) -> PinnedCalendar:
    """Return a calendar that needs no time-zone data between `start` and `until`, with the dates that matter there."""
    first, last = (start - timedelta(days=1)).date(), until.date()
    closed = [day for day in source.closed_dates if first <= day.date <= last]
    return PinnedCalendar(
        name=name,
        version=source.version if source.collective_leave == "closed" else f"{source.version}+collective-leave-open",
        hours=source.hours,
        closed=tuple(day.date.isoformat() for day in closed),
        special={day.isoformat(): hours for day, hours in sorted(source.special.items()) if first <= day <= last},
        offsets=tuple(offsets_for(source.timezone, start, until)),
        until=until,
        holidays={day.date.isoformat(): day.name for day in closed},
    )


def _plans_of(policy: Policy) -> dict[Ages, Plan]:
    found = _plans.get(id(policy))
    if found is None:
        found = _plans[id(policy)] = (policy, {})
        if len(_plans) > _KEPT:
            _plans.popitem(last=False)
    return found[1]


def _plan(policy: Policy, month: Month, age: int = 0) -> Plan:
    year, number = month
    start, until = _month(year, number - _MONTHS_BEFORE), _month(year, number + age + _MONTHS_AFTER)
    calendars = {name: pinned(name, source, start, until) for name, source in policy.calendars.items()}
    plan = Plan(rules=policy.rules, texts=policy.texts, texts_version=policy.texts_version, calendars=calendars)
    return interned(plan)


def _month(year: int, number: int) -> datetime:
    """Return the start of a month; its number may lie outside 1 to 12."""
    return datetime(year + (number - 1) // 12, (number - 1) % 12 + 1, 1, tzinfo=UTC)
