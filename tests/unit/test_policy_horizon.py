"""Deadlines in years whose holidays are not decreed: who warns of them, and from which day on."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from commands import main, output
from commands.doctor.finding import exit_code
from commands.doctor.holidays import holidays
from policies import inspect, load, resolve
from policies.horizon import undecreed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def policy():
    return load("id.default")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(output, "now", lambda: NOW)


def tuntas(capsys, *arguments) -> str:
    code = main.run(["policy", *arguments])
    said = capsys.readouterr()
    assert code == 0, said.err
    return said.out


def at_noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T05:00:00+00:00")


def decreed_to(year, **office):
    return {"calendars": {"office": {"holidays": {"decreed": year}, **office}}}


class TestYearsWithoutADecree:
    def test_nothing_is_said_while_every_deadline_is_in_a_decreed_year(self, policy):
        assert undecreed(policy, NOW) == []

    def test_the_furthest_deadline_counts(self, policy):
        last = next(day for day in (NOW + timedelta(days=n) for n in range(400)) if undecreed(policy, day))
        assert at_noon("2027-10-01") < last < at_noon("2027-12-01")
        (warning,) = undecreed(policy, last)
        assert warning.field == "calendars.office.holidays.decreed"
        assert "clocks.resolution.targets.2 can be due in 2028" in warning.problem
        assert "decreed to 2027" in warning.problem
        assert "the calendar holds estimates" in warning.problem
        assert "policy calendar refresh" in warning.remedy

    def test_extensions_and_pauses_lengthen_it(self):
        elapsed = {"targets": [{"target": "1 day"}], "reminders": []}
        only = {
            "next_response": elapsed, "progress_update": elapsed, "information": elapsed, "closure": elapsed,
            "action": elapsed, "first_response": elapsed,
            "hold": {"targets": [{"target": "1 day", "calendar": "always"}]},
            "resolution": {"targets": [{"target": "5 working days", "calendar": "office"}], "pauses": []},
        }  # fmt: skip
        ladder = {"climb": [{"target": "1 day"}], "top_reminder": [{"target": "1 day"}]}

        def first_day(**resolution) -> str:
            over = {"clocks": {**only, "resolution": {**only["resolution"], **resolution}}, "escalation": ladder}
            policy, problems = inspect("id.default", {**over, **decreed_to(2026)})
            assert problems == []
            days = (at_noon("2026-10-01") + timedelta(days=n) for n in range(100))
            return next(day for day in days if undecreed(policy, day)).date().isoformat()

        plain = first_day()
        extended = first_day(extension={"by": "5 working days", "at_most": 2, "reasons": ["external"]})
        held = first_day(pauses=["on_hold"])
        asked = first_day(pauses=["awaiting_complainant"])
        assert plain == "2026-12-23", "24 is joint leave, 25 Christmas, 26 and 27 a weekend"
        assert extended == "2026-12-09"
        assert held == "2026-11-25", "20 working days of hold"
        assert asked == "2026-12-22", "a day for the answer, which ends after closing time"

    def test_elapsed_time_and_calendar_days_need_no_decree(self):
        assert undecreed(load("demo"), at_noon("2040-01-01")) == []
        policy = load(
            "demo", {"clocks": {"closure": {"targets": [{"target": "20 calendar days", "calendar": "office"}]}}}
        )
        assert undecreed(policy, at_noon("2040-12-20")) == []

    def test_a_calendar_of_closures_by_hand(self, policy):
        office = policy.calendars["office"]
        by_hand = office.model_copy(update={"holidays": None, "closed": office.closed_dates})
        empty = office.model_copy(update={"holidays": None, "closed": ()})
        (warning,) = undecreed(policy.model_copy(update={"calendars": {"office": by_hand}}), at_noon("2029-01-02"))
        assert (warning.field, "no holidays" in warning.problem) == ("calendars.office.closed", True)
        assert undecreed(policy.model_copy(update={"calendars": {"office": empty}}), at_noon("2029-01-02")) == []

    def test_check_warns_and_ends_well(self, capsys, tmp_path):
        (tmp_path / "p.yaml").write_text(yaml.safe_dump({"extends": "id.default", **decreed_to(2026)}))
        found = json.loads(tuntas(capsys, "check", str(tmp_path / "p.yaml"), "--json"))
        (warning,) = found["warnings"]
        assert list(warning) == ["field", "problem", "remedy"]
        assert "2027" in warning["problem"]
        said = tuntas(capsys, "check", str(tmp_path / "p.yaml"))
        assert said.startswith("ok\n")
        assert f"warning: {warning['field']}: {warning['problem']}\n  {warning['remedy']}\n" in said
        assert json.loads(tuntas(capsys, "check", "id.default", "--json"))["warnings"] == []

    def test_refresh_warns_of_what_will_be(self, capsys, monkeypatch):
        monkeypatch.setattr(output, "now", lambda: at_noon("2027-12-20"))
        code = main.run(["policy", "calendar", "refresh", "id.default", "--check", "--json"])
        found = json.loads(capsys.readouterr().out)
        assert (code, found["calendars"][0]["years"], found["calendars"][0]["decreed"]) == (6, [2014, 2029], 2027)
        warned = {warning["pack"] for warning in found["warnings"]}
        assert "id.default" in warned
        assert "demo" not in warned, "its promises are seconds"

    def test_doctor_warns_of_the_policy_in_use(self):
        fine = asyncio.run(holidays("id.default", NOW))
        assert (fine.state, fine.details) == ("ok", {"policy": "id.default", "decreed": {"office": 2027}})
        late = asyncio.run(holidays("id.default", at_noon("2027-12-20")))
        assert (late.state, exit_code([late]), bool(late.remedy)) == ("warning", 0, True)
        assert "can be due in 2028" in late.what

    def test_a_deadline_beyond_the_decree_is_computed_all_the_same(self, policy):
        plan = resolve(policy, at_noon("2030-06-03"))
        assert plan.calendars["office"].closed == ()
        assert plan.built["office"].add_working_days(at_noon("2030-06-03"), 5) == at_noon("2030-06-10").replace(hour=10)
