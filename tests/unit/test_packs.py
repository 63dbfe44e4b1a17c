"""The demands of OJK and ISO 10002, played, and what every pack of a law must have."""

import pytest

import policies
from complaints.messages.duties import Notice
from complaints.policy_demands import DISCLAIMER
from tests.unit.cases import Player
from tests.unit.packs import ACCEPT, DECIDE, LAWS, Story, at, extend, pack, said


class TestEveryPack:
    @pytest.mark.parametrize("name", LAWS)
    def test_it_says_where_it_comes_from_and_that_it_is_no_advice(self, name):
        policy = pack(name)
        assert policy.disclaimer == DISCLAIMER == "not legal advice; reviewed by counsel: no"
        assert policy.as_of.year >= 2010
        assert policy.sources
        assert all(source.startswith("https://") for source in policy.sources)
        assert {source for demand in policy.demands for source in demand.sources} == set(policy.sources)

    @pytest.mark.parametrize("name", LAWS)
    def test_every_target_that_it_gives_is_carried_by_a_demand(self, name):
        own = policies.layers(name)[-1].raw
        carried = {key for demand in pack(name).demands for key in demand.keys}
        for metric, clock in own["clocks"].items():
            for index, _ in enumerate(clock.get("targets", ())):
                prefix = f"clocks.{metric}.targets"
                assert carried & {prefix, f"{prefix}.{index}.target"}, f"{prefix}.{index}"

    def test_what_no_public_page_confirms_is_marked(self):
        assert {name: pack(name).unconfirmed for name in LAWS if pack(name).unconfirmed} == {
            "uk.fca.disp": ("closure.root_cause_from", "closure.corrective_action_from"),
            "iso.10002": ("categories", "tiers", "clocks.action.targets.0.target",
                          "clocks.confirmation.targets.0.target", "disputes", "on_dispute", "outside_bodies",
                          "texts.en.notices.final_decision", "aftercare.period.target", "closure.root_cause_from",
                          "clocks.follow_up.targets.0.target"),
        }  # fmt: skip

    @pytest.mark.parametrize("name", LAWS)
    def test_a_complaint_is_never_without_a_due_instant(self, name):
        story = Story(name, "2026-09-01T10:00:00+07:00", until="+200d")
        assert story.view.next_due_at is not None


