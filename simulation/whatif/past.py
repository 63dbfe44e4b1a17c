"""Past complaints: what is known of them, and what of it can be played."""

from datetime import datetime
from typing import NamedTuple

from complaints.vocabulary import Channel, Severity


class PastComplaint(NamedTuple):
    """What is known of a complaint. Instants are in UTC; of a column of dates only they are local midnights.

    `decided_at` is when it was decided, or closed where only that is known; None: not by the end of the data.
    """

    id: str
    received_at: datetime
    decided_at: datetime | None = None
    first_response_at: datetime | None = None
    channel: Channel = Channel.EMAIL
    category: str | None = None
    severity: Severity | None = None


class SetAside(NamedTuple):
    """A row that is not played: where, why, and what to do about it; never its content."""

    line: int
    column: str
    problem: str
    remedy: str
