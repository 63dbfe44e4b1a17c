"""A policy as its reviewers read it: what it rests on first, calendars summed up. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from complaints.policy import Policy

_HEAD = ("pack", "version", "as_of", "disclaimer", "sources", "demands", "languages", "timezone", "currency")
_MANY = 20  # closed dates that are shown one by one


def told(policy: Policy) -> dict[str, Any]:
    """Return the policy with what it rests on first, and without conditions that say nothing."""
    raw = policy.model_dump(mode="json", exclude_none=True)
    ordered = {name: raw[name] for name in (*_HEAD, *raw) if name in raw}
    return {name: _without_empty(value) for name, value in ordered.items()}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(part) for key, part in value.items() if key != "when" or part}
    return [_without_empty(part) for part in value] if isinstance(value, list) else value


def summed_up(shown: dict[str, Any]) -> dict[str, Any]:
    """Return a policy as told with its many dates as a count."""
    calendars: dict[str, Any] = {}
    for name, source in shown["calendars"].items():
        calendars[name] = {**source, "closed": _dates(source["closed"])}
        if "holidays" in source:
            calendars[name]["holidays"] = {**source["holidays"], "dates": _dates(source["holidays"]["dates"])}
    return {**shown, "calendars": calendars}


def _dates(days: Sequence[Mapping[str, Any]]) -> Any:
    """Return these dates; in words if there are many, which no loader takes for dates."""
    if len(days) <= _MANY:
        return days
    provisional = sum(day["provisional"] for day in days)
    return f"{len(days)} from {days[0]['date']} to {days[-1]['date']}, {provisional} provisional (--whole lists them)"
