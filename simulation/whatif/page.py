"""The report as one HTML page that needs nothing else: no script, no request, a table beneath every chart."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from complaints.policy import Policy
from complaints.vocabulary import Language
from simulation.whatif import assuming, charts, tables
from simulation.whatif.charts import Bar, Chart, Span
from simulation.whatif.report import PARTS
from simulation.whatif.speaking import Speaker
from simulation.whatif.tables import LETTERS, Document, Table, lettered

_TICKS = tuple(3600 * hours for hours in (0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000))
_COMPARED = ("_share", "escalations", "top_reminders", "notices_to_agents", "load.peak")


class Legend(NamedTuple):
    text: str
    style: str = ""


class Section(NamedTuple):
    id: str
    title: str
    note: str = ""
    legend: tuple[Legend, ...] = ()
    lines: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


def page(document: Document, language: Language, policies: Sequence[Policy]) -> str:
    """The page in a language. The policies are those of the document, in its order."""
    say = Speaker(language, policies)
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    names = " / ".join(policy["pack"] for policy in document["policies"])
    return environment.get_template("report.html.j2").render(
        language=str(language),
        title=say.words["title"].format(policies=names),
        lead=assuming.lead(document, say),
        first_lines=assuming.about_policies(document, say),
        sections=[section for section in _Page(document, say).sections() if section.charts or section.tables],
    )


class _Page:
    def __init__(self, document: Document, say: Speaker) -> None:
        self._document, self._say, self._words = document, say, say.words
        self._policies: list[Document] = document["policies"]

    def sections(self) -> Iterator[Section]:
        yield self._clocks()
        yield self._lateness()
        yield self._escalations()
        yield self._hours()
        yield self._load()
        yield self._differences()
        yield self._assumptions()
        aside = tables.set_aside(self._document, self._say)
        yield self._section("aside", tables=(aside,) if aside else ())
        yield self._section("run", tables=assuming.run(self._document, self._say))

    def _section(self, name: str, **parts: Any) -> Section:
        note = self._words["captions"].get(name, "") if "note" not in parts else parts.pop("note")
        return Section(name, self._words["sections"][name], note, **parts)

    def _clocks(self) -> Section:
        say, columns = self._say, self._words["columns"]
        bars, said = [], []
        for metric in tables.metrics(self._document):
            for place, policy in enumerate(self._policies):
                clock = next((clock for clock in policy["clocks"] if clock["metric"] == metric), None)
                if clock is None:
                    continue
                parts = tuple((f"part-{part}", float(clock[part])) for part in PARTS)
                note = say.percent(clock["breached_share"]) if clock["breached_share"] else ""
                bars.append(Bar(f"{say.metric(metric)} {LETTERS[place]}", parts, note))
                words = ", ".join(f"{columns[part]} {say.number(clock[part])}" for part in PARTS if clock[part])
                said.append(
                    self._words["chart"]["clocks"].format(
                        policy=lettered(self._document, place), metric=say.metric(metric), parts=words
                    )
                )
        title = self._words["sections"]["clocks"]
        chart = charts.stacked("c-clocks", title, " ".join(said), bars, shares=True)
        legend = (*(Legend(columns[part], f"part-{part}") for part in PARTS), *self._letters())
        found = (tables.clocks(self._document, say), tables.outcomes(self._document, say))
        return self._section("clocks", legend=legend, charts=(chart,), tables=found)

    def _letters(self) -> tuple[Legend, ...]:
        return tuple(Legend(lettered(self._document, place)) for place in range(len(self._policies)))

    def _lateness(self) -> Section:
        say = self._say
        table = tables.lateness(self._document, say)
        note = self._words["captions"]["lateness"].format(error=say.percent(self._document["model"]["quantile_error"]))
        if not table.rows:
            return self._section("lateness", note=self._words["no_breach"], tables=(table,))
        spans, said = [], []
        for metric in tables.metrics(self._document):
            for place, policy in enumerate(self._policies):
                for clock in policy["clocks"]:
                    if clock["metric"] != metric or not clock["breached"]:
                        continue
                    late = clock["late_seconds"]
                    points = tuple((name, late[name]) for name in ("p50", "p90", "p99"))
                    spans.append(
                        Span(f"{say.metric(metric)} {LETTERS[place]}", points, f"P90 {say.own_time(late['p90'])}")
                    )
                    shown = {name: say.own_time(late[name]) for name in ("p50", "p90", "p99")}
                    said.append(
                        self._words["chart"]["late"].format(
                            policy=lettered(self._document, place), metric=say.metric(metric), **shown
                        )
                    )
        title = self._words["sections"]["lateness"]
        ticks = [(tick, say.own_time(tick)) for tick in _TICKS]
        chart = charts.on_log_scale("c-lateness", title, " ".join(said), spans, ticks)
        legend = (Legend("● P50"), Legend("■ P90"), Legend("▲ P99"), *self._letters())
        return self._section("lateness", note=note, legend=legend, charts=(chart,), tables=(table,))

    def _escalations(self) -> Section:
        say = self._say
        tiers = dict.fromkeys(row["tier"] for policy in self._policies for row in policy["escalations"]["by_tier"])
        bars, said = [], []
        for tier in tiers:
            for place, policy in enumerate(self._policies):
                if raised := tables.raised_to(policy, tier):
                    bars.append(
                        Bar(f"{say.tier(tier)} {LETTERS[place]}", (("part-plain", raised),), say.number(raised))
                    )
        for place, policy in enumerate(self._policies):
            parts = ", ".join(
                f"{say.tier(row['tier'])} {say.number(row['raised'])}" for row in policy["escalations"]["by_tier"]
            )
            said.append(self._words["chart"]["raised"].format(policy=lettered(self._document, place), parts=parts))
        title = self._words["sections"]["escalations"]
        chart = charts.stacked("c-escalations", title, " ".join(said), bars, shares=False)
        table = tables.escalations(self._document, say)
        return self._section("escalations", legend=self._letters(), charts=(chart,) if bars else (), tables=(table,))

    def _hours(self) -> Section:
        found, beneath = [], []
        days = self._words["weekdays"]
        for place, policy in enumerate(self._policies):
            rows = [row["by_hour_of_week"] for row in policy["escalations"]["by_tier"]]
            totals = [sum(values) for values in zip(*rows, strict=True)]
            most = max(range(len(totals)), key=totals.__getitem__)
            said = self._words["chart"]["hours"].format(
                policy=lettered(self._document, place), hour=f"{most % 24:02d}", weekday=days[most // 24],
                count=self._say.number(totals[most]), total=self._say.number(sum(totals)),
            )  # fmt: skip
            title = self._words["tables"]["hours"].format(policy=lettered(self._document, place))
            hours = [f"{hour:02d}" for hour in range(24)]
            by_day = [totals[day * 24 : day * 24 + 24] for day in range(7)]
            shorts = self._words["weekdays_short"]
            chart = charts.heat_map(f"c-hours-{place}", title, said, list(zip(shorts, by_day, strict=True)), hours)
            found.append(chart)
            raised = (row for row in policy["escalations"]["by_tier"] if row["raised"])
            beneath += [self._tier_hours(title, row, hours) for row in raised]
        return self._section("hours", charts=tuple(found), tables=tuple(beneath))

    def _tier_hours(self, title: str, row: Document, hours: list[str]) -> Table:
        values = row["by_hour_of_week"]
        rows = tuple(
            (day, *(self._say.number(value) if value else "" for value in values[index * 24 : index * 24 + 24]))
            for index, day in enumerate(self._words["weekdays"])
        )
        return Table(f"{title}: {self._say.tier(row['tier'])}", (self._words["columns"]["hour"], *hours), rows)

    def _load(self) -> Section:
        say, columns = self._say, self._words["columns"]
        weeks = sorted({week["week"] for policy in self._policies for week in policy["load"]["weeks"]})
        series, said = [], []
        by_week = [{week["week"]: week for week in policy["load"]["weeks"]} for policy in self._policies]
        for place, policy in enumerate(self._policies):
            values = [sum(by_week[place][week]["with_us"].values()) if week in by_week[place] else 0 for week in weeks]
            series.append((f"line-{place % 4}", LETTERS[place], values))
            said.append(
                self._words["chart"]["load"].format(
                    policy=lettered(self._document, place), peak=say.number(policy["load"]["peak"]),
                    mean=say.number(policy["load"].get("mean", 0)),
                )
            )  # fmt: skip
        chart = charts.lines("c-load", self._words["sections"]["load"], " ".join(said), series, weeks)
        heads, rows = [columns["week"]], []
        for place, policy in enumerate(self._policies):
            tiers = [row["tier"] for row in policy["escalations"]["by_tier"]]
            heads += [f"{LETTERS[place]} {columns['received']}", f"{LETTERS[place]} {columns['acts']}"]
            heads += [f"{LETTERS[place]} {say.tier(tier)}" for tier in tiers]
        for week in weeks:
            cells = [week]
            for place, policy in enumerate(self._policies):
                found = by_week[place].get(week)
                tiers = [row["tier"] for row in policy["escalations"]["by_tier"]]
                names = (found["received"], found["acts"], *(found["with_us"][tier] for tier in tiers)) if found else ()
                cells += [say.number(value) for value in names] or ["" for _ in range(len(tiers) + 2)]
            rows.append(tuple(cells))
        table = Table(self._words["tables"]["load"], tuple(heads), tuple(rows))
        return self._section("load", legend=self._letters(), charts=(chart,) if weeks else (), tables=(table,))

    def _differences(self) -> Section:
        say, found = self._say, []
        for place, compared in enumerate(self._document["differences"], 1):
            spans, said = [], []
            for row in compared["figures"]:
                name = row["figure"]
                if not name.endswith(_COMPARED) and not name.startswith("escalations"):
                    continue
                points = (("least", row["least"]), ("p50", row["difference"]), ("most", row["most"]))
                shown = {end: say.compared(name, row[end], sign=True) for end in ("difference", "least", "most")}
                spans.append(Span(say.figure(name), points, shown["difference"]))
                said.append(self._words["chart"]["difference"].format(figure=say.figure(name), **shown))
            title = self._words["tables"]["differences"].format(
                other=lettered(self._document, place), first=lettered(self._document, 0)
            )
            found.append(charts.around_zero(f"c-differences-{place}", title, " ".join(said), spans))
        return self._section("differences", charts=tuple(found), tables=tuple(tables.differences(self._document, say)))

    def _assumptions(self) -> Section:
        lines = tuple(assuming.sentences(self._document, self._say))
        return self._section("assumptions", lines=lines, tables=tuple(assuming.tables_of(self._document, self._say)))
