"""What comes after a limit: letters and conversions when facts, rules or plans change."""

import pytest

import policies
from complaints.policy import Policy
from tests.unit.cases import Player
from tests.unit.packs import DECIDE, Story, at, extend, pack


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


class TestClocksThatChangeTheirCalendar:
    """What is counted in days of a calendar goes on where the next target has none, and what was told stays true."""

    MONDAY = "2026-07-06T09:00:00+07:00"

    def test_an_extension_in_days_keeps_its_length_under_a_target_without_a_calendar(self):
        events = [extend("+1d", "beyond_our_control"), {"at": "+2d", "act": "assess", "category": "billing"}]
        story = Story("uk.fca.disp", "2026-09-01T09:00:00+01:00", *events, until="+3d", category="payment_services")
        assert story.refusals() == []
        assert story.clock().target == "8 weeks"
        assert story.clock().due_at > at("2026-10-27T09:00:00+00:00"), "eight weeks, and 20 working days more"

    def test_a_breached_clock_keeps_what_it_does_when_due(self):
        oral = {"when": {"form": ["oral"], "severity": ["major"]}, "target": "2 days", "on_due": "convert",
                "convert": {"form": "written"}}  # fmt: skip
        policy = policies.load("id.default", {"clocks": {"resolution": {"targets": [oral, {"target": "1 day"}]}}})
        events = [{"at": "+30h", "act": "assess", "severity": "major"}]
        story = Story(policy, self.MONDAY, *events, until="+5d", channel="phone")
        assert (story.clock().occurrence, story.clock().state) == (1, "running")
        assert story.clock().breached_at == at("2026-07-07T09:00:00+07:00")

    def letters(self, **more: object) -> Policy:
        extension = {"by": "5 days", "at_most": 1, "reasons": ["third_party"], "notice_before_expiry": False}
        rule = {"target": "1 day", "send": "limit_letter", "expect": "2 days"}
        return policies.load("id.default", {"clocks": {"resolution": {
            "targets": [rule], "pauses": [], "extension": extension, **more,
        }}})  # fmt: skip

    def test_an_extension_after_the_letter_moves_the_date_that_it_named_and_tells_so(self):
        story = Story(self.letters(), self.MONDAY, extend("+36h", "third_party"), until="+5d")
        assert len(story.notices("limit_letter")) == 1, "no further letter before the extended date"
        assert len(story.notices("date_changed")) == 1
        assert len(Story(self.letters(), self.MONDAY, until="+5d").notices("limit_letter")) == 3

    def test_no_letter_goes_out_while_the_clock_is_paused(self):
        policy = self.letters(pauses=["awaiting_complainant"])
        ask = {"at": "+36h", "act": "request_information", "text": "Mohon rekening koran."}
        reply = {"at": "+5d", "message": "complainant_replied", "text": "Ini."}
        story = Story(policy, self.MONDAY, ask, reply, until="+6d")
        sent = [entry.at for entry in story.entries("letter_sent")]
        assert sent == [at("2026-07-07T09:00:00+07:00"), at("2026-07-11T09:00:00+07:00")]
