"""Conversations: what one leaves in its history, how many a second, and how soon an agent's command is answered."""

import statistics
from typing import Any

from bench import histories
from bench.conversations import Pace, Run, product_run, skeleton_run
from bench.measure import Options, alternating, middle, percentile, ratio, show
from bench.skeletons import OWN, Skeleton, skeleton
from bench.stack import Product, product
from complaints.messages import workflow_id

MOST_EVENTS = 120
LEAST_RATE = 0.6
SLOW = Pace(cases=3, at_once=1, gap=0.4)  # no two steps share a workflow task
WARM = Pace(cases=20, at_once=10)


async def history(options: Options) -> None:
    """Only the product: counts and bytes need nothing to compare with."""
    del options
    async with product() as side:
        await _history(side)


async def _history(side: Product) -> int:
    """Show the history with the most events; how many activities it ran."""
    run = await product_run(side, SLOW)
    found = []
    for reference in run.references:
        size = await histories.settled(side.client, workflow_id(reference))
        kept = await side.client.get_workflow_handle(workflow_id(reference)).fetch_history()
        found.append(histories.figures(kept, size))
    most: dict[str, Any] = max(found, key=lambda one: one["events"])
    show("history", **most, at_most_events=MOST_EVENTS, holds=most["events"] <= MOST_EVENTS)
    return int(most["activities"])


async def rate(options: Options) -> None:
    """Saturated: every step stands alone as in life, and more conversations are under way than can be served."""
    crowd = Pace(cases=options.sized(300, 60), at_once=options.sized(160, 40), gap=1.0)
    async with product() as ours, skeleton() as theirs, skeleton(tuned=True) as tuned, skeleton(sandbox=True) as boxed:
        extra = await _history(ours) - OWN
        await product_run(ours, WARM)
        await skeleton_run(theirs, WARM, extra)
        await skeleton_run(tuned, WARM, extra)
        await skeleton_run(boxed, WARM, extra)
        before = _bytes(ours), _bytes(theirs)
        pairs = await alternating(
            options.pairs, lambda: product_run(ours, crowd), lambda: skeleton_run(theirs, crowd, extra)
        )
        after = _bytes(ours), _bytes(theirs)
        plain, in_sandbox = await skeleton_run(theirs, crowd, 0), await skeleton_run(boxed, crowd, extra)
        _show_rate(pairs, extra, plain, in_sandbox)
        _show_bytes(before, after, crowd.cases * options.pairs)
        _show_tuned(await alternating(
            options.pairs, lambda: product_run(ours, crowd), lambda: skeleton_run(tuned, crowd, extra)
        ))  # fmt: skip
        await _answers(ours, theirs, extra, options, pairs)


def _show_rate(pairs: list[tuple[Run, Run]], extra: int, plain: Run, in_sandbox: Run) -> None:
    found = ratio([(a.rate, b.rate) for a, b in pairs])
    show(
        "conversations_a_second", product=middle(a.rate for a, _ in pairs), skeleton=middle(b.rate for _, b in pairs),
        activities=OWN + extra, ratio=found, at_least=LEAST_RATE, skeleton_of_four_activities=round(plain.rate, 1),
        skeleton_in_sandbox=round(in_sandbox.rate, 1),
        cpu_ms={"product": _cpu(a for a, _ in pairs), "skeleton": _cpu(b for _, b in pairs)},
        pairs=len(pairs), holds=found >= LEAST_RATE,
    )  # fmt: skip


def _show_tuned(pairs: list[tuple[Run, Run]]) -> None:
    """The skeleton with the pollers and the event loop of the product's worker, which is not what is promised."""
    show(
        "conversations_tuned", product=middle(a.rate for a, _ in pairs), skeleton=middle(b.rate for _, b in pairs),
        ratio=ratio([(a.rate, b.rate) for a, b in pairs]),
        cpu_ms={"product": _cpu(a for a, _ in pairs), "skeleton": _cpu(b for _, b in pairs)}, pairs=len(pairs),
    )  # fmt: skip


def _cpu(runs: Any) -> float:
    """Processor time of one conversation: server, database, worker and driver."""
    return float(round(statistics.median(run.cpu / len(run.ends) for run in runs) * 1e3))


def _bytes(side: Product | Skeleton) -> tuple[int, int]:
    return side.temporal_bytes, side.postgres_bytes


def _show_bytes(before: Any, after: Any, cases: int) -> None:
    ours, theirs = (
        tuple((b - a) // cases for a, b in zip(*two, strict=True)) for two in zip(before, after, strict=True)
    )
    show(
        "bytes_a_case", temporal={"product": ours[0], "skeleton": theirs[0]},
        postgresql={"product": ours[1], "skeleton": theirs[1]},
        ratio={"temporal": round(ours[0] / theirs[0], 1), "postgresql": round(ours[1] / theirs[1], 1)}, cases=cases,
    )  # fmt: skip


async def _answers(
    ours: Product, theirs: Skeleton, extra: int, options: Options, loaded: list[tuple[Run, Run]]
) -> None:
    """Alone: one conversation at a time. Under load: in the runs that saturate the machine."""
    alone = Pace(cases=options.sized(20, 5), at_once=1)
    quiet = await alternating(
        options.pairs, lambda: product_run(ours, alone), lambda: skeleton_run(theirs, alone, extra)
    )
    show("update_answered", alone=_latencies(quiet), under_load=_latencies(loaded), pairs=len(loaded))


def _latencies(pairs: list[tuple[Run, Run]]) -> dict[str, Any]:
    """Milliseconds."""
    found: dict[str, Any] = {}
    for percent in (50, 99):
        both = [tuple(percentile(run.latencies["update"], percent) for run in pair) for pair in pairs]
        found[f"p{percent}_ms"] = {
            "product": middle(a * 1e3 for a, _ in both),
            "skeleton": middle(b * 1e3 for _, b in both),
            "ratio": ratio([(a, b) for a, b in both]),
        }
    return found
