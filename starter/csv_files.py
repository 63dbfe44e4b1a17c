"""Reading CSV that others wrote: UTF-8 with or without a mark, quotes as they should be, errors with their line."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from complaints.errors import BadInput

LARGEST = 500_000_000  # bytes
_FIELD = 1_000_000  # characters; what is too long for a complaint is refused with its row, not with the file
_OTHERS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK": "a spreadsheet or an archive"}


class CsvRow(NamedTuple):
    """A row with the line it begins on. `problem`: it does not have as many fields as the header."""

    line: int
    values: dict[str, str]
    problem: str | None = None


class CsvTable(NamedTuple):
    columns: tuple[str, ...]
    rows: tuple[CsvRow, ...]
    digest: str


def read_csv(path: Path, *, delimiter: str = ",") -> CsvTable:
    """Read a whole file; nothing is done with a file that is broken anywhere. Raises `BadInput`."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput("larger than 500 MB", field=str(path), remedy="split it")
        raw = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    rows = _rows(io.StringIO(_text(raw), newline=""), delimiter)
    line, header = next(rows, (1, []))
    columns = _header(header, line)
    return CsvTable(columns, tuple(_row(columns, at, fields) for at, fields in rows), hashlib.sha256(raw).hexdigest())


@contextmanager
def stream_csv(path: Path, *, delimiter: str = ",") -> Iterator[tuple[tuple[str, ...], Iterator[CsvRow]]]:
    """Lend the columns of a file of any size and its rows one by one. Raises `BadInput`, also between the rows."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        rows = _rows(_lines(file), delimiter)
        line, header = next(rows, (1, []))
        columns = _header(header, line)
        yield columns, (_row(columns, at, fields) for at, fields in rows)


def _lines(file: IO[bytes]) -> Iterator[str]:
    for number, raw in enumerate(file, 1):
        if number == 1:
            _check_kind(raw)
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise _undecodable(number) from None
        if "\x00" in text:
            raise _nul(number)
        yield text


def _check_kind(raw: bytes) -> None:
    for mark, kind in _OTHERS.items():
        if raw.startswith(mark):
            raise BadInput(f"this is {kind}", field="line 1", remedy="save it as CSV, UTF-8")


def _unreadable(path: Path, error: OSError) -> BadInput:
    remedy = "give the path of a readable file"
    return BadInput(f"cannot be read: {error.strerror}", field=str(path), remedy=remedy)


def _undecodable(line: int) -> BadInput:
    remedy = "save the whole file as UTF-8; this line is in another encoding"
    return BadInput("not UTF-8 text", field=f"line {line}", remedy=remedy)


def _nul(line: int) -> BadInput:
    return BadInput("holds a NUL character", field=f"line {line}", remedy="save the file as plain UTF-8 text")


def _text(raw: bytes) -> str:
    _check_kind(raw)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _undecodable(raw.count(b"\n", 0, error.start) + 1) from None
    if "\x00" in text:
        raise _nul(text.count("\n", 0, text.index("\x00")) + 1)
    return text


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty with the line it begins on."""
    csv.field_size_limit(_FIELD)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = (
                "a quote is not closed, or stands where none may" if "field larger" not in str(error) else str(error)
            )
            remedy = 'put fields with quotes in quotes, and double each quote inside them: "he said ""no"""'
            raise BadInput(problem, field=f"line {line}", remedy=remedy) from None
        if any(field.strip() for field in fields):
            yield line, fields


def _header(header: list[str], line: int) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in header)
    if not columns:
        raise BadInput("the file is empty", field="line 1", remedy="the first line names the columns")
    if "" in columns:
        raise BadInput("a column has no name", field=f"line {line}", remedy="the first line names every column")
    doubles = sorted({name for name in columns if columns.count(name) > 1})
    if doubles:
        problem = f"the column {doubles[0]} is there twice"
        raise BadInput(problem, field=f"line {line}", remedy="give each column a name of its own")
    return columns


def _row(columns: tuple[str, ...], line: int, fields: list[str]) -> CsvRow:
    if len(fields) != len(columns):
        return CsvRow(line, {}, f"{len(fields)} fields where the header has {len(columns)}")
    return CsvRow(line, dict(zip(columns, fields, strict=True)))
