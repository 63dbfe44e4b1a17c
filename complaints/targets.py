"""Targets: how long a promise may take, written as people write it ("4 business hours", "3 working days").

DESIGN, section 4: elapsed units, business minutes and hours, working days, calendar days (24:00 of the N-th date).
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic_core import core_schema

from complaints.calendar import BusinessCalendar

_ELAPSED = {
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
}
_BUSINESS = {"business minutes": timedelta(minutes=1), "business hours": timedelta(hours=1)}
_FORM = re.compile(
    r"([1-9]\d{0,8}) (business minute|business hour|working day|calendar day|second|minute|hour|day|week)s?"
)
REMEDY = (
    "write it as `N seconds|minutes|hours|days|weeks`, `N business minutes|hours`, "
    "`N working days` or `N calendar days`"
)


class Unit(StrEnum):
    ELAPSED = "elapsed"
    BUSINESS = "business"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


class Target(str):
    """A duration as text, parsed once. Raises `ValueError` for anything `REMEDY` does not describe."""

    __slots__ = ("amount", "days", "unit")

    unit: Unit
    days: int  # working or calendar days; 0 for durations
    amount: timedelta  # of elapsed or business time; zero for days

    def __new__(cls, text: str) -> Self:
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not a target; {REMEDY}")
        number, word = int(match[1]), match[2] + "s"
        self = super().__new__(cls, f"{number} {word}")
        self.days, self.amount = 0, timedelta(0)
        if word in _ELAPSED:
            self.unit, self.amount = Unit.ELAPSED, number * _ELAPSED[word]
        elif word in _BUSINESS:
            self.unit, self.amount = Unit.BUSINESS, number * _BUSINESS[word]
        else:
            self.unit = Unit.WORKING_DAYS if word == "working days" else Unit.CALENDAR_DAYS
            self.days = number
        return self

    @property
    def needs_calendar(self) -> bool:
        return self.unit is not Unit.ELAPSED

    def due(self, start: datetime, calendar: BusinessCalendar | None) -> datetime:
        """The due instant without pauses. Raises `ValueError` if a calendar is needed and none is given."""
        if self.unit is Unit.ELAPSED:
            return start + self.amount
        if calendar is None:
            raise ValueError(f"{self!s} needs a calendar")
        if self.unit is Unit.BUSINESS:
            return calendar.add(start, self.amount)
        if self.unit is Unit.WORKING_DAYS:
            return calendar.add_working_days(start, self.days)
        return calendar.end_of_day(calendar.local_date(start) + timedelta(days=self.days))

    def after(self, base: datetime, calendar: BusinessCalendar | None) -> datetime:
        """This much later than a due instant: `15 calendar days` and then `45 calendar days` are 60 of them.

        The end of a date is the start of the next one, which calendar days would not count.
        """
        if self.unit is Unit.CALENDAR_DAYS and calendar is not None:
            last = calendar.local_date(base - timedelta(microseconds=1))
            return max(calendar.end_of_day(last + timedelta(days=self.days)), base)
        return self.due(base, calendar)

    @classmethod
    def until(cls, start: datetime, due: datetime) -> "Target":
        """The elapsed target of a promise whose due instant is given; at least a second."""
        return cls(f"{max(int((due - start).total_seconds()), 1)} seconds")

    def __deepcopy__(self, memo: dict[int, Any]) -> "Target":
        return self

    def __reduce__(self) -> tuple[type["Target"], tuple[str]]:
        return Target, (str(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": f"^{_FORM.pattern}$",
            "examples": ["24 hours", "4 business hours", "3 working days"],
        }
