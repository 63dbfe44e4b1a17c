"""The plan: a policy resolved for one case and pinned in its history, so that a replay needs no file and no tz data."""

import hashlib
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from complaints.calendar import BusinessCalendar
from complaints.model import Frozen, Instant
from complaints.packing import pack, unpack
from complaints.policy import Intervals, Rules


class PinnedCalendar(Frozen):
    """A calendar with its UTC offsets written out: `[[utc instant, seconds], …]`, good until `until` (DESIGN, 4)."""

    name: str
    version: str
    hours: dict[str, Intervals]
    closed: tuple[str, ...] = ()
    special: dict[str, Intervals] = {}
    offsets: tuple[tuple[Instant, int], ...]
    until: Instant
    holidays: dict[str, dict[str, str]] = {}  # names of closed dates by language, so that a clock can explain itself

    def build(self) -> BusinessCalendar:
        return BusinessCalendar(offsets=self.offsets, hours=self.hours, closed=self.closed, special=self.special)


_HORIZON = timedelta(days=120)


class Plan(Frozen):
    """Rules and calendars of one case. Equal plans share one object per process: see `interned`."""

    rules: Rules
    texts: str
    texts_version: str
    calendars: dict[str, PinnedCalendar]

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @cached_property
    def packed(self) -> str:
        """The whole plan in a fifth of the bytes."""
        return pack(self.model_dump_json())

    @cached_property
    def built(self) -> dict[str, BusinessCalendar]:
        return {name: pinned.build() for name, pinned in self.calendars.items()}

    @cached_property
    def until(self) -> datetime | None:
        """When the first of its calendars runs out; None if there is none."""
        return min((pinned.until for pinned in self.calendars.values()), default=None)

    @cached_property
    def asks_from(self) -> datetime | None:
        """From when a case asks for its calendars further into the future; None: never."""
        return None if self.until is None else self.until - _HORIZON

    def calendar(self, name: str | None) -> BusinessCalendar | None:
        return None if name is None else self.built[name]


_interned: dict[str, Plan] = {}


def interned(plan: Plan) -> Plan:
    """The one object that stands for this plan in this process: calendars and their day tables are built once."""
    return _interned.setdefault(plan.digest, plan)


@lru_cache(64)
def _unpacked(text: str) -> Plan:
    return interned(Plan.model_validate_json(unpack(text)))


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return _unpacked(value)
    except ValueError:
        raise ValueError("not a packed plan; send one as it was resolved") from None


def _packed(plan: Plan) -> str:
    return plan.packed


PackedPlan = Annotated[
    Plan, BeforeValidator(_plain), AfterValidator(interned), PlainSerializer(_packed, return_type=str, when_used="json")
]
"""A plan that travels packed, and is read packed or plain.

A worker keeps several copies of a start argument for every case in its cache, and a plan is nine tenths of one.
"""
