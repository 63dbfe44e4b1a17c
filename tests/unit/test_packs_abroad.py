"""The demands of DISP, the CFPB, PSD2 and RG 271, played: what a pack promises is what a case under it does."""

from datetime import timedelta

import pytest

import policies
from complaints.vocabulary import Occasion
from tests.unit.cases import Player
from tests.unit.packs import ACCEPT, DECIDE, Story, at, extend, pack, said

CAUSE = {"act": "record_root_cause", "category": "process", "cause": "Salah input"}


class TestDisp:
    """Received on Monday 6 July 2026, 09:00 in London; business days close at 17:00."""

    MONDAY = "2026-07-06T09:00:00+01:00"

    @pytest.mark.parametrize(
        ("category", "english", "indonesian"),
        [
            ("billing", "is 8 weeks: you will have our final response by Monday, 31 August", "8 minggu"),
            ("payment_services", "is 15 working days: you will have our final response by Monday, 27 July", "15 hari"),
        ],
    )
    def test_the_acknowledgement_says_which_time_limit_applies(self, category, english, indonesian):
        player = Player(at(self.MONDAY), policy=pack("uk.fca.disp"), category=category)
        notice = player.notices("acknowledgement")[0]
        assert english in said(player.policy, notice, "en")
        assert indonesian in said(player.policy, notice, "id")

    def test_the_letter_goes_out_at_8_weeks_once_and_the_case_stays_open(self):
        limit = at("2026-08-31T09:00:00+01:00")
        before = Story("uk.fca.disp", self.MONDAY, until="2026-08-31T08:59:59+01:00")
        assert before.notices("limit_letter") == []
        story = Story("uk.fca.disp", self.MONDAY, until="2026-09-27T09:00:00+01:00")
        assert [(notice.at, notice.to) for notice in story.notices("limit_letter")] == [(limit, "complainant")]
        assert story.view.status == "investigation"
        assert (story.clock().state, story.clock().breached_at) == ("running", limit)
        assert story.view.tier != "frontline", "what is late climbs"
        letter = story.entries("letter_sent")[0]
        assert (letter.at, letter.detail["expected_at"]) == (limit, "2026-09-28T08:00:00Z")

    def test_the_final_response_after_it_is_late(self):
        decide = {"at": "2026-09-01T09:00:00+01:00", **DECIDE}
        story = Story("uk.fca.disp", self.MONDAY, decide, until="2027-01-01T00:00:00Z")
        assert (story.clock().state, story.clock().met_by, story.clock().late_seconds) == ("met", "person", 86_400)
        assert len(story.notices("limit_letter")) == 1, "and no further letter comes"

    def test_a_date_that_the_letter_named_and_that_passes_is_told_anew(self):
        story = Story("uk.fca.disp", self.MONDAY, until="2026-10-20T09:00:00+01:00")
        first = at("2026-08-31T09:00:00+01:00")
        assert [n.at for n in story.notices("limit_letter")] == [first, first + timedelta(weeks=4)]
        assert len([e for e in story.entries("breached") if e.detail["metric"] == "resolution"]) == 1

    def test_the_letter_says_why_when_and_where_else_to_go(self):
        player = Player(at(self.MONDAY), policy=pack("uk.fca.disp")).until(at("2026-08-31T09:00:00+01:00"))
        text = said(player.policy, player.notices("limit_letter")[0], "en")
        assert "our investigation is not finished" in text
        assert "by Monday, 28 September 2026" in text
        assert "the Financial Ombudsman Service (www.financial-ombudsman.org.uk)" in text
        assert "{" not in text
        assert player.state.promised_at == at("2026-09-28T09:00:00+01:00")

    def test_a_decision_in_time_needs_no_letter(self):
        decide = {"at": "2026-08-31T09:00:00+01:00", **DECIDE}
        story = Story("uk.fca.disp", self.MONDAY, decide, until="2026-09-30T00:00:00Z")
        assert (story.clock().state, story.clock().late_seconds) == ("met", 0)
        assert story.notices("limit_letter") == []

    def test_the_letter_is_sent_once_when_nobody_looked_for_a_month(self):
        outage = {"at": "2026-08-30T00:00:00Z", "outage_until": "2026-10-05T00:00:00Z"}
        story = Story("uk.fca.disp", self.MONDAY, outage, until="2026-10-06T00:00:00Z")
        letters = story.entries("letter_sent")
        assert [(entry.at, entry.detail["expected_at"]) for entry in letters] == [
            (at("2026-08-31T09:00:00+01:00"), "2026-11-02T00:00:00Z")
        ]

    def test_neither_a_question_nor_a_hold_stops_the_8_weeks(self):
        ask = {"at": "+1d", "act": "request_information", "text": "Please send the contract."}
        story = Story("uk.fca.disp", self.MONDAY, ask, until="+2d")
        assert (story.view.status, story.clock().state) == ("awaiting_complainant", "running")
        assert story.clock().due_at == at("2026-08-31T09:00:00+01:00")

    def test_8_weeks_are_not_extended(self):
        story = Story("uk.fca.disp", self.MONDAY, extend("+1d", "beyond_our_control"), until="+2d")
        assert story.refusals() == [("metric", "the policy has no extension for resolution")]

    def test_payments_have_15_business_days_and_35_with_a_holding_reply(self):
        event = extend("+5d", "beyond_our_control")
        story = Story("uk.fca.disp", self.MONDAY, event, until="+6d", category="payment_services")
        before = Story("uk.fca.disp", self.MONDAY, until="+4d", category="payment_services")
        assert before.clock().due_at == at("2026-07-27T17:00:00+01:00")
        assert story.clock().due_at == at("2026-08-24T17:00:00+01:00"), "the 35th, counted day by day"
        assert len(story.notices("holding_reply")) == 1

    def test_payments_late_even_so_get_the_letter_too(self):
        story = Story("uk.fca.disp", self.MONDAY, until="2026-07-28T00:00:00Z", category="payment_services")
        assert [notice.at for notice in story.notices("limit_letter")] == [at("2026-07-27T17:00:00+01:00")]

    def test_bank_holidays_of_england_are_no_business_days(self):
        story = Story("uk.fca.disp", "2026-08-20T09:00:00+01:00", until="+1h", category="payment_services")
        assert story.clock().due_at == at("2026-09-11T17:00:00+01:00"), "31 August is a bank holiday"

    @pytest.mark.parametrize(
        ("accepted", "occasion"),
        [("2026-07-09T17:00:00+01:00", "summary_resolution"), ("2026-07-09T17:00:01+01:00", "closed_confirmed")],
    )
    def test_accepted_by_close_of_the_third_business_day_is_told_by_a_summary(self, accepted, occasion):
        events = [{"at": "+1h", **DECIDE}, {"at": accepted, **ACCEPT}]
        story = Story("uk.fca.disp", self.MONDAY, *events, until="2026-07-09T18:00:00+01:00", severity="minor")
        assert story.view.status == "closing", "the root cause is still missing"
        events.append(
            {"at": "2026-07-10T09:00:00+01:00", "act": "record_root_cause", "category": "process", "cause": "x"}
        )
        story = Story("uk.fca.disp", self.MONDAY, *events, until="2026-07-11T00:00:00Z", severity="minor")
        assert story.view.status == "closed"
        told = {n.occasion for n in story.view.notices} & {Occasion.SUMMARY_RESOLUTION, Occasion.CLOSED_CONFIRMED}
        assert told == {occasion}

    def test_the_oral_acceptance_will_do(self):
        events = [
            {"at": "+1h", **DECIDE},
            {"at": "+2h", "act": "record_confirmation", "satisfied": True, "how": "phone"},
        ]
        events.append({"at": "+3h", "act": "record_root_cause", "category": "process", "cause": "x"})
        story = Story("uk.fca.disp", self.MONDAY, *events, until="+1d", severity="minor", channel="phone")
        assert len(story.notices("summary_resolution")) == 1

    def test_a_closing_by_silence_is_no_summary(self):
        own = {"extends": "uk.fca.disp", "closure": {"root_cause_from": "critical"},
               "clocks": {"confirmation": {"reminders": [], "targets": [{"target": "1 hour"}]}}}  # fmt: skip
        story = Story(policies.load(own), self.MONDAY, {"at": "+1h", **DECIDE}, until="+1d")
        assert (story.view.closing_reason, story.notices("summary_resolution")) == ("unconfirmed", [])

    def test_the_final_response_names_the_ombudsman_and_six_months(self):
        player = Player(at(self.MONDAY), policy=pack("uk.fca.disp"))
        player.decide()
        text = said(player.policy, player.notices("decision")[0], "en")
        assert "Financial Ombudsman Service" in text
        assert "within six months" in text


