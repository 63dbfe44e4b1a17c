"""Fitting the model to the data: how long decisions took, and where within that time the first response lay.

Complaints that were still open are left out of the fit: its upper quantiles are too short by what they would add.
Of dates without a time, the duration counts from noon to noon; on one and the same date it is half a working day.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, tzinfo

from simulation.whatif.model import Fitted
from simulation.whatif.past import PastComplaint
from simulation.whatif.sketch import Sketch

_SAME_DAY = 4 * 3600  # seconds
FIELDS = ("received_at", "decided_at", "first_response_at")


def fit(chunks: Iterable[Sequence[PastComplaint]], zone: tzinfo) -> Fitted:
    """The model of these complaints; `zone` is the one in which their dates were read."""
    durations: dict[str, Sketch] = {}
    fractions, answered, unanswered = Sketch(), 0, 0
    with_time: dict[str, bool] = {}
    for chunk in chunks:
        for past in chunk:
            for field in FIELDS:
                at: datetime | None = getattr(past, field)
                if at is not None and not with_time.get(field, False):
                    with_time[field] = at.astimezone(zone).time() != time()
            if past.decided_at is None:
                continue
            took = int((past.decided_at - past.received_at).total_seconds())
            durations.setdefault(past.category or "", Sketch()).add(took or _SAME_DAY)
            if past.first_response_at is not None:
                first = int((past.first_response_at - past.received_at).total_seconds())
                if took > 0 and first < took:
                    answered += 1
                    fractions.add(round(100 * first / took))
                else:
                    unanswered += 1
    dates_only = frozenset(field for field, found in with_time.items() if not found)
    return Fitted(durations, fractions, answered, unanswered, dates_only)
