"""How a case ends by an agent's command, and begins again."""

from typing import Literal

from complaints.messages.commands.base import Command, Line, Word
from complaints.messages.intake import Text
from complaints.vocabulary import ClosingReason, ReopeningReason


class Close(Command):
    """Only as incomplete, duplicate, referred or out of scope: the others come from the complainant or a clock."""

    act: Literal["close"] = "close"
    reason: ClosingReason
    explanation: Text


class Reopen(Command):
    act: Literal["reopen"] = "reopen"
    reason: ReopeningReason
    text: Line


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
