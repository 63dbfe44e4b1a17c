"""Freezing public holidays into a calendar file, where people review them: a running case never asks a library.

Indonesia's joint holidays (*cuti bersama*) are decreed a year ahead. Until then a date that moves is an estimate.
"""

import re
from collections.abc import Iterable
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import holidays
import yaml

from complaints.errors import BadInput, BadPolicy
from complaints.policy import Holiday

LANGUAGES = {"id": "id", "en": "en_US"}  # ours: the library's
_ESTIMATE = re.compile(r" \((perkiraan|estimated)\)")
_DECREED_YEARLY = "government"


def freeze(
    country: str = "ID",
    years: Iterable[int] = range(2014, 2029),
    categories: tuple[str, ...] = ("public", "government"),
) -> list[Holiday]:
    """Return a country's holidays in order, provisional ones marked.

    Provisional are those that the library calls an estimate, and, in a year without any government holiday (none has
    been decreed yet), all that do not fall on the date they had the year before.
    """
    wanted = sorted(set(years))
    found = {ours: _names(country, wanted, categories, theirs) for ours, theirs in LANGUAGES.items()}
    undecreed = _undecreed(country, wanted) if _DECREED_YEARLY in categories else set()
    fixed = _fixed(country, wanted, categories) if undecreed else set()
    first = next(iter(LANGUAGES))
    return [
        Holiday(
            date=day,
            name={language: _ESTIMATE.sub("", names.get(day, name)) for language, names in found.items()},
            provisional=bool(_ESTIMATE.search(name)) or (day.year in undecreed and day not in fixed),
        )
        for day, name in sorted(found[first].items())
    ]


def _names(country: str, years: list[int], categories: tuple[str, ...], language: str | None) -> dict[date, str]:
    try:
        return dict(holidays.country_holidays(country, years=years, categories=categories, language=language))
    except NotImplementedError:  # what the library raises for a country it does not know
        raise BadInput("is not known", field="country", remedy="give its ISO code, such as ID") from None
    except ValueError:
        raise BadInput("are not known there", field="categories", remedy="use public, government") from None


def _undecreed(country: str, years: list[int]) -> set[int]:
    decreed = {day.year for day in _names(country, years, (_DECREED_YEARLY,), None)}
    return set(years) - decreed


def _fixed(country: str, years: list[int], categories: tuple[str, ...]) -> set[date]:
    """Return the holidays that had the same name and date a year before."""
    around = _names(country, sorted({*years, *(year - 1 for year in years)}), categories, None)
    last_year = {(day.year + 1, day.month, day.day, name) for day, name in around.items()}
    return {day for day, name in around.items() if (day.year, day.month, day.day, name) in last_year}


def version(years: Iterable[int]) -> str:
    """Return the version of a calendar frozen for these years: where its holidays come from."""
    wanted = sorted(set(years))
    return f"holidays-{metadata.version('holidays')}-{wanted[0]}-{wanted[-1]}"


def rewrite(path: Path, closed: Iterable[Holiday], version: str) -> None:
    """Replace version and `closed` of a calendar file; what stands before `closed`, comments too, stays.

    Raises `BadPolicy` if something other than the list follows `closed`.
    """
    head, mark, tail = path.read_text(encoding="utf-8").partition("\nclosed:")
    if any(re.match(r"[^\s#-]", line) for line in tail.splitlines()[1:]):
        raise BadPolicy("is not the last key of the file", field=f"{path}:closed", remedy="move it to the end")
    head = re.sub(r"(?m)^version:.*$", f"version: {version}", head if mark else head.rstrip("\n"))
    lines = "".join(f"  - {_line(holiday)}\n" for holiday in closed)
    path.write_text(f"{head}\nclosed:\n{lines}" if lines else f"{head}\nclosed: []\n", encoding="utf-8")


def _line(holiday: Holiday) -> str:
    row: dict[str, Any] = {"date": holiday.date, "name": dict(holiday.name)}
    if holiday.provisional:
        row["provisional"] = True
    dumped = yaml.safe_dump(row, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return str(dumped).strip()