class TestOjk:
    """Received on Monday 6 July 2026, 09:00 in Jakarta, unless said otherwise; the office closes at 17:00."""

    MONDAY = "2026-07-06T09:00:00+07:00"

    def test_oral_is_due_after_5_working_days(self):
        story = Story("id.ojk.22_2023", self.MONDAY, until="+1h", channel="phone")
        assert (story.clock().target, story.clock().on_due) == ("5 working days", "convert")
        assert story.clock().due_at == at("2026-07-13T17:00:00+07:00")

    def test_oral_that_expires_becomes_written_without_a_breach(self):
        respond = {"at": "+1h", "act": "respond", "text": "Kami periksa."}
        story = Story("id.ojk.22_2023", self.MONDAY, respond, until="2026-07-13T17:00:00+07:00", channel="phone")
        oral, written = story.clock(occurrence=1), story.clock(occurrence=2)
        assert (oral.state, oral.breached_at, oral.late_seconds) == ("lapsed", None, 0)
        assert (written.state, written.target, written.on_due) == ("running", "10 working days", "breach")
        assert written.started_at == oral.due_at == at("2026-07-13T17:00:00+07:00")
        assert written.due_at == at("2026-07-27T17:00:00+07:00")
        converted = story.entries("converted")[0]
        assert converted.at == oral.due_at
        assert converted.detail == {
            "metric": "resolution", "occurrence": 1, "form": "written", "into": 2, "target": "10 working days",
            "due_at": "2026-07-27T10:00:00Z",
        }  # fmt: skip
        assert [notice.at for notice in story.notices("date_changed")] == [oral.due_at]
        assert len(story.notices("agent_converted")) == 1
        assert story.view.tier == "frontline"
        assert story.entries("breached") == []

    def test_the_complainant_is_told_why_the_date_moved(self):
        player = Player(at(self.MONDAY), policy=pack("id.ojk.22_2023"), channel="phone",
                        complainant={"phone": "+628123456789"})  # fmt: skip
        player.until(at("2026-07-13T17:00:00+07:00"))
        notice = player.notices("date_changed")[0]
        assert notice.facts.change == "conversion"
        assert notice.facts.promised_at == player.clock("resolution").due_at == player.state.promised_at
        text = said(player.policy, notice, "id")
        assert "kini kami tangani sebagai pengaduan tertulis" in text
        assert "Senin, 27 Juli 2026" in text

    def test_oral_decided_in_time_is_met_and_nothing_is_converted(self):
        story = Story("id.ojk.22_2023", self.MONDAY, {"at": "+7d8h", **DECIDE}, until="+8d", channel="phone")
        assert (story.clock().occurrence, story.clock().state) == (1, "met"), "at the very instant it is due"
        assert story.entries("converted") == []

    def test_oral_is_not_extended_and_does_not_wait(self):
        events = [
            extend("+1d", "external_factors"),
            {"at": "+2d", "act": "request_information", "text": "Mohon fotokopi buku tabungan."},
        ]
        story = Story("id.ojk.22_2023", self.MONDAY, *events, until="+3d", channel="phone")
        assert story.refusals() == [("metric", "the policy has no extension for resolution")]
        assert story.view.status == "awaiting_complainant"
        assert (story.clock().state, story.clock().due_at) == ("running", at("2026-07-13T17:00:00+07:00"))

    def test_written_counts_from_complete_documents(self):
        given = {"identity_document": "KTP", "supporting_documents": "rekening koran"}
        events = [{"at": "+3d", "message": "complainant_replied", "text": "Ini dokumennya.", "details": given}]
        story = Story("id.ojk.22_2023", self.MONDAY, *events, until="+4d", category="financial_service")
        before = Story("id.ojk.22_2023", self.MONDAY, until="+2d", category="financial_service")
        assert not before.has("resolution")
        assert (before.view.status, before.view.next_due_at is None) == ("awaiting_complainant", False)
        assert story.clock().started_at == at("2026-07-09T09:00:00+07:00")
        assert story.clock().due_at == at("2026-07-23T17:00:00+07:00")

    def test_converted_before_its_documents_are_there_it_counts_from_them(self):
        given = {"identity_document": "KTP", "supporting_documents": "rekening koran"}
        reply = {"at": "+9d", "message": "complainant_replied", "text": "Ini dokumennya.", "details": given}
        asked = {"channel": "phone", "category": "financial_service"}
        waiting = Story("id.ojk.22_2023", self.MONDAY, until="+8d", **asked)
        assert waiting.clock().state == "lapsed"
        assert "due_at" not in waiting.entries("converted")[0].detail
        assert waiting.view.next_due_at is not None
        story = Story("id.ojk.22_2023", self.MONDAY, reply, until="+10d", **asked)
        assert (story.clock().occurrence, story.clock().started_at) == (2, at("2026-07-15T09:00:00+07:00"))
        assert story.clock().due_at == at("2026-07-29T17:00:00+07:00")

    def test_written_waits_while_documents_are_asked_for(self):
        ask = {"at": "+1d", "act": "request_information", "text": "Mohon rekening koran."}
        story = Story("id.ojk.22_2023", self.MONDAY, ask, until="+2d")
        assert (story.clock().state, story.clock().due_at) == ("paused", None)

    @pytest.mark.parametrize("reason", ["branch_communication", "special_examination", "external_factors"])
    def test_one_extension_for_each_closed_reason_before_expiry(self, reason):
        events = [extend("2026-07-20T16:59:59+07:00", reason), extend("2026-07-21T09:00:00+07:00", reason)]
        story = Story("id.ojk.22_2023", self.MONDAY, *events, until="2026-07-22T09:00:00+07:00")
        assert story.clock().due_at == at("2026-08-03T17:00:00+07:00"), "20 working days after receipt"
        assert [notice.at for notice in story.notices("holding_reply")] == [at("2026-07-20T16:59:59+07:00")]
        assert story.refusals() == [("metric", "it has been extended as often as allowed (1)")]
        assert story.clock().breached_at is None

    def test_no_extension_for_another_reason(self):
        story = Story("id.ojk.22_2023", self.MONDAY, extend("+1d", "too_busy"), until="+2d")
        assert story.refusals() == [("reason", "too_busy is no reason to extend")]
        assert story.clock().due_at == at("2026-07-20T17:00:00+07:00")

    def test_no_extension_after_expiry(self):
        event = extend("2026-07-20T17:00:01+07:00", "external_factors")
        story = Story("id.ojk.22_2023", self.MONDAY, event, until="+15d")
        assert story.refusals() == [("metric", "the date has passed; an extension must be told before")]
        assert story.clock().breached_at == at("2026-07-20T17:00:00+07:00")
        assert story.notices("holding_reply") == []

    def test_ten_working_days_for_documents_and_ten_more_when_asked(self):
        events = [
            extend("+2d", "documents_need_time", "information"),
            extend("+3d", "documents_need_time", "information"),
        ]
        story = Story("id.ojk.22_2023", self.MONDAY, *events, until="+4d", category="financial_service")
        assert story.clock("information").due_at == at("2026-08-03T17:00:00+07:00")
        assert len(story.notices("information_extended")) == 1
        assert story.refusals() == [("metric", "it has been extended as often as allowed (1)")]

    @pytest.mark.parametrize(
        ("collective_leave", "due"), [("closed", "2026-04-08T17:00:00+07:00"), ("open", "2026-04-01T17:00:00+07:00")]
    )
    def test_cuti_bersama_is_one_key_in_a_pack_that_extends_it(self, collective_leave, due):
        own = {"extends": "id.ojk.22_2023", "calendars": {"office": {"collective_leave": collective_leave}}}
        story = Story(policies.load(own), "2026-03-17T09:00:00+07:00", until="+1h")
        assert story.clock().due_at == at(due)
        version = story.simulated.case.explain(at(due), "resolution")[0].version
        assert (version == "holidays-0.109-2014-2028") == (collective_leave == "closed")


