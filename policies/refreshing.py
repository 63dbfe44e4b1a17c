"""What a refresh of a calendar file would change: its frozen holidays beside those that the library knows now.

Closed dates by hand stay, whatever the library says; where one falls on a holiday, its own name stands.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field

from complaints.errors import BadInput
from complaints.model import Frozen, read
from complaints.policy import FrozenHolidays, Holiday
from policies import calendar_files
from policies.freezing import FIRST, Wanted, freeze, version
from policies.places import locate, packs

AHEAD = 2  # full years after this one: a pinned calendar is good for two years


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    DECREED = "decreed"
    PROVISIONAL = "provisional"
    LEAVE = "leave"  # is joint leave now, or is no longer


class Change(Frozen):
    """One date that is not what it was. `before` and `after` are its names, null where it is not closed."""

    date: date
    what: What
    before: dict[str, str] | None
    after: dict[str, str] | None
    provisional: bool  # in the end, or before it was removed


class Refresh(Frozen):
    """What becomes of one calendar file."""

    file: Path
    calendar: str
    changed: bool
    version: str
    version_before: str
    years: tuple[int, int]
    years_before: tuple[int, int] | None
    decreed: int
    changes: tuple[Change, ...]
    by_hand: tuple[Holiday, ...]  # stay
    adopted: tuple[date, ...]  # stood in `closed` when holidays were first frozen into this file, and are the library's
    frozen: FrozenHolidays = Field(exclude=True)

    def write(self) -> None:
        """Do it. Raises `BadPolicy` or `BadInput`, and then the file is as it was."""
        if self.changed:
            calendar_files.write(self.file, self.version, self.frozen, self.adopted)


def files_of(source: str) -> list[Path]:
    """Return the calendar files that have frozen holidays, of a pack; or the one file that is named.

    Raises `NotFound` for what is neither, and `BadInput` for a pack without any.
    """
    path = Path(source)
    if source not in packs() and path.is_file() and path.name != "policy.yaml":
        return [path]
    folder = locate(source)
    files = sorted((folder / "calendars").glob("*.yaml")) if folder.is_dir() else []
    if frozen := [file for file in files if calendar_files.read(file).frozen is not None]:
        return frozen
    remedy = "name the pack it takes its calendars from, or a calendar file with --country to freeze its holidays"
    raise BadInput("has no calendar file with frozen holidays", field=source, remedy=remedy)


def plan(path: Path, today: date, *, first: int | None = None, last: int | None = None, **changed: Any) -> Refresh:
    """Return what a refresh does to this file. `changed` are fields of `Wanted` that are no longer as in the file.

    Raises `BadPolicy` for a file that cannot be read, `BadInput` if it does not say whose holidays, or for a country or
    category that the library does not know.
    """
    version_before, closed, frozen = calendar_files.read(path)
    wanted = _wanted(path, frozen, today, changed, first=first, last=last)
    found = freeze(wanted)
    known = {day.date: day for day in found.dates}
    adopted = [day for day in closed if frozen is None and _is(day, known.get(day.date))]
    before = {day.date: day for day in (frozen.dates if frozen is not None else adopted)}
    return Refresh(
        file=path,
        calendar=path.stem,
        changed=found != frozen,
        version=version(wanted.years) if found != frozen else version_before,
        version_before=version_before,
        years=wanted.years,
        years_before=frozen.years if frozen is not None else None,
        decreed=found.decreed,
        changes=tuple(_changes(before, known)),
        by_hand=tuple(day for day in closed if day not in adopted),
        adopted=tuple(day.date for day in adopted),
        frozen=found,
    )


def _wanted(
    path: Path,
    frozen: FrozenHolidays | None,
    today: date,
    changed: dict[str, Any],
    *,
    first: int | None,
    last: int | None,
) -> Wanted:
    given: dict[str, Any] = frozen.model_dump(include=set(Wanted.model_fields)) if frozen is not None else {}
    given |= {name: value for name, value in changed.items() if value is not None}
    if "country" not in given:
        remedy = "say whose holidays with --country (and --categories, --subdivision)"
        raise BadInput("has no frozen holidays yet", field=str(path), remedy=remedy)
    begun, ended = given.get("years", (FIRST, 0))
    horizon = max(ended, today.year + AHEAD)
    return read(Wanted, {**given, "years": (first or begun, last or horizon)})


def _is(day: Holiday, known: Holiday | None) -> bool:
    """Whether a closed date without a mark is the library's: by its name."""
    return known is not None and any(known.name.get(language) == name for language, name in day.name.items())


def _changes(before: dict[date, Holiday], after: dict[date, Holiday]) -> Iterator[Change]:
    for day in sorted({*before, *after}):
        old, new = before.get(day), after.get(day)
        for what in _what(old, new):
            yield Change(
                date=day,
                what=what,
                before=old.name if old else None,
                after=new.name if new else None,
                provisional=(new or old).provisional,  # type: ignore[union-attr]  # one of them is there
            )


def _what(old: Holiday | None, new: Holiday | None) -> Iterator[What]:
    if old is None or new is None:
        yield What.REMOVED if new is None else What.ADDED
        return
    if old.name != new.name:
        yield What.RENAMED
    if old.provisional != new.provisional:
        yield What.PROVISIONAL if new.provisional else What.DECREED
    if old.collective != new.collective:
        yield What.LEAVE
