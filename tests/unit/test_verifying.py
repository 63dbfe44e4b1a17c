"""Verification, consent, evidence and what a case understands of facts, sentence by sentence (docs/verification.md)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from complaints.errors import BadInput
from complaints.messages.commands import read_command
from complaints.messages.duties import CustomerDuty
from complaints.messages.feedback import CustomerChecked
from complaints.messages.intake import Intake
from complaints.messages.signals import ComplainantReplied
from complaints.model import read
from complaints.policy import Policy, Verification
from complaints.policy_checks import check
from complaints.vocabulary import Customer, Status
from tests.unit.cases import DAY, HOUR, Player, default_policy, resolved, wib

FILE = {"sha256": "a" * 64, "name": "foto rumah Siti.jpg", "media_type": "image/jpeg", "size": 3}
OTHER = {**FILE, "sha256": "b" * 64, "name": "nota.pdf", "media_type": "application/pdf"}
REPRESENTED = {"email": "anak@example.co.id", "name": "Ibu Wati", "represented_by": "Andi"}


def policy(needs: tuple[str, ...] = (), **verification: Any) -> Policy:
    """The default policy with what it wants to know; billing needs these details."""
    base = default_policy()
    billing = base.categories["billing"].model_copy(update={"needs": needs})
    update = {"verification": Verification(**verification), "categories": {**base.categories, "billing": billing}}
    return base.model_copy(update=update)


def asked(player: Player) -> tuple[str, ...]:
    found: tuple[str, ...] = player.notices("information_request")[-1].facts.missing
    return found


def answer(player: Player, customer: Customer) -> None:
    """The look-up under way is answered."""
    duty = lookups(player)[-1]
    player.carry_out(player.case.learn(CustomerChecked(key=duty.key, customer=customer), player.now))


def lookups(player: Player) -> list[CustomerDuty]:
    return [duty for duty in player.duties if isinstance(duty, CustomerDuty)]


class TestEvidence:
    def test_each_file_of_a_complaint_and_of_a_reply_is_an_entry_by_the_complainant(self) -> None:
        player = Player(evidence=[FILE, OTHER])
        player.say(ComplainantReplied(message_id="m", text="lagi", evidence=(FILE,)))
        found = player.entries("attached")
        assert [(e.actor.id, e.words, e.detail["sha256"]) for e in found] == [
            ("complainant", FILE["name"], FILE["sha256"]),
            ("complainant", OTHER["name"], OTHER["sha256"]),
            ("complainant", FILE["name"], FILE["sha256"]),
        ]
        assert found[0].detail == {name: FILE[name] for name in ("sha256", "media_type", "size")}
        assert [a["name"] for a in player.state.attachments] == [FILE["name"], OTHER["name"], FILE["name"]]
        seen = player.case.view(player.now).timeline
        assert [e.detail["text"] for e in seen if e.kind == "attached"] == [FILE["name"], OTHER["name"], FILE["name"]]

    def test_a_file_that_comes_twice_in_a_message_is_one_entry(self) -> None:
        player = Player(evidence=[FILE, OTHER, {**FILE, "name": "lain.jpg"}])
        assert [e.words for e in player.entries("attached")] == [FILE["name"], OTHER["name"]]

    def test_a_reply_that_an_agent_records_may_bring_files(self) -> None:
        player = Player()
        assert player.act("record_reply", text="ini", how="dibawa ke loket", evidence=[FILE]).refused is None
        assert [(e.actor.id, e.words) for e in player.entries("attached")] == [("siti", FILE["name"])]

    def test_a_message_that_is_repeated_brings_no_file_again(self) -> None:
        player = Player()
        for _ in range(2):
            player.say(ComplainantReplied(message_id="m", text="ini", evidence=(FILE,)))
        assert len(player.entries("attached")) == 1


class TestWhatIsMissing:
    def test_the_default_policy_demands_no_proof(self) -> None:
        player = Player()
        assert player.status is Status.INVESTIGATION
        assert player.last("assessed").at == player.state.received_at

    def test_all_of_it_is_asked_for_in_one_message(self) -> None:
        player = Player(
            policy=policy(("account_number",), contact="required", customer="required", consent="required"),
            complainant=REPRESENTED,
        )
        assert player.status is Status.AWAITING_COMPLAINANT
        assert asked(player) == ("account_number", "contact", "customer_number", "consent")
        assert len(player.notices("information_request")) == 1

    def test_answers_fill_it_and_the_case_goes_on_by_itself(self) -> None:
        player = Player(policy=policy(("account_number",), contact="required")).until(wib(6, 10))
        player.say(ComplainantReplied(message_id="m", text="ini", proof="reply", details={"account_number": "12"}))
        assert player.status is Status.INVESTIGATION
        assert player.last("assessed").at == player.now
        assert player.last("complainant_replied").detail["proof"] == "reply"

    def test_a_reply_by_itself_proves_no_contact(self) -> None:
        player = Player(policy=policy(contact="required"))
        player.reply("siapa saja bisa menulis ini")
        assert player.status is Status.VERIFICATION

    def test_what_comes_later_still_completes_it(self) -> None:
        player = Player(policy=policy(("account_number",)))
        player.reply("apa maksudnya?")
        assert player.status is Status.VERIFICATION
        player.reply("ini", account_number="12")
        assert player.status is Status.INVESTIGATION
        assert len(player.notices("information_request")) == 1

    def test_what_is_only_asked_for_holds_nothing_and_goes_along(self) -> None:
        assert Player(policy=policy(contact="asked", customer="asked")).status is Status.INVESTIGATION
        player = Player(policy=policy(("account_number",), contact="asked", customer="asked"))
        assert asked(player) == ("account_number", "contact", "customer_number")
        player.reply("ini", account_number="12")
        assert player.status is Status.INVESTIGATION

    def test_a_contact_that_was_proven_before_is_not_asked_for(self) -> None:
        player = Player(policy=policy(contact="required"), channel="app", proof="login")
        assert player.status is Status.INVESTIGATION
        assert player.entries("received")[0].detail["proof"] == "login"

    def test_what_never_comes_closes_the_case_as_incomplete(self) -> None:
        player = Player(policy=policy(contact="required")).wait(40 * DAY)
        assert player.state.closing_reason == "incomplete"
        assert len(player.notices("information_reminder")) == 2

    def test_unless_the_policy_goes_on_without(self) -> None:
        player = Player(policy=policy(contact="required", proceed_without=("contact",))).wait(20 * DAY)
        assert player.status is Status.INVESTIGATION
        assert player.last("verified").detail["without"] == ["contact"]
        assert player.told("agent_information_not_received") == (player.state.owner,)
        assert player.notices("information_not_received")

    def test_but_not_without_the_rest(self) -> None:
        rules = policy(("account_number",), contact="required", proceed_without=("contact",))
        player = Player(policy=rules).wait(40 * DAY)
        assert player.state.closing_reason == "incomplete"

    def test_silence_that_was_not_heard_of_proceeds_to_nothing(self) -> None:
        rules = policy(contact="required", proceed_without=("contact",))
        player = Player(policy=rules, down=True).wait(40 * DAY)
        assert player.status is Status.AWAITING_COMPLAINANT

    def test_an_agents_word_makes_up_for_it(self) -> None:
        player = Player(policy=policy(contact="required"))
        player.reply("saya tidak bisa")
        assert player.act("verify", note="dikenal").refused is None
        assert player.status is Status.INVESTIGATION


class TestContactProven:
    @pytest.mark.parametrize("by", ["link", "code", "reply", "login"])
    def test_it_completes_the_verification_that_waited_for_it(self, by: str) -> None:
        player = Player(policy=policy(contact="required")).until(wib(6, 10))
        player.report("contact_proven", details={"channel": "email", "by": by})
        assert player.status is Status.INVESTIGATION
        assert player.clock("information").met_by == "complainant"
        assert player.last("fact_reported").detail["status"] == "verification"
        assert not player.notices("agent_fact_reported")

    def test_what_is_still_missing_is_reminded_of_alone(self) -> None:
        player = Player(policy=policy(("account_number",), contact="required"))
        player.report("contact_proven", details={"channel": "email", "by": "link"})
        assert player.status is Status.AWAITING_COMPLAINANT
        player.wait(5 * DAY)
        assert player.notices("information_reminder")[-1].facts.missing == ("account_number",)
        assert len(player.notices("information_request")) == 1

    def test_it_answers_no_question_of_an_agent(self) -> None:
        player = Player()
        player.ask()
        player.report("contact_proven", details={"channel": "email", "by": "link"})
        assert player.status is Status.AWAITING_COMPLAINANT

    def test_another_address_has_yet_to_be_proven(self) -> None:
        player = Player(policy=policy(("account_number",), contact="required"))
        player.report("contact_proven", details={"channel": "email", "by": "link"})
        player.act("amend", email="baru@example.co.id")
        player.reply("ini", account_number="12")
        assert player.status is Status.VERIFICATION

    @pytest.mark.parametrize("details", [{}, {"channel": "pigeon", "by": "link"}, {"channel": "email", "by": ["x"]}])
    def test_one_that_cannot_be_understood_is_a_fact_like_any_other(self, details: dict[str, Any]) -> None:
        player = Player(policy=policy(contact="required"))
        assert player.report("contact_proven", details=details).refused is None
        assert player.status is Status.AWAITING_COMPLAINANT
        assert player.told("agent_fact_reported") == ("team:frontline",)

    @pytest.mark.parametrize("where", ["resolved", "closed", "archived"])
    def test_late_it_is_only_recorded(self, where: str) -> None:
        player = resolved()
        if where != "resolved":
            player.confirm()
        if where == "archived":
            player.wait(60 * DAY)
        assert player.status == where
        player.report("contact_proven", details={"channel": "email", "by": "link"})
        assert player.status == where
        assert player.last("fact_reported").detail["fact"] == "contact_proven"


class TestCustomers:
    def test_nobody_is_looked_up_unless_the_policy_wants_it(self) -> None:
        assert not lookups(Player(details={"customer_number": "C-1"}))
        assert not lookups(Player(policy=policy(customer="asked")))

    def test_a_claim_is_looked_up_and_nothing_waits_for_it(self) -> None:
        player = Player(policy=policy(customer="asked"), details={"customer_number": 4711})
        (duty,) = lookups(player)
        assert (duty.customer_number, duty.email) == ("4711", "budi@example.co.id")
        assert player.status is Status.INVESTIGATION
        answer(player, Customer.NO)
        assert player.status is Status.INVESTIGATION
        assert player.last("fact_reported").detail["given"] == {"customer": "no"}
        assert player.told("agent_fact_reported") == ("team:frontline",)

    def test_where_it_is_required_the_case_waits_for_the_answer_and_is_due_all_the_while(self) -> None:
        player = Player(policy=policy(customer="required"), details={"customer_number": "C-1"})
        assert player.status is Status.VERIFICATION
        assert player.case.next_due() is not None
        assert not player.notices("information_request")
        answer(player, Customer.YES)
        assert player.status is Status.INVESTIGATION
        assert not player.notices("agent_fact_reported")

    def test_what_cannot_be_said_is_held_against_nobody(self) -> None:
        player = Player(policy=policy(customer="required"), details={"customer_number": "C-1"})
        answer(player, Customer.UNKNOWN)
        assert player.status is Status.INVESTIGATION

    def test_a_number_that_is_not_theirs_is_asked_for_anew_and_looked_up_again(self) -> None:
        player = Player(policy=policy(customer="required"), details={"customer_number": "C-1"})
        answer(player, Customer.NO)
        assert player.status is Status.AWAITING_COMPLAINANT
        assert asked(player) == ("customer_number",)
        player.reply("maaf", customer_number="C-2")
        assert [duty.customer_number for duty in lookups(player)] == ["C-1", "C-2"]
        answer(player, Customer.YES)
        assert player.status is Status.INVESTIGATION

    def test_the_answer_to_a_number_that_was_corrected_meanwhile_is_not_heard(self) -> None:
        player = Player(policy=policy(customer="required"), details={"customer_number": "C-1"})
        player.reply("maaf", customer_number="C-2")
        first, second = lookups(player)
        player.case.learn(CustomerChecked(key=first.key, customer=Customer.NO), player.now)
        assert player.status is Status.VERIFICATION
        player.case.learn(CustomerChecked(key=second.key, customer=Customer.YES), player.now)
        assert player.status is Status.INVESTIGATION
        assert len(player.entries("fact_reported")) == 1

    def test_one_and_the_same_number_is_looked_up_once(self) -> None:
        player = Player(policy=policy(customer="asked"), details={"customer_number": "C-1"})
        player.reply("ini lagi", customer_number="C-1")
        assert len(lookups(player)) == 1

    def test_a_number_that_is_wrong_while_something_else_is_asked_joins_that_question(self) -> None:
        rules = policy(contact="required", customer="required")
        player = Player(policy=rules, details={"customer_number": "C-1"})
        assert asked(player) == ("contact",)
        answer(player, Customer.NO)
        player.wait(5 * DAY)
        assert player.notices("information_reminder")[-1].facts.missing == ("contact", "customer_number")
        assert len(player.notices("information_request")) == 1

    def test_a_service_may_say_it_too(self) -> None:
        player = Player(policy=policy(customer="required"), details={"customer_number": "C-1"})
        player.report("customer_checked", source="crm", details={"customer": "yes"})
        assert player.status is Status.INVESTIGATION
        before = len(player.entries())
        answer(player, Customer.NO)  # comes too late
        assert len(player.entries()) == before

    @pytest.mark.parametrize("number", ["", "  ", True, None, [], {"a": 1}])
    def test_what_is_no_number_is_no_claim(self, number: Any) -> None:
        player = Player(policy=policy(customer="required"), details={"customer_number": number})
        assert asked(player) == ("customer_number",)
        assert not lookups(player)

    def test_the_policy_may_go_on_without_an_answer(self) -> None:
        rules = policy(customer="required", proceed_without=("customer_number",))
        assert Player(policy=rules, details={"customer_number": "C-1"}).status is Status.INVESTIGATION


class TestBounces:
    def bounced(self, player: Player, occasion: str, status: Any = "5.1.1") -> None:
        key = player.notices(occasion)[-1].key
        player.report("notice_bounced", details={"key": key, "status": status})

    @pytest.mark.parametrize("occasion", ["decision", "confirmation_reminder"])
    def test_no_silence_counts_once_the_question_or_a_reminder_came_back(self, occasion: str) -> None:
        player = resolved().wait(DAY + HOUR)
        self.bounced(player, occasion)
        assert player.last("notice_failed").detail["problem"] == "bounced 5.1.1"
        assert player.state.actions[-1].description == "reach_complainant"
        player.wait(60 * DAY)
        assert player.status is Status.RESOLVED

    def test_another_address_has_it_sent_again(self) -> None:
        player = resolved()
        self.bounced(player, "decision")
        player.act("amend", email="benar@example.co.id")
        assert player.notices("decision")[-1].address == "benar@example.co.id"
        player.wait(10 * DAY)
        assert player.state.closing_reason == "unconfirmed"

    def test_it_happens_once(self) -> None:
        player = resolved()
        self.bounced(player, "decision")
        tasks, failed = len(player.state.actions), len(player.entries("notice_failed"))
        self.bounced(player, "decision")
        assert (len(player.state.actions), len(player.entries("notice_failed"))) == (tasks, failed)
        assert len(player.entries("fact_reported")) == 2

    def test_before_we_heard_of_the_hand_over_it_counts_too(self) -> None:
        player = Player(down=True)
        player.decide()
        key = player.held[-1].key
        player.report("notice_bounced", details={"key": key, "status": "5.1.1"})
        player.channel_up()
        assert not player.has("confirmation")
        assert "decision" in player.state.stopped

    def test_after_the_answer_it_stops_nothing(self) -> None:
        player = Player()
        player.ask()
        player.reply()
        tasks = len(player.state.actions)
        self.bounced(player, "information_request")
        assert player.status is Status.INVESTIGATION
        assert len(player.state.actions) == tasks
        assert player.told("agent_fact_reported")

    def test_after_closing_it_is_only_recorded(self) -> None:
        player = resolved().wait(10 * DAY)
        assert player.status is Status.CLOSED
        self.bounced(player, "decision")
        assert player.status is Status.CLOSED
        assert player.last("fact_reported").detail["fact"] == "notice_bounced"
        assert not player.entries("notice_failed")
        assert not player.state.actions

    @pytest.mark.parametrize("status", ["550 No such user budi@example.co.id", 511, None, "5.1.1\n", "9.9.9"])
    def test_of_what_a_server_says_only_the_code_is_kept(self, status: Any) -> None:
        player = resolved()
        self.bounced(player, "decision", status)
        assert player.last("notice_failed").detail["problem"] == "bounced"

    def test_a_notice_of_an_agent_or_of_nobody_is_none_of_the_complainants(self) -> None:
        player = resolved()
        player.report("notice_bounced", details={"key": "nothing"})
        player.report("notice_bounced", details={"key": player.notices("agent_assigned")[-1].key + "/team:frontline"})
        assert not player.entries("notice_failed")


class TestConsent:
    def test_without_it_the_complaint_is_accepted_and_the_consent_asked_for(self) -> None:
        player = Player(complainant=REPRESENTED)
        assert player.status is Status.AWAITING_COMPLAINANT
        assert asked(player) == ("consent",)
        assert player.notices("acknowledgement")

    def test_with_it_the_case_goes_on_and_how_it_was_given_is_recorded(self) -> None:
        consent = {"how": "surat kuasa bermeterai", "given_at": wib(3, 9), "evidence": [FILE]}
        player = Player(complainant={**REPRESENTED, "consent": consent})
        assert player.status is Status.INVESTIGATION
        entry = player.last("consent_recorded")
        assert (entry.words, entry.detail["given_at"]) == ("surat kuasa bermeterai", "2026-07-03T02:00:00Z")
        assert player.last("attached").detail["of"] == "consent"

    def test_before_it_nothing_of_the_content_is_told(self) -> None:
        player = Player(complainant=REPRESENTED, policy=policy(("account_number",), consent="required"))
        for command in ("respond", "send_update"):
            refused = player.act(command, text="Tagihan Ibu Wati untuk bulan Mei").refused
            assert refused is not None
            assert refused.field == "complainant.consent"
        assert player.act("close", reason="out_of_scope", explanation="Tagihan bulan Mei").refused is None
        told = [d.facts for d in player.duties if getattr(d, "address", None) == REPRESENTED["email"]]
        assert len(told) == 3  # acknowledged, asked, closed
        assert all(facts.words is None and facts.category is None and facts.steps == () for facts in told)

    def test_an_agents_word_does_not_stand_for_it(self) -> None:
        player = Player(complainant=REPRESENTED)
        player.reply("saya anaknya")
        refused = player.act("verify").refused
        assert refused is not None
        assert refused.field == "complainant.consent"

    def test_an_agent_records_it(self) -> None:
        player = Player(complainant=REPRESENTED).until(wib(6, 11))
        assert player.act("amend", consent="lewat telepon, nomor terdaftar").refused is None
        assert player.status is Status.INVESTIGATION
        assert player.last("consent_recorded").words == "lewat telepon, nomor terdaftar"
        assert "terdaftar" not in str(player.last("amended").detail)
        assert player.respond().refused is None
        assert player.notices("response")[-1].facts.words == "Kami cek dulu"

    def test_a_reply_may_bring_it(self) -> None:
        player = Player(complainant=REPRESENTED)
        player.say(ComplainantReplied(message_id="m", text="ini", consent="surat kuasa", evidence=(FILE,)))
        assert player.status is Status.INVESTIGATION
        assert player.state.complainant.consent.how == "surat kuasa"

    def test_when_without_how_is_refused(self) -> None:
        refused = Player(complainant=REPRESENTED).act("amend", consent_at=wib(5).isoformat()).refused
        assert refused is not None
        assert refused.field == "consent"

    def test_whoever_speaks_for_themselves_needs_none(self) -> None:
        assert Player(complainant={"email": "a@b.id"}).status is Status.INVESTIGATION

    def test_a_policy_may_do_without(self) -> None:
        player = Player(complainant=REPRESENTED, policy=policy(consent="none"))
        assert player.status is Status.INVESTIGATION
        assert player.respond().refused is None


class TestBadInput:
    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"channel": "media"}, "source"),
            ({"channel": "media", "source": "  "}, "source"),
            ({"proof": "guess"}, "proof"),
            ({"complainant": {"consent": {"how": " "}}}, "complainant.consent.how"),
            ({"complainant": {"consent": {}}}, "complainant.consent.how"),
            ({"complainant": {"consent": {"how": "x", "given_at": "2026-07-01"}}}, "complainant.consent.given_at"),
            ({"evidence": [FILE] * 21}, "evidence"),
            ({"evidence": [{**FILE, "sha256": "../etc"}]}, "evidence.0.sha256"),
        ],
    )
    def test_it_names_the_field_and_the_remedy(self, given: dict[str, Any], field: str) -> None:
        with pytest.raises(BadInput) as caught:
            read(Intake, {"channel": "email", "key": "k", "text": "t", **given})
        assert caught.value.field == field
        assert caught.value.remedy

    def test_a_complaint_in_the_media_carries_where_it_was_read(self) -> None:
        player = Player(channel="media", source="Kompas, 5 Juli 2026, halaman 7")
        assert player.entries("received")[0].detail["source"] == "Kompas, 5 Juli 2026, halaman 7"

    def test_a_commands_evidence_is_checked(self) -> None:
        raw = {"act": "record_reply", "key": "k", "actor": {"id": "s"}, "text": "t", "how": "h", "evidence": [{}]}
        with pytest.raises(BadInput) as caught:
            read_command(raw)
        assert caught.value.field.startswith("evidence.0")

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"proceed_without": ("consent",), "consent": "required"}, "verification.proceed_without.0"),
            ({"proceed_without": ("contact",)}, "verification.proceed_without.0"),
            ({"proceed_without": ("shoe_size",), "contact": "required"}, "verification.proceed_without.0"),
        ],
    )
    def test_a_policy_that_cannot_be_meant_is_told(self, given: dict[str, Any], field: str) -> None:
        assert [problem.field for problem in check(policy(**given))] == [field]

    def test_one_that_can_is_sound(self) -> None:
        rules = policy(("account_number",), contact="required", proceed_without=("contact", "account_number"))
        assert check(rules) == []

    def test_an_unknown_level_is_refused(self) -> None:
        with pytest.raises(ValidationError):
            Verification.model_validate({"contact": "maybe"})


NEEDS = st.sampled_from(["required", "asked", "none"])
STEPS = st.lists(
    st.sampled_from(["reply", "number", "proof", "code", "consent", "yes", "no", "unknown", "bounce", "wait", "json"]),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(contact=NEEDS, customer=NEEDS, consent=NEEDS, represented=st.booleans(), steps=STEPS)
def test_whatever_comes_nothing_is_investigated_that_is_not_verified_and_nobody_is_forgotten(
    contact: str, customer: str, consent: str, represented: bool, steps: list[str]
) -> None:
    rules = policy(("account_number",), contact=contact, customer=customer, consent=consent)
    player = Player(policy=rules, complainant=REPRESENTED if represented else {"email": "a@b.id"})
    for number, step in enumerate(steps):
        _take(player, step, number)
        assert player.case.next_due() is not None or player.status is Status.ARCHIVED
        assert player.state.owner
        state = player.state
        if player.status is Status.INVESTIGATION:
            assert state.details.get("account_number")
            assert contact != "required" or state.proven
            assert customer != "required" or state.customer in (Customer.YES, Customer.UNKNOWN)
            assert not represented or consent != "required" or state.complainant.consent
        if player.status is Status.AWAITING_COMPLAINANT:
            assert state.question.missing
    assert len(player.notices("information_request")) <= 1 + steps.count("no")
    player.case.view(player.now)


def _take(player: Player, step: str, number: int) -> None:
    match step:
        case "reply":
            player.reply("ini", account_number="12")
        case "number":
            player.reply("ini", customer_number=f"C-{number}")
        case "proof":
            player.say(ComplainantReplied(message_id=f"p{number}", text="ini", proof="reply"))
        case "code":
            player.report("contact_proven", details={"channel": "email", "by": "code"})
        case "consent":
            player.act("amend", consent="surat kuasa")
        case "yes" | "no" | "unknown" if lookups(player):
            answer(player, Customer(step))
        case "bounce":
            key = player.notices("information_request")[0].key
            player.report("notice_bounced", details={"key": key})
        case "wait":
            player.wait(2 * DAY)
        case _:
            player.restore()