class TestIso10002:
    MONDAY = "2026-07-06T09:00:00+07:00"

    def test_acknowledged_at_once_and_told_at_regular_intervals(self):
        story = Story("iso.10002", self.MONDAY, until="+16d")
        assert story.clock("acknowledgement").state == "met"
        assert [n.at for n in story.notices("progress_update")] == [
            at("2026-07-13T17:00:00+07:00"), at("2026-07-20T17:00:00+07:00"),
        ]  # fmt: skip

    def test_not_closed_before_causes_and_steps_are_recorded(self):
        events = [{"at": "+1h", **DECIDE}, {"at": "+2h", **ACCEPT}]
        story = Story("iso.10002", self.MONDAY, *events, until="+3h")
        assert story.view.status == "closing"
        assert story.entries("closing_began")[0].detail["missing"] == ["root_cause", "corrective_action", "steps"]

    def test_a_rejected_decision_stays_open_and_its_end_names_outside_bodies(self):
        no = {"message": "satisfaction_confirmed", "satisfied": False, "text": "Belum."}
        events = [{"at": f"+{hour}h", **(DECIDE if hour % 2 else no)} for hour in range(1, 7)]
        story = Story("iso.10002", self.MONDAY, *events, until="+7h")
        assert (story.view.disputes, story.view.closing_reason) == (3, "deadlock")
        assert len(story.notices("final_decision")) == 1


def test_every_new_letter_is_read_in_both_languages():
    """No place stays unfilled, whatever the pack says in its own words."""
    for name in ("id.ojk.22_2023", "eu.psd2.101", "us.cfpb", "au.rg271"):
        policy = pack(name)
        player = Player(policy=policy)
        configured = policy.clocks["resolution"]  # type: ignore[index]  # a metric is its name
        extension = configured.targets[-1].extension or configured.extension
        player.act("extend", metric="resolution", reason=extension.reasons[0])
        notice = player.notices("holding_reply")[0]
        assert isinstance(notice, Notice)
        for language, other in (("en", "paling lambat"), ("id", "will have")):
            text = said(policy, notice, language)
            assert "_" not in text, (name, language)
            assert other not in text, (name, language)
