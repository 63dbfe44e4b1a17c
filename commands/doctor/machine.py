"""Checks of this machine: room on the disks, and whether the parts of the local stack stay up."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir

from commands.doctor.finding import Finding, ok, problem, warning
from commands.output import in_words
from commands.stack import StackInfo
from commands.stack.info import PartEnds, read_ends
from commands.stack.postgres_place import find_place

_MB = 1024 * 1024
_LOW, _VERY_LOW = 2_000 * _MB, 500 * _MB
_LOW_SHARE = 0.05
_OFTEN = 3
_LATELY = timedelta(hours=1)


def disk(home: Path, stack: StackInfo | None) -> Finding:
    """The database refuses writes on a full disk: records wait then, and nothing is lost, but it does not end well."""
    places = {Path(gettempdir())}
    if stack is not None:
        places |= {home, find_place(home).data}
    room = {str(place): shutil.disk_usage(place) for place in places if place.exists()}
    details = {place: {"free_mb": usage.free // _MB, "total_mb": usage.total // _MB} for place, usage in room.items()}
    full = sorted(place for place, usage in room.items() if usage.free < _VERY_LOW)
    if full:
        return problem("disk", f"hardly any room in {', '.join(full)}", "make room, or move the home", **details)
    low = sorted(place for place, u in room.items() if u.free < min(_LOW, int(u.total * _LOW_SHARE)))
    if low:
        return warning("disk", f"little room in {', '.join(low)}", "make room before it is needed", **details)
    least = min((usage.free for usage in room.values()), default=0)
    return ok("disk", f"{least // _MB} MB free", **details)


def parts(home: Path, stack: StackInfo) -> Finding:
    """What the supervisor says of its children."""
    now = datetime.now(UTC)
    ends = read_ends(home)
    down = [name for name in ends if name not in stack.processes]
    failing = [
        name for name, end in ends.items() if end.in_a_row >= _OFTEN and now - end.again_at < timedelta(minutes=1)
    ]
    lately = [name for name, end in ends.items() if now - end.at < _LATELY]
    details = {name: end.model_dump(mode="json") for name, end in ends.items()}
    if wrong := list(dict.fromkeys([*failing, *down])):
        said = "; ".join(_said(name, ends[name]) for name in wrong)
        logs = ", ".join(ends[name].log for name in wrong)
        return problem("parts", f"does not stay up: {said}", f"read why in {logs}; it is started again", **details)
    if lately:
        said = "; ".join(_said(name, ends[name]) for name in lately)
        return warning("parts", f"ended by itself within the last hour: {said}", "read why in its log", **details)
    return ok("parts", f"{len(stack.processes)} processes run under the supervisor", **details)


def _said(name: str, end: PartEnds) -> str:
    ago = in_words((datetime.now(UTC) - end.at).total_seconds())
    return f"{name} ({end.how} {ago} ago, {end.in_a_row} in a row)"
