"""The business calendar beside plain code and two libraries, over the same hours and holidays."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import policies
from bench.measure import Options, ratio, show
from bench.plain_calendar import PlainCalendar
from complaints.calendar import WEEKDAYS, BusinessCalendar
from complaints.plan import PinnedCalendar

START = datetime(2026, 3, 17, 8, tzinfo=UTC)  # a Tuesday, some days before a long row of holidays
HOURS = timedelta(hours=80)
SPAN = timedelta(days=30)
MOST = 1.0
_PAIRS = 15


async def run(options: Options) -> None:
    """Every operation by turns with the plain one, in batches long enough to be timed."""
    pinned = policies.resolve(policies.load("id.default"), START).calendars["office"]
    ours, others = pinned.build(), {"plain": _plain(pinned)}
    _agree(ours, others["plain"])
    times = options.sized(500, 50)
    for name, work in (("add", _add), ("between", _between)):
        mine, plain = work(ours), work(others["plain"])
        pairs = [(_spent(mine, times), _spent(plain, times)) for _ in range(_PAIRS)]
        found = ratio(pairs)
        libraries = {
            library: round(_spent(task, max(times // 50, 1)) * 1e6, 1)
            for library, task in (
                ("businesstimedelta", _businesstimedelta(pinned, name)),
                ("pandas", _pandas(pinned, name)),
            )
            if task is not None
        }
        show(
            f"calendar_{name}", product_us=round(median(a for a, _ in pairs) * 1e6, 2),
            plain_us=round(median(b for _, b in pairs) * 1e6, 1), libraries_us=libraries, ratio=found, at_most=MOST,
            pairs=_PAIRS, holds=found <= MOST,
        )  # fmt: skip


def plain_seconds(times: int = 300) -> float:
    """One `add` and one `between` of the plain calendar: how fast a machine is for plain Python."""
    plain = _plain(policies.resolve(policies.load("id.default"), START).calendars["office"])
    return median(_spent(_add(plain), times) + _spent(_between(plain), times) for _ in range(5))


def _add(calendar: Any) -> Callable[[], object]:
    return lambda: calendar.add(START, HOURS)


def _between(calendar: Any) -> Callable[[], object]:
    return lambda: calendar.between(START, START + SPAN)


def _spent(work: Callable[[], object], times: int) -> float:
    """Seconds an operation."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def _week(pinned: PinnedCalendar) -> dict[int, list[tuple[wall, wall]]]:
    return {
        WEEKDAYS.index(day): [(wall.fromisoformat(a), wall.fromisoformat(b)) for a, b in spans]
        for day, spans in pinned.hours.items()
    }


def _closed(pinned: PinnedCalendar) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, pinned.closed))


def _plain(pinned: PinnedCalendar) -> PlainCalendar:
    return PlainCalendar("Asia/Jakarta", _week(pinned), _closed(pinned))


def _agree(ours: BusinessCalendar, plain: PlainCalendar) -> None:
    """What is faster must be the same."""
    for hours in range(0, 24 * 60, 7):
        start = START + timedelta(hours=hours)
        if ours.add(start, HOURS) != plain.add(start, HOURS) or ours.between(START, start) != plain.between(
            START, start
        ):
            raise AssertionError(f"the calendars disagree at {start}")


def _businesstimedelta(pinned: PinnedCalendar, name: str) -> Callable[[], object] | None:
    import businesstimedelta as library
    import pytz

    zone = pytz.timezone("Asia/Jakarta")
    shifts = [
        library.WorkDayRule(start_time=a, end_time=b, working_days=[day], tz=zone)
        for day, spans in _week(pinned).items()
        for a, b in spans
    ]
    rules = library.Rules([*shifts, library.HolidayRule(dict.fromkeys(_closed(pinned), "closed"), tz=zone)])
    start = START.astimezone(zone)
    if name == "add":
        return lambda: start + library.BusinessTimeDelta(rules, hours=80)
    return lambda: rules.difference(start, start + SPAN)


def _pandas(pinned: PinnedCalendar, name: str) -> Callable[[], object] | None:
    """It knows one set of hours for all days, and no `between`."""
    if name != "add":
        return None
    import numpy as np
    import pandas as pd

    opens, closes = zip(*pinned.hours["mon"], strict=True)
    offset = pd.offsets.CustomBusinessHour(
        start=list(opens), end=list(closes), holidays=[np.datetime64(day) for day in pinned.closed]
    )
    start = pd.Timestamp(START.astimezone(ZoneInfo("Asia/Jakarta")))
    return lambda: start + 80 * offset
