"""The search for possible duplicates among many open cases: how long it takes, one after the other, at its worst."""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.measure import Options, percentile, show
from bench.stack import bare
from complaints.messages.duties import DuplicateSearch
from complaints.messages.intake import Complainant
from complaints.model import Personal
from complaints.policy import DuplicateRules
from database import duplicates
from database.pool import Pool, open_pool, transaction

MOST = 50.0  # milliseconds, for all but one in a hundred
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
COLUMNS = (
    "reference", "through", "status", "channel", "severity", "language", "owner", "team", "tier", "tier_level",
    "received_at", "pack", "policy_version", "problem", "contact_email",
)  # fmt: skip
_SYLLABLES = [a + b for a in "bcdfghjklmnprstwy" for b in ("a", "e", "i", "o", "u", "an", "er", "ing")]


async def run(options: Options) -> None:
    cases, searches = options.sized(100_000, 5_000), options.sized(1_000, 100)
    async with bare("database.migrate:migrate") as side:
        url = side.info.database_url
        texts = await asyncio.to_thread(_fill, url, cases)
        async with open_pool(url, max_size=2, wait=30) as pool:
            took, known = await _search(pool, texts, searches)
    worst = percentile(took, 99)
    show(
        "duplicates", cases=cases, searches=searches, p50_ms=round(percentile(took, 50), 1), p99_ms=round(worst, 1),
        slowest_ms=round(max(took), 1), found=known, at_most_ms=MOST, holds=worst < MOST and known > 0.9 * searches,
    )  # fmt: skip


async def _search(pool: Pool, texts: list[str], searches: int) -> tuple[list[float], int]:
    """Every text is that of a case by somebody else and three words more: of short ones that is a fifth."""
    chance, took, known = random.Random(2), [], 0
    for number in range(searches):
        words = chance.choice(texts)
        search = DuplicateSearch(
            reference=None,
            company=None,
            complainant=Complainant(email=Personal(f"{number}@example.test")),
            text=Personal(f"{words} Nomor pesanan {number}."),
            received_at=NOW,
            rules=DuplicateRules(),
        )
        began = time.perf_counter()
        async with transaction(pool) as conn:
            found = await duplicates.find(conn, search, until=NOW, limit=5)
        took.append((time.perf_counter() - began) * 1_000)
        known += any(not one.same_complainant for one in found)
    return took, known


def _fill(url: str, cases: int) -> list[str]:
    """Open cases of the last 28 days; a third of all people have complained more than once. Some of their texts."""
    chance, kept = random.Random(1), []
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(8_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]  # as words are used: few of them, most of the time
    with psycopg.connect(url) as conn, conn.cursor() as cursor:
        with cursor.copy(f"COPY complaints ({', '.join(COLUMNS)}) FROM STDIN".encode()) as copy:
            for number in range(cases):
                text = " ".join(chance.choices(words, weights, k=chance.choice((12, 40, 80, 160))))
                copy.write_row(_row(number, text, cases))
                if number % 50 == 0:
                    kept.append(text)
        conn.execute("ANALYZE")
    return kept


def _row(number: int, text: str, cases: int) -> tuple[Any, ...]:
    received = NOW - timedelta(days=number % 28, seconds=number)
    return (
        f"BENCH-{number}", 1, "investigation", "email", "moderate", "id", "team:frontline", "frontline", "frontline", 1,
        received, "id.default", "1", text, f"{number % (cases // 3)}@example.test",
    )  # fmt: skip
