"""Checks of what holds for a clock, and of packs that extend others: place, problem and remedy of each."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.main import app
from complaints.errors import BadPolicy
from complaints.policy import Policy
from complaints.policy_problems import Problem
from policies import inspect, load

ORAL = {"when": {"form": ["oral"]}, "target": "5 working days", "calendar": "office"}
WRITTEN = {"target": "10 working days", "calendar": "office"}
INTO_WRITTEN = {"on_due": "convert", "convert": {"form": "written"}}


def resolution(*targets, **clock) -> dict:
    return {"clocks": {"resolution": {**clock, "targets": list(targets)}}}


def first(overrides, source="id.default") -> Problem:
    problems = inspect(source, overrides)[1]
    assert problems, "it was found to be sound"
    return problems[0]


def pack(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".yaml").write_text(text, encoding="utf-8")
    return folder


class TestConversions:
    def test_oral_into_written_is_sound(self):
        assert inspect("id.default", resolution({**ORAL, **INTO_WRITTEN}, WRITTEN))[1] == []

    def test_there_and_back_is_a_circle(self):
        back = {"on_due": "convert", "convert": {"form": "oral"}}
        field, problem, remedy = first(resolution({**ORAL, **INTO_WRITTEN}, {**WRITTEN, **back}))
        assert field == "clocks.resolution.targets.0.convert"
        assert problem == "converts in a circle: oral -> written -> oral"
        assert remedy == "let the target for `written` complaints end in a breach"

    def test_into_itself_is_one_too(self):
        problem = first(resolution({"when": {"form": ["written"]}, **WRITTEN, **INTO_WRITTEN}, WRITTEN))
        assert problem.field == "clocks.resolution.targets.0.convert"
        assert problem.problem == "converts in a circle: written -> written"

    @pytest.mark.parametrize(
        ("rule", "problem"),
        [({"on_due": "convert"}, "does not say into what"), ({"convert": {"form": "written"}}, "is never done")],
    )
    def test_it_is_said_what_becomes_of_it_and_done(self, rule, problem):
        assert first(resolution({**ORAL, **rule}, WRITTEN))[:2] == ("clocks.resolution.targets.0.convert", problem)

    def test_a_clock_that_converts_says_into_what_for_every_target(self):
        found = first(resolution({**ORAL, "convert": {"form": "written"}}, WRITTEN, on_due="convert"))
        assert found[:2] == ("clocks.resolution.on_due", "not every target says into what it converts")


class TestOnDue:
    @pytest.mark.parametrize(
        ("metric", "on_due", "fitting"),
        [("resolution", "send", "`breach` or `convert`"), ("first_response", "convert", "`breach`"),
         ("information", "breach", "`lapse`"), ("progress_update", "convert", "`send`")],
    )  # fmt: skip
    def test_what_does_not_fit_is_told_with_what_does(self, metric, on_due, fitting):
        found = first({"clocks": {metric: {"on_due": on_due}}})
        assert found[:3] == (f"clocks.{metric}.on_due", f"`{on_due}` does not fit {metric}", f"write {fitting}")

    def test_of_a_target_too(self):
        found = first(resolution({**ORAL, "on_due": "lapse"}, WRITTEN))
        assert found[:2] == ("clocks.resolution.targets.0.on_due", "`lapse` does not fit resolution")


class TestTargetsOfTheirOwn:
    def test_a_status_of_work_never_pauses(self):
        found = first(resolution({**WRITTEN, "pauses": ["investigation"]}))
        assert found[:2] == (
            "clocks.resolution.targets.0.pauses",
            "status `investigation` would be without a due instant",
        )

    @pytest.mark.parametrize("metric", ["information", "hold", "confirmation", "action"])
    def test_what_was_told_has_none(self, metric):
        rule = {"target": "12 working days", "calendar": "office", "send": "limit_letter"}
        field, problem, _ = first({"clocks": {metric: {"targets": [rule], "reminders": []}}})
        assert (field, "nothing of its own" in problem) == (f"clocks.{metric}.targets.0", True)

    def test_documents_need_a_clock_that_runs_until_they_are_there(self):
        raw = load("id.default").model_dump(mode="json")
        del raw["clocks"]["progress_update"]
        raw["clocks"]["resolution"]["starts"] = "documents_complete"
        field, problem, remedy = first(None, raw)
        assert (field, "`verification` would be without a due instant" in problem) == ("clocks.resolution.starts", True)
        assert "progress_update" in remedy

    def test_the_start_does_not_depend_on_what_is_found_later(self):
        later = {"when": {"severity": ["minor"]}, **WRITTEN, "starts": "documents_complete"}
        field, _, remedy = first(resolution(later, WRITTEN))
        assert (field, remedy) == (
            "clocks.resolution.targets.0.starts", "tell the targets apart by `channel` and `form` only",
        )  # fmt: skip

    def test_only_a_decision_starts_with_documents(self):
        found = first({"clocks": {"first_response": {"starts": "documents_complete"}}})
        assert found.field == "clocks.first_response.starts"


class TestLetters:
    def test_only_where_somebody_waits(self):
        rule = {"target": "3 working days", "calendar": "office", "send": "limit_letter"}
        found = first({"clocks": {"closure": {"targets": [rule]}}})
        assert found[:2] == ("clocks.closure.targets.0.send", "nobody waits for a letter when closure is due")

    @pytest.mark.parametrize(
        ("rule", "problem"),
        [
            ({"expect": "4 weeks"}, "only the letter of a decision that is late promises another date"),
            ({"send": "limit_letter", "expect": "4 weeks", **INTO_WRITTEN}, "only the letter of a decision"),
        ],
    )
    def test_only_a_late_decisions_letter_promises_a_date(self, rule, problem):
        found = [p for p in inspect("id.default", resolution({**ORAL, **rule}, WRITTEN))[1] if "expect" in p.field]
        assert [p.problem.startswith(problem) for p in found] == [True]

    def test_its_date_can_be_counted(self):
        rule = {"target": "8 weeks", "send": "limit_letter", "expect": "10 working days"}
        found = first(resolution(rule))
        assert found[:2] == (
            "clocks.resolution.targets.0.expect",
            "`10 working days` is counted in a calendar, and the target names none",
        )

    def test_only_letters_are_sent(self):
        assert first(resolution({**WRITTEN, "send": "follow_up"})).field == "clocks.resolution.targets.0.send"


class TestExtensions:
    RULE = {"by": "10 working days", "reasons": ["special_examination"]}

    def test_of_one_target_only(self):
        policy = load("id.default", resolution(ORAL, {**WRITTEN, "extension": self.RULE}))
        oral, written = policy.clocks["resolution"].targets  # type: ignore[index]
        assert (oral.extension, written.extension is None) == (None, False)

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"reasons": []}, "reasons"), ({"send": "limit_letter"}, None), ({"by": "10 working days"}, None)],
    )
    def test_of_a_target_is_checked_like_that_of_a_clock(self, change, field):
        rule = {**WRITTEN, "extension": {**self.RULE, **change}}
        found = [problem.field for problem in inspect("id.default", resolution(rule))[1]]
        assert found == ([f"clocks.resolution.targets.0.extension.{field}"] if field else [])

    def test_of_a_question_too_but_not_of_a_confirmation(self):
        assert inspect("id.default", {"clocks": {"information": {"extension": self.RULE}}})[1] == []
        elapsed = {**self.RULE, "by": "2 days"}
        found = first({"clocks": {"confirmation": {"extension": elapsed}}})
        assert found[:2] == ("clocks.confirmation.extension", "confirmation cannot be extended")

    def test_no_letter_tells_of_one_of_a_question(self):
        found = first({"clocks": {"information": {"extension": {**self.RULE, "send": "holding_reply"}}}})
        assert found.field == "clocks.information.extension.send"


class TestDemands:
    DEMAND = {"demand": "Soon", "keys": ["clocks.resolution.targets.0.target"], "standing": "own"}

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"keys": ["clocks.resolution.targets.9.target"]}, "demands.0.keys.0"),
            ({"keys": ["early_closing.target"]}, "demands.0.keys.0"),
            ({"keys": ["texts.en.notices.decision", "texts.en.notices.nothing"]}, "demands.0.keys.1"),
            ({"standing": "sourced"}, "demands.0.sources"),
            ({"sources": ["https://example.org"]}, "demands.0.sources"),
            ({"standing": "sourced", "sources": ["https://example.org"]}, "demands.0.sources.0"),
        ],
    )
    def test_each_names_keys_and_sources_that_are_there(self, change, field):
        assert first({"demands": [{**self.DEMAND, **change}]}).field == field

    def test_a_policy_with_demands_says_whether_counsel_has_seen_it(self):
        assert first({"demands": [self.DEMAND], "disclaimer": "all is well"}).field == "disclaimer"

    def test_show_prints_what_is_unconfirmed(self):
        printed = CliRunner().invoke(app, ["policy", "show", "uk.fca.disp", "--json"])
        policy = Policy.model_validate_json(printed.stdout)
        assert policy.unconfirmed == ("closure.root_cause_from", "closure.corrective_action_from")


class TestExtending:
    def test_a_pack_that_extends_itself(self, tmp_path):
        own = pack(tmp_path / "own", policy="extends: ../own\n")
        with pytest.raises(BadPolicy, match="extends itself: own -> own") as caught:
            load(own)
        assert caught.value.field == "extends"
        assert caught.value.remedy

    def test_packs_that_extend_each_other(self, tmp_path):
        for name, base in (("a", "../b"), ("b", "../c"), ("c", "../a")):
            pack(tmp_path / name, policy=f"extends: {base}\n")
        with pytest.raises(BadPolicy, match="extends itself: a -> b -> c -> a"):
            load(tmp_path / "a")

    def test_two_packs_that_disagree_on_tiers(self, tmp_path):
        ladder = "tiers:\n  - {name: desk, team: desk, label: {id: Meja, en: Desk}}\n"
        own = pack(tmp_path / "own", policy=f"extends: id.default\n{ladder}")
        found = {problem.field: problem for problem in inspect(own)[1]}
        assert sorted(found) == [
            "approver_tier", "escalation.entry.critical.tell.0", "escalation.entry.critical.tier",
            "escalation.reopening.tier",
        ]  # fmt: skip
        assert found["approver_tier"].problem == "there is no tier `supervisor`"
        assert found["approver_tier"].remedy == (
            "use one of desk; it comes from `id.default`, and can be given anew here"
        )

    def test_one_that_names_a_tier_which_the_other_lacks(self, tmp_path):
        own = pack(tmp_path / "own", policy="extends: id.default\nescalation:\n  entry: {major: {tier: director}}\n")
        [problem] = inspect(own)[1]
        assert problem.field == "escalation.entry.major.tier"
        assert problem.remedy == "use one of frontline, specialist, supervisor, management", "it is its own word"

    def test_a_chain_inherits_calendars_texts_and_lists(self, tmp_path):
        words = "reason: {own_reason: our own}\n"
        night = "version: '1'\ntimezone: Europe/London\nhours:\n  mon: [['22:00', '06:00']]\n"
        middle = 'extends: uk.fca.disp\nversion: "2"\n'
        pack(tmp_path / "middle", policy=middle, texts__en__words=words, calendars__night=night)
        targets = "clocks:\n  resolution:\n    targets:\n      - {target: 6 weeks, send: limit_letter}\n"
        own = pack(tmp_path / "own", policy=f"extends: ../middle\ndemands: []\n{targets}")
        policy = load(own)
        clock = policy.clocks["resolution"]  # type: ignore[index]
        assert [str(rule.target) for rule in clock.targets] == ["6 weeks"], "lists are replaced"
        assert clock.warnings == (0.5, 0.75, 0.9), "what is not named is inherited"
        assert sorted(policy.calendars) == ["always", "night", "office"]
        assert policy.calendars["office"].timezone == "Europe/London"
        assert (policy.pack, policy.version[:2], policy.currency) == ("own", "2+", "GBP")
        assert Path(policy.texts).name == "middle"
        from policies import texts

        english = texts(policy)
        assert english.word("reason", "own_reason", "en") == "our own"  # type: ignore[arg-type]
        assert english.word("reason", "beyond_our_control", "en") == "reasons that are beyond our control"  # type: ignore[arg-type]

    def test_a_demand_that_is_inherited_still_finds_its_key(self, tmp_path):
        targets = "clocks:\n  resolution:\n    targets:\n      - {target: 6 weeks}\n"
        own = pack(tmp_path / "own", policy=f"extends: uk.fca.disp\n{targets}")
        problem = inspect(own)[1][0]
        assert problem.problem == "there is nothing at `clocks.resolution.targets.1.target`"
        assert "it comes from `uk.fca.disp`" in problem.remedy
