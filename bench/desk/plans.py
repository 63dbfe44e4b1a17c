"""Which queries read a whole table: PostgreSQL's own plans, and its own count of sequential scans."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

TABLES = ("complaints", "timeline", "notices", "clocks")
_SETTINGS = {
    "session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
}  # fmt: skip
_SCAN = re.compile(rf"Seq Scan on (?:{'|'.join(TABLES)})\b")


class Written(NamedTuple):
    """`sequential`: the first lines of the queries that read one of the large tables from end to end."""

    queries: int
    sequential: list[str]


@contextmanager
def written_down(url: str, home: Path) -> Iterator[Callable[[], Written]]:
    """Have the plan of every query of new sessions written into the server's log, and read it afterwards."""
    log = home / "logs" / "postgres.log"
    start = log.stat().st_size
    _configure(url, on=True)
    try:
        yield lambda: _read(log, start)
    finally:
        _configure(url, on=False)


def _configure(url: str, *, on: bool) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        for name, value in _SETTINGS.items():
            change = f"SET {name} = {value}" if on else f"RESET {name}"
            database = psycopg.sql.Identifier(conn.info.dbname)
            conn.execute(psycopg.sql.SQL("ALTER DATABASE {} ").format(database) + psycopg.sql.SQL(change))


def _read(log: Path, start: int) -> Written:
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(start)
        texts = file.read().split("Query Text: ")[1:]
    return Written(len(texts), sorted({_name(text) for text in texts if _SCAN.search(text)}))


def _name(text: str) -> str:
    return " ".join(text.split())[:160]


def scans(url: str) -> dict[str, int]:
    """Return how often each large table was read from end to end so far, by sessions that have ended."""
    with psycopg.connect(url, autocommit=True) as conn:
        found = conn.execute(
            "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY (%s)", (list(TABLES),)
        ).fetchall()
    return {str(table): int(number) for table, number in found}
