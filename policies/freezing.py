"""A country's public holidays as the `holidays` library knows them, to be frozen into calendar files for review.

Indonesia's joint holidays (*cuti bersama*) are decreed a year ahead. Until then a date that moves is an estimate.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Annotated

import holidays
from pydantic import AfterValidator

from complaints.errors import BadInput
from complaints.model import Frozen
from complaints.policy import FrozenHolidays, Holiday
from complaints.vocabulary import HOUSE_LANGUAGES, Language
from policies.files import read_mapping

LANGUAGES = {"id": "id", "en": "en_US"}  # ours: the library's
FIRST = 2014  # far enough back for past complaints
_SPOKEN_EVERYWHERE = "en_US"
_OBSERVED = " (observed)"
_ESTIMATE = re.compile(r" \((perkiraan|estimated)\)")
_DECREED_YEARLY = "government"
_JOINT_LEAVE = "ID"  # whose government holidays are *cuti bersama*


def _named_in(language: Language) -> Language:
    if language not in LANGUAGES:
        raise ValueError(f"is none that names are known in; use {' or '.join(LANGUAGES)}, and write others by hand")
    return language


class Wanted(Frozen):
    """Which holidays are asked for."""

    country: str
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)
    languages: tuple[Annotated[Language, AfterValidator(_named_in)], ...] = HOUSE_LANGUAGES
    years: tuple[int, int]


def freeze(wanted: Wanted) -> FrozenHolidays:
    """Return the holidays in order, provisional ones marked.

    Provisional are those that the library calls an estimate, and, in a year without any government holiday (none has
    been decreed yet), all that do not fall on the date they had the year before. Raises `BadInput`.
    """
    first, last = wanted.years
    known = _country(wanted.country)
    if not known.start_year < first <= last <= known.end_year:
        remedy = f"give the first, then the last, from {known.start_year + 1} to {known.end_year}"
        raise BadInput("are not years that the library knows", field="years", remedy=remedy)
    years = range(first, last + 1)
    languages = wanted.languages or HOUSE_LANGUAGES
    found = {ours: _said(_names(wanted, years, wanted.categories, LANGUAGES[ours]), ours) for ours in languages}
    undecreed = _undecreed(wanted, years)
    fixed = _fixed(wanted, years) if undecreed else set()
    joint = _joint(wanted, years)
    return FrozenHolidays(
        country=wanted.country,
        subdivision=wanted.subdivision,
        categories=wanted.categories,
        languages=languages,
        years=wanted.years,
        decreed=max((year for year in years if year not in undecreed), default=first - 1),
        dates=tuple(
            Holiday(
                date=day,
                name={language: _ESTIMATE.sub("", names.get(day, name)) for language, names in found.items()},
                provisional=bool(_ESTIMATE.search(name)) or (day.year in undecreed and day not in fixed),
                collective=day in joint,
            )
            for day, name in sorted(found[languages[0]].items())
        ),
    )


def version(years: tuple[int, int]) -> str:
    """Return the version of a calendar frozen for these years: where its holidays come from."""
    return f"holidays-{metadata.version('holidays')}-{years[0]}-{years[1]}"


def _names(wanted: Wanted, years: Iterable[int], categories: Iterable[str], language: str) -> dict[date, str]:
    known = _country(wanted.country)
    if strange := sorted(set(categories) - set(known.supported_categories)):
        remedy = f"use some of {', '.join(known.supported_categories)}"
        raise BadInput(f"`{strange[0]}` is not known in {wanted.country}", field="categories", remedy=remedy)
    if wanted.subdivision is not None and wanted.subdivision not in known.subdivisions:
        remedy = f"use one of {', '.join(known.subdivisions)}" if known.subdivisions else "leave it out"
        raise BadInput(f"is not known in {wanted.country}", field="subdivision", remedy=remedy)
    # A language that the library does not speak would follow the machine's own.
    spoken = language if language in known.supported_languages else _SPOKEN_EVERYWHERE
    return dict(known(subdiv=wanted.subdivision, years=years, categories=tuple(categories), language=spoken))


def _said(names: dict[date, str], language: Language) -> dict[date, str]:
    """Names in our own words where the library has none in Indonesian; what nobody has named stays English."""
    if language != Language.ID:
        return names
    return {day: "; ".join(map(_in_indonesian, name.split("; "))) for day, name in names.items()}


def _in_indonesian(name: str) -> str:
    plain = name.removesuffix(_OBSERVED)
    known = _indonesian().get(plain)
    if known is None:
        return name
    return f"{known} (hari pengganti)" if name.endswith(_OBSERVED) else known


@cache
def _indonesian() -> dict[str, str]:
    return {str(name): str(said) for name, said in read_mapping(Path(__file__).with_name("holiday_names.yaml")).items()}


def _country(code: str) -> type[holidays.HolidayBase]:
    found = getattr(holidays, code, None) if code in holidays.list_supported_countries() else None
    if found is None:
        raise BadInput("is not known", field="country", remedy="give its ISO code, such as ID")
    return found  # type: ignore[no-any-return]


def _joint(wanted: Wanted, years: range) -> set[date]:
    """Return the days of joint leave: decreed for the public service, and others may work on them."""
    if wanted.country != _JOINT_LEAVE or _DECREED_YEARLY not in wanted.categories:
        return set()
    decreed = _names(wanted, years, (_DECREED_YEARLY,), _SPOKEN_EVERYWHERE)
    return set(decreed) - set(_names(wanted, years, ("public",), _SPOKEN_EVERYWHERE))


def _undecreed(wanted: Wanted, years: range) -> set[int]:
    if _DECREED_YEARLY not in _country(wanted.country).supported_categories:
        return set()
    decreed = {day.year for day in _names(wanted, years, (_DECREED_YEARLY,), _SPOKEN_EVERYWHERE)}
    return set(years) - decreed


def _fixed(wanted: Wanted, years: range) -> set[date]:
    """Return the holidays that had the same name and date a year before."""
    around = _names(wanted, [years[0] - 1, *years], wanted.categories, _SPOKEN_EVERYWHERE)
    last_year = {(day.year + 1, day.month, day.day, name) for day, name in around.items()}
    return {day for day, name in around.items() if (day.year, day.month, day.day, name) in last_year}
