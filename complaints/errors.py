"""The error tree. Every error names a field, the problem and the remedy; none ever quotes a complainant's words.

TuntasError
├── BadInput          what was given cannot be used               (exit code 2)
│   └── BadPolicy     a policy, calendar or text is wrong
├── NotFound          no such case, agent, policy                 (exit code 3)
├── Refused           the case does not allow it now              (exit code 4)
├── Unreachable       a service did not answer; try again         (exit code 5)
└── PartlyDone        some of a batch was refused                 (exit code 6)
"""


class TuntasError(Exception):
    """Something went wrong that a person can act on."""

    exit_code = 1

    def __init__(self, problem: str, *, field: str = "", remedy: str = "") -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field
        self.problem = problem
        self.remedy = remedy

    def as_dict(self) -> dict[str, str]:
        """The form that `--json` prints on stderr: `{field, problem, remedy}`."""
        return {"field": self.field, "problem": self.problem, "remedy": self.remedy}


class BadInput(TuntasError):
    """What was given cannot be used."""

    exit_code = 2


class BadPolicy(BadInput):
    """A policy, a calendar or a text is wrong; `field` is the path inside the file."""


class NotFound(TuntasError):
    """There is no such thing."""

    exit_code = 3


class Refused(TuntasError):
    """The case does not allow this now; nothing has changed."""

    exit_code = 4


class Unreachable(TuntasError):
    """A service did not answer; nothing is lost, try again."""

    exit_code = 5


class PartlyDone(TuntasError):
    """Some of a batch was refused; the rest is done."""

    exit_code = 6


def first_of(group: ExceptionGroup[Exception], kind: type[TuntasError]) -> Exception:
    """What a group of tasks ended of, if all its errors are of a kind: the first, since the others follow from it.

    Else the group itself. (A `raise` within `except*` would be a group again before Python 3.11.4.)
    """
    alike, others = group.split(kind)
    if alike is None or others is not None:
        return group
    found: Exception = alike
    while isinstance(found, ExceptionGroup):
        found = found.exceptions[0]
    return found
