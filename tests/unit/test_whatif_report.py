"""The report: figures that add up, a page that needs nothing else and that everybody can read, in both languages."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer

import policies
from commands.main import app
from complaints.vocabulary import HOUSE_LANGUAGES, Language, Metric
from simulation.whatif.charts import around_zero, lines, short
from simulation.whatif.model import Assumptions
from simulation.whatif.page import page
from simulation.whatif.report import PARTS
from simulation.whatif.speaking import Speaker, words_of
from tests.unit.whatifs import default, document, five_days, varied

VOID = {"meta", "link", "br", "hr", "img", "input"}
OUTSIDE = re.compile(
    r"""(?:src|href|action|data|poster|srcset)\s*=\s*["'](?!#)|url\((?!#)|@import|<script|<link|<iframe"""
)


@pytest.fixture(scope="module")
def found():
    return document(varied(40), under=(default(), five_days()), seeds=(1, 2))


@pytest.fixture(scope="module", params=HOUSE_LANGUAGES)
def html(request, found):
    return request.param, page(found, request.param, (default(), five_days()))


class Elements(HTMLParser):
    """Every element with its attributes and text, and whether all of them are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.all = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "attrs": dict(attrs), "text": "", "within": [one["tag"] for one in self.open]}
        self.all.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.all.append({"tag": tag, "attrs": dict(attrs), "text": "", "within": [one["tag"] for one in self.open]})

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def named(self, tag):
        return [one for one in self.all if one["tag"] == tag]


def test_the_counts_add_up(found):
    for policy in found["policies"]:
        for clock in policy["clocks"]:
            assert clock["clocks"] == pytest.approx(sum(clock[part] for part in PARTS), abs=0.05)
        assert policy["cases"] == 40
        assert sum(policy["outcomes"].values()) == pytest.approx(40, abs=0.05)
        raised = policy["escalations"]
        assert raised["total"] == pytest.approx(sum(row["raised"] for row in raised["by_tier"]), abs=0.05)
        for row in raised["by_tier"]:
            assert len(row["by_hour_of_week"]) == 168
            assert row["raised"] == pytest.approx(sum(row["by_hour_of_week"]), abs=0.5)
        assert sum(week["received"] for week in policy["load"]["weeks"]) == pytest.approx(40, abs=0.05)


def test_differences_are_later_less_first_seed_by_seed(found):
    (compared,) = found["differences"]
    assert (compared["from"], compared["to"]) == ("id.default", "five-days")
    for row in compared["figures"]:
        assert row["difference"] == pytest.approx(row["to"] - row["from"], abs=0.001)
        assert row["least"] <= row["difference"] + 1e-9
        assert row["difference"] <= row["most"] + 1e-9
        assert (row["deviation"] is not None) == (row["seeds"] > 1)
    assert {row["seeds"] for row in compared["figures"] if not row["figure"].endswith(("_share", "_seconds"))} == {2}


def test_the_document_is_json_and_states_what_it_rests_on(found):
    assert json.loads(json.dumps(found)) == found
    assert found["model"]["assumptions"] == Assumptions().model_dump()
    assert found["model"]["seeds"] == [1, 2]
    assert found["policies"][1]["version"] == five_days().version
    assert found["model"]["fitted"]["time_to_decision"]["*"]["complaints"] == 40 - found["source"]["still_open"]


def test_the_page_asks_nothing_of_anybody(html):
    assert not OUTSIDE.search(html[1])
    assert "http" not in html[1]


def test_the_page_is_well_formed_and_marks_its_language(html):
    language, text = html
    elements = Elements(text)
    assert not elements.open
    assert text.startswith("<!DOCTYPE html>")
    assert elements.named("html")[0]["attrs"]["lang"] == language
    identifiers = [one["attrs"]["id"] for one in elements.all if "id" in one["attrs"]]
    assert len(identifiers) == len(set(identifiers))
    levels = [int(one["tag"][1]) for one in elements.all if re.fullmatch(r"h[1-6]", one["tag"])]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}


def test_every_chart_has_a_title_a_description_and_a_table(html):
    elements = Elements(html[1])
    charts = [one for one in elements.named("svg") if one["attrs"].get("role") == "img"]
    assert len(charts) >= 7
    texts = {one["attrs"]["id"]: one["text"].strip() for one in elements.all if "id" in one["attrs"]}
    for chart in charts:
        title, description = chart["attrs"]["aria-labelledby"].split()
        assert texts[title]
        assert any(character.isdigit() for character in texts[description])  # the figures, in words
    hidden = [one for one in elements.named("svg") if one["attrs"].get("role") != "img"]
    assert all(one["attrs"].get("aria-hidden") == "true" for one in hidden)
    for section in html[1].split("<section")[1:]:
        if 'role="img"' in section:
            assert "<table>" in section[section.index('role="img"') :]
    assert all(one["text"] for one in elements.named("caption"))
    assert len(elements.named("caption")) == len(elements.named("table"))


def test_colour_never_stands_alone(html):
    text = html[1]
    for pattern in ("hatch", "dots", "cross"):
        assert f'<pattern id="{pattern}"' in text
    assert "stroke-dasharray" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_words_of_a_csv_are_escaped():
    rows = [one._replace(category="<script>alert(1)</script>") for one in varied(40)]
    text = page(document(rows), Language.EN, (default(),))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_what_if_without_a_breach_or_an_escalation_has_a_page_too():
    rows = [one._replace(decided_at=one.received_at, category=None) for one in varied(3)]
    assert Elements(page(document(rows), Language.EN, (default(),))).named("h1")


def test_both_languages_say_the_same_things():
    def shape(value):
        if isinstance(value, dict):
            return {name: shape(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return len(value)
        return sorted(set(re.findall(r"\{(\w+)\}", str(value))))

    assert shape(words_of(Language.EN)) == shape(words_of(Language.ID))
    assert set(words_of(Language.EN)["names"]) == set(Assumptions.model_fields)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "-"), (0, "0 s"), (59, "59 s"), (5400, "1.5 h"), (86_400 * 45, "45 d"), (-7200, "-2 h")],
)
def test_durations_are_said_in_their_largest_unit(seconds, said):
    assert Speaker(Language.EN, (default(),)).span(seconds) == said


def test_differences_of_shares_are_points():
    say = Speaker(Language.EN, (default(),))
    assert say.compared("resolution.breached_share", 0.05, sign=True) == "+5 pp"
    assert say.compared("resolution.breached_share", 0.05) == "5.0%"


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (0.5, "0.5"), (9.25, "9.2"), (950, "950"), (1234, "1.2k"), (34_567, "35k")]
)
def test_numbers_in_few_letters(value, said):
    assert short(value) == said


def test_letters_of_lines_that_end_together_do_not_cover_each_other():
    chart = lines("c", "t", "d", [("line-0", "A", [1, 2]), ("line-1", "B", [1, 2])], ["x", "y"])
    heights = [mark.y for mark in chart.marks if mark.style == "letter"]
    assert abs(heights[0] - heights[1]) >= 12


def test_the_example_of_the_docs_is_the_default_with_five_days():
    policy = policies.load(Path(__file__).parents[2] / "docs/examples/five-days.yaml")
    found = [str(rule.target) for rule in policy.clocks[Metric.RESOLUTION].targets]
    assert found == ["3 working days", "2 working days", "5 working days"]
    assert policy.clocks[Metric.FIRST_RESPONSE] == default().clocks[Metric.FIRST_RESPONSE]


def test_every_option_and_assumption_is_in_the_docs():
    text = (Path(__file__).parents[2] / "docs/whatif.md").read_text(encoding="utf-8")
    command: Any = typer.main.get_command(app)
    options = {name for option in command.commands["whatif"].params for name in option.opts}
    assert {name for name in options if f"`{name}" not in text and f"{name}`" not in text} <= {"--help", "-h"}


def test_a_chart_of_nothing_is_empty():
    assert around_zero("c", "t", "d", []).marks
