"""Catching up: what time brings within one call of a case (DESIGN, section 4, "Order" and "Outage").

An outage shows in an effect that is acted on later than the policy's `outage.after`. From there on the whole call
catches up: its later effects follow the outage rule too, however little they are overdue, so that the rule holds for
the outage and not for each effect. What a message or a duty's result leads to is no part of it and is told by itself.
"""

from collections.abc import Sequence
from datetime import datetime

from complaints.case.combining import combined
from complaints.case.effects import Following, act_on
from complaints.case.state import CaseState
from complaints.case.turn import Turn
from complaints.messages.duties import Duty


def is_late(state: CaseState, at: datetime, now: datetime) -> bool:
    return now - at > state.plan.rules.outage.after.amount


class CatchUp:
    """One call of a case: its effects of time, and all its duties.

    `answered` holds the keys of clocks and notices that need no asking, because of what the call handles after them.
    """

    def __init__(self, following: Following, now: datetime, answered: frozenset[str] = frozenset()) -> None:
        self.following = following
        self.state = following.state
        self.now = now
        self.answered = answered
        self.late = False
        self._duties: list[Duty] = []
        self._overdue: list[Duty] = []

    def turn(self, at: datetime) -> Turn:
        """The turn of what was due at an instant."""
        self.late = self.late or is_late(self.state, at, self.now)
        return Turn(self.state, self.now, at=at, late=self.late, answered=self.answered)

    def act(self, *, inclusive: bool) -> None:
        """Do everything that is due before now (up to it, if inclusive)."""
        while (effect := self.following.effect()) is not None:
            if effect.at > self.now or (effect.at == self.now and not inclusive):
                break
            turn = self.turn(effect.at)
            act_on(turn, effect)
            self.following.forget()
            self.add(turn.duties, overdue=turn.late)

    def add(self, duties: Sequence[Duty], *, overdue: bool = False) -> None:
        self._duties += duties
        if overdue:
            self._overdue += duties

    def duties(self) -> list[Duty]:
        """The duties of the call; of those caught up with, each recipient's notices as one."""
        return combined(self.state, self.now, self._duties, self._overdue)
