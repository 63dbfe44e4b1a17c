"""Past complaints from somebody else's CSV file, by the mapping of `tuntas import`: only what a what-if needs of them.

What cannot be played is set aside with its line, its column and what to do about it, and counted; texts and names are
never read.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from complaints.errors import BadInput
from complaints.vocabulary import Channel, Severity
from database.past import PastRow
from simulation.whatif.past import PastComplaint, SetAside
from starter.csv_files import CsvRow, stream_csv
from starter.csv_mapping import CsvMapping

FIELDS = ("id", "received_at", "decided_at", "closed_at", "first_response_at", "channel", "category", "severity")
E = TypeVar("E", bound=StrEnum)


def read(
    path: Path, mapping: CsvMapping, *, delimiter: str = ",", until: datetime | None = None
) -> Iterator[PastComplaint | SetAside]:
    """The rows of a file. Raises `BadInput` for a file that is broken, or does not have the columns."""
    with stream_csv(path, delimiter=delimiter) as (columns, rows):
        mapping.check(columns, ("received_at",))
        reader = _Reader(mapping, until)
        yield from map(reader.one, rows)


def of_the_database(row: PastRow, until: datetime | None = None) -> PastComplaint | SetAside:
    """A complaint of the read model. What is wrong with one names its reference."""
    if row.decided_at is not None and row.decided_at < row.received_at:
        problem = "decided_at is before received_at"
        return SetAside(0, row.reference, problem, "correct the row that was imported")
    if until is not None and row.received_at > until:
        return SetAside(0, row.reference, "received after the end", "give a later --until")
    first = row.first_response_at
    return PastComplaint(
        id=row.reference,
        received_at=row.received_at,
        decided_at=row.decided_at,
        first_response_at=first if first is None or first >= row.received_at else None,
        channel=row.channel,
        category=row.category,
        severity=row.severity,
    )


class _Reader:
    def __init__(self, mapping: CsvMapping, until: datetime | None) -> None:
        self._mapping = mapping
        self._until = until

    def one(self, row: CsvRow) -> PastComplaint | SetAside:
        try:
            return self._past(row)
        except BadInput as error:
            return SetAside(row.line, error.field, error.problem, error.remedy)

    def _past(self, row: CsvRow) -> PastComplaint:
        if row.problem is not None:
            raise BadInput(row.problem, field="row", remedy="correct the row; each field has its column")
        received_at = self._instant("received_at", row)
        if received_at is None:
            raise self._wrong("received_at", "no instant of receipt", "give it, or leave the row out")
        if self._until is not None and received_at > self._until:
            raise self._wrong("received_at", "received after the end", "give a later --until")
        decided_at, closed_at = (self._later(field, row, received_at) for field in ("decided_at", "closed_at"))
        return PastComplaint(
            id=self._mapping.value("id", row) or f"line-{row.line}",
            received_at=received_at,
            decided_at=decided_at or closed_at,
            first_response_at=self._later("first_response_at", row, received_at),
            channel=self._one_of(Channel, "channel", row) or Channel.EMAIL,
            category=self._mapping.value("category", row) or None,
            severity=self._one_of(Severity, "severity", row),
        )

    def _instant(self, field: str, row: CsvRow) -> datetime | None:
        try:
            found = self._mapping.instant(field, row)
        except BadInput as error:
            raise self._wrong(field, error.problem, error.remedy) from None
        return found.astimezone(UTC) if found else None

    def _later(self, field: str, row: CsvRow, received_at: datetime) -> datetime | None:
        at = self._instant(field, row)
        if at is not None and at < received_at:
            remedy = "correct one of the two dates, or check that their columns are not exchanged"
            raise self._wrong(field, f"{field} is before received_at", remedy)
        return at

    def _one_of(self, kind: type[E], field: str, row: CsvRow) -> E | None:
        text = self._mapping.value(field, row)
        if not text:
            return None
        try:
            return kind(text)
        except ValueError:
            remedy = f"map it with --value {field}:THEIRS=OURS (or {field}:*=OURS) to one of {', '.join(kind)}"
            raise self._wrong(field, f"no {field} of ours", remedy) from None

    def _wrong(self, field: str, problem: str, remedy: str) -> BadInput:
        columns = "+".join(self._mapping.columns.get(field, ()))
        return BadInput(problem, field=columns or field, remedy=remedy)
