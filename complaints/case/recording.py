"""What the read model is told of a case: all that changed since the last record, in one batch."""

from datetime import datetime

from complaints.case.projection import clock_row, promises_owed
from complaints.case.state import CaseState
from complaints.messages.duties import DuplicateSearch, RecordBatch, Standing
from complaints.timeline import Entry
from complaints.vocabulary import METRIC_ORDER


def standing(state: CaseState, next_due: datetime | None, next_metric: str | None) -> Standing:
    rules = state.plan.rules
    tier = rules.tiers[state.ladder.tier]
    breached = {clock.metric for clock in state.clocks if clock.breached and clock.open}
    decided = state.decisions[-1].at if state.decisions else None
    return Standing(
        reference=state.reference,
        status=state.status,
        channel=state.intake.channel,
        category=state.category,
        severity=state.severity,
        language=state.complainant.language,
        company=state.intake.company,
        owner=state.owner,
        team=state.owner.removeprefix("team:") if state.owner.startswith("team:") else tier.team,
        tier=tier.name,
        tier_level=state.ladder.tier + 1,
        outcome=state.decisions[-1].outcome if state.decisions else None,
        closing_reason=state.closing_reason,
        transfers=state.transfers,
        disputes=state.disputes,
        reopenings=state.reopenings,
        received_at=state.received_at,
        assessed_at=state.assessed_at,
        decided_at=decided,
        closed_at=state.closed_at,
        archived_at=state.archived_at,
        next_due_at=next_due,
        next_due=next_metric,
        breached=tuple(sorted(breached, key=METRIC_ORDER.__getitem__)),
        satisfied=state.satisfied,
        rating=state.rating,
        awaiting_approval=state.proposal is not None,
        remedies_owed=promises_owed(state),
        reopening_requested_at=state.reopening_request.at if state.reopening_request else None,
        pack=rules.pack,
        policy_version=rules.version,
    )


def unrecorded(
    state: CaseState, now: datetime, next_due: datetime | None, next_metric: str | None
) -> RecordBatch | None:
    """The batch since `state.recorded`, or None if nothing has happened since."""
    last = state.timeline[-1].sequence
    since = state.recorded
    if last <= since:
        return None
    return RecordBatch(
        reference=state.reference,
        through=last,
        standing=standing(state, next_due, next_metric),
        entries=tuple(state.timeline[since - last :]) if since else _received(state),
        clocks=tuple(clock_row(state, clock, now) for clock in state.clocks if clock.changed > since),
        actions=tuple(a for a in state.actions if state.changed_actions.get(a.number, 0) > since),
        intake=state.intake if since == 0 else None,
        search=_search(state) if since == 0 else None,
        complainant=state.complainant if state.amended > since else None,
    )


def _received(state: CaseState) -> tuple[Entry, ...]:
    """All entries, that of the receipt without its words: the intake has them, which goes with it."""
    first, *others = state.timeline
    return (first.model_copy(update={"words": None}) if first.words == state.intake.text else first, *others)


def _search(state: CaseState) -> DuplicateSearch | None:
    rules = state.plan.rules.duplicates
    if rules is None:
        return None
    return DuplicateSearch(
        reference=state.reference,
        company=state.intake.company,
        complainant=state.complainant,
        received_at=state.received_at,
        rules=rules,
    )


def recorded(state: CaseState, through: int) -> None:
    """A batch up to this sequence is stored; the next one carries what came after, however late this is learned."""
    state.recorded = max(state.recorded, through)
