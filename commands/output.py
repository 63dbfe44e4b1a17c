"""What commands print: one JSON document with `--json`, else tables and sentences for people."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console
    from rich.table import Table

_PIPED = 200  # characters

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def print_json(value: "BaseModel | Sequence[BaseModel] | dict[str, Any] | list[Any]") -> None:
    """Print one document, with every key and UTF-8 as it is."""
    from pydantic import BaseModel

    def plain(item: Any) -> Any:
        return item.model_dump(mode="json", by_alias=True) if isinstance(item, BaseModel) else item

    document = [plain(item) for item in value] if isinstance(value, (list, tuple)) else plain(value)
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def console(*, errors: bool = False) -> "Console":
    from rich.console import Console

    made = Console(stderr=errors, highlight=False)
    if not made.is_terminal:
        made.width = _PIPED  # for a reader that is no terminal, such as grep, nothing is folded
    return made


def table(*columns: str, title: str | None = None) -> "Table":
    """Return a table; a column whose name ends in `!` is never folded."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        made.add_column(column.rstrip("!"), overflow="fold", no_wrap=column.endswith("!"))
    return made


def local(at: datetime | None) -> str:
    """Return an instant in the reader's time zone, to the minute."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M") if at else "-"


def in_words(seconds: float | None) -> str:
    """Return a span as people say it, its two largest units: `3d 4h`, `-2m 10s`."""
    if seconds is None:
        return "-"
    sign, rest = ("-" if seconds < 0 else ""), int(abs(seconds))
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count}{unit}")
    return sign + " ".join(parts[:2])


def until(at: datetime | None, now: datetime) -> str:
    return "-" if at is None else in_words((at - now).total_seconds())


def now() -> datetime:
    return datetime.now(UTC)
