"""Logs: one JSON object a line on standard error, with the case it belongs to and without anybody's words.

Of an exception its type and place, never its message: that might quote somebody. Our own log calls are written so that
they hold codes and ids only. What libraries say is not trusted: their arguments are shown only if they are numbers or
ids, and what a sentence quotes after a colon is cut off.
"""

import io
import json
import logging
import re
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import temporalio
from temporalio import activity, workflow
from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryFilter

from telemetry import context

OURS = ("activities", "channels", "commands", "complaints", "database", "policies", "starter", "telemetry", "tuntas",
        "web", "workflows")  # fmt: skip
_LENT = (workflow.logger.name, activity.logger.name)
_SDK = str(Path(temporalio.__file__).parent)
_FRAMES = 5
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|complaint-TTS-[0-9A-Z]{13}")
_QUOTED = re.compile(r":\s.*|\n.*", re.DOTALL)
_PLACE = re.compile(r"%(\(\w+\))?[-+#0 ]*[\d.*]*[a-zA-Z]")  # where an argument stands
_ELLIPSIS = "…"


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage() if _is_ours(record) else _guarded(record),
        }
        line |= context.of(record)
        if record.exc_info and record.exc_info[0] is not None:
            line |= {"exception": record.exc_info[0].__name__, "where": _places(record.exc_info[2])}
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Send every log, warning and uncaught exception of this process through `JsonLines` to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(context.note)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # What they know of the case goes into fields of the line, not into its sentence.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    warnings.showwarning = _warned
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda error: _uncaught(error.exc_type, error.exc_value, error.exc_traceback)
    threading.excepthook = lambda error: _uncaught(error.exc_type, error.exc_value, error.exc_traceback)


def core() -> LoggingConfig:
    """What the SDK's core says, through Python: by itself it would write to standard output, and quote failures."""
    forwarding = LogForwardingConfig(
        logger=logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    return LoggingConfig(filter=TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarding)


class LogStream(io.StringIO):
    """A stream whose lines are log lines, for what prints."""

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__()
        self._logger = logger

    def write(self, text: str, /) -> int:
        if text.strip():
            self._logger.info("%s", text.strip())
        return len(text)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a call of ours wrote it: workflows and activities use the SDK's loggers, which know the case."""
    if record.name in _LENT:
        return not record.pathname.startswith(_SDK)
    return record.name.partition(".")[0] in OURS


def _guarded(record: logging.LogRecord) -> str:
    """Return what a library says without what it quotes."""
    text = str(record.msg)
    if not record.args:
        return _QUOTED.sub("", text)
    try:
        text = text % tuple(_shown(argument) for argument in record.args)
    except (TypeError, ValueError):  # arguments by name, or ones that must be numbers
        text = _PLACE.sub(_ELLIPSIS, text)
    return text.partition("\n")[0]


def _shown(argument: object) -> Any:
    if isinstance(argument, BaseException):
        return type(argument).__name__
    if isinstance(argument, int | float) or (isinstance(argument, str) and _ID.fullmatch(argument)):
        return argument
    return _ELLIPSIS


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def _warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
    del message  # it may quote a value
    logging.getLogger("tuntas.warnings").warning("%s at %s:%s", category.__name__, filename.rsplit("/", 1)[-1], lineno)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    exc_info = (kind, error, trace) if error is not None else None
    logging.getLogger("tuntas").critical("uncaught: %s", kind.__name__, exc_info=exc_info)
