"""Every error an activity raises, mapped once: permanent ones non-retryable, none with an address or words in it.

Temporal stores and logs what an activity raises. So the message is made of codes, classes and places in the code; the
original, whose message may repeat what a complainant wrote, is cut off.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
from temporalio.exceptions import ApplicationError

from channels.lookup import LookupFailed
from channels.outbound import TransportError
from complaints.errors import TuntasError, Unreachable

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def clean_errors() -> Iterator[None]:
    """Let nothing leave but an `ApplicationError` without personal data (and cancellation)."""
    try:
        yield
    except ApplicationError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, its message must not get into a history)
        raise mapped(error) from None


def mapped(error: Exception) -> ApplicationError:
    if isinstance(error, TransportError):
        return ApplicationError(error.problem, type="TransportError", non_retryable=error.permanent)
    if isinstance(error, LookupFailed):
        return ApplicationError(error.problem, type="LookupFailed", non_retryable=error.permanent)
    if isinstance(error, psycopg.Error):
        return _database(error)
    if isinstance(error, TuntasError):
        permanent = not isinstance(error, Unreachable)
        return ApplicationError(str(error), type=type(error).__name__, non_retryable=permanent)
    # A defect of ours suspends the duty until a corrected program is deployed; it never loses it.
    return ApplicationError(f"{type(error).__name__} at {_place(error)}", type="Defect")


def busy() -> ApplicationError:
    """Another worker is sending this very message; it will be marked when we ask again."""
    return ApplicationError("another worker is at it", type="Busy", next_retry_delay=timedelta(seconds=2))


def _database(error: psycopg.Error) -> ApplicationError:
    code = f" {error.sqlstate}" if error.sqlstate else ""
    permanent = isinstance(error, (psycopg.DataError, psycopg.IntegrityError))
    return ApplicationError(f"PostgreSQL: {type(error).__name__}{code}", type="DatabaseError", non_retryable=permanent)


def _place(error: Exception) -> str:
    """Name the last line of ours that the error went through."""
    place, traceback = "unknown", error.__traceback__
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename)
        if file.is_relative_to(ROOT) and ".venv" not in file.parts:
            place = f"{file.relative_to(ROOT)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
