"""Named queries from `queries/*.sql`, and the few ways to run them.

A file holds `-- name --` lines, each followed by one statement with typed parameters, `%(name)s::type`. Statements are
fixed text of this repository, hence `LiteralString`.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, LiteralString, TypeVar, cast

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Json, Jsonb
from pydantic import BaseModel

Connection = AsyncConnection[Any]
Queries = Mapping[str, LiteralString]
M = TypeVar("M", bound=BaseModel)

DIRECTORY = Path(__file__).parent / "queries"
_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def load(subject: str, directory: Path = DIRECTORY) -> Queries:
    """Load the queries of `queries/<subject>.sql` by name."""
    head, *parts = _NAME.split((directory / f"{subject}.sql").read_text(encoding="utf-8"))
    names, texts = parts[::2], parts[1::2]
    if not names or len(set(names)) != len(names) or not head.startswith("--"):
        raise ValueError(f"{directory.name}/{subject}.sql needs a heading comment and queries with names of their own")
    return {name: cast("LiteralString", text.strip()) for name, text in zip(names, texts, strict=True)}


async def execute(conn: Connection, query: LiteralString, params: Mapping[str, Any]) -> int:
    """Run one statement; the number of rows it touched."""
    return (await conn.execute(query, params)).rowcount


async def execute_many(conn: Connection, query: LiteralString, rows: list[dict[str, Any]]) -> int:
    """Run one statement for each; the number of rows they touched."""
    if not rows:
        return 0
    if len(rows) == 1:  # without the pipeline that many take
        return await execute(conn, query, rows[0])
    cursor = conn.cursor()
    await cursor.executemany(query, rows)
    return cursor.rowcount


async def fetch_one(conn: Connection, model: type[M], query: LiteralString, params: Mapping[str, Any]) -> M | None:
    async with conn.cursor(row_factory=class_row(model)) as cursor:
        return await (await cursor.execute(query, params)).fetchone()


async def fetch_all(
    conn: Connection, model: type[M], query: LiteralString, params: Mapping[str, Any], *, prepare: bool | None = None
) -> tuple[M, ...]:
    """Return all rows as models. `prepare=False` for optional filters: each combination deserves a plan of its own."""
    async with conn.cursor(row_factory=class_row(model)) as cursor:
        await cursor.execute(query, params, prepare=prepare)
        return tuple(await cursor.fetchall())


async def fetch_values(conn: Connection, query: LiteralString, params: Mapping[str, Any]) -> list[Any]:
    """Return the only column of every row."""
    return [row[0] for row in await (await conn.execute(query, params)).fetchall()]


def jsonb(value: Any) -> Jsonb:
    """Wrap a value for a jsonb column, which cannot hold U+0000."""
    return Jsonb(_without_nul(value))


def exact_json(value: Any) -> Json:
    """Wrap a value for a json column, which keeps it as it is."""
    return Json(value, dumps=lambda v: json.dumps(v, ensure_ascii=True, sort_keys=True))


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, Mapping):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nul(item) for item in value]
    return value