class TestCfpb:
    MONDAY = "2026-07-06T09:00:00-04:00"

    def test_15_calendar_days_then_past_due(self):
        story = Story("us.cfpb", self.MONDAY, until="+20d")
        assert story.clock().due_at == story.clock().breached_at == at("2026-07-22T00:00:00-04:00")

    def test_in_progress_allows_60_from_receipt(self):
        story = Story("us.cfpb", self.MONDAY, extend("+14d", "in_progress"), until="+50d")
        assert story.clock().due_at == at("2026-09-05T00:00:00-04:00"), "the end of the 60th day"
        assert (story.clock().breached_at, len(story.notices("holding_reply"))) == (None, 1)
        late = Story("us.cfpb", self.MONDAY, extend("+14d", "in_progress"), until="+61d")
        assert late.clock().breached_at == at("2026-09-05T00:00:00-04:00")

    def test_in_progress_is_said_before_15_days_are_over(self):
        story = Story("us.cfpb", self.MONDAY, extend("+16d", "in_progress"), until="+17d")
        assert story.refusals() == [("metric", "the date has passed; an extension must be told before")]

    def test_what_explains_the_extension_adds_up(self):
        story = Story("us.cfpb", self.MONDAY, extend("+14d", "in_progress"), until="+15d")
        why = story.simulated.case.explain(at("2026-07-21T09:00:00-04:00"), "resolution")[0]
        assert why.due_at == at("2026-09-05T00:00:00-04:00")
        assert [step.note for step in why.steps if step.kind == "extension"] == ["45 calendar days: in_progress"]

    def test_feedback_is_awaited_for_60_days(self):
        story = Story("us.cfpb", self.MONDAY, {"at": "+1d", **DECIDE}, until="+59d")
        assert (story.view.status, len(story.notices("confirmation_reminder"))) == ("resolved", 2)
        assert story.clock("confirmation").due_at == at("2026-09-06T00:00:00-04:00")


