"""One case speaks to another: it asks to be merged into it, and passes on what is said to it.

`ask` and `tell` reach a case whether it runs or is archived; whoever puts the worker together gives them. Both do the
same twice as once, by the key of the question and the id of the message.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import activity

from activities.errors import clean_errors
from complaints.errors import BadInput, NotFound, Refused
from complaints.messages.feedback import DutyDone
from complaints.messages.merging import ForwardDuty, Forwarded, MergeAnswered, MergeDuty, TakeIn

Ask = Callable[[str, TakeIn], Awaitable[Any]]
"""Raises what the other case answers: `Refused`, `NotFound`; and `Unreachable` while there is no answer."""
Tell = Callable[[str, str, Forwarded], Awaitable[None]]


class Cases:
    def __init__(self, ask: Ask, tell: Tell) -> None:
        self._ask = ask
        self._tell = tell

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.merge, self.forward]

    @activity.defn(name="merge")
    async def merge(self, duty: MergeDuty) -> MergeAnswered:
        """A "no" is an answer; only what is not answered is tried again."""
        with clean_errors():
            try:
                await self._ask(duty.into, duty.ask)
            except (Refused, NotFound, BadInput) as refused:
                return MergeAnswered(key=duty.key, accepted=False, problem=refused.problem, remedy=refused.remedy)
        return MergeAnswered(key=duty.key, accepted=True)

    @activity.defn(name="forward")
    async def forward(self, duty: ForwardDuty) -> DutyDone:
        with clean_errors():
            await self._tell(duty.to, duty.name, duty.message)
        return DutyDone(key=duty.key)
