"""What a running stack says of itself: `stack.json` in its home, which scripts and commands read.

The file is there exactly while the stack is ready for use: written whole when the last part answers, rewritten when a
part was restarted, removed on an orderly stop.
"""

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError


class StackInfo(BaseModel):
    """Where the parts of a running stack are; the keys and their order are a fixed interface (DESIGN, section 10)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    temporal_address: str
    namespace: str
    ui_url: str | None = None
    database_url: str
    smtp: str | None = Field(default=None, description="host:port")
    web_url: str | None = None
    metrics_url: str | None = None
    processes: dict[str, int] = Field(default_factory=dict, description="name of each part, and `supervisor`, to pid")


class PartEnds(BaseModel):
    """How a part ended by itself: `ends.json` beside `stack.json` has one for each part to which that happened."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ends: int = Field(description="how often, since the supervisor began")
    in_a_row: int = Field(description="how often without having been up for half a minute in between")
    how: str = Field(description="of the last one: a signal's name, or `exit code N`")
    at: datetime
    again_at: datetime = Field(description="when it is, or was, started again")
    log: str


_ENDS = TypeAdapter(dict[str, PartEnds])


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new text, never half of one; readable by its owner only."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def info_path(home: Path) -> Path:
    return home / "stack.json"


def write_info(home: Path, info: StackInfo) -> None:
    write_whole(info_path(home), info.model_dump_json(indent=2) + "\n")


def peek_info(home: Path) -> StackInfo | None:
    """Return what `stack.json` says, also of a stack that came to an unclean end; see `read_info`."""
    try:
        return StackInfo.model_validate_json(info_path(home).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def remove_info(home: Path) -> None:
    info_path(home).unlink(missing_ok=True)
    _ends_path(home).unlink(missing_ok=True)


def write_ends(home: Path, ends: Mapping[str, PartEnds]) -> None:
    if ends:
        write_whole(_ends_path(home), _ENDS.dump_json(dict(ends), indent=2).decode() + "\n")


def read_ends(home: Path) -> dict[str, PartEnds]:
    try:
        return _ENDS.validate_json(_ends_path(home).read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def _ends_path(home: Path) -> Path:
    return home / "ends.json"
