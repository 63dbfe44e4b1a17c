"""What one check found, and what the findings together mean for a script."""

import asyncio
from collections.abc import Awaitable, Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field

from complaints.errors import TuntasError, Unreachable
from complaints.model import Frozen

PATIENCE = 8.0  # seconds for one check
_UNREACHABLE, _WRONG = 5, 6


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Finding(Frozen):
    """`what` and `remedy` are for people, `details` for scripts. `unreachable` decides the exit code."""

    check: str
    state: State
    what: str
    remedy: str = ""
    details: dict[str, Any] = {}
    unreachable: bool = Field(default=False, exclude=True)

    @property
    def fine(self) -> bool:
        return self.state in (State.OK, State.WARNING)


def ok(check: str, what: str, **details: Any) -> Finding:
    return Finding(check=check, state=State.OK, what=what, details=details)


def warning(check: str, what: str, remedy: str, **details: Any) -> Finding:
    return Finding(check=check, state=State.WARNING, what=what, remedy=remedy, details=details)


def problem(check: str, what: str, remedy: str, **details: Any) -> Finding:
    return Finding(check=check, state=State.PROBLEM, what=what, remedy=remedy, details=details)


def unreachable(check: str, what: str, remedy: str, **details: Any) -> Finding:
    return Finding(check=check, state=State.PROBLEM, what=what, remedy=remedy, details=details, unreachable=True)


def skipped(check: str, what: str) -> Finding:
    return Finding(check=check, state=State.SKIPPED, what=what)


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 0 if nothing is wrong (warnings are not), 5 if a service does not answer, else 6."""
    wrong = [finding for finding in findings if finding.state is State.PROBLEM]
    if not wrong:
        return 0
    return _UNREACHABLE if any(finding.unreachable for finding in wrong) else _WRONG


async def bounded(check: str, work: Awaitable[Finding], within: float = PATIENCE) -> Finding:
    """Await one check for so many seconds. Whatever becomes of it is a finding: no check keeps another from running."""
    try:
        async with asyncio.timeout(within):
            return await work
    except TimeoutError:
        return unreachable(check, f"no answer within {within:g} s", "see that the service is not overloaded")
    except Unreachable as error:
        return unreachable(check, error.problem, error.remedy)
    except TuntasError as error:
        return problem(check, str(error), error.remedy)
    except Exception as error:  # noqa: BLE001  a check that breaks is told like what it looks for
        return problem(check, f"the check itself broke: {type(error).__name__}", "report it; the other checks count")
