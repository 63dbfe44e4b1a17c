"""How a calendar's arguments are read: instants, dates, wall-time intervals, offsets; and the errors that name them."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

Intervals = Sequence[Sequence[str]]
Spans = tuple[tuple[int, int], ...]
Week = tuple[Spans, ...]
Value = tuple[str | None, Spans, Week, tuple[tuple[int, Spans], ...]]  # zone, offsets, week, dates

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEAR = 366  # days: the longest stretch without open time, and the length of a block
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
DAY = 86_400_000_000
MARGIN = 4  # days around a block that reach into it: an interval lasts less than two, an offset is less than one
EVER = 10**18  # microseconds: beyond any date
BLOCKS = range(-1964, 8013)  # the blocks wholly inside the years 1 to 9999, margins too


class CalendarError(ValueError):
    """An argument is wrong: which (`field`), how (`problem`), and what to do (`remedy`)."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(field, problem, remedy)
        self.field, self.problem, self.remedy = field, problem, remedy

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}; {self.remedy}"


class NoOpenTime(CalendarError):
    """Nothing is open within a year of where open time is needed."""


def instant(name: str, at: datetime) -> int:
    try:
        return (at - EPOCH) // MICROSECOND
    except TypeError:  # what is naive, or no datetime, cannot be subtracted: the cheapest check there is
        raise CalendarError(name, f"{at!r} is not an aware datetime", "give a datetime with a tzinfo") from None


def parsed(name: str, at: datetime | str) -> int:
    try:
        return instant(name, datetime.fromisoformat(at) if isinstance(at, str) else at)
    except ValueError:
        raise CalendarError(name, f"{at!r} is not an instant", "write it as 2026-01-31T00:00:00Z") from None


def as_datetime(at: int) -> datetime:
    return EPOCH + at * MICROSECOND


def day_number(name: str, value: date | str) -> int:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(day, datetime):  # a datetime is a date too, but does not say in which zone
            return (day - EPOCH.date()).days
    except (TypeError, ValueError):
        pass
    raise CalendarError(name, f"{value!r} is not a date", "give a datetime.date or YYYY-MM-DD")


def interval(name: str, raw: Sequence[str]) -> tuple[int, int]:
    found = re.fullmatch(r"(\d\d):([0-5]\d) (\d\d):([0-5]\d)", " ".join(map(str, raw)), re.ASCII)
    hour, minute, end_hour, end_minute = map(int, found.groups()) if found else (99, 0, 0, 0)
    start, end = (hour * 60 + minute) * 60_000_000, (end_hour * 60 + end_minute) * 60_000_000
    if len(raw) != 2 or start >= DAY or end > DAY or start == end:  # noqa: PLR2004 - start and end
        raise CalendarError(name, f"{raw!r} is no interval", 'write ["HH:MM", "HH:MM"]; a whole day is 00:00 to 24:00')
    return start, end if end > start else end + DAY


def spans_of(name: str, raw: Intervals) -> Spans:
    """Return wall spans in microseconds after the date's midnight, in order, touching ones joined."""
    if not isinstance(raw, Sequence) or not all(isinstance(pair, Sequence) for pair in raw):
        raise CalendarError(name, f"{raw!r} is no list of intervals", 'write [["HH:MM", "HH:MM"]], or [] for closed')
    spans = sorted(interval(name, pair) for pair in raw)
    if any(start < end for (_, end), (start, _) in pairwise(spans)):
        raise CalendarError(name, f"{raw!r} overlap", "let each interval start when the one before has ended")
    return union(spans)


def union(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)


def week_of(hours: Mapping[str, Intervals]) -> Week:
    if unknown := [name for name in hours if name not in WEEKDAYS]:
        raise CalendarError("hours", f"unknown weekdays {unknown}", f"use {', '.join(WEEKDAYS)}")
    week = tuple(spans_of(f"hours.{name}", hours.get(name, ())) for name in WEEKDAYS)
    for name, spans, following in zip(WEEKDAYS, week, week[1:] + week[:1], strict=True):
        if spans and following and spans[-1][1] - DAY > following[0][0]:
            raise CalendarError(f"hours.{name}", "overlaps the next day's hours", "end it before they start")
    return week


def pinned_offsets(offsets: Iterable[Sequence[Any]]) -> Spans:
    """Return (since, offset) pairs in microseconds, without those that change nothing."""
    pinned: list[tuple[int, int]] = []
    for at, seconds in offsets:
        since = parsed("offsets", at)
        if not isinstance(seconds, int) or abs(seconds) >= DAY // 1_000_000:
            raise CalendarError("offsets", f"{seconds!r} is no UTC offset", "give whole seconds, less than a day")
        if pinned and since <= pinned[-1][0]:
            raise CalendarError("offsets", f"{at} is out of order", "list the changes in order of time, each once")
        if not pinned or seconds * 1_000_000 != pinned[-1][1]:
            pinned.append((since, seconds * 1_000_000))
    if not pinned:
        raise CalendarError("offsets", "is empty", "begin with the offset in force at the first instant")
    return tuple(pinned)


def offsets_for(timezone: str, from_: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """Return the UTC offset in seconds in force at `from_`, then each change after it up to `until`, inclusive."""
    start, end = instant("from_", from_), instant("until", until)
    if end < start:
        raise CalendarError("until", f"{until} is before from_", "let until come after from_")
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, TypeError, OSError):
        raise CalendarError("timezone", f"{timezone!r} is unknown", "use an IANA name such as Asia/Jakarta") from None

    def offset(second: int) -> int:
        at = EPOCH + timedelta(seconds=second)
        return (at.astimezone(zone).replace(tzinfo=UTC) - at) // SECOND

    second, last = start // 1_000_000, end // 1_000_000
    found = [(as_datetime(start), offset(second))]
    while second < last:
        step = min(second + 3 * 86_400, last)  # no zone has ever changed twice within six days
        if offset(step) != found[-1][1]:
            step = second + bisect_left(range(second, step), True, key=lambda at: offset(at) != found[-1][1])
            found.append((as_datetime(step * 1_000_000), offset(step)))
        second = step
    return found
