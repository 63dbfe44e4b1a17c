"""Business time: which instants are open, and arithmetic over open time.

A calendar is a value: weekly hours, exceptions by date, and a time zone (by name, or pinned as a list of UTC offsets so
that a replay needs no time-zone data). It reads no clock, and no file but the zone data that `timezone` names.

An instant is open if its local wall time lies in a half-open `[start, end)` of its local date; an interval past
midnight belongs to the date it opens on. Lengths are real time: a repeated hour counts twice, a skipped one not at all.

Inside, instants are whole microseconds since 1970 UTC and dates are days since then: exact, and fast to bisect. Open
time is laid out once per block of 366 days and shared by all calendars of one value, whatever their breaks.

Errors: `CalendarError` (a `ValueError`) names the wrong argument and the remedy; `NoOpenTime` is one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, chain
from typing import Any, NamedTuple

from complaints.hours import (
    BLOCKS,
    DAY,
    EPOCH,
    EVER,
    MARGIN,
    MICROSECOND,
    WEEKDAYS,
    YEAR,
    CalendarError,
    Intervals,
    NoOpenTime,
    Spans,
    Value,
    as_datetime,
    day_number,
    instant,
    offsets_for,
    parsed,
    pinned_offsets,
    spans_of,
    union,
    week_of,
)

__all__ = ["WEEKDAYS", "BusinessCalendar", "CalendarError", "NoOpenTime", "offsets_for"]


_LENGTH = YEAR * DAY  # of a block


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

    def __init__(self, *value: *Value) -> None:
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
        if index not in BLOCKS:
            raise CalendarError("at", "lies outside the years 3 to 9997", "give a nearer instant, a shorter duration")
        start, end = (index * YEAR - 2 * MARGIN) * DAY, ((index + 1) * YEAR + 2 * MARGIN) * DAY
        known = self.pinned
        if self.timezone is not None:
            known = pinned_offsets(offsets_for(self.timezone, as_datetime(start), as_datetime(end)))
        first = max(bisect_right(known, (start, EVER)) - 1, 0)
        return ((-EVER, known[first][1]), *known[first + 1 : bisect_right(known, (end, EVER))])

    def shown(self, day: int, wall: Spans) -> Spans:
        """Return when the wall clock shows a time in `wall` (counted from the midnight of `day`): offset by offset."""
        offsets = self.offsets(day // YEAR)
        untils = chain((since for since, _ in offsets[1:]), (EVER,))
        return union(
            (max(day * DAY + start - offset, since), min(day * DAY + end - offset, until))
            for (since, offset), until in zip(offsets, untils, strict=True)
            for start, end in wall
        )

    def _opened(self, day: int) -> Spans:
        """Return the open time that belongs to a local date."""
        wall = self.exceptions.get(day)
        return self.shown(day, self.week[(day + EPOCH.weekday()) % 7] if wall is None else wall)

    def _block(self, index: int) -> _Block:
        low, high = index * YEAR, (index + 1) * YEAR
        near = chain.from_iterable(self.opened(day) for day in range(low - MARGIN, high + MARGIN))
        spans = union((max(start, low * DAY), min(end, high * DAY)) for start, end in near)
        passed = list(accumulate(end - start for start, end in spans))
        return _Block([start for start, _ in spans], [end for _, end in spans], passed or [0])

    def after(self, at: int, length: int) -> int:
        """Return the first instant by which `length` > 0 of open time has passed since `at`."""
        index, needed = at // _LENGTH, at
        block = self.block(index)
        length += block.before(at)
        while length > block.passed[-1]:
            length -= block.passed[-1]
            needed = max([needed, *block.ends[-1:]])
            index += 1
            block = self.block(index)
            _check_gap(needed, [*block.starts[:1], (index + 1) * _LENGTH][0])
        found = bisect_left(block.passed, length)
        return block.ends[found] - block.passed[found] + length

    def between(self, start: int, end: int) -> int:
        """Return the open time between two instants in order."""
        first, last = start // _LENGTH, end // _LENGTH
        block = self.block(first)
        if first == last:
            return block.before(end) - block.before(start)
        whole = sum(self.block(index).passed[-1] for index in range(first, last))
        return whole - block.before(start) + self.block(last).before(end)

    def closing(self, day: int, n: int) -> int:
        """Return the closing instant of the n-th working day after a date."""
        needed = day
        while n:
            day += 1
            _check_gap(needed * DAY, day * DAY)
            if self.opened(day):
                n, needed = n - 1, day
        return self.opened(day)[-1][1]

    def wall(self, at: int) -> int:
        """Return the wall time in force at an instant, in microseconds since 1970 by that wall."""
        offsets = self.offsets(at // _LENGTH)
        return at + offsets[bisect_right(offsets, (at, EVER)) - 1][1]


def _check_gap(needed: int, found: int) -> None:
    if found - needed > YEAR * DAY:
        problem = f"no open time within {YEAR} days of {as_datetime(needed)}"
        raise NoOpenTime("hours", problem, "open a weekday, or a date in special")


@lru_cache(256)
def _table(*value: *Value) -> _Table:
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
    _value: Value
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
            offsets_for(timezone, EPOCH, EPOCH)  # an unknown zone is refused here, not at its first use
        dates = {day_number("special", day): spans_of(f"special.{day}", raw) for day, raw in (special or {}).items()}
        if len(dates) < len(special or {}):
            raise CalendarError("special", "a date is given twice, as a date and as text", "name each date once")
        dates.update((day_number("closed", day), ()) for day in closed)  # last: it beats special
        pinned = () if offsets is None else pinned_offsets(offsets)
        table = _table(timezone, pinned, week_of(hours), tuple(sorted(dates.items())))
        object.__setattr__(self, "until", None if until is None else as_datetime(parsed("until", until)))
        object.__setattr__(self, "_value", table.value)
        object.__setattr__(self, "_breaks", ())
        object.__setattr__(self, "_table", table)

    def with_breaks(self, breaks: Iterable[tuple[datetime, datetime]]) -> "BusinessCalendar":
        """Return this calendar with half-open spans of real time taken out of its open time, besides any it has."""
        spans = [(instant("breaks", start), instant("breaks", end)) for start, end in breaks]
        if any(end < start for start, end in spans):
            raise CalendarError("breaks", "a break ends before it starts", "give (start, end) in order of time")
        twin = copy(self)
        object.__setattr__(twin, "_breaks", union([*self._breaks, *spans]))
        return twin

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first instant by which `duration` of open time has passed: at a closing that closing.

        Without any duration: `start` itself if open, else the next opening.
        """
        at, length = instant("start", start), duration // MICROSECOND
        if length < 0:
            raise CalendarError("duration", f"{duration} is negative", "give zero or more")
        end = self._table.after(at, length or 1)
        for since, until in self._breaks:
            if at < until and since < end and (lost := self._table.between(max(since, at), until)):
                end = self._table.after(end, lost)
        return as_datetime(end if length else end - 1)  # the first open microsecond begins where open time does

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from `start` to `end`; zero if `end` is not after `start`."""
        low, high = instant("start", start), instant("end", end)
        if high <= low:
            return timedelta()
        passed = self._table.between(low, high)
        for since, until in self._breaks:
            if low < until and since < high:
                passed -= self._table.between(max(since, low), min(until, high))
        return passed * MICROSECOND

    def is_open(self, at: datetime) -> bool:
        return bool(self.between(at, as_datetime(instant("at", at) + 1)))

    def add_working_days(self, start: datetime, n: int) -> datetime:
        """Return when the n-th working day after the local date of `start` closes; breaks are ignored."""
        if not isinstance(n, int) or n < 1:
            raise CalendarError("n", f"{n!r} is not a count of days", "give a whole number from 1")
        return as_datetime(self._table.closing(self._table.wall(instant("start", start)) // DAY, n))

    def is_working_day(self, day: date | str) -> bool:
        """Return whether any open time belongs to the date, breaks apart."""
        return bool(self._table.opened(day_number("day", day)))

    def closed_dates(self, start: date | str, end: date | str) -> list[date]:
        """Return the dates from `start` to `end`, inclusive, that `closed` or an empty `special` closes."""
        first, last = day_number("start", start), day_number("end", end)
        return [as_datetime(day * DAY).date() for day, spans in self._value[3] if first <= day <= last and not spans]

    def open_intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Return the open spans of `[start, end)` in order of time, touching ones joined, breaks taken out."""
        low, high = instant("start", start), instant("end", end)
        blocks = [self._table.block(index) for index in range(low // _LENGTH, high // _LENGTH + 1)]
        spans = union((max(a, low), min(b, high)) for block in blocks for a, b in zip(*block[:2], strict=True))
        for since, until in self._breaks:
            spans = union(part for a, b in spans for part in ((a, min(b, since)), (max(a, until), b)))
        return ((as_datetime(a), as_datetime(b)) for a, b in spans)

    def local(self, at: datetime) -> datetime:
        """Return the wall time at an instant, naive."""
        return as_datetime(self._table.wall(instant("at", at))).replace(tzinfo=None)

    def local_date(self, at: datetime) -> date:
        return self.local(at).date()

    def end_of_day(self, day: date | str) -> datetime:
        """Return the instant of 24:00 local: the last instant at which the wall still shows the date."""
        last = day_number("day", day)
        while not (shown := self._table.shown(last, ((0, DAY),))):
            last -= 1  # the zone skipped this date: it ended as the one before it did
        return as_datetime(shown[-1][1])
