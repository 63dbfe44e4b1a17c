"""The one error of the local stack: what is wrong and what to do about it."""


class StackError(Exception):
    """The local stack cannot do what was asked."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} ({self.remedy})"
