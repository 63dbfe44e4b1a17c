"""What the worker's metrics say of cases: how late the engine acted, and what waits in the lanes of cases in memory.

Nothing here issues a command or is read by a case: it may come and go without touching a history. Histograms are silent
while a history is replayed; labels are closed words, never a reference.
"""

from collections import Counter
from collections.abc import Sequence
from weakref import WeakSet

from temporalio import workflow

from complaints.timeline import Entry
from complaints.vocabulary import Kind, Metric
from workflows.lanes import Lanes

LANES = ("notices", "agents", "escalations", "records", "lookups", "cases")
LATENESS = "tuntas_lateness"  # Prometheus shows it as tuntas_lateness_seconds
# What time alone does, and the clock it belongs to where the entry does not name one.
_EFFECTS: dict[Kind, Metric | None] = {
    Kind.WARNED: None,
    Kind.BREACHED: None,
    Kind.REMINDED: None,
    Kind.TOP_REMINDED: None,
    Kind.UPDATE_SENT: Metric.PROGRESS_UPDATE,
    Kind.FOLLOWED_UP: Metric.FOLLOW_UP,
    Kind.HOLD_ENDED: Metric.HOLD,
    Kind.INFORMATION_NOT_RECEIVED: Metric.INFORMATION,
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
    for index in range(told, len(timeline)):
        entry = timeline[index]
        metric = _clock_of(entry)
        if metric is None or (index and timeline[index - 1].at > entry.at):
            continue  # dated before what stands before it: a message made it so, and nobody was late
        histogram = workflow.metric_meter().create_histogram_timedelta(
            LATENESS, "How long after its instant the engine acted on what was due", "duration"
        )
        histogram.record(entry.acted_at - entry.at, {"metric": metric, "effect": str(entry.kind)})


def _clock_of(entry: Entry) -> str | None:
    detail = entry.detail
    if entry.kind not in _EFFECTS:
        return None
    if entry.kind is Kind.UPDATE_SENT and not detail.get("automatic"):
        return None
    return str(detail.get("metric") or _EFFECTS[entry.kind] or "") or None


def _snapshot() -> list[Lanes]:
    while True:
        try:
            return list(_held)
        except RuntimeError:  # one was added in this moment
            continue
