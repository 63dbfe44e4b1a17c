"""The queues: which cases each holds, narrowed by what stands in the address, and what each line says."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field

from complaints.messages.duties import ClockRow
from complaints.model import Frozen, Tolerant
from complaints.vocabulary import Channel, Metric, OnDue, Severity, Status
from database.desk import DeskRow, Narrowing
from web.auth.user import User

SOON = timedelta(hours=24)  # what is due within this is at risk
_OURS = (OnDue.BREACH, OnDue.CONVERT)
LONGEST_QUERY = 200


class Queue(StrEnum):
    MINE = "mine"
    TEAM = "team"
    UNASSIGNED = "unassigned"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    AWAITING = "awaiting"
    ON_HOLD = "on_hold"
    APPROVALS = "approvals"
    REQUESTS = "requests"
    ALL = "all"
    ENDED = "ended"


class Asked(Tolerant):
    """What the address asks for. What it does not understand is as if it were not there."""

    q: str | None = Field(default=None, max_length=LONGEST_QUERY)
    team: str | None = Field(default=None, max_length=100)
    owner: str | None = Field(default=None, max_length=100)
    severity: Severity | None = None
    category: str | None = Field(default=None, max_length=100)
    channel: Channel | None = None
    after: str | None = Field(default=None, max_length=500)

    @property
    def narrowed(self) -> bool:
        return any((self.q, self.team, self.owner, self.severity, self.category, self.channel))


def asked(params: Mapping[str, Any]) -> Asked:
    """Read the address field by field: one that is nonsense does not spoil the others."""
    kept: dict[str, Any] = {}
    for name in Asked.model_fields:
        value = str(params.get(name) or "").strip()
        if value:
            try:
                Asked.model_validate({name: value})
            except ValueError:
                continue
            kept[name] = value
    return Asked.model_validate(kept)


def narrowing(queue: Queue, wanted: Asked, user: User, teams: tuple[str, ...] | None, now: datetime) -> Narrowing:
    """Return which cases a queue holds for a user, with what the address narrows it to."""
    # Of one team only, where there is one: its index holds the queue in its order.
    team = wanted.team if teams is None or wanted.team in teams else None
    if team is None and queue is Queue.TEAM and teams is not None and len(teams) == 1:
        team = teams[0]
    base = Narrowing(
        team=team, teams=teams if team is None else None, me=user.owner, owner=wanted.owner, severity=wanted.severity,
        category=wanted.category, channel=wanted.channel, words=wanted.q,
    )  # fmt: skip
    return base.model_copy(update=_CONDITIONS[queue](user, now, team or user.team))


_CONDITIONS: Mapping[Queue, Any] = {
    Queue.MINE: lambda user, _now, _team: {"owner": user.owner, "teams": None},
    Queue.TEAM: lambda _user, _now, _team: {},
    Queue.UNASSIGNED: lambda _user, _now, team: {"owner": f"team:{team}"} if team else {},
    Queue.AT_RISK: lambda _user, now, _team: {"due_from": now, "due_before": now + SOON},
    Queue.BREACHED: lambda _user, _now, _team: {"late": True},
    Queue.AWAITING: lambda _user, _now, _team: {"status": Status.AWAITING_COMPLAINANT},
    Queue.ON_HOLD: lambda _user, _now, _team: {"status": Status.ON_HOLD},
    Queue.APPROVALS: lambda _user, _now, _team: {"approvals": True},
    Queue.REQUESTS: lambda _user, _now, _team: {"requested": True},
    Queue.ALL: lambda _user, _now, _team: {},
    Queue.ENDED: lambda _user, _now, _team: {},
}


class Line(Frozen):
    """A case in a queue: which promise is the nearest, when it is due, and what it asks of its owner."""

    row: DeskRow
    metric: Metric | None
    due_at: datetime | None
    late: bool
    soon: bool
    next: str  # a word of `desk.yaml`, `next`


def lines(rows: tuple[DeskRow, ...], clocks: Mapping[str, tuple[ClockRow, ...]], now: datetime) -> tuple[Line, ...]:
    return tuple(line(row, clocks.get(row.reference, ()), now) for row in rows)


def line(row: DeskRow, clocks: tuple[ClockRow, ...], now: datetime) -> Line:
    """Say what is next in a case. Our own promises come before what waits for others."""
    dated = [clock for clock in clocks if clock.due_at is not None]
    ours = [clock for clock in dated if clock.on_due in _OURS]
    nearest = next(iter(ours or dated), None)
    due = nearest.due_at if nearest else row.next_due_at
    late = bool(row.breached) or (due is not None and nearest in ours and due < now)
    return Line(
        row=row, metric=nearest.metric if nearest else None, due_at=due, late=late,
        soon=not late and due is not None and bool(ours) and due < now + SOON, next=_next(row, nearest),
    )  # fmt: skip


def _next(row: DeskRow, nearest: ClockRow | None) -> str:
    if row.reopening_requested_at is not None:
        return "request"
    if row.awaiting_approval:
        return "approval"
    if row.status in (Status.AWAITING_COMPLAINANT, Status.ON_HOLD) and (
        nearest is None or nearest.metric not in (Metric.NEXT_RESPONSE, Metric.FIRST_RESPONSE)
    ):
        return str(row.status)
    return str(nearest.metric) if nearest else str(row.status)


def by_promise(found: tuple[Line, ...]) -> tuple[Line, ...]:
    """Sort what is to be done by its nearest promise; what is without one comes last."""
    return tuple(sorted(found, key=lambda one: (one.due_at is None, one.due_at or one.row.received_at)))
