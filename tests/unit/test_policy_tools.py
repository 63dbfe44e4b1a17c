"""What reviewers of a policy use: differences by meaning, origins, the list of packs."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from commands import main
from complaints.errors import BadPolicy
from policies import inspect, layers, load, packs
from policies.books import read_book
from policies.comparing import SUBJECTS, Difference, Listed, compare, tree
from policies.origins import origins
from policies.telling import words

KEYS = st.sampled_from(["a", "b", "c", "d", "otherwise"])
LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"]) | st.lists(st.integers(0, 1))
TREES = st.dictionaries(
    st.sampled_from(sorted(_name for names in SUBJECTS.values() for _name in names)[:6]),
    st.recursive(
        LEAVES.filter(lambda leaf: leaf is not None),
        lambda nodes: (
            st.dictionaries(KEYS, nodes, max_size=4)
            | st.dictionaries(KEYS, nodes, max_size=4).map(Listed)
            | st.dictionaries(KEYS, nodes, max_size=4).map(lambda members: Listed(members, ordered=False))
        ),
        max_leaves=12,
    ),
)


@pytest.fixture(scope="module")
def policy():
    return load("id.default")


def steps(path: str) -> list[str]:
    return [step for step in re.split(r"[.\[\]]+", path) if step]


def at(node, path: str):
    for step in steps(path):
        node = node.get(step) if isinstance(node, dict) else None
    return node


def put(root: dict, path: str, value) -> None:
    *above, last = steps(path)
    for step in above:
        root = root[step]
    if value is None:
        del root[last]
    else:
        root[last] = value


def differences(overrides, source="id.default", **options) -> dict[str, tuple]:
    found = [inspect(source)[0], inspect(source, overrides)[0]]
    before, after = (tree(each, read_book(each.texts), **options) for each in found)
    return {each.path: (each.before, each.after) for each in compare(before, after)}


def tuntas(capsys, *arguments) -> str:
    code = main.run(["policy", *arguments])
    said = capsys.readouterr()
    assert code == 0, said.err
    return said.out


class TestComparing:
    @given(TREES)
    def test_a_policy_does_not_differ_from_itself(self, one):
        assert compare(one, copy.deepcopy(one)) == []

    @given(TREES, TREES)
    def test_each_difference_names_both_values_and_all_together_are_the_other(self, before, after):
        found = compare(before, after)
        made = copy.deepcopy(before)
        for each in found:
            if not each.path.endswith(".order"):
                assert (at(before, each.path), at(after, each.path)) == (each.before, each.after)
                assert each.before != each.after
                put(made, each.path, each.after)
        assert made == after
        again = compare(after, before)
        moved = {each.path for each in found if each.path.endswith(".order")}
        assert {each.path: (each.after, each.before) for each in again if each.path not in moved} == {
            each.path: (each.before, each.after) for each in found if each.path not in moved
        }

    def test_every_key_of_a_policy_has_a_subject(self, policy):
        known = {key for keys in SUBJECTS.values() for key in keys}
        assert set(type(policy).model_fields) - {"texts_version"} <= known

    @pytest.mark.parametrize("name", packs())
    def test_no_pack_differs_from_itself(self, name):
        one, other = inspect(name)[0], inspect(name)[0]
        assert compare(tree(one, read_book(one.texts)), tree(other, read_book(other.texts))) == []

    @pytest.mark.parametrize(
        ("overrides", "expected"),
        [
            ({"transfers": 3}, {"transfers": (2, 3)}),
            ({"clocks": {"closure": {"climbs": False}}}, {"clocks.closure.climbs": (True, False)}),
            ({"clocks": {"closure": {"warnings": []}}}, {"clocks.closure.warnings": ([0.75], None)}),
            (
                {"clocks": {"resolution": {"targets": [
                    {"target": "2 working days", "calendar": "office", "when": {"severity": ["critical"]}},
                    {"target": "5 working days", "calendar": "office"},
                ]}}},
                {
                    "clocks.resolution.targets[severity minor]": ("3 working days (office)", None),
                    "clocks.resolution.targets[otherwise]": ("7 working days (office)", "5 working days (office)"),
                },
            ),
            (
                {"clocks": {"resolution": {"extension": {"by": "5 working days", "reasons": ["external"]}}}},
                {"clocks.resolution.extension": (None, {
                    "by": "5 working days", "at_most": 1, "reasons": ["external"], "notice_before_expiry": True,
                })},
            ),
            ({"undelivered": {"target": "2 days"}}, {"undelivered": ("1 days", "2 days")}),
            ({"aftercare": {"period": {"target": "15 days"}}}, {"aftercare.period": ("14 days", "15 days")}),
            ({"approver_tier": None}, {"approver_tier": ("supervisor", None)}),
            (
                {"escalation": {"causes": {"breach": {"tell": ["owner"]}}}},
                {"escalation.causes.breach.tell": (["tier", "owner"], ["owner"])},
            ),
            (
                {"categories": {"other": {"solutions": [
                    {"name": "apology", "label": {"id": "Permintaan maaf", "en": "Regret"}},
                    {"name": "explanation", "label": {"id": "Penjelasan", "en": "Explanation"}},
                    {"name": "refund", "label": {"id": "Pengembalian", "en": "Refund"}},
                ]}}},
                {
                    "categories.other.solutions[apology].label.en": ("Apology", "Regret"),
                    "categories.other.solutions[compensation]": (
                        {"label": {"id": "Kompensasi", "en": "Compensation"}}, None),
                    "categories.other.solutions[refund]": (None, {"label": {"id": "Pengembalian", "en": "Refund"}}),
                    "categories.other.solutions.order": (
                        ["explanation", "apology", "compensation"], ["apology", "explanation", "refund"]),
                },
            ),
            (
                {"calendars": {"office": {
                    "hours": {"sat": [["08:00", "12:00"]]},
                    "closed": [{"date": "2026-12-25", "name": {"id": "Natal", "en": "Christmas Day"}},
                               {"date": "2026-12-31", "name": {"id": "Tutup", "en": "Closed"}}],
                }}},
                {
                    "calendars.office.hours.sat": (None, "08:00-12:00"),
                    "calendars.office.closed[2026-12-25].name.id": ("Hari Raya Natal", "Natal"),
                    "calendars.office.closed[2026-12-31]": (
                        None, {"name": {"id": "Tutup", "en": "Closed"}, "provisional": False}),
                },
            ),
        ],
    )  # fmt: skip
    def test_what_differs_is_named_by_what_it_is(self, overrides, expected):
        found = differences(overrides)
        assert found.pop("version")[0] == "1", "an override shows in the version"
        assert found == expected

    def test_the_order_of_rules_counts_and_that_of_dates_does_not(self, policy):
        rules = [rule.model_dump(mode="json") for rule in policy.clocks["first_response"].targets]
        found = differences({"clocks": {"first_response": {"targets": [rules[1], rules[0], *rules[2:]]}}})
        assert [path for path in found if path != "version"] == ["clocks.first_response.targets.order"]
        dates = [day.model_dump(mode="json") for day in policy.calendars["office"].closed_dates]
        backwards = {"calendars": {"office": {"closed": dates[::-1]}}}
        assert list(differences(backwards)) == ["version"]

    def test_of_texts_which_occasions_differ_and_the_words_only_if_wanted(self, tmp_path):
        (tmp_path / "texts" / "en").mkdir(parents=True)
        (tmp_path / "policy.yaml").write_text("extends: id.default\n")
        words = {"decision": {"subject": "Decided ({reference})", "body": ["We decided.", ["{words}", "No words."]]}}
        (tmp_path / "texts" / "en" / "notices.yaml").write_text(yaml.safe_dump(words))
        one, other = inspect("id.default")[0], load(tmp_path)
        for whole in (False, True):
            trees = [tree(each, read_book(each.texts), whole_texts=whole) for each in (one, other)]
            found = {each.path: each.after for each in compare(*trees) if each.subject == "texts"}
            if whole:
                assert found == {
                    "texts.en.notices.decision.subject": "Decided ({reference})",
                    "texts.en.notices.decision.body": ["We decided.", "{words} | No words."],
                }
            else:
                assert list(found) == ["texts.en.notices.decision"]
                assert found["texts.en.notices.decision"].startswith("digest ")


class TestDiff:
    def test_for_people(self, capsys):
        said = tuntas(capsys, "diff", "id.default", "demo")
        for row in (
            ["clocks.resolution.targets[otherwise]", "7 working days (office)", "30 seconds"],
            ["clocks.resolution.targets[severity minor]", "3 working days (office)", "no rule of its own"],
            ["hold.total", "20", "2"],
            ["categories.wrong_delivery.needs", "-", "order_number"],
        ):
            (found,) = [line for line in said.splitlines() if line.split("  ")[0].strip() == row[0]]
            assert re.split(r"\s{2,}", found.strip()) == row
        titles = [line.strip() for line in said.splitlines() if line.strip() in SUBJECTS]
        assert titles == sorted(titles, key=list(SUBJECTS).index)
        assert len(set(titles)) == len(titles)
        assert re.search(r"^\d+ differences from id.default@1 to demo@1$", said, re.MULTILINE)

    def test_a_list_that_only_one_has_is_told_member_by_member(self, capsys, tmp_path):
        demands = [{"demand": text, "keys": ["transfers"], "standing": "own"} for text in ("Be quick.", "Be fair.")]
        (tmp_path / "shop.yaml").write_text(yaml.safe_dump({"extends": "id.default", "demands": demands}))
        for sides in (("id.default", str(tmp_path / "shop.yaml")), (str(tmp_path / "shop.yaml"), "id.default")):
            rows = tuntas(capsys, "diff", *sides).splitlines()
            assert [row.split("  ")[0].strip() for row in rows if "demands" in row] == [
                "demands[Be quick.]", "demands[Be fair.]",
            ]  # fmt: skip

    def test_for_scripts(self, capsys):
        found = [Difference(**each) for each in json.loads(tuntas(capsys, "diff", "id.default", "demo", "--json"))]
        assert {"hold.each": (10, 1)}.items() <= {each.path: (each.before, each.after) for each in found}.items()

    def test_the_same(self, capsys):
        assert tuntas(capsys, "diff", "demo", "demo") == "demo@1 and demo@1 are the same\n"
        assert json.loads(tuntas(capsys, "diff", "demo", "demo", "--json")) == []

    def test_many_dates_are_counted_unless_all_are_wanted(self, capsys, tmp_path):
        days = [{"date": f"2026-06-{day:02d}", "name": {"id": "Libur", "en": "Works holiday"}} for day in range(2, 14)]
        (tmp_path / "shop.yaml").write_text(
            yaml.safe_dump({"extends": "id.default", "calendars": {"office": {"closed": days}}})
        )
        said = tuntas(capsys, "diff", "id.default", str(tmp_path / "shop.yaml"))
        assert "0 dates that are open in the other" in said
        assert "12 dates that are open in the other" in said
        assert "Works holiday" not in said
        assert tuntas(capsys, "diff", "id.default", str(tmp_path / "shop.yaml"), "--whole").count("Works holiday") == 12

    @pytest.mark.parametrize(("arguments", "code"), [(("nowhere", "demo"), 3), (("demo", "nowhere"), 3)])
    def test_a_policy_that_is_not_there(self, capsys, arguments, code):
        assert main.run(["policy", "diff", *arguments, "--json"]) == code
        assert json.loads(capsys.readouterr().err)["remedy"]

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (None, "-"), (True, "yes"), ([0.5, 0.75], "0.5, 0.75"), ({"id": "Lainnya", "en": "Other"}, "Other"),
            ({"label": {"id": "Ganti"}}, "Ganti"), ({"a": {"b": 1}, "c": 2}, "a (b: 1); c: 2"),
            (dict.fromkeys("abcdefghij", 1), "a: 1; b: 1; c: 1; d: 1; e: 1; f: 1; g: 1; h: 1; and 2 more"),
        ],
    )  # fmt: skip
    def test_values_in_words(self, value, said):
        assert words(value) == said


class TestShow:
    @pytest.mark.parametrize(
        ("name", "remarks"), [("demo", ()), *((name, ("--origin",)) for name in packs() if name != "demo")]
    )
    def test_whole_it_can_be_loaded_and_is_the_same(self, capsys, tmp_path, name, remarks):
        (tmp_path / "shown.yaml").write_text(tuntas(capsys, "show", name, "--whole", *remarks))
        assert inspect(tmp_path / "shown.yaml") == inspect(name)

    def test_summed_up_it_cannot_pass_for_the_whole(self, capsys, tmp_path):
        said = tuntas(capsys, "show", "id.default")
        assert "dates: 341 from 2014-01-01 to 2028-12-25, 15 provisional (--whole lists them)" in said
        (tmp_path / "shown.yaml").write_text(said)
        with pytest.raises(BadPolicy, match=r"calendars.office.holidays.dates"):
            load(tmp_path / "shown.yaml")

    def test_what_it_rests_on_comes_first(self, capsys):
        rows = tuntas(capsys, "show", "demo").splitlines()
        assert rows[0] == "# demo extends id.default"
        keys = [row.partition(":")[0] for row in rows[1:] if re.match(r"\w", row)]
        assert keys[:6] == ["pack", "version", "as_of", "disclaimer", "sources", "demands"]

    def test_the_origin_of_each_value(self, capsys):
        rows = [row.strip() for row in tuntas(capsys, "show", "demo", "--origin").splitlines()]
        for row in (
            "outage: {after: 30 seconds}  # demo",
            "reminders: [5 seconds, 10 seconds]  # demo",
            "disputes: 2  # id.default",
            "starts: receipt  # default",
            "tiers:  # id.default",
        ):
            assert row in rows
        found = json.loads(tuntas(capsys, "show", "demo", "--origin", "--json"))["origins"]
        assert (found["hold.each"], found["clocks.hold.targets"], found["clocks.hold.on_due"]) == (
            "demo", "demo", "id.default",
        )  # fmt: skip
        assert (found["currency"], found["texts"], found["texts_version"]) == ("id.default", "id.default", "computed")

    def test_the_origin_is_who_set_it_last(self, tmp_path):
        for name, text in (
            ("one.yaml", "extends: id.default\ntransfers: 5\nhold: {each: 3}\n"),
            ("two.yaml", f"extends: {tmp_path}/one.yaml\nhold: {{each: 4}}\n"),
        ):
            (tmp_path / name).write_text(text)
        chain = layers(tmp_path / "two.yaml")
        assert [layer.name for layer in chain] == ["id.default", "one", "two"]
        shown = load(tmp_path / "two.yaml").model_dump(mode="json")
        found = origins(chain, shown)
        assert (found["transfers",], found["hold", "each"], found["hold", "total"], found["version",]) == (
            "one", "two", "id.default", "computed",
        )  # fmt: skip

    def test_figures_that_nobody_confirms_are_said_first_and_where_they_stand(self, capsys, tmp_path):
        demand = {
            "demand": "Decide in time.",
            "keys": ["transfers", "clocks.closure.targets.0.target"],
            "standing": "unconfirmed",
        }
        (tmp_path / "p.yaml").write_text(yaml.safe_dump({"extends": "id.default", "demands": [demand]}))
        policy, _ = inspect(tmp_path / "p.yaml")
        assert policy.unconfirmed == ("transfers", "clocks.closure.targets.0.target")
        rows = tuntas(capsys, "show", str(tmp_path / "p.yaml")).splitlines()
        assert "# unconfirmed, no public page says so: transfers" in rows[:4]
        assert "transfers: 2  # unconfirmed" in rows
        assert "      - {target: 3 working days, calendar: office}  # unconfirmed" in rows


class TestList:
    def test_every_pack_with_its_date_languages_and_what_it_extends(self, capsys):
        found = {each["pack"]: each for each in json.loads(tuntas(capsys, "list", "--json"))}
        assert list(found) == packs()
        assert all(each["sound"] for each in found.values())
        assert (found["demo"]["extends"], found["demo"]["languages"]) == (["id.default"], ["id", "en"])
        assert found["id.default"]["as_of"] == "2026-11-22"
        said = tuntas(capsys, "list")
        assert all(re.search(rf"^ {re.escape(name)} ", said, re.MULTILINE) for name in packs())


def test_the_tools_of_a_reviewer_load_no_holiday_library():
    """It takes half a second, and only a refresh needs it."""
    code = (
        "import sys; from commands.main import run; run(['policy', 'check', 'demo']); "
        "run(['policy', 'diff', 'demo', 'demo']); sys.exit('holidays' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=False).returncode == 0
