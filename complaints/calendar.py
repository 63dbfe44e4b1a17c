"""Business time: which instants are open, and arithmetic over open time.

A calendar is a value: weekly hours, exceptions by date, and a time zone (by name, or pinned as a list of UTC offsets so
that a replay needs no time-zone data). It reads no clock, and no file but the zone data that `timezone` names.

An instant is open if its local wall time lies in a half-open `[start, end)` of its local date; an interval past
midnight belongs to the date it opens on. Lengths are real time: a repeated hour counts twice, a skipped one not at all.

Inside, instants are whole microseconds since 1970 UTC and dates are days since then: exact, and fast to bisect. Open
time is laid out once per block of 366 days and shared by all calendars of one value, whatever their breaks.

Errors: `CalendarError` (a `ValueError`) names the wrong argument and the remedy; `NoOpenTime` is one.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Intervals = Sequence[Sequence[str]]
Spans = tuple[tuple[int, int], ...]
Week = tuple[Spans, ...]
_Value = tuple[str | None, Spans, Week, tuple[tuple[int, Spans], ...]]  # zone, offsets, week, dates

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEAR = 366  # days: the longest stretch without open time, and the length of a block
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND, _SECOND = timedelta(microseconds=1), timedelta(seconds=1)
_DAY = 86_400_000_000
_MARGIN = 4  # days around a block that reach into it: an interval lasts less than two, an offset is less than one
_EVER = 10**18  # microseconds: beyond any date
_BLOCKS = range(-1964, 8013)  # the blocks wholly inside the years 1 to 9999, margins too


class CalendarError(ValueError):
    """An argument is wrong: which (`field`), how (`problem`), and what to do (`remedy`)."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(field, problem, remedy)
        self.field, self.problem, self.remedy = field, problem, remedy

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}; {self.remedy}"


class NoOpenTime(CalendarError):
    """Nothing is open within a year of where open time is needed."""


def _instant(name: str, at: datetime) -> int:
    try:
        return (at - _EPOCH) // _MICROSECOND
    except TypeError:  # what is naive, or no datetime, cannot be subtracted: the cheapest check there is
        raise CalendarError(name, f"{at!r} is not an aware datetime", "give a datetime with a tzinfo") from None


def _parsed(name: str, at: datetime | str) -> int:
    try:
        return _instant(name, datetime.fromisoformat(at) if isinstance(at, str) else at)
    except ValueError:
        raise CalendarError(name, f"{at!r} is not an instant", "write it as 2026-01-31T00:00:00Z") from None


