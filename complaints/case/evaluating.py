"""How a case was handled: its scores as they stand, whose handling it was, and whether a reviewer looks at it."""

import hashlib
from collections.abc import Iterable

from complaints.case.projection import seconds
from complaints.case.state import CaseState
from complaints.case.turn import Turn
from complaints.clocks import Clock
from complaints.evaluation import SCORED, Handling, Promise, Scores, Survey, derive
from complaints.messages.duties import ClockRow
from complaints.model import made
from complaints.vocabulary import Kind, ReviewCause, Role, Severity

AGENT = "agent:"
_PEOPLE = (Role.AGENT, Role.LEAD, Role.ADMIN)
WORK = frozenset(
    {
        Kind.VERIFIED, Kind.ASSESSED, Kind.TRANSFERRED, Kind.RESPONDED, Kind.UPDATE_SENT, Kind.INFORMATION_REQUESTED,
        Kind.PUT_ON_HOLD, Kind.RESUMED, Kind.STEP_RECORDED, Kind.DECISION_PROPOSED, Kind.DECISION_APPROVED,
        Kind.DECIDED, Kind.EXTENDED, Kind.ROOT_CAUSE_RECORDED,
    }
)  # fmt: skip
"""Entries of those who work on a case: whoever made one of them has a part in how it was handled. A note, an
assignment, an escalation has none."""
_WHOLE = 2**64


def scores(state: CaseState, clocks: Iterable[tuple[Clock, ClockRow]], closing: int) -> Scores:
    """The scores as of now, given the clocks as they stand, in order, and the number of the closing they are of.

    A survey counts for the closing that it asked about: a record's own scores do not know yet what its survey will say.
    """
    said = state.survey if state.survey is not None and state.survey.closing == closing else None
    what = made(
        Handling,
        promises=tuple(_promise(state, clock, row) for clock, row in clocks if clock.metric in SCORED),
        decided=bool(state.decisions),
        satisfied=state.satisfied,
        rating=state.rating,
        silence=state.silence,
        disputes=state.disputes,
        reopenings=state.reopenings,
        transfers=state.transfers,
        survey=Survey(outcome=said.outcome, handling=said.handling) if said is not None else None,
    )
    return derive(what, handler=handler_of(state), team=_team(state))


def _promise(state: CaseState, clock: Clock, row: ClockRow) -> Promise:
    return made(
        Promise,
        metric=clock.metric,
        occurrence=clock.occurrence,
        state=clock.state,
        breached=clock.breached,
        met_by=clock.met_by,
        budget_seconds=seconds(clock.budget(state.calendar_of(clock))),
        elapsed_seconds=row.elapsed_seconds,
        late_seconds=row.late_seconds,
        extensions=len(clock.extensions),
    )


def handler_of(state: CaseState) -> str | None:
    """Whose handling it is: whoever decided last, else who owns it, else who worked on it last; an agent's id."""
    if state.decisions:
        return state.decisions[-1].actor.id
    if state.owner.startswith(AGENT):
        return state.owner.removeprefix(AGENT)
    worked = handled_by(state)
    return worked[-1] if worked else None


def handled_by(state: CaseState) -> tuple[str, ...]:
    """Everybody who has worked on the case, the last one last: none of them judges it."""
    found: dict[str, None] = {}
    for entry in state.timeline:
        if entry.kind in WORK and entry.actor.role in _PEOPLE:
            found.pop(entry.actor.id, None)
            found[entry.actor.id] = None
    return tuple(found)


def _team(state: CaseState) -> str:
    owner = state.owner
    return owner.removeprefix("team:") if owner.startswith("team:") else state.plan.rules.tiers[state.ladder.tier].team


def draw(turn: Turn) -> None:
    """Put the closing that was just recorded before a reviewer, if the policy wants that and nobody has judged it yet.

    By lot is by the case's own salt: it can be computed again, and nobody who handles the case can foresee it.
    """
    state, rules = turn.state, turn.rules.evaluation
    number = len(state.closures)
    if rules is None or any(review.closing == number for review in state.reviews):
        return
    causes = [cause for cause in ReviewCause if cause in rules.always and _gives(state, cause)]
    if lot(state.salt, number) < rules.sample:
        causes.insert(0, ReviewCause.SAMPLE)
    if causes:
        record = state.closures[-1].scores
        turn.enter(
            Kind.REVIEW_WANTED,
            number=number,
            causes=causes,
            handler=record.handler if record else None,
            team=record.team if record else None,
            severity=state.severity,
        )


def _gives(state: CaseState, cause: ReviewCause) -> bool:
    """Whether there is such a cause, and it is newer than the closing before: that one had its own review."""
    before = state.closures[-2] if len(state.closures) > 1 else None
    if cause is ReviewCause.CRITICAL:
        return state.severity is Severity.CRITICAL
    if cause is ReviewCause.DISPUTED:
        return state.disputes > (before.disputes if before else 0)
    late = (clock.breached_at for clock in state.clocks if clock.breached_at is not None)
    return any(before is None or at > before.closed_at for at in late)


def lot(salt: str, number: int) -> float:
    """A number in [0, 1) for a closing of a case, spread evenly over cases."""
    digest = hashlib.sha256(f"review/{salt}/{number}".encode()).digest()
    return int.from_bytes(digest[:8]) / _WHOLE
