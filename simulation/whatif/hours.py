"""When handlers work, for facts that the data leave out: a calendar of a policy, or day and night."""

from datetime import datetime, timedelta

from complaints.calendar import BusinessCalendar

_DAY = timedelta(days=1)
_FROM, _TO = timedelta(hours=8), timedelta(hours=17)  # of a date without open hours


class WorkingHours:
    """A calendar, or None for handlers who act at any hour."""

    def __init__(self, calendar: BusinessCalendar | None) -> None:
        self._calendar = calendar

    def next_open(self, at: datetime) -> datetime:
        """The instant itself if handlers work then, else their next opening."""
        return at if self._calendar is None else self._calendar.add(at, timedelta())

    def after(self, at: datetime, work: timedelta) -> datetime:
        """When so much working time has passed."""
        return at + work if self._calendar is None else self._calendar.add(at, work)

    def day(self, midnight: datetime) -> tuple[datetime, datetime]:
        """From when to when people act on the date that begins then; 08:00 to 17:00 if it has no open hours."""
        if self._calendar is not None:
            spans = list(self._calendar.open_intervals(midnight, midnight + _DAY))
            if spans:
                return spans[0][0], spans[-1][1]
        return midnight + _FROM, midnight + _TO
