"""Business hours in the plainest exact way: walk the dates and add up the open spans. The limit for our calendar."""

from collections.abc import Container, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
Week = Mapping[int, list[tuple[time, time]]]


class PlainCalendar:
    """Weekly hours and closed dates in a time zone; lengths are real time."""

    def __init__(self, timezone: str, week: Week, closed: Container[date]) -> None:
        self._zone = ZoneInfo(timezone)
        self._week = week
        self._closed = closed

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self._closed:
            return
        for opens, closes in self._week.get(day.weekday(), ()):
            start = datetime.combine(day, opens, self._zone).astimezone(UTC)
            end = datetime.combine(day, closes, self._zone).astimezone(UTC)
            if end > start:
                yield start, end

    def between(self, start: datetime, end: datetime) -> timedelta:
        passed, day = timedelta(), start.astimezone(self._zone).date() - DAY
        last = end.astimezone(self._zone).date()
        while day <= last:
            for opens, closes in self._spans(day):
                low, high = max(opens, start), min(closes, end)
                if high > low:
                    passed += high - low
            day += DAY
        return passed

    def add(self, start: datetime, length: timedelta) -> datetime:
        day = start.astimezone(self._zone).date()
        start = start.astimezone(UTC)
        while True:
            for opens, closes in self._spans(day):
                begins = max(opens, start)
                if closes <= begins:
                    continue
                if closes - begins >= length:
                    return begins + length
                length -= closes - begins
            day += DAY
