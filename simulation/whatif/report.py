"""From sums to the report: one document of figures, from which the terminal table and the page are made.

Counts are means over the seeds (whole numbers with one seed); quantiles are those of all seeds together.
"""

import statistics
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from complaints.policy import Policy
from complaints.vocabulary import METRIC_ORDER, Metric
from simulation.whatif.model import Model
from simulation.whatif.running import Sums, Task
from simulation.whatif.sketch import ERROR, Sketch
from simulation.whatif.spool import Spool
from simulation.whatif.summary import ClockCounts, Summary, date_of

PARTS = ("met", "breached", "running", "lapsed", "cancelled")
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
HOURS_OF_WEEK = 168
_UNDEFINED = ("_share", "_seconds")  # where nothing was broken, unlike counts, which are zero


def report(task: Task, sums: Sums, spool: Spool, source: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The document. `names`: how the policies were named by whoever asked; `source`: where the complaints come from."""
    model = Model(task.assumptions, task.fitted)
    by_policy = [[sums.get((place, seed), Summary()) for seed in task.seeds] for place in range(len(task.policies))]
    return {
        "source": {
            **source,
            "complaints": spool.count,
            "still_open": spool.still_open,
            "first": _day(spool.first, task.policies[0]),
            "last": _day(spool.last, task.policies[0]),
            "until": task.until.isoformat().replace("+00:00", "Z"),
        },
        "set_aside": {
            "count": spool.aside_count,
            "by_problem": spool.aside_by_problem,
            "rows": [row._asdict() for row in spool.aside],
        },
        "model": {
            "seeds": list(task.seeds),
            "working_hours": task.working,
            "other_category": task.other,
            "quantile_error": ERROR,
            "assumptions": task.assumptions.model_dump(),
            "fitted": model.printed(),
        },
        "policies": [
            _policy(name, policy, seeds) for name, policy, seeds in zip(names, task.policies, by_policy, strict=True)
        ],
        "differences": [
            {"from": names[0], "to": names[place], "figures": _differences(by_policy[0], by_policy[place])}
            for place in range(1, len(names))
        ],
    }


def _day(at: datetime | None, policy: Policy) -> str | None:
    """The date there, where the first policy counts its days."""
    return None if at is None else at.astimezone(ZoneInfo(policy.timezone)).date().isoformat()


def _policy(name: str, policy: Policy, seeds: Sequence[Summary]) -> dict[str, Any]:
    pooled = Summary()
    for summary in seeds:
        pooled.merge(summary)
    number = len(seeds)
    tiers = [tier.name for tier in policy.tiers]
    return {
        "policy": name,
        "pack": policy.pack,
        "version": policy.version,
        "as_of": policy.as_of.isoformat(),
        "timezone": policy.timezone,
        "cases": mean(pooled.cases, number),
        "category_mapped": mean(pooled.mapped, number),
        "outcomes": _means(pooled.outcomes, number),
        "clocks": [
            {"metric": metric, **_clock(pooled.clocks[metric], number)}
            for metric in sorted(pooled.clocks, key=METRIC_ORDER.__getitem__)
        ],
        "escalations": {
            "total": mean(pooled.raised.total(), number),
            "top_reminders": mean(pooled.reminders, number),
            "by_cause": _means(pooled.causes, number),
            "by_tier": [_tier(pooled, tier, number) for tier in tiers],
        },
        "notices_to_agents": mean(_to_agents(pooled), number),
        "notices_to_complainants": mean(pooled.notices.total() - _to_agents(pooled), number),
        "refused": mean(pooled.refused, number),
        "load": _load(pooled, tiers, number),
    }


def _clock(counts: ClockCounts, number: int) -> dict[str, Any]:
    return {
        "clocks": mean(counts.total, number),
        **{part: mean(counts.parts[part], number) for part in PARTS},
        "breached_share": _rounded(counts.share_breached()),
        "late_seconds": _quantiles(counts.late),
        "took_seconds": _quantiles(counts.elapsed),
    }


def _quantiles(sketch: Sketch) -> dict[str, int | None]:
    return {name: sketch.quantile(share) for name, share in QUANTILES.items()}


def _tier(pooled: Summary, tier: str, number: int) -> dict[str, Any]:
    hours = [mean(pooled.raised[tier, hour], number) for hour in range(HOURS_OF_WEEK)]
    total = sum(count for (reached, _), count in pooled.raised.items() if reached == tier)
    return {"tier": tier, "raised": mean(total, number), "by_hour_of_week": hours}


def _to_agents(summary: Summary) -> int:
    return sum(count for occasion, count in summary.notices.items() if str(occasion).startswith("agent_"))


def daily_load(summary: Summary, tiers: Sequence[str]) -> dict[str, list[int]]:
    """Cases with us at each midnight of the time observed, by tier; the first is that after `first_day`."""
    days = [day for _, day in summary.load]
    if not days:
        return {}
    found: dict[str, list[int]] = {}
    for tier in tiers:
        number = 0
        found[tier] = []
        for day in range(min(days), max(days) + 1):
            number += summary.load[tier, day]
            found[tier].append(number)
    return found


def _load(pooled: Summary, tiers: Sequence[str], number: int) -> dict[str, Any]:
    by_tier = daily_load(pooled, tiers)
    first = min((day for _, day in pooled.load), default=0)
    totals = [sum(values) for values in zip(*by_tier.values(), strict=True)]
    busy = {*pooled.arrivals, *pooled.acts, *(day // 7 for _, day in pooled.load)}
    weeks = []
    for week in range(min(busy, default=0), max(busy, default=-1) + 1):
        span = slice(max(week * 7 - first, 0), max(week * 7 + 7 - first, 0))
        weeks.append(
            {
                "week": date_of(week * 7).isoformat(),
                "received": mean(pooled.arrivals[week], number),
                "acts": mean(pooled.acts[week], number),
                "with_us": {tier: _average(by_tier[tier][span] if by_tier else (), number) for tier in tiers},
            }
        )
    return {"peak": mean(max(totals, default=0), number), "mean": _average(totals, number), "weeks": weeks}


def _average(values: Sequence[int], number: int) -> float:
    return round(sum(values) / len(values) / number, 1) if values else 0.0


# differences between policies


def figures(summary: Summary) -> dict[str, float | None]:
    """What is compared of two policies."""
    found: dict[str, float | None] = {}
    for metric in sorted(summary.clocks, key=METRIC_ORDER.__getitem__):
        counts = summary.clocks[metric]
        if counts.parts["breached"] or metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION):
            found[f"{metric}.breached"] = counts.parts["breached"]
            found[f"{metric}.breached_share"] = counts.share_breached()
            found[f"{metric}.late_p90_seconds"] = counts.late.quantile(0.9)
    tiers = dict.fromkeys(tier for tier, _ in summary.raised)
    totals = [
        sum(values)
        for values in zip(*daily_load(summary, sorted({tier for tier, _ in summary.load})).values(), strict=True)
    ]
    return {
        **found,
        "escalations": summary.raised.total(),
        **{f"escalations.{tier}": _raised(summary, tier) for tier in sorted(tiers)},
        "top_reminders": summary.reminders,
        "notices_to_agents": _to_agents(summary),
        "load.peak": max(totals, default=0),
    }


def _raised(summary: Summary, tier: str) -> int:
    return sum(count for (reached, _), count in summary.raised.items() if reached == tier)


def _differences(base: Sequence[Summary], other: Sequence[Summary]) -> list[dict[str, Any]]:
    """Seed by seed, on the same draws, and how much they differ from seed to seed."""
    pairs = [(figures(one), figures(two)) for one, two in zip(base, other, strict=True)]
    names = dict.fromkeys(name for one, two in pairs for name in (*one, *two))
    found = []
    for name in names:
        missing = None if name.endswith(_UNDEFINED) else 0.0
        known = [(one.get(name, missing), two.get(name, missing)) for one, two in pairs]
        both = [(one, two) for one, two in known if one is not None and two is not None]
        if not both:
            continue  # never broken under one of them: there is no lateness to compare
        spread = [two - one for one, two in both]
        found.append(
            {
                "figure": name,
                "seeds": len(both),
                "from": _rounded(statistics.fmean(one for one, _ in both)),
                "to": _rounded(statistics.fmean(two for _, two in both)),
                "difference": _rounded(statistics.fmean(spread)),
                "least": _rounded(min(spread)),
                "most": _rounded(max(spread)),
                "deviation": _rounded(statistics.stdev(spread)) if len(spread) > 1 else None,
            }
        )
    return found


def mean(total: int, number: int) -> float | int:
    """The mean over seeds; a whole number stays one."""
    return total // number if total % number == 0 else round(total / number, 2)


def _means(counts: Any, number: int) -> dict[str, float | int]:
    return {str(name): mean(count, number) for name, count in sorted(counts.items())}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
