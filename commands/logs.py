"""Logs as one JSON object a line, never with personal data.

An exception's message may repeat what a complainant wrote (pydantic quotes its input), so exceptions are logged as their
types and the places in the code they went through; only errors that are clean by construction keep their words.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from temporalio.exceptions import FailureError

from complaints.errors import TuntasError

_CLEAN = (TuntasError, FailureError, OSError)
_FRAMES = 12
_KNOWN = ("reference", "queue", "remedy", "service", "temporal_workflow", "temporal_activity")


def configure(level: str) -> None:
    """Send every log of this process to standard error as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("yoyo").setLevel(logging.WARNING)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in _KNOWN if (value := getattr(record, name, None)) is not None}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def described(error: BaseException) -> list[dict[str, Any]]:
    """The error and what caused it, outermost first."""
    chain: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < _FRAMES:
        one: dict[str, Any] = {"type": type(current).__name__}
        if isinstance(current, _CLEAN):
            one["message"] = str(current)
        if current.__traceback__ is not None:
            frames = traceback.extract_tb(current.__traceback__)[-_FRAMES:]
            one["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append(one)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain
