"""From a row of somebody else's CSV to an intake: which columns make which field, what their values mean, which zone.

`field=column` maps, `field=column+column` joins, `field:theirs=ours` translates a value (`*` any other), `details.x`
keeps a column beside the complaint. A bare date means 00:00 local.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from complaints.errors import BadInput
from complaints.messages.intake import Complainant, Intake
from complaints.model import Frozen
from starter.csv_files import CsvRow

DETAILS = "details."
CLOSED_AT = "closed_at"  # of history rows only
_INTAKE = tuple(name for name in Intake.model_fields if name not in ("complainant", "details"))
_PERSON = tuple(Complainant.model_fields)
FIELDS = (*_INTAKE, *_PERSON, CLOSED_AT)
_ANY = "*"


class CsvMapping(Frozen):
    """How to read rows. `columns`: field to columns; `fixed`: field to value; `values`: field to theirs to ours."""

    columns: dict[str, tuple[str, ...]]
    fixed: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    timezone: str = "Z"
    date_format: str | None = None

    def check(self, header: Sequence[str], needed: Sequence[str] = ("channel", "text")) -> None:
        """Raise `BadInput` for a column that the file does not have, and for a field that nothing gives."""
        for field, columns in self.columns.items():
            for column in columns:
                if column not in header:
                    problem = f"the file has no column {column}"
                    raise BadInput(problem, field=f"--map {field}", remedy=f"it has {', '.join(header)}")
        for field in needed:
            if field not in self.columns and field not in self.fixed:
                remedy = f"give --map {field}=COLUMN or --set {field}=VALUE"
                raise BadInput("is given by no column", field=field, remedy=remedy)
        zone_of(self.timezone)

    def intake(self, row: CsvRow, key: str, *, receipt: bool) -> dict[str, Any]:
        """Return a row as a raw intake. `receipt=False`: it is received now, whatever the row says."""
        if row.problem is not None:
            raise BadInput(row.problem, field="row", remedy="correct the row; each field has its column")
        given = {field: value for field in self._fields() if (value := self.value(field, row)) != ""}
        raw: dict[str, Any] = {"key": key, **{name: given[name] for name in _INTAKE if name in given}}
        raw["complainant"] = {name: given[name] for name in _PERSON if name in given}
        raw["details"] = {name.removeprefix(DETAILS): v for name, v in given.items() if name.startswith(DETAILS)}
        if "received_at" in raw:
            raw["received_at"] = self.instant("received_at", row)
        if not receipt:
            raw.pop("received_at", None)
        return raw

    def instant(self, field: str, row: CsvRow) -> datetime | None:
        """Return the instant of a field, None if the row has none. Raises `BadInput`."""
        text = self.value(field, row)
        if not text:
            return None
        remedy = "write 2026-11-22, or 2026-11-22T09:00:00+07:00; or give --date-format"
        try:
            found = _parsed(text, self.date_format)
        except ValueError as error:
            raise BadInput("is no date or instant", field=field, remedy=remedy) from error
        return found if found.tzinfo else found.replace(tzinfo=zone_of(self.timezone))

    def _fields(self) -> list[str]:
        return [field for field in {**self.fixed, **self.columns} if field != CLOSED_AT]

    def value(self, field: str, row: CsvRow) -> str:
        """Return what a field means by the mapping; empty if the row has none."""
        parts = [row.values[column].strip() for column in self.columns.get(field, ())]
        value = "\n\n".join(part for part in parts if part) or self.fixed.get(field, "")
        meanings = self.values.get(field, {})
        return meanings.get(value, meanings.get(_ANY, value) if value else value)


def read_mapping(
    maps: Sequence[str], fixed: Sequence[str], values: Sequence[str], timezone: str, date_format: str | None = None,
    *, fields: Sequence[str] = FIELDS,
) -> CsvMapping:  # fmt: skip
    """Read the options of an import, which fills these fields. Raises `BadInput` naming the option."""
    columns = {field: tuple(text.split("+")) for field, text in (_pair(one, "--map", fields) for one in maps)}
    meanings: dict[str, dict[str, str]] = {}
    for one in values:
        field, colon, rest = one.partition(":")
        theirs, equals, ours = rest.rpartition("=")
        if not colon or not equals:
            raise BadInput("is no FIELD:THEIRS=OURS", field="--value", remedy="write --value category:'Debt'=billing")
        meanings.setdefault(_known(field, "--value", fields), {})[theirs.strip()] = ours.strip()
    constants = dict(_pair(one, "--set", fields) for one in fixed)
    return CsvMapping(columns=columns, fixed=constants, values=meanings, timezone=timezone, date_format=date_format)


def keys_of(rows: Sequence[CsvRow], mapping: CsvMapping) -> list[str]:
    """Return a key for each row: of its column, else of its content and how often that came before in the file."""
    named = mapping.columns.get("key")
    if named:
        return ["-".join(row.values.get(column, "").strip() for column in named) for row in rows]
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        content = hashlib.sha256("\x1f".join(f"{k}\x1e{v}" for k, v in row.values.items()).encode()).hexdigest()[:20]
        seen[content] += 1
        keys.append(f"row-{content}-{seen[content]}")
    return keys


def zone_of(text: str) -> tzinfo:
    """Return a zone by IANA name, offset or `Z`. Raises `BadInput`."""
    if text.upper() in ("Z", "UTC"):
        return UTC
    try:
        if text.startswith(("+", "-")):
            return datetime.fromisoformat(f"2000-01-01T00:00{text}").tzinfo or timezone(timedelta(0))
        return ZoneInfo(text)
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        remedy = "give Z, an offset such as +07:00, or a name such as Asia/Jakarta"
        raise BadInput("is no time zone", field="--timezone", remedy=remedy) from error


def instant_in(text: str, timezone: str, option: str) -> datetime:
    """Read a date or an instant of an option in a zone. Raises `BadInput`."""
    try:
        found = _parsed(text, None)
    except ValueError as error:
        raise BadInput("is no date", field=option, remedy="write 2026-11-22") from error
    return found if found.tzinfo else found.replace(tzinfo=zone_of(timezone))


def _parsed(text: str, date_format: str | None) -> datetime:
    if date_format:
        return datetime.strptime(text, date_format)  # noqa: DTZ007  the zone is laid on it by the caller
    try:
        return datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        return datetime.fromisoformat(text)


def _pair(text: str, option: str, fields: Sequence[str]) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals or not value:
        raise BadInput("is no FIELD=VALUE", field=option, remedy=f"write {option} channel=form")
    return _known(field, option, fields), value.strip()


def _known(field: str, option: str, fields: Sequence[str]) -> str:
    field = field.strip().removeprefix("complainant.")
    detailed = fields is FIELDS  # a what-if has no use for details
    if field not in fields and not (detailed and field.startswith(DETAILS) and len(field) > len(DETAILS)):
        names = f"{', '.join(fields)}{' or details.NAME' if detailed else ''}"
        raise BadInput("unknown field", field=f"{option} {field}", remedy=f"use {names}")
    return field
