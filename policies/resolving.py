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
_KEPT = 32  # policies whose plans are remembered

Month = tuple[int, int]

# By identity, because a policy holds mappings and has no hash; the policy is held, so that its id is not given again.
_plans: OrderedDict[int, tuple[Policy, dict[Month, Plan]]] = OrderedDict()


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
    closed = sorted((day for day in source.closed if first <= day.date <= last), key=lambda day: day.date)
    return PinnedCalendar(
        name=name,
        version=source.version,
        hours=source.hours,
        closed=tuple(day.date.isoformat() for day in closed),
        special={day.isoformat(): hours for day, hours in sorted(source.special.items()) if first <= day <= last},
        offsets=tuple(offsets_for(source.timezone, start, until)),
        until=until,
        holidays={day.date.isoformat(): day.name for day in closed},
    )


def _plans_of(policy: Policy) -> dict[Month, Plan]:
    found = _plans.get(id(policy))
    if found is None:
        found = _plans[id(policy)] = (policy, {})
        if len(_plans) > _KEPT:
            _plans.popitem(last=False)
    return found[1]


def _plan(policy: Policy, month: Month) -> Plan:
    year, number = month
    start, until = _month(year, number - _MONTHS_BEFORE), _month(year, number + _MONTHS_AFTER)
    calendars = {name: pinned(name, source, start, until) for name, source in policy.calendars.items()}
    plan = Plan(rules=policy.rules, texts=policy.texts, texts_version=policy.texts_version, calendars=calendars)
    return interned(plan)


def _month(year: int, number: int) -> datetime:
    """Return the start of a month; its number may lie outside 1 to 12."""
    return datetime(year + (number - 1) // 12, (number - 1) % 12 + 1, 1, tzinfo=UTC)
