"""How a run went: time, processors, memory."""

import os
import platform
import resource
import time
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self


class Measured:
    """What is spent while this is entered, by this process and those it started and waited for."""

    def __init__(self, plays: int, processes: int) -> None:
        self._plays, self._processes = plays, processes
        self._seconds = self._spent = 0.0

    def __enter__(self) -> Self:
        self._seconds, self._spent = time.perf_counter(), _processor_seconds()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._seconds, self._spent = time.perf_counter() - self._seconds, _processor_seconds() - self._spent

    def figures(self) -> dict[str, Any]:
        most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return {
            "tuntas": version("tuntas"),
            "python": platform.python_version(),
            "processes": self._processes,
            "plays": self._plays,
            "seconds": round(self._seconds, 1),
            "cases_a_second": round(self._plays / max(self._spent, 1e-6)),
            "peak_memory_mb": round(most / 1024, 1),
        }


def _processor_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def processors() -> int:
    """Those that we may use."""
    return len(os.sched_getaffinity(0))