def _datetime(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def _day(name: str, value: date | str) -> int:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(day, datetime):  # a datetime is a date too, but does not say in which zone
            return (day - _EPOCH.date()).days
    except (TypeError, ValueError):
        pass
    raise CalendarError(name, f"{value!r} is not a date", "give a datetime.date or YYYY-MM-DD")


def _interval(name: str, raw: Sequence[str]) -> tuple[int, int]:
    found = re.fullmatch(r"(\d\d):([0-5]\d) (\d\d):([0-5]\d)", " ".join(map(str, raw)), re.ASCII)
    hour, minute, end_hour, end_minute = map(int, found.groups()) if found else (99, 0, 0, 0)
    start, end = (hour * 60 + minute) * 60_000_000, (end_hour * 60 + end_minute) * 60_000_000
    if len(raw) != 2 or start >= _DAY or end > _DAY or start == end:  # noqa: PLR2004 - start and end
        raise CalendarError(name, f"{raw!r} is no interval", 'write ["HH:MM", "HH:MM"]; a whole day is 00:00 to 24:00')
    return start, end if end > start else end + _DAY


def _intervals(name: str, raw: Intervals) -> Spans:
    """Return wall spans in microseconds after the date's midnight, in order, touching ones joined."""
    if not isinstance(raw, Sequence) or not all(isinstance(pair, Sequence) for pair in raw):
        raise CalendarError(name, f"{raw!r} is no list of intervals", 'write [["HH:MM", "HH:MM"]], or [] for closed')
    spans = sorted(_interval(name, pair) for pair in raw)
    if any(start < end for (_, end), (start, _) in pairwise(spans)):
        raise CalendarError(name, f"{raw!r} overlap", "let each interval start when the one before has ended")
    return _union(spans)


def _union(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)


def _week(hours: Mapping[str, Intervals]) -> Week:
    if unknown := [name for name in hours if name not in WEEKDAYS]:
        raise CalendarError("hours", f"unknown weekdays {unknown}", f"use {', '.join(WEEKDAYS)}")
    week = tuple(_intervals(f"hours.{name}", hours.get(name, ())) for name in WEEKDAYS)
    for name, spans, following in zip(WEEKDAYS, week, week[1:] + week[:1], strict=True):
        if spans and following and spans[-1][1] - _DAY > following[0][0]:
            raise CalendarError(f"hours.{name}", "overlaps the next day's hours", "end it before they start")
    return week


def _pinned(offsets: Iterable[Sequence[Any]]) -> Spans:
    """Return (since, offset) pairs in microseconds, without those that change nothing."""
    pinned: list[tuple[int, int]] = []
    for at, seconds in offsets:
        since = _parsed("offsets", at)
        if not isinstance(seconds, int) or abs(seconds) >= _DAY // 1_000_000:
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
    start, end = _instant("from_", from_), _instant("until", until)
    if end < start:
        raise CalendarError("until", f"{until} is before from_", "let until come after from_")
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, TypeError, OSError):
        raise CalendarError("timezone", f"{timezone!r} is unknown", "use an IANA name such as Asia/Jakarta") from None

    def offset(second: int) -> int:
        at = _EPOCH + timedelta(seconds=second)
        return (at.astimezone(zone).replace(tzinfo=UTC) - at) // _SECOND

    second, last = start // 1_000_000, end // 1_000_000
    found = [(_datetime(start), offset(second))]
    while second < last:
        step = min(second + 3 * 86_400, last)  # no zone has ever changed twice within six days
        if offset(step) != found[-1][1]:
            step = second + bisect_left(range(second, step), True, key=lambda at: offset(at) != found[-1][1])
            found.append((_datetime(step * 1_000_000), offset(step)))
        second = step
    return found


class _Block(NamedTuple):
    """The open spans of 366 days, and the open time of the block up to each end."""

    starts: list[int]
    ends: list[int]
    passed: list[int]

    def before(self, at: int) -> int:
        """Return the open time of this block before `at`."""
        index = bisect_left(self.ends, at)
        if index == len(self.ends):
            return self.passed[-1]
        return self.passed[index] - self.ends[index] + max(at, self.starts[index])


