"""The tables of the report, for the terminal and for the page."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from simulation.whatif.report import PARTS
from simulation.whatif.speaking import Speaker

Document = dict[str, Any]
LETTERS = "ABCDEFGH"


class Table(NamedTuple):
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def lettered(document: Document, place: int) -> str:
    """A policy as tables and charts name it: its letter and its pack."""
    return f"{LETTERS[place % len(LETTERS)]} {document['policies'][place]['pack']}"


def clocks(document: Document, say: Speaker) -> Table:
    columns = say.words["columns"]
    rows = []
    for metric in metrics(document):
        for place, policy in enumerate(document["policies"]):
            clock = next((clock for clock in policy["clocks"] if clock["metric"] == metric), None)
            if clock is not None:
                counts = (say.number(clock[name]) for name in ("clocks", *PARTS))
                rows.append(
                    (say.metric(metric), lettered(document, place), *counts, say.percent(clock["breached_share"]))
                )
    names = ("clock", "policy", "clocks", *PARTS, "share")
    return Table(say.words["tables"]["clocks"], tuple(columns[name] for name in names), tuple(rows))


def lateness(document: Document, say: Speaker) -> Table:
    columns = say.words["columns"]
    rows = [
        (say.metric(metric), lettered(document, place), say.number(clock["breached"]),
         *(say.own_time(clock["late_seconds"][name]) for name in ("p50", "p90", "p99")))
        for metric in metrics(document)
        for place, policy in enumerate(document["policies"])
        for clock in policy["clocks"]
        if clock["metric"] == metric and clock["breached"]
    ]  # fmt: skip
    names = ("clock", "policy", "breached", "p50", "p90", "p99")
    return Table(say.words["tables"]["lateness"], tuple(columns[name] for name in names), tuple(rows))


def escalations(document: Document, say: Speaker) -> Table:
    """By tier and by cause, a column a policy."""
    words = say.words
    tiers = dict.fromkeys(row["tier"] for policy in document["policies"] for row in policy["escalations"]["by_tier"])
    causes = dict.fromkeys(cause for policy in document["policies"] for cause in policy["escalations"]["by_cause"])
    rows = [
        (f"{words['columns']['tier']}: {say.tier(tier)}",
         *(say.number(raised_to(policy, tier)) for policy in document["policies"]))
        for tier in tiers
        if any(raised_to(policy, tier) for policy in document["policies"])
    ]  # fmt: skip
    rows += [
        (f"{words['columns']['cause']}: {say.cause(cause)}",
         *(say.number(policy["escalations"]["by_cause"].get(cause, 0)) for policy in document["policies"]))
        for cause in causes
    ]  # fmt: skip
    for name in ("top_reminders", "notices_to_agents"):
        found = (
            policy["escalations"][name] if name in policy["escalations"] else policy[name]
            for policy in document["policies"]
        )
        rows.append((words["figures"][name], *map(say.number, found)))
    rows.append((words["columns"]["total"], *(say.number(p["escalations"]["total"]) for p in document["policies"])))
    heads = (words["columns"]["raised"], *(lettered(document, place) for place in range(len(document["policies"]))))
    return Table(words["tables"]["escalations"], heads, tuple(rows))


def outcomes(document: Document, say: Speaker) -> Table:
    names = dict.fromkeys(name for policy in document["policies"] for name in policy["outcomes"])
    rows = [
        (say.outcome(name), *(say.number(policy["outcomes"].get(name, 0)) for policy in document["policies"]))
        for name in names
    ]
    heads = (
        say.words["columns"]["outcome"], *(lettered(document, place) for place in range(len(document["policies"]))),
    )  # fmt: skip
    return Table(say.words["tables"]["outcomes"], heads, tuple(rows))


def differences(document: Document, say: Speaker) -> list[Table]:
    """One for each later policy."""
    columns = say.words["columns"]
    found = []
    for place, compared in enumerate(document["differences"], 1):
        rows = []
        for row in compared["figures"]:
            name = row["figure"]
            least, most = (say.compared(name, row[end], sign=True) for end in ("least", "most"))
            values = (say.compared(name, row["from"]), say.compared(name, row["to"]))
            difference = say.compared(name, row["difference"], sign=True)
            rows.append(
                (say.figure(name), *values, difference, f"{least} … {most}", say.compared(name, row["deviation"]))
            )
        heads = (
            columns["figure"], lettered(document, 0), lettered(document, place),
            columns["difference"], columns["range"], columns["deviation"],
        )  # fmt: skip
        title = say.words["tables"]["differences"].format(other=lettered(document, place), first=lettered(document, 0))
        found.append(Table(title, heads, tuple(rows)))
    return found


def set_aside(document: Document, say: Speaker) -> Table | None:
    rows = document["set_aside"]["rows"]
    if not rows:
        return None
    columns = say.words["columns"]
    names = ("line", "column", "problem", "remedy")
    title = say.words["aside"].format(count=say.number(document["set_aside"]["count"]))
    return Table(
        title, tuple(columns[name] for name in names), tuple(tuple(str(row[n]) for n in names) for row in rows)
    )


def raised_to(policy: Document, tier: str) -> float:
    return float(next((row["raised"] for row in policy["escalations"]["by_tier"] if row["tier"] == tier), 0))


def metrics(document: Document) -> Sequence[str]:
    """The promises of all policies, in their order."""
    return list(dict.fromkeys(clock["metric"] for policy in document["policies"] for clock in policy["clocks"]))
