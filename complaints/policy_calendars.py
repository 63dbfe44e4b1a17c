"""The calendars of the policy model, as a pack carries them: reviewed, versioned, with holidays frozen into them."""

from datetime import date
from typing import Literal

from pydantic import Field

from complaints.model import Frozen, is_empty
from complaints.vocabulary import Language

Intervals = tuple[tuple[str, str], ...]


class Holiday(Frozen):
    """A closed date with its name per language; `provisional` until it is decreed."""

    date: date
    name: dict[str, str]
    provisional: bool = False
    collective: bool = Field(default=False, exclude_if=is_empty)  # joint leave: *cuti bersama*


class FrozenHolidays(Frozen):
    """A country's public holidays as a library knew them, frozen for review. A program rewrites them, people do not."""

    country: str  # its ISO code
    subdivision: str | None = None  # the country's own code of a part with holidays of its own
    categories: tuple[str, ...] = ("public",)  # as the library calls them; `government` are Indonesia's joint holidays
    languages: tuple[Language, ...]  # of their names
    years: tuple[int, int]  # the first and the last one frozen
    decreed: int  # the last year whose holidays are decreed; what comes after it are estimates
    dates: tuple[Holiday, ...]


class CalendarSource(Frozen):
    """A calendar as a pack carries it: reviewed, versioned, with closures of its own and holidays frozen into it."""

    version: str
    timezone: str
    hours: dict[str, Intervals]
    closed: tuple[Holiday, ...] = ()  # by hand
    special: dict[date, Intervals] = {}
    holidays: FrozenHolidays | None = None
    collective_leave: Literal["closed", "open"] = "closed"  # whether days of joint leave are closed, or worked on

    @property
    def closed_dates(self) -> tuple[Holiday, ...]:
        """All closed dates in order; a name given by hand counts more than the library's."""
        frozen = self.holidays.dates if self.holidays is not None else ()
        if self.collective_leave == "open":
            frozen = tuple(day for day in frozen if not day.collective)
        return tuple(day for _, day in sorted({day.date: day for day in (*frozen, *self.closed)}.items()))
