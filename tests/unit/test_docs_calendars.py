"""The examples of docs/calendars.md, counted anew: each is a clock, and comes out as the page says."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

import policies
from complaints.calendar import BusinessCalendar
from complaints.clocks import Clock, Extended, Warned
from complaints.policy import CalendarSource
from complaints.targets import Target, Unit
from complaints.vocabulary import ClockState, Metric, OnDue
from policies.resolving import pinned
from tests.unit.test_docs import fences, page

EXAMPLES = [yaml.safe_load(example) for example in fences(page("docs/calendars.md"), "yaml")]
KEYS = {
    "target",
    "calendar",
    "changes",
    "start",
    "due",
    "pauses",
    "extensions",
    "warnings",
    "met",
    "late",
    "now",
    "remaining",
}


def calendar_of(example: dict[str, Any]) -> BusinessCalendar | None:
    given = example.get("calendar")
    if given is None:
        return None
    if isinstance(given, str):
        source = policies.load("id.default").calendars[given].model_copy(update=example.get("changes", {}))
    else:
        source = CalendarSource.model_validate(given)
    start: datetime = example["start"]
    return pinned("example", source, start - timedelta(days=40), start + timedelta(days=200)).build()


def clock_of(example: dict[str, Any], calendar: BusinessCalendar | None) -> Clock:
    target, start = Target(example["target"]), example["start"]
    base = target.due(start, calendar)
    extensions = []
    for text in example.get("extensions", ()):
        by = Target(text)
        extensions.append(Extended(by=by, reason="example", at=start, base_before=base))
        base = by.after(base, calendar)
    clock = Clock(
        metric=Metric.RESOLUTION, occurrence=1, target=target, calendar="example" if calendar else None,
        on_due=OnDue.BREACH, started_at=start, base_due=base, due_at=None, extensions=extensions,
        warnings=[Warned(fraction=float(fraction), at=None) for fraction in example.get("warnings", ())],
    )  # fmt: skip
    clock.refresh(calendar)
    for since, until in example.get("pauses", ()):
        clock.pause(since, "example", calendar)
        if until is not None:
            clock.resume(until, calendar)
    return clock


def own_time(text: str | None) -> timedelta:
    return timedelta(0) if text is None else Target(text).amount


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["target"])
def test_the_example_is_due_when_the_page_says(example: dict[str, Any]) -> None:
    assert set(example) <= KEYS
    calendar = calendar_of(example)
    clock = clock_of(example, calendar)
    assert clock.due_at == example["due"]
    for warning in clock.warnings:
        assert warning.at == example["warnings"][warning.fraction]
    if "remaining" in example:
        assert clock.remaining(example["now"], calendar) == own_time(example["remaining"])
    if "met" in example:
        clock.breached_at = clock.due_at if example["met"] > clock.due_at else None
        clock.end(example["met"], ClockState.MET, None, calendar)
        assert clock.late(example["met"], calendar) == own_time(example["late"])


def test_there_is_an_example_of_everything_the_page_speaks_of() -> None:
    assert {Target(example["target"]).unit for example in EXAMPLES} == set(Unit)
    assert {key for example in EXAMPLES for key in example} == KEYS
