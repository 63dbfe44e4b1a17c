"""What a long command shows of how far it is, and how it ends when it is told to."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from commands.output import console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """How far it is: so many of a total, which may become known later."""

    def __init__(self, shown: "Progress", task: "TaskID") -> None:
        self._shown = shown
        self._task = task

    def advance(self, number: int = 1) -> None:
        self._shown.advance(self._task, number)

    def reach(self, number: int, total: int | None) -> None:
        self._shown.update(self._task, completed=number, total=total)

    def expect(self, total: int) -> None:
        self._shown.update(self._task, total=total)


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Iterator[Bar]:
    """A bar on standard error while the block runs; nothing where that is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    errors = console(errors=True)
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as shown:
        yield Bar(shown, shown.add_task(what, total=total))


@contextmanager
def ending_alike() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, and its processes with it."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