class _Table:
    """The open time of one value, breaks apart, laid out as it is asked for; threads may share it."""

    def __init__(self, *value: *_Value) -> None:
        self.value = value
        self.timezone, self.pinned, self.week = value[:3]
        self.exceptions = dict(value[3])
        # Bounded, so that a mistyped target of a million hours cannot fill the memory.
        self.offsets = lru_cache(512)(self._offsets)
        self.opened = lru_cache(512 * YEAR)(self._opened)
        self.block = lru_cache(512)(self._block)

    def __reduce__(self) -> tuple[Any, ...]:
        return _table, self.value

    def _offsets(self, index: int) -> Spans:
        """Return the offsets (since, offset) around a block, the first reaching back for ever, the last onwards."""
        if index not in _BLOCKS:
            raise CalendarError("at", "lies outside the years 3 to 9997", "give a nearer instant, a shorter duration")
        start, end = (index * YEAR - 2 * _MARGIN) * _DAY, ((index + 1) * YEAR + 2 * _MARGIN) * _DAY
        known = self.pinned
        if self.timezone is not None:
            known = _pinned(offsets_for(self.timezone, _datetime(start), _datetime(end)))
        first = max(bisect_right(known, (start, _EVER)) - 1, 0)
        return ((-_EVER, known[first][1]), *known[first + 1 : bisect_right(known, (end, _EVER))])

    def shown(self, day: int, wall: Spans) -> Spans:
        """Return when the wall clock shows a time in `wall` (counted from the midnight of `day`): offset by offset."""
        offsets = self.offsets(day // YEAR)
        untils = chain((since for since, _ in offsets[1:]), (_EVER,))
        return _union(
            (max(day * _DAY + start - offset, since), min(day * _DAY + end - offset, until))
            for (since, offset), until in zip(offsets, untils, strict=True)
            for start, end in wall
        )

    def _opened(self, day: int) -> Spans:
        """Return the open time that belongs to a local date."""
        wall = self.exceptions.get(day)
        return self.shown(day, self.week[(day + _EPOCH.weekday()) % 7] if wall is None else wall)

    def _block(self, index: int) -> _Block:
        low, high = index * YEAR, (index + 1) * YEAR
        near = chain.from_iterable(self.opened(day) for day in range(low - _MARGIN, high + _MARGIN))
        spans = _union((max(start, low * _DAY), min(end, high * _DAY)) for start, end in near)
        passed = list(accumulate(end - start for start, end in spans))
        return _Block([start for start, _ in spans], [end for _, end in spans], passed or [0])

    def after(self, at: int, length: int) -> int:
        """Return the first instant by which `length` > 0 of open time has passed since `at`."""
        index, needed = at // (YEAR * _DAY), at
        block = self.block(index)
        length += block.before(at)
        while length > block.passed[-1]:
            length -= block.passed[-1]
            needed = max([needed, *block.ends[-1:]])
            index += 1
            block = self.block(index)
            _check_gap(needed, [*block.starts[:1], (index + 1) * YEAR * _DAY][0])
        found = bisect_left(block.passed, length)
        return block.ends[found] - block.passed[found] + length

    def between(self, start: int, end: int) -> int:
        """Return the open time between two instants in order."""
        first, last = start // (YEAR * _DAY), end // (YEAR * _DAY)
        whole = sum(self.block(index).passed[-1] for index in range(first, last))
        return whole - self.block(first).before(start) + self.block(last).before(end)

    def closing(self, day: int, n: int) -> int:
        """Return the closing instant of the n-th working day after a date."""
        needed = day
        while n:
            day += 1
            _check_gap(needed * _DAY, day * _DAY)
            if self.opened(day):
                n, needed = n - 1, day
        return self.opened(day)[-1][1]

    def wall(self, at: int) -> int:
        """Return the wall time in force at an instant, in microseconds since 1970 by that wall."""
        offsets = self.offsets(at // (YEAR * _DAY))
        return at + offsets[bisect_right(offsets, (at, _EVER)) - 1][1]


def _check_gap(needed: int, found: int) -> None:
    if found - needed > YEAR * _DAY:
        problem = f"no open time within {YEAR} days of {_datetime(needed)}"
        raise NoOpenTime("hours", problem, "open a weekday, or a date in special")


@lru_cache(256)
def _table(*value: *_Value) -> _Table:
    return _Table(*value)  # equal calendars share what is laid out


@dataclass(frozen=True, slots=True, init=False)
class BusinessCalendar:
    """Business hours as an immutable, hashable value, compared by its content.

    Give `timezone` (IANA name) or `offsets` (`[[UTC instant, seconds east of UTC], …]`, the first also holding before
    its instant, the last after it). `hours` are by weekday, `special` by date in place of the weekday's; `closed` beats
    both. `until` only travels with the value: past it a pinned calendar is provisional, and the caller asks for more.
    Instants are aware datetimes of any zone, and are returned in UTC. Wrong arguments raise `CalendarError`.
    """

    until: datetime | None
    _value: _Value
    _breaks: Spans
    _table: _Table = field(compare=False, repr=False)

    def __init__(
        self,
        *,
        hours: Mapping[str, Intervals],
        timezone: str | None = None,
        offsets: Iterable[Sequence[Any]] | None = None,
        closed: Iterable[date | str] = (),
        special: Mapping[Any, Intervals] | None = None,
        until: datetime | str | None = None,
    ) -> None:
        if (timezone is None) == (offsets is None):
            raise CalendarError("timezone", "one of timezone and offsets is needed, not both", "give exactly one")
        if timezone is not None:
            offsets_for(timezone, _EPOCH, _EPOCH)  # an unknown zone is refused here, not at its first use
        dates = {_day("special", day): _intervals(f"special.{day}", raw) for day, raw in (special or {}).items()}
        if len(dates) < len(special or {}):
            raise CalendarError("special", "a date is given twice, as a date and as text", "name each date once")
        dates.update((_day("closed", day), ()) for day in closed)  # last: it beats special
        pinned = () if offsets is None else _pinned(offsets)
        table = _table(timezone, pinned, _week(hours), tuple(sorted(dates.items())))
        object.__setattr__(self, "until", None if until is None else _datetime(_parsed("until", until)))
        object.__setattr__(self, "_value", table.value)
        object.__setattr__(self, "_breaks", ())
        object.__setattr__(self, "_table", table)

    def with_breaks(self, breaks: Iterable[tuple[datetime, datetime]]) -> "BusinessCalendar":
        """Return this calendar with half-open spans of real time taken out of its open time, besides any it has."""
        spans = [(_instant("breaks", start), _instant("breaks", end)) for start, end in breaks]
        if any(end < start for start, end in spans):
            raise CalendarError("breaks", "a break ends before it starts", "give (start, end) in order of time")
        twin = copy(self)
        object.__setattr__(twin, "_breaks", _union([*self._breaks, *spans]))
        return twin

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first instant by which `duration` of open time has passed: at a closing that closing.

        Without any duration: `start` itself if open, else the next opening.
        """
        at, length = _instant("start", start), duration // _MICROSECOND
        if length < 0:
            raise CalendarError("duration", f"{duration} is negative", "give zero or more")
        end = self._table.after(at, length or 1)
        for since, until in self._breaks:
            if at < until and since < end and (lost := self._table.between(max(since, at), until)):
                end = self._table.after(end, lost)
        return _datetime(end if length else end - 1)  # the first open microsecond begins where open time does

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from `start` to `end`; zero if `end` is not after `start`."""
        low, high = _instant("start", start), _instant("end", end)
        if high <= low:
            return timedelta()
        passed = self._table.between(low, high)
        for since, until in self._breaks:
            if low < until and since < high:
                passed -= self._table.between(max(since, low), min(until, high))
        return timedelta(microseconds=passed)

    def is_open(self, at: datetime) -> bool:
        return bool(self.between(at, _datetime(_instant("at", at) + 1)))

    def add_working_days(self, start: datetime, n: int) -> datetime:
        """Return when the n-th working day after the local date of `start` closes; breaks are ignored."""
        if not isinstance(n, int) or n < 1:
            raise CalendarError("n", f"{n!r} is not a count of days", "give a whole number from 1")
        return _datetime(self._table.closing(self._table.wall(_instant("start", start)) // _DAY, n))

    def is_working_day(self, day: date | str) -> bool:
        """Return whether any open time belongs to the date, breaks apart."""
        return bool(self._table.opened(_day("day", day)))

    def closed_dates(self, start: date | str, end: date | str) -> list[date]:
        """Return the dates from `start` to `end`, inclusive, that `closed` or an empty `special` closes."""
        first, last = _day("start", start), _day("end", end)
        return [_datetime(day * _DAY).date() for day, spans in self._value[3] if first <= day <= last and not spans]

    def open_intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Return the open spans of `[start, end)` in order of time, touching ones joined, breaks taken out."""
        low, high = _instant("start", start), _instant("end", end)
        blocks = [self._table.block(index) for index in range(low // (YEAR * _DAY), high // (YEAR * _DAY) + 1)]
        spans = _union((max(a, low), min(b, high)) for block in blocks for a, b in zip(*block[:2], strict=True))
        for since, until in self._breaks:
            spans = _union(part for a, b in spans for part in ((a, min(b, since)), (max(a, until), b)))
        return ((_datetime(a), _datetime(b)) for a, b in spans)

    def local(self, at: datetime) -> datetime:
        """Return the wall time at an instant, naive."""
        return _datetime(self._table.wall(_instant("at", at))).replace(tzinfo=None)

    def local_date(self, at: datetime) -> date:
        return self.local(at).date()

    def end_of_day(self, day: date | str) -> datetime:
        """Return the instant of 24:00 local: the last instant at which the wall still shows the date."""
        last = _day("day", day)
        while not (shown := self._table.shown(last, ((0, _DAY),))):
            last -= 1  # the zone skipped this date: it ended as the one before it did
        return _datetime(shown[-1][1])
