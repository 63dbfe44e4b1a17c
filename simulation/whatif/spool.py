"""The complaints to be played, kept in a file while they are counted and fitted, and read from it when they are played.

So a CSV file or a table is read once, in constant memory, and what is played is what was fitted.
"""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from types import TracebackType
from typing import IO, Self

from complaints.errors import BadInput
from simulation.whatif.past import PastComplaint, SetAside
from simulation.whatif.running import CHUNK

SHOWN = 50  # of those set aside; all are counted


class Spool:
    """Complaints, those set aside, and what is common to all. Its file is gone when it is closed."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="tuntas-whatif-")  # noqa: SIM115  closed by `close`
        self._chunk: list[PastComplaint] = []
        self.count = 0
        self.still_open = 0
        self.aside: list[SetAside] = []
        self.aside_by_problem: dict[str, int] = {}
        self.first: datetime | None = None
        self.last: datetime | None = None  # the latest instant that the data know

    def take(self, found: Iterable[PastComplaint | SetAside], *, strict: bool = False) -> None:
        """Take in all that can be played. `strict`: raise `BadInput` for the first that cannot."""
        for one in found:
            if isinstance(one, PastComplaint):
                self.add(one)
            elif strict:
                raise BadInput(one.problem, field=f"line {one.line}: {one.column}", remedy=one.remedy)
            else:
                self.set_aside(one)

    def add(self, past: PastComplaint) -> None:
        self.count += 1
        self.still_open += past.decided_at is None
        latest = max(at for at in past[1:4] if at is not None)
        self.first = past.received_at if self.first is None else min(self.first, past.received_at)
        self.last = latest if self.last is None else max(self.last, latest)
        self._chunk.append(past)
        if len(self._chunk) == CHUNK:
            self._write()

    def set_aside(self, row: SetAside) -> None:
        self.aside_by_problem[row.problem] = self.aside_by_problem.get(row.problem, 0) + 1
        if len(self.aside) < SHOWN:
            self.aside.append(row)

    def midnight_after(self, zone: tzinfo) -> datetime:
        """The end of the last date that the data know: what is still open is played until then."""
        last = (self.last or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(zone)
        return datetime.combine(last.date() + timedelta(days=1), time(), zone).astimezone(UTC)

    @property
    def first_remedy(self) -> str | None:
        """What was wrong with the first that was set aside, and what to do about it."""
        if not self.aside:
            return None
        first = self.aside[0]
        return f"line {first.line}, {first.column}: {first.problem}; {first.remedy}"

    @property
    def aside_count(self) -> int:
        return sum(self.aside_by_problem.values())

    def chunks(self) -> Iterator[list[PastComplaint]]:
        """All complaints, in the order in which they came."""
        self._write()
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)  # noqa: S301  a file of our own, without a name
            except EOFError:
                return

    def _write(self) -> None:
        if self._chunk:
            pickle.dump(self._chunk, self._file, pickle.HIGHEST_PROTOCOL)
            self._chunk = []

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
