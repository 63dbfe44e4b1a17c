"""A database with many cases, as it is after some years: by set-based SQL, then its indexes, then statistics.

Triggers are off meanwhile: what they would write row by row is written by `filling.sql` in one go.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString, NamedTuple, cast

import psycopg

from complaints.reference import reference_for
from database import sql

TABLES = ("complaints", "clocks", "timeline", "notices", "likeness")
QUERIES = sql.load("filling", Path(__file__).parent)
AT_ONCE = 2
_BULK = "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'"
# A table's constraints with an index, then its other indexes, as statements that make them again.
_INDEXES = """
SELECT format('ALTER TABLE %%I DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = ANY (%(tables)s::text[]::regclass[])
UNION ALL
SELECT format('DROP INDEX %%I', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
FROM pg_index AS i
WHERE i.indrelid = ANY (%(tables)s::text[]::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
"""


class Filled(NamedTuple):
    cases: int
    open: int
    rows: dict[str, int]
    seconds: float


def fill(url: str, cases: int, agents: int) -> Filled:
    """Fill an empty database; one that holds them already is left as it is. Raises `ValueError` if it holds others."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as conn:
        known = _one(conn, "SELECT count(*) FROM complaints WHERE recorded_at IS NOT NULL")
        if known and known < cases:
            raise ValueError(f"there are {known} cases already; give another directory to --keep")
        if not known:
            _prepare(conn, cases, agents)
            with _without_indexes(conn, url):
                _insert(url, cases)
            _tidy(conn, url)
        rows = {table: _one(conn, f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608 (names of ours)
        opened = _one(conn, "SELECT count(*) FROM complaints WHERE is_open")
    return Filled(rows["complaints"], opened, rows, round(time.monotonic() - began, 1))


def _prepare(conn: psycopg.Connection[Any], cases: int, agents: int) -> None:
    conn.execute("CREATE UNLOGGED TABLE bench_numbers (n integer, reference text)")
    conn.execute("CREATE UNLOGGED TABLE bench_size (total integer, agents integer)")
    conn.execute("INSERT INTO bench_size VALUES (%s, %s)", (cases, agents))
    with conn.cursor().copy("COPY bench_numbers FROM STDIN") as copy:
        for number in range(1, cases + 1):
            copy.write_row((number, reference_for("email", f"bench-{number}")))
    conn.execute("ANALYZE bench_numbers")
    conn.execute(QUERIES["phrases"].encode())
    conn.execute(QUERIES["facts"])


def _insert(url: str, cases: int) -> None:
    """Complaints in two halves, then the other tables, as many at once as there are processors to do it."""
    half = cases // 2
    _at_once(url, [
        (QUERIES["complaints"], {"first": 1, "last": half}), (QUERIES["complaints"], {"first": half + 1, "last": cases})
    ])  # fmt: skip
    _at_once(url, [(QUERIES[name], None) for name in ("clocks", "timeline", "likeness", "notices")])


@contextmanager
def _without_indexes(conn: psycopg.Connection[Any], url: str) -> Iterator[None]:
    found = conn.execute(_INDEXES.encode(), {"tables": list(TABLES)}).fetchall()
    for drop, _ in found:
        conn.execute(drop.encode())
    yield
    # The largest first, so that no processor waits for it at the end.
    again = sorted((make for _, make in found), key=lambda make: "gin" not in make)
    _at_once(url, [(cast("LiteralString", make), None) for make in again])


def _tidy(conn: psycopg.Connection[Any], url: str) -> None:
    _at_once(url, [(f"VACUUM ANALYZE {table}", None) for table in TABLES])
    conn.execute("DROP VIEW bench_facts")
    conn.execute("DROP TABLE bench_numbers, bench_phrases, bench_size")
    conn.execute("CHECKPOINT")


def _at_once(url: str, statements: Sequence[tuple[LiteralString, dict[str, Any] | None]]) -> None:
    def run(one: tuple[LiteralString, dict[str, Any] | None]) -> None:
        statement, params = one
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(_BULK)
            conn.execute(statement, params)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(run, statements))


def _one(conn: psycopg.Connection[Any], query: str) -> int:
    row = conn.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def rare_and_frequent_words(url: str) -> tuple[str, ...]:
    """Words to search for: one of a single case, one of some hundreds, one of a fifth of all."""
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(
            "SELECT problem FROM complaints WHERE is_open ORDER BY reference LIMIT 1 OFFSET 7"
        ).fetchone()
    words: Iterable[str] = re.findall(r"[a-z0-9]+", str(row[0]).lower() if row else "")
    return ("tagihan", *words)