class TestPsd2:
    """1 May 2026 is a TARGET closing day, and so are Good Friday and Easter Monday."""

    def test_15_business_days_and_35_with_a_holding_reply(self):
        received = "2026-03-30T09:00:00+02:00"
        story = Story("eu.psd2.101", received, until="+1d")
        assert story.clock().due_at == at("2026-04-22T17:00:00+02:00")
        longer = Story("eu.psd2.101", received, extend("+20d", "beyond_our_control"), until="+21d")
        assert longer.clock().due_at == at("2026-05-21T17:00:00+02:00")
        assert len(longer.notices("holding_reply")) == 1
        assert longer.clock().breached_at is None

    def test_no_holding_reply_for_another_reason_or_twice_or_too_late(self):
        events = [extend("+1d", "holidays"), extend("+2d", "beyond_our_control"), extend("+3d", "beyond_our_control")]
        story = Story("eu.psd2.101", "2026-07-06T09:00:00+02:00", *events, until="+4d")
        assert [field for field, _ in story.refusals()] == ["reason", "metric"]
        late = Story("eu.psd2.101", "2026-07-06T09:00:00+02:00", extend("+30d", "beyond_our_control"), until="+31d")
        assert late.refusals() == [("metric", "the date has passed; an extension must be told before")]

    def test_the_holding_reply_gives_reason_and_date(self):
        player = Player(at("2026-07-06T09:00:00+02:00"), policy=pack("eu.psd2.101"))
        player.act("extend", metric="resolution", reason="beyond_our_control")
        text = said(player.policy, player.notices("holding_reply")[0], "en")
        assert "reasons that are beyond our control" in text
        assert "Monday, 24 August 2026" in text


class TestRg271:
    MONDAY = "2026-07-06T09:00:00+10:00"

    @pytest.mark.parametrize(("category", "days"), [("billing", 30), ("superannuation", 45)])
    def test_30_calendar_days_or_45_about_superannuation(self, category, days):
        story = Story("au.rg271", self.MONDAY, until="+1d", category=category)
        assert story.clock().due_at == at("2026-07-07T00:00:00+10:00") + timedelta(days=days)

    def test_24_hours_to_acknowledge(self):
        down = {"at": self.MONDAY, "channel_down_until": "+25h"}
        story = Story("au.rg271", self.MONDAY, down, until="+26h", channel="social")
        assert story.clock("acknowledgement").due_at == at("2026-07-07T09:00:00+10:00")

    @pytest.mark.parametrize("reason", ["complex", "beyond_our_control"])
    def test_a_delay_notice_before_the_limit(self, reason):
        story = Story("au.rg271", self.MONDAY, extend("+29d", reason), until="+31d")
        assert (story.clock().breached_at, len(story.notices("holding_reply"))) == (None, 1)
        late = Story("au.rg271", self.MONDAY, extend("+31d", reason), until="+32d")
        assert late.refusals() == [("metric", "the date has passed; an extension must be told before")]
