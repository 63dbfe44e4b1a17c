"""What commands take in: JSON from a file or standard input, `name=value` pairs, instants, keys."""

import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from complaints.errors import BadInput, Unreachable
from complaints.vocabulary import HOUSE_LANGUAGES, Language

if TYPE_CHECKING:
    from channels.files import CheckedFile

Reference = Annotated[str, typer.Argument(help="The complaint's reference, such as TTS-7D3K9QX2M4R8V.")]
Key = Annotated[str | None, typer.Option("--key", help="Idempotency key: the same key is done once. [a new one]")]
From = Annotated[str | None, typer.Option("--from", metavar="FILE", help="JSON from a file, or - for standard input.")]
LARGEST = 10_000_000  # bytes


def read_object(source: str) -> dict[str, Any]:
    """Return the one JSON object of a file, or of standard input for `-`. Raises `BadInput`."""
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if source == "-" else _read(Path(source))
    except OSError as error:
        remedy = "give the path of a readable file, or - for standard input"
        raise BadInput(f"cannot be read: {error.strerror}", field="--from", remedy=remedy) from error
    if len(raw) > LARGEST:
        raise BadInput("larger than 10 MB", field="--from", remedy="give one document of reasonable size")
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", field="--from", remedy="save it as UTF-8") from error
    except (json.JSONDecodeError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(f"is not JSON{place}", field="--from", remedy="give one JSON object") from error
    if not isinstance(found, dict):
        raise BadInput("is no JSON object", field="--from", remedy="give one JSON object, {…}")
    return found


def pairs(given: Sequence[str], option: str) -> dict[str, Any]:
    """Read `name=value` options; a value that is JSON is that, anything else is text."""
    found: dict[str, Any] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise BadInput("is no NAME=VALUE", field=option, remedy=f"write {option} order=4711")
        found[name] = _value(value)
    return found


def instant(text: str | None, option: str) -> datetime | None:
    """Read an instant with its offset. Raises `BadInput`."""
    if text is None:
        return None
    remedy = "give it as 2026-11-22T09:00:00+07:00"
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput("is no instant", field=option, remedy=remedy) from error
    if found.tzinfo is None:
        raise BadInput("has no offset", field=option, remedy=remedy)
    return found


Files = Annotated[
    list[Path] | None, typer.Option("--evidence", metavar="FILE", help="A picture, document or recording; repeatable.")
]


def files(paths: Sequence[Path]) -> "tuple[CheckedFile, ...]":
    """Read files and check what they are. Raises `BadInput`, which names the option and the path."""
    from channels.files import LARGEST as LARGEST_FILE
    from channels.files import checked_file

    found = []
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise BadInput(
                f"{path} cannot be read: {error.strerror}", field="--evidence", remedy="give the path of a file"
            ) from error
        found.append(checked_file(path.name, content, field=f"--evidence {path}"))
    return tuple(found)


def spoken(tag: str) -> Language:
    """Read a language that reports and reasons are written in. Raises `ValueError`."""
    if tag not in HOUSE_LANGUAGES:
        raise ValueError(f"is none of {', '.join(HOUSE_LANGUAGES)}")
    return Language(tag)


@contextmanager
def keyed(key: str | None) -> Iterator[str]:
    """Lend a key; if a service was not reached, say with which key the command is repeated."""
    lent = key or f"cli-{secrets.token_hex(8)}"
    try:
        yield lent
    except Unreachable as error:
        remedy = error.remedy if key else f"{error.remedy}; repeat it with --key {lent}"
        raise Unreachable(error.problem, field=error.field, remedy=remedy) from error


def given(**values: Any) -> dict[str, Any]:
    """Return those that were given."""
    return {name: value for name, value in values.items() if value not in (None, [], {}, ())}


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
