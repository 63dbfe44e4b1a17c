"""What the report says of itself: what was played, what was assumed, what was fitted, how it ran."""

from collections.abc import Iterator
from typing import Any

from simulation.whatif.speaking import Speaker
from simulation.whatif.tables import Document, Table, lettered

_RUN = ("tuntas", "python", "processes", "plays", "seconds", "cases_a_second", "peak_memory_mb")


def lead(document: Document, say: Speaker) -> str:
    source, number = document["source"], len(document["policies"])
    return str(
        say.words["lead"].format(
            complaints=say.number(source["complaints"]), first=source["first"] or "-", last=source["last"] or "-",
            until=source["until"], number=number, policy_word=say.words["policy_word"][number > 1],
        )
    )  # fmt: skip


def about_policies(document: Document, say: Speaker) -> list[str]:
    """Each policy with its pack and version, and what it was played with that it does not know."""
    found = []
    for place, policy in enumerate(document["policies"]):
        version = f"{say.words['columns']['version']} {policy['version']}"
        given = [policy["policy"]] if policy["policy"] != policy["pack"] else []
        found.append(f"{lettered(document, place)}: {', '.join((*given, version))}")
        if policy["category_mapped"]:
            found.append(
                say.words["other_category"].format(
                    count=say.number(policy["category_mapped"]), policy=lettered(document, place),
                    category=document["model"]["other_category"],
                )
            )  # fmt: skip
    return found


def sentences(document: Document, say: Speaker) -> Iterator[str]:
    """The assumptions in words; the first says what no what-if can tell."""
    words, model, source = say.words["assumptions"], document["model"], document["source"]
    fitted = model["fitted"]
    yield words["limits"]
    if source["kind"] == "synthetic":
        yield words["synthetic"]
    yield words["facts"]
    yield words["decision"]
    if fitted["dates_only"]:
        yield words["dates"].format(fields=", ".join(fitted["dates_only"]))
    yield words["open"].format(
        until=source["until"], still_open=say.number(source["still_open"]), complaints=say.number(source["complaints"])
    )
    yield words["same_people"].format(seeds=", ".join(map(str, model["seeds"])))
    yield words["always"] if model["working_hours"] is None else words["hours"].format(working=model["working_hours"])
    yield words["reached"]
    yield words["approval"]
    yield words["fitted"].format(few=fitted["few"])
    yield words["first_fitted"] if fitted["first_response"] == "fitted" else words["first_assumed"]


def tables_of(document: Document, say: Speaker) -> Iterator[Table]:
    """The parameters, and what was fitted."""
    columns, model = say.words["columns"], document["model"]
    rows = [(name, say.number(value), say.words["names"][name]) for name, value in model["assumptions"].items()]
    heads = (columns["name"], columns["value"], columns["meaning"])
    yield Table(say.words["sections"]["assumptions"], heads, tuple(rows))
    arrivals = document["source"].get("arrivals")
    if arrivals is not None:
        invented = tuple((name, _plain(value)) for name, value in arrivals.items())
        yield Table(say.words["arrivals"], heads[:2], invented)
    fitted: dict[str, dict[str, Any]] = model["fitted"]["time_to_decision"]
    quantiles = [name for name in next(iter(fitted.values()), {}) if name != "complaints"]
    found = tuple(
        (category, say.number(row["complaints"]), *(say.span(row[name]) for name in quantiles))
        for category, row in fitted.items()
    )
    yield Table(say.words["fitted"], (columns["category"], columns["count"], *map(str.upper, quantiles)), found)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {share}" for name, share in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def run(document: Document, say: Speaker) -> tuple[Table, ...]:
    """How it ran; nothing, where that was not measured."""
    figures = document.get("run")
    if figures is None:
        return ()
    rows = tuple(
        (say.words["run"][name], figures[name] if isinstance(figures[name], str) else say.number(figures[name]))
        for name in _RUN
    )
    columns = say.words["columns"]
    return (Table(say.words["sections"]["run"], (columns["name"], columns["value"]), rows),)
