"""Closure records as PDF, and timelines verified: both by the code that the command and the pages call."""

import asyncio
import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import yaml

import policies
import simulation
from bench.measure import Options, show
from bench.stack import bare
from complaints.timeline import SYSTEM, Entry, canonical, link
from complaints.vocabulary import Kind, Language
from database.pool import open_pool
from documents import as_pdf
from starter.auditing import Audited, audit_all
from web import closures

MOST = 500.0  # milliseconds of a PDF
EXAMPLES = Path(__file__).parents[1] / "docs" / "examples" / "closures"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LENGTH = 20  # entries of a timeline
_COLUMNS = (
    "reference", "sequence", "at", "acted_at", "kind", "actor_id", "actor_role", "detail", "words", "salt", "digest",
    "previous", "hash",
)  # fmt: skip
_CASE = (
    "reference", "through", "status", "channel", "severity", "language", "owner", "team", "tier", "tier_level",
    "received_at", "pack", "policy_version",
)  # fmt: skip
_KINDS = (
    Kind.RECEIVED,
    Kind.VERIFIED,
    Kind.ASSESSED,
    Kind.NOTICE_HANDED_OVER,
    Kind.RESPONDED,
    Kind.NOTED,
    Kind.DECIDED,
)


async def run(options: Options) -> None:
    for example in ("simple", "disputed"):
        _pdf(options, example)
    await _audit(options)


def _pdf(options: Options, example: str) -> None:
    """The record of a plain case, and of one that was disputed twice, with root cause: each with its timeline."""
    scenario = simulation.load(yaml.safe_load((EXAMPLES / f"{example}.yaml").read_text(encoding="utf-8")))
    case = simulation.simulate(scenario).case
    record, policy = case.state.closures[-1].model_dump(mode="json"), policies.load("id.default")
    spent, worked = [], []
    for number in range(1 + options.sized(20, 3)):
        began, busy = time.perf_counter(), time.process_time()
        made = closures.of_case(record, case.state.timeline, Language.ID, policy)
        size = len(as_pdf(made.html))
        if number:  # the first one reads fonts and texts
            spent.append((time.perf_counter() - began) * 1e3)
            worked.append((time.process_time() - busy) * 1e3)
    median = statistics.median(spent)
    show(
        f"closure_pdf_{example}", median_ms=round(median), slowest_ms=round(max(spent)),
        processor_least_ms=round(min(worked)), processor_median_ms=round(statistics.median(worked)),
        kilobytes=round(size / 1e3), entries=len(case.state.timeline), runs=len(spent),
        at_most_ms=MOST, holds=median < MOST,
    )  # fmt: skip


async def _audit(options: Options) -> None:
    cases = options.sized(100_000, 2_000)
    processes = os.cpu_count() or 1
    async with bare("database.migrate:migrate") as side:
        url = side.info.database_url
        await asyncio.to_thread(_fill, url, cases)
        async with open_pool(url, max_size=2, wait=30) as pool:
            began = time.perf_counter()
            found: Audited = await audit_all(pool, url, processes=processes, told=lambda *_: None)
            spent = time.perf_counter() - began
    show(
        "audit", timelines=found.cases, entries=found.entries, seconds=round(spent, 1), processes=processes,
        entries_a_second=round(found.entries / spent), holds=found.sound and found.cases == cases,
    )  # fmt: skip


def _fill(url: str, cases: int) -> None:
    """Valid chains with details and words as cases have them."""
    with psycopg.connect(url) as conn, conn.cursor() as cursor:
        with cursor.copy(f"COPY timeline ({', '.join(_COLUMNS)}) FROM STDIN".encode()) as copy:
            for number in range(cases):
                for entry in _chain(_reference(number)):
                    copy.write_row(_row(_reference(number), entry))
        with cursor.copy(f"COPY complaints ({', '.join(_CASE)}) FROM STDIN".encode()) as copy:
            for number in range(cases):
                copy.write_row((
                    _reference(number), LENGTH, "archived", "email", "moderate", "id", "team:frontline", "frontline",
                    "frontline", 1, NOW, "id.default", "1",
                ))  # fmt: skip
        conn.execute("ANALYZE")


def _reference(number: int) -> str:
    return f"TTS-{number:013d}"


def _chain(reference: str) -> Iterator[Entry]:
    previous: Entry | None = None
    for number in range(LENGTH):
        at = NOW + timedelta(hours=number)
        kind = _KINDS[number % len(_KINDS)] if number else Kind.RECEIVED
        detail: dict[str, Any] = {"occasion": "response", "due_at": at.isoformat(), "number": number, "metric": None}
        words = "Barang yang saya terima rusak di bagian bawah, mohon diganti." if number % 3 == 0 else None
        previous = link(
            reference=reference, case_salt=reference, previous=previous, at=at, acted_at=at, kind=kind, actor=SYSTEM,
            detail=detail, words=words,  # type: ignore[arg-type]
        )  # fmt: skip
        yield previous


def _row(reference: str, entry: Entry) -> tuple[Any, ...]:
    return (
        reference, entry.sequence, entry.at, entry.acted_at, entry.kind, entry.actor.id, entry.actor.role,
        canonical(entry.detail).decode(), entry.words, entry.salt, entry.digest, entry.previous, entry.hash,
    )  # fmt: skip
