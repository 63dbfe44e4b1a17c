"""What is wrong with a policy, as a value; and what the checks share."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from complaints.calendar import BusinessCalendar, CalendarError
from complaints.policy import CalendarSource, Policy


class Problem(NamedTuple):
    """What is wrong with a policy: where (the path in its file), what, and what to do about it."""

    field: str
    problem: str
    remedy: str


Problems = Iterator[Problem]
Rule = Callable[[Policy], Problems]


def calendar_of(source: CalendarSource) -> BusinessCalendar:
    """Return the calendar that a source describes, by the machine's time-zone data. Raises `CalendarError`."""
    return BusinessCalendar(
        timezone=source.timezone,
        hours=source.hours,
        closed=[holiday.date for holiday in source.closed_dates],
        special=source.special,
    )


def usable(policy: Policy) -> Mapping[str, BusinessCalendar]:
    """Return the calendars that can be built; the others are reported by `calendars_can_be_built`."""
    built = {}
    for name, source in policy.calendars.items():
        try:
            built[name] = calendar_of(source)
        except CalendarError:
            continue
    return built
