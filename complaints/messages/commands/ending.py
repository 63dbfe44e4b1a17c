"""How a case ends by an agent's command, and begins again."""

from typing import Annotated, Literal

from pydantic import Field

from complaints.messages.commands.base import Command, Line, Word
from complaints.messages.intake import Key, Text
from complaints.model import is_empty
from complaints.vocabulary import ClosingReason, ReopeningReason

MOST_FACTS = 50
Fact = Annotated[int, Field(ge=1)] | Key


class Close(Command):
    """Only as incomplete, duplicate, referred or out of scope: the others come from the complainant or a clock."""

    act: Literal["close"] = "close"
    reason: ClosingReason
    explanation: Text


class Reopen(Command):
    """Reopen a closed or archived case. `facts` are new: entries by number, files by SHA-256, messages by id."""

    act: Literal["reopen"] = "reopen"
    reason: ReopeningReason
    text: Line
    facts: Annotated[tuple[Fact, ...], Field(max_length=MOST_FACTS, exclude_if=is_empty)] = ()


class DeclineReopening(Command):
    """Answer a complainant's request to reopen the case: it stays as it is, and they are told why."""

    act: Literal["decline_reopening"] = "decline_reopening"
    reason: Text


class Refer(Command):
    """Hand the complaint to an outside body, and close it as referred."""

    act: Literal["refer"] = "refer"
    to: Word
    explanation: Text


class Merge(Command):
    """Go on with this complaint under another one: that case is asked, and this one closes once it has agreed."""

    act: Literal["merge"] = "merge"
    into: Word


class Unmerge(Command):
    """Undo a merge: the case is opened again under its own reference, and keeps what is said to it."""

    act: Literal["unmerge"] = "unmerge"
    reason: Line
