"""Calendar files of packs: reading one, and putting frozen holidays into it without touching what people wrote.

`holidays` is the last key of a file and written by us. All that stands before it stays as it is, comments too, but for
`version`; and, when holidays are first frozen into it, for those closed dates that turn out to be the library's.
"""

import os
import re
import tempfile
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import TypeAdapter, ValidationError

from complaints.errors import BadInput, BadPolicy
from complaints.policy import FrozenHolidays, Holiday
from policies.files import read_mapping

_DATE = TypeAdapter(date)
_CLOSED: TypeAdapter[tuple[Holiday, ...]] = TypeAdapter(tuple[Holiday, ...])
_MARK = "holidays: # `tuntas policy calendar refresh` writes all of this; closed dates of your own belong into `closed`"


class Content(NamedTuple):
    """What a refresh looks at in a calendar file."""

    version: str
    closed: tuple[Holiday, ...]  # by hand
    frozen: FrozenHolidays | None


def read(path: Path) -> Content:
    """Raises `BadPolicy` for a file that is no calendar."""
    raw = read_mapping(path)
    try:
        frozen = FrozenHolidays.model_validate(raw["holidays"]) if raw.get("holidays") is not None else None
        return Content(str(raw.get("version", "")), _CLOSED.validate_python(raw.get("closed", ())), frozen)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        remedy = "correct it; `tuntas schema policy` prints what is allowed"
        raise BadPolicy(first["msg"], field=f"{path}:{where}", remedy=remedy) from None


def write(path: Path, version: str, frozen: FrozenHolidays, without: Collection[date] = ()) -> None:
    """Put version and holidays into a calendar file, and take these dates out of `closed`: all of it, or nothing.

    Raises `BadPolicy` if something other than the holidays follows `holidays`, or `BadInput` if it cannot be written.
    """
    closed = tuple(day for day in read(path).closed if day.date not in without)
    text = _with(path, path.read_text(encoding="utf-8-sig"), version, frozen, without)
    place = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.stem}.", suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            _hold_to(Content(version, closed, frozen), Path(name), path)
            Path(name).chmod(place.stat().st_mode)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        remedy = "check the folder's permissions"
        raise BadInput(f"cannot be written: {error.strerror}", field=str(path), remedy=remedy) from None


def _with(path: Path, text: str, version: str, frozen: FrozenHolidays, without: Collection[date]) -> str:
    head, _, tail = f"\n{text}".partition("\nholidays:")
    if any(re.match(r"[^\s#-]", line) for line in tail.splitlines()[1:]):
        raise BadPolicy("is not the last key of the file", field=f"{path}:holidays", remedy="move it to the end")
    head = _closed_without(head.removeprefix("\n"), without).rstrip("\n")
    head, found = re.subn(r"(?m)^version:.*$", f"version: {version}", head)
    if not found:
        head = f"version: {version}\n{head}"
    return "\n".join((head, _MARK, *_lines(frozen), ""))


def _lines(frozen: FrozenHolidays) -> Iterator[str]:
    for name, value in frozen.model_dump(mode="json", exclude={"dates"}, exclude_none=True).items():
        yield f"  {name}: {_flow(value)}"
    yield "  dates:" if frozen.dates else "  dates: []"
    yield from (f"    - {_flow(_row(holiday))}" for holiday in frozen.dates)


def _row(holiday: Holiday) -> dict[str, Any]:
    row: dict[str, Any] = {"date": holiday.date, "name": dict(holiday.name)}
    return {**row, **{mark: True for mark in ("provisional", "collective") if getattr(holiday, mark)}}


def _flow(value: Any) -> str:
    dumped = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return str(dumped).removesuffix("...\n").strip()


def _closed_without(text: str, dates: Collection[date]) -> str:
    """Return a file's text without these dates in `closed`; other lines of the list, comments too, stay."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader) if dates else None
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    closed = next(((key, value) for key, value in pairs if key.value == "closed"), None)
    if closed is None or not isinstance(closed[1], yaml.SequenceNode):
        return text
    (key, value), lines = closed, text.splitlines(keepends=True)
    gone = [item for item in value.value if _DATE.validate_python(_date_of(item)) in dates]
    if value.flow_style and len(gone) < len(value.value):
        problem = "cannot be taken apart: several dates stand in one line"
        raise BadPolicy(problem, field="closed", remedy="write one date a line, as `- {date: …, name: …}`")
    dropped = {line for item in gone for line in range(item.start_mark.line, _last_line(item) + 1)}
    if len(gone) == len(value.value):
        dropped |= {key.start_mark.line, value.end_mark.line if value.flow_style else key.start_mark.line}
    return "".join(line for number, line in enumerate(lines) if number not in dropped)


def _date_of(item: yaml.Node) -> str:
    return next(str(value.value) for key, value in item.value if key.value == "date")


def _last_line(node: yaml.Node) -> int:
    """Return the last line on which something of a node stands; its own mark may lie behind the comments after it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return max(_last_line(value) for _, value in node.value)
    return int(node.end_mark.line)


def _hold_to(expected: Content, written: Path, path: Path) -> None:
    """See that nothing but what was meant has changed: a person's entry is never lost."""
    try:
        theirs, found = [_theirs(path), _theirs(written)], read(written)
    except BadPolicy:
        theirs, found = [], None
    if found != expected or theirs[0] != theirs[1]:
        remedy = "write it as the calendars of `id.default` are written: one key or one date a line"
        raise BadPolicy("cannot be rewritten without changing what stands in it", field=str(path), remedy=remedy)


def _theirs(path: Path) -> dict[str, Any]:
    return {key: value for key, value in read_mapping(path).items() if key not in ("version", "closed", "holidays")}
