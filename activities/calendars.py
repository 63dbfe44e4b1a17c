"""Calendars: what was pinned for two years, fetched further."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from temporalio import activity

from activities.errors import clean_errors
from complaints.messages.duties import CalendarDuty
from complaints.messages.feedback import CalendarsExtended
from complaints.plan import PinnedCalendar

Extend = Callable[[str, tuple[str, ...], datetime, datetime], dict[str, PinnedCalendar]]


class Calendars:
    """`extend(pack, names, since, until)` reads the policies; its result is what history keeps."""

    def __init__(self, extend: Extend) -> None:
        self._extend = extend

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.extend_calendars]

    @activity.defn(name="extend_calendars")
    async def extend_calendars(self, duty: CalendarDuty) -> CalendarsExtended:
        with clean_errors():
            found = await asyncio.to_thread(self._extend, duty.pack, duty.names, duty.since, duty.until)
        return CalendarsExtended(key=duty.key, calendars=found)
