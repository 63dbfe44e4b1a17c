"""A defect of ours suspends a case, it never fails it: the task is tried again until a mended program is deployed."""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import FailureError


class Defect(RuntimeError):
    """Temporal takes this for a failed task, and not for the end of the workflow."""


@contextmanager
def suspending() -> Iterator[None]:
    """Disguise the only exceptions with which Temporal would end the workflow."""
    try:
        yield
    except (FailureError, TimeoutError) as error:
        raise Defect(type(error).__name__) from error
