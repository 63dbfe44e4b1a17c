"""What the worker's metrics say of cases: how late the engine acted, and what waits in the lanes of cases in memory.

Nothing here issues a command or is read by a case: it may come and go without touching a history. Histograms are silent
while a history is replayed; labels are closed words, never a reference.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from weakref import WeakSet

from temporalio import workflow

from complaints.timeline import Entry
from complaints.vocabulary import Cause, ClosingReason, Kind, Metric
from workflows.lanes import Lanes

LANES = ("notices", "agents", "escalations", "records", "lookups", "cases")
LATENESS = "tuntas_lateness"  # Prometheus shows it as tuntas_lateness_seconds
# What time alone does, and what it is the instant of; None: the clock that the entry names.
EFFECTS: dict[Kind, str | None] = {
    Kind.WARNED: None,
    Kind.BREACHED: None,
    Kind.REMINDED: None,
    Kind.ESCALATED: None,
    Kind.TOP_REMINDED: None,
    Kind.LETTER_SENT: None,
    Kind.CONVERTED: None,
    Kind.CAUGHT_UP: None,
    Kind.UPDATE_SENT: Metric.PROGRESS_UPDATE,
    Kind.FOLLOWED_UP: Metric.FOLLOW_UP,
    Kind.HOLD_ENDED: Metric.HOLD,
    Kind.INFORMATION_NOT_RECEIVED: Metric.INFORMATION,
    Kind.CLOSING_BEGAN: Metric.CONFIRMATION,
    Kind.NOTICE_DELAYED: "delivery",  # as `Case.next_due_what` calls it
    Kind.ARCHIVED: "aftercare",
}
# Entries that people and other effects lead to as well: what shows that time alone did.
_BY_TIME: dict[Kind, tuple[str, object]] = {
    Kind.ESCALATED: ("cause", Cause.STILL_BREACHED),  # at a breach it is the breach that is late
    Kind.UPDATE_SENT: ("automatic", True),
    Kind.CLOSING_BEGAN: ("reason", ClosingReason.UNCONFIRMED),
}
_held: WeakSet[Lanes] = WeakSet()


def hold(lanes: Lanes) -> None:
    """Count the lanes of this case for as long as the worker keeps it in memory."""
    _held.add(lanes)


def release(lanes: Lanes) -> None:
    """Count them no more: the case has left the memory, or ended."""
    _held.discard(lanes)


def loads() -> tuple[Counter[str], Counter[str]]:
    """How many duties wait, by lane, and how many of these failed for good, over all cases in this process's memory.

    Cases are worked on by other threads meanwhile: each lane is counted as it stands in that moment.
    """
    waiting: Counter[str] = Counter()
    failing: Counter[str] = Counter()
    for lanes in _snapshot():
        for lane in lanes.all:
            wait, fail = lane.load()
            waiting[lane.name] += wait
            failing[lane.name] += fail
    return waiting, failing


def lateness(timeline: Sequence[Entry], told: int) -> None:
    """Record, for what time alone has brought since entry `told`, how long after its instant it was acted on."""
    for metric, effect, late in late_by(timeline, told):
        histogram = workflow.metric_meter().create_histogram_timedelta(
            LATENESS, "How long after its instant the engine acted on what was due", "duration"
        )
        histogram.record(late, {"metric": metric, "effect": effect})


def late_by(timeline: Sequence[Entry], told: int) -> Iterator[tuple[str, str, timedelta]]:
    """Clock, effect and lateness. Left out is what a message dated back: nobody was late with that.

    It shows by what stands before it: an entry with a later instant, or one of the very moment in which it was acted
    on. And what was due before the case was opened here was late when it came.
    """
    latest = timeline[max(told - 1, 0)].at
    for entry in timeline[told:]:
        metric = _instant_of(entry)
        dated_back = latest > entry.at or latest >= entry.acted_at or entry.at < timeline[0].acted_at
        latest = max(latest, entry.at)
        if metric is not None and not dated_back:
            yield metric, str(entry.kind), entry.acted_at - entry.at


def _instant_of(entry: Entry) -> str | None:
    """The clock whose instant it was, if time alone brought it."""
    if entry.kind not in EFFECTS:
        return None
    only = _BY_TIME.get(entry.kind)
    if only is not None and entry.detail.get(only[0]) != only[1]:
        return None
    return str(entry.detail.get("metric") or EFFECTS[entry.kind])


def _snapshot() -> list[Lanes]:
    while True:
        try:
            return list(_held)
        except RuntimeError:  # one was added in this moment
            continue
