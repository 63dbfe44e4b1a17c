"""The metrics of `tuntas report`, computed by PostgreSQL. A share of nothing is null, never zero."""

from datetime import datetime

from pydantic import computed_field

from complaints.model import Frozen, PrintedInstant
from complaints.vocabulary import Metric
from database import reviews, sql
from database.reviews import Means
from database.sql import Connection

QUERIES = sql.load("report")


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


class Totals(Frozen):
    """Counts of complaints. `carried_out`: closed with a decision, and nothing promised is still owed."""

    received: int
    open: int
    closed: int
    answered: int
    satisfied: int
    decided: int
    carried_out: int
    reopened: int
    disputed: int
    escalated: int
    transferred: int

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties; pydantic's own advice
    @property
    def satisfied_share(self) -> float | None:
        """Of the closed cases: silence is not satisfaction."""
        return _share(self.satisfied, self.closed)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def response_rate(self) -> float | None:
        return _share(self.answered, self.closed)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def carried_out_share(self) -> float | None:
        return _share(self.carried_out, self.decided)


class Promises(Frozen):
    """Promises to complainants. `denied` ones are open again, or were when the case was put away."""

    made: int
    open: int
    done: int
    cancelled: int
    confirmed: int
    denied: int
    not_answered: int


class FirstResponse(Frozen):
    """In elapsed hours."""

    number: int
    mean_hours: float | None
    median_hours: float | None


class Duration(Frozen):
    """How long met clocks ran, in their own time."""

    metric: Metric
    number: int
    median_seconds: float
    p90_seconds: float


class ClockShare(Frozen):
    """How one promise was kept. `missed` counts the open and late; `running` are open and not late."""

    metric: Metric
    met: int
    missed: int
    running: int
    met_by_person: int
    met_automatically: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def share_met(self) -> float | None:
        return _share(self.met, self.met + self.missed)


class Group(Frozen):
    """The cases with one value of one dimension: category, channel or tier. `late`: a promise of ours was missed."""

    dimension: str
    value: str | None
    received: int
    open: int
    closed: int
    satisfied: int
    late: int
    median_first_response_hours: float | None


class Surveys(Frozen):
    """What the surveys after closing say of the cases with one value of one dimension; `all`: of every case.

    `asked` and `answered` count cases, and `answered` those that were asked; the numbers behind the scores count
    answers about a closing, also those that nobody had asked for. Satisfied is a score of 4 or 5.
    """

    dimension: str
    value: str | None
    asked: int
    answered: int
    outcome_number: int
    outcome_satisfied: int
    handling_number: int
    handling_satisfied: int
    effort_number: int
    effort_mean: float | None
    came_back: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def response_rate(self) -> float | None:
        return _share(self.answered, self.asked)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def outcome_csat(self) -> float | None:
        return _share(self.outcome_satisfied, self.outcome_number)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def handling_csat(self) -> float | None:
        return _share(self.handling_satisfied, self.handling_number)


class Report(Frozen):
    as_of: PrintedInstant
    received_from: PrintedInstant | None
    received_before: PrintedInstant | None
    totals: Totals
    promises: Promises
    first_response: FirstResponse
    durations: tuple[Duration, ...]
    clocks: tuple[ClockShare, ...]
    by_category: tuple[Group, ...]
    by_channel: tuple[Group, ...]
    by_tier: tuple[Group, ...]
    evaluated_agents: tuple[Means, ...]
    evaluated_teams: tuple[Means, ...]
    surveys: tuple[Surveys, ...] = ()  # of all, then by category, channel, team and owner


async def report(
    conn: Connection,
    now: datetime,
    *,
    received_from: datetime | None = None,
    received_before: datetime | None = None,
) -> Report:
    """Report on the complaints received in this span, as of `now`."""
    span = {"received_from": received_from, "received_before": received_before}
    params = span | {"now": now}
    totals = await sql.fetch_all(conn, Totals, QUERIES["totals"], span, prepare=False)
    promises = await sql.fetch_all(conn, Promises, QUERIES["promises"], span, prepare=False)
    first = await sql.fetch_all(conn, FirstResponse, QUERIES["first_response"], span, prepare=False)
    groups = await sql.fetch_all(conn, Group, QUERIES["groups"], params, prepare=False)
    evaluated_agents, evaluated_teams = await reviews.means(
        conn, received_from=received_from, received_before=received_before
    )
    return Report(
        as_of=now,
        received_from=received_from,
        received_before=received_before,
        totals=totals[0],
        promises=promises[0],
        first_response=first[0],
        durations=await sql.fetch_all(conn, Duration, QUERIES["durations"], span, prepare=False),
        clocks=await sql.fetch_all(conn, ClockShare, QUERIES["clocks"], params, prepare=False),
        by_category=tuple(group for group in groups if group.dimension == "category"),
        by_channel=tuple(group for group in groups if group.dimension == "channel"),
        by_tier=tuple(group for group in groups if group.dimension == "tier"),
        evaluated_agents=evaluated_agents,
        evaluated_teams=evaluated_teams,
        surveys=await sql.fetch_all(conn, Surveys, QUERIES["surveys"], span, prepare=False),
    )
