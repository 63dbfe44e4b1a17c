"""What a mailbox's workflow and its reader say to each other. Nothing of any mail, and no password."""

from complaints.model import Frozen


class MailboxInput(Frozen):
    """The start argument. `brought`: how many mails of each outcome earlier runs brought."""

    name: str
    brought: dict[str, int] = {}


class MailboxWatch(Frozen):
    """Read what is in the mailbox and what comes within so many seconds."""

    name: str
    seconds: float


class MailboxRead(Frozen):
    """How many mails of each outcome were brought."""

    brought: dict[str, int]
