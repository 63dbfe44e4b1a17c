"""The model of handling times: what is fitted to the data, and what is assumed where they say nothing.

Everything here is printed in the report. All durations are handled as whole seconds.
"""

from typing import Annotated, NamedTuple

from pydantic import Field

from complaints.model import Frozen
from simulation.whatif.sketch import Quantiles, Sketch

Share = Annotated[float, Field(ge=0, le=1)]
Hours = Annotated[float, Field(ge=0)]
Spread = Annotated[float, Field(ge=0, le=5)]

FEW = 30  # fewer complaints of a category than these: all categories are taken together
_PRINTED = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


class Assumptions(Frozen):
    """What the data do not say. Durations with a median and a spread are log-normal; `spread` is that of the logarithm.

    Hours of handlers are working hours, those of complainants are hours of real time.
    """

    answered_first: Share = 0.65
    """Share of complaints that a person answers before deciding; of the others the decision is the first response."""
    first_response_shape: Annotated[float, Field(gt=0)] = 3.0
    """The first response comes at a fraction of the time to the decision, by Beta(1, shape): 3 has mean 0.25."""
    question_share: Share = 0.15
    """Share of complaints in which the complainant is asked something, and replies before the decision."""
    transfer_share: Share = 0.1
    """Chance of a first transfer, and after each of a further one."""
    hand_over_seconds: Annotated[float, Field(ge=0)] = 20.0
    """Median time until a notice is handed to its channel."""
    hand_over_spread: Spread = 1.0
    answer_share: Share = 0.4
    """Share of decisions that the complainant answers; to the others they are silent."""
    dispute_share: Share = 0.15
    """Share of these answers that are disputes."""
    answer_hours: Hours = 12.0
    """Median time until the complainant answers a decision, or a question that the case asks by itself."""
    answer_spread: Spread = 1.0
    rework_factor: Annotated[float, Field(ge=0)] = 0.5
    """A disputed complaint is decided anew within this fraction of a time to the decision like the others'."""
    response_hours: Hours = 3.0
    """Median time until a handler responds to a message of the complainant."""
    response_spread: Spread = 1.0
    closing_hours: Hours = 6.0
    """Median time until a handler gives what the closure record still lacks."""
    closing_spread: Spread = 1.0


class Fitted(NamedTuple):
    """What was found in the data. `fractions` counts hundredths of the time to the decision at the first response."""

    durations: dict[str, Sketch]
    fractions: Sketch
    answered: int  # with a first response before the decision
    unanswered: int  # whose first response was the decision, where the data tell
    dates_only: frozenset[str]


class Model:
    """The model as it is asked: shares between 0 and 1 in, seconds out."""

    def __init__(self, assumptions: Assumptions, fitted: Fitted) -> None:
        self.assumptions = assumptions
        self.dates_only = fitted.dates_only
        every = Sketch()
        for sketch in fitted.durations.values():
            every.merge(sketch)
        self._every = Quantiles(every)
        self._durations = {name: Quantiles(sketch) for name, sketch in fitted.durations.items() if sketch.count >= FEW}
        told = fitted.answered + fitted.unanswered
        self.answered_first = fitted.answered / told if told >= FEW else assumptions.answered_first
        self._fractions = Quantiles(fitted.fractions) if fitted.fractions.count >= FEW else None

    def to_decision(self, category: str | None, share: float) -> int:
        """The time from receipt to decision that a share of the category's complaints stay within."""
        found = self._of(category)
        return found.at(share) if found.count else 0

    def share_decided(self, category: str | None, seconds: float) -> float:
        found = self._of(category)
        return found.share_up_to(seconds) if found.count else 0.0

    def first_fraction(self, share: float) -> float:
        if self._fractions is not None:
            return self._fractions.at(share) / 100
        return float(1 - (1 - share) ** (1 / self.assumptions.first_response_shape))

    def printed(self) -> dict[str, object]:
        """What the report says of the fit, in seconds."""
        groups = {"*": self._every, **self._durations}
        return {
            "time_to_decision": {
                name: {"complaints": found.count, **{f"p{round(share * 100)}": found.at(share) for share in _PRINTED}}
                for name, found in sorted(groups.items())
                if found.count
            },
            "few": FEW,
            "first_response": "fitted" if self._fractions is not None else "assumed",
            "answered_first": round(self.answered_first, 4),
            "dates_only": sorted(self.dates_only),
        }

    def _of(self, category: str | None) -> Quantiles:
        return self._durations.get(category or "", self._every)
