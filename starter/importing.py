"""Importing complaints from CSV: concurrent within bounds, refused row by row, resumed where it was interrupted.

A row is done once: its line of this very file is remembered, and its key is the same in every file. Receipts before
`history_before` become closed history, rows without a workflow; the others start with their true receipt.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Literal

from complaints.errors import BadInput, Refused, TuntasError, Unreachable
from complaints.messages.duties import Standing
from complaints.messages.intake import Intake
from complaints.model import Frozen, Instant
from complaints.policy import Policy
from complaints.vocabulary import Status
from database import complaints, intakes
from database.pool import transaction
from starter import rpc
from starter.claiming import claim
from starter.client import Tuntas
from starter.csv_files import CsvRow, CsvTable
from starter.csv_mapping import CLOSED_AT, CsvMapping, keys_of
from starter.intake import read_intake

CONCURRENCY = 8

Result = Literal["filed", "repeated", "history", "skipped", "refused"]


class RefusedRow(Frozen):
    """A row that could not be taken, and why; never its content."""

    line: int
    field: str
    problem: str
    remedy: str


class Imported(Frozen):
    """What became of the rows. `repeated`: known under their key; `skipped`: done by an earlier import of this file."""

    rows: int
    filed: int
    repeated: int
    history: int
    skipped: int
    refused: tuple[RefusedRow, ...]


class ImportOptions(Frozen):
    mapping: CsvMapping
    receipt: bool = True  # the column's, not now
    history_before: Instant | None = None
    check_only: bool = False
    concurrency: int = CONCURRENCY


class Importer:
    """One import of one file."""

    def __init__(self, tuntas: Tuntas, table: CsvTable, options: ImportOptions) -> None:
        options.mapping.check(table.columns)
        self._tuntas = tuntas
        self._table = table
        self._options = options
        self._policy: Policy = tuntas.policy
        self._counts: dict[Result, int] = dict.fromkeys(("filed", "repeated", "history", "skipped", "refused"), 0)
        self._refused: list[RefusedRow] = []

    async def run(self, progress: Callable[[], None] = lambda: None) -> Imported:
        """Import every row; `progress` is called after each. Raises `Unreachable`: what is done stays, repeat it."""
        work = zip(self._table.rows, keys_of(self._table.rows, self._options.mapping), strict=True)
        done = frozenset[int]() if self._options.check_only else await self._done()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._options.concurrency):
                    group.create_task(self._take(work, done, progress))
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        refused = tuple(sorted(self._refused, key=lambda row: row.line))
        counts = {name: count for name, count in self._counts.items() if name != "refused"}
        return Imported(rows=len(self._table.rows), refused=refused, **counts)

    async def _take(
        self, work: Iterator[tuple[CsvRow, str]], done: frozenset[int], progress: Callable[[], None]
    ) -> None:
        for row, key in work:
            result = "skipped" if row.line in done else await self._one(row, key)
            self._counts[result] += 1
            progress()

    async def _one(self, row: CsvRow, key: str) -> Result:
        now = datetime.now(UTC)
        try:
            raw = self._options.mapping.intake(row, key, receipt=self._options.receipt)
            intake = read_intake(raw, self._policy, now)
            closed_at = self._options.mapping.instant(CLOSED_AT, row)
            _in_order(intake, closed_at)
            if self._options.check_only:
                return "skipped"
            if self._is_history(intake):
                return await self._history(row, intake, closed_at, now)
            filed = await self._tuntas.file(intake)
        except (BadInput, Refused) as error:
            self._refused.append(
                RefusedRow(line=row.line, field=error.field, problem=error.problem, remedy=error.remedy)
            )
            return "refused"
        await self._mark(row, filed.reference, now)
        return "filed" if filed.created else "repeated"

    def _is_history(self, intake: Intake) -> bool:
        before = self._options.history_before
        return before is not None and intake.received_at is not None and intake.received_at < before

    async def _history(self, row: CsvRow, intake: Intake, closed_at: datetime | None, now: datetime) -> Result:
        async with rpc.postgres():
            claimed = await claim(self._tuntas.pool, intake, now)
            standing = closed_standing(claimed.reference, intake, self._policy, closed_at)
            async with transaction(self._tuntas.pool) as conn:
                added = await complaints.add_history(conn, standing, intake)
                await intakes.mark_imported(conn, self._table.digest, row.line, claimed.reference, now)
        return "history" if added else "repeated"

    async def _mark(self, row: CsvRow, reference: str, now: datetime) -> None:
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            await intakes.mark_imported(conn, self._table.digest, row.line, reference, now)

    async def _done(self) -> frozenset[int]:
        async with rpc.postgres(), transaction(self._tuntas.pool) as conn:
            return await intakes.imported_lines(conn, self._table.digest)


def closed_standing(reference: str, intake: Intake, policy: Policy, closed_at: datetime | None) -> Standing:
    """A complaint that ended before Tuntas came: closed, nothing due, nothing known of how."""
    tier = policy.tiers[0]
    category = policy.categories.get(intake.category or "")
    return Standing(
        reference=reference, status=Status.CLOSED, channel=intake.channel, category=intake.category,
        severity=intake.severity or (category.severity if category else None) or policy.default_severity,
        language=intake.complainant.language, company=intake.company, owner=f"team:{tier.team}", team=tier.team,
        tier=tier.name, tier_level=1, outcome=None, closing_reason=None, transfers=0, disputes=0, reopenings=0,
        received_at=intake.received_at or datetime.now(UTC), assessed_at=None, decided_at=None, closed_at=closed_at,
        archived_at=None, next_due_at=None, next_due=None, breached=(), satisfied=None, rating=None,
        awaiting_approval=False, remedies_owed=0, pack=policy.pack, policy_version=policy.version,
    )  # fmt: skip


def _in_order(intake: Intake, closed_at: datetime | None) -> None:
    """Raises `BadInput` for a row that was closed before it was received."""
    if closed_at is not None and intake.received_at is not None and closed_at < intake.received_at:
        raise BadInput("is before received_at", field=CLOSED_AT, remedy="correct one of the two dates in this row")


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that says what happened: the others of the group follow from it."""
    plain = list(errors.exceptions)
    ours = [error for error in plain if isinstance(error, TuntasError)]
    found = ours[0] if ours else plain[0]
    if isinstance(found, Unreachable):
        remedy = f"{found.remedy}; the same import then goes on where it was"
        return Unreachable(found.problem, field=found.field, remedy=remedy)
    return found
