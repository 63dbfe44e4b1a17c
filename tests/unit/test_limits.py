"""What comes after a limit: letters and conversions when facts, rules or plans change."""

import pytest

import policies
from complaints.policy import Policy
from tests.unit.cases import Player
from tests.unit.packs import DECIDE, Story, at, pack


class TestWhatComesAfterALimit:
    """Clocks that go on under other facts: nothing is sent that no longer holds, and time never stands still."""

    def two(self, **changes: object) -> Policy:
        """Billing has a letter at its limit, privacy has none."""
        targets = [{"when": {"category": ["privacy"]}, "target": "1 day"},
                   {"target": "1 day", "send": "limit_letter", "expect": "2 days"}]  # fmt: skip
        return policies.load("id.default", {"clocks": {"resolution": {"targets": targets, "pauses": []}}, **changes})

    def test_assessed_to_a_target_without_a_letter_it_sends_no_more(self):
        events = [{"at": "+2d", "act": "assess", "category": "privacy"}]
        story = Story(self.two(), "2026-07-06T09:00:00+07:00", *events, until="+20d")
        assert [notice.at for notice in story.notices("limit_letter")] == [at("2026-07-07T09:00:00+07:00")]

    @pytest.mark.parametrize("how", ["keep", "credit"])
    def test_after_a_dispute_the_letter_is_that_of_the_new_limit(self, how):
        no = {"message": "satisfaction_confirmed", "satisfied": False, "text": "Belum."}
        events = [{"at": "+36h", **DECIDE}, {"at": "+37h", **no}]
        story = Story(self.two(on_dispute=how), "2026-07-06T09:00:00+07:00", *events, until="+38h")
        letters = story.entries("letter_sent")
        assert [entry.detail["occurrence"] for entry in letters] == [1, 2]
        assert story.clock().breached_at is not None

    def test_a_disputed_oral_decision_is_converted_when_its_time_is_over(self):
        own = {"extends": "id.ojk.22_2023", "on_dispute": "keep"}
        no = {"message": "satisfaction_confirmed", "satisfied": False, "text": "Belum."}
        events = [{"at": "+1d", **DECIDE}, {"at": "+2d", **no}]
        story = Story(policies.load(own), "2026-07-06T09:00:00+07:00", *events, until="+8d", channel="phone")
        assert [(c.occurrence, c.state) for c in story.view.clocks if c.metric == "resolution"] == [
            (1, "met"), (2, "lapsed"), (3, "running"),
        ]  # fmt: skip

    def test_a_case_survives_a_restart_between_limit_and_letter(self):
        player = Player(policy=self.two(), at=at("2026-07-06T09:00:00+07:00"))
        player.until(at("2026-07-08T09:00:00+07:00")).restore()
        player.until(at("2026-07-10T09:00:00+07:00"))
        assert len(player.notices("limit_letter")) == 2

    def test_a_reassessment_past_the_oral_limit_converts_now(self):
        oral = {"when": {"form": ["oral"], "severity": ["major"]}, "target": "1 day", "on_due": "convert",
                "convert": {"form": "written"}}  # fmt: skip
        policy = policies.load("id.default", {"clocks": {"resolution": {"targets": [oral, {"target": "9 days"}]}}})
        events = [{"at": "+2d", "act": "assess", "severity": "major"}]
        story = Story(policy, "2026-07-06T09:00:00+07:00", *events, until="+3d", channel="phone")
        first, second = story.clock(occurrence=1), story.clock(occurrence=2)
        assert (first.state, first.breached_at) == ("lapsed", None)
        assert second.started_at == at("2026-07-08T09:00:00+07:00"), "nobody's time began before they were told"

    def test_converted_while_we_wait_it_runs_or_waits_as_the_new_target_says(self):
        ask = {"at": "+4d", "act": "request_information", "text": "Mohon rekening koran."}
        monday = "2026-07-06T09:00:00+07:00"
        story = Story("id.ojk.22_2023", monday, ask, until="+8d", channel="phone")
        assert (story.view.status, story.clock().state) == ("awaiting_complainant", "paused")
        assert story.entries("converted")[0].detail.get("due_at") is None
        targets = pack("id.ojk.22_2023").model_dump(mode="json")["clocks"]["resolution"]["targets"]
        never = {
            "extends": "id.ojk.22_2023",
            "clocks": {"resolution": {"targets": [targets[0], {**targets[1], "pauses": []}]}},
        }
        assert Story(policies.load(never), monday, ask, until="+8d", channel="phone").clock().state == "running"

    def test_a_clock_that_is_kept_does_what_the_rules_of_the_day_say(self):
        policy = policies.load({"extends": "id.ojk.22_2023", "on_dispute": "keep"})
        player = Player(at("2026-07-06T09:00:00+07:00"), policy=policy, channel="phone")
        player.decide()
        player.state.plan = policies.resolve(policies.load("id.default", {"on_dispute": "keep"}), player.now)
        player.dispute()
        assert player.clock("resolution").on_due == "breach"
        player.until(at("2026-07-14T09:00:00+07:00"))
        assert len(player.breaches("resolution")) == 1
