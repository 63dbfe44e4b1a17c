"""The holidays of the policy under which complaints are filed: a promise may reach a year without a decree."""

from datetime import datetime

from commands.doctor.finding import Finding, ok, warning
from policies import load
from policies.horizon import decreed, undecreed


async def holidays(policy: str, now: datetime) -> Finding:
    """Raises `TuntasError` if complaints cannot be filed under this policy."""
    found = load(policy)
    known = {name: year for name, source in found.calendars.items() if (year := decreed(source)) is not None}
    warnings = undecreed(found, now)
    if not warnings:
        return ok("holidays", f"decreed for whatever {found.pack} promises now", policy=found.pack, decreed=known)
    first = warnings[0]
    what = "; ".join(f"{found.pack}, {each.field}: {each.problem}" for each in warnings)
    return warning("holidays", what, first.remedy, policy=found.pack, decreed=known)
