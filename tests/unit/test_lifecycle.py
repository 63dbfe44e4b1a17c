"""The lifecycle: DESIGN section 3, sentence by sentence, and every pair of status and command against the table."""

from collections.abc import Callable
from typing import Any

import pytest

import policies
from complaints import lifecycle
from complaints.case.commands import HANDLERS
from complaints.messages.commands import read_command
from complaints.messages.duties import ClosureDuty
from complaints.messages.feedback import Delivery
from complaints.policy import ClosureRules, HoldLimits
from complaints.vocabulary import ClockState, ClosingReason, Kind, Occasion, Severity, Status
from tests.unit.cases import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    Player,
    closed,
    default_policy,
    resolved,
    wib,
    with_clock,
)


def needing_invoice() -> Any:
    policy = default_policy()
    billing = policy.categories["billing"].model_copy(update={"needs": ("invoice",)})
    return policy.model_copy(update={"categories": {**policy.categories, "billing": billing}})


def in_verification() -> Player:
    """Something was missing; the complainant wrote without giving it."""
    player = Player(policy=needing_invoice())
    player.reply("Apa maksudnya?")
    return player


def in_assessment() -> Player:
    return Player(category=None)


def in_awaiting() -> Player:
    player = Player()
    player.ask()
    return player


def in_on_hold() -> Player:
    player = Player()
    player.hold()
    return player


def in_closing() -> Player:
    player = resolved(severity="major").until(wib(6, 11))
    player.confirm()
    return player


def archived() -> Player:
    return closed().until(wib(22, 12))


REACHED: dict[str, Callable[[], Player]] = {
    "verification": in_verification, "assessment": in_assessment, "investigation": Player,
    "awaiting_complainant": in_awaiting, "on_hold": in_on_hold, "resolved": resolved, "closing": in_closing,
    "closed": closed, "archived": archived,
}  # fmt: skip

OTHER = "TTS-0000000000000"
COMMANDS: dict[str, dict[str, Any]] = {
    "verify": {}, "assess": {"category": "billing", "severity": "minor"}, "assign": {"to": "siti"},
    "transfer": {"to": "ani", "note": "lebih paham"}, "respond": {"text": "Kami cek"}, "send_update": {"text": "Masih"},
    "request_information": {"text": "Foto?"}, "hold": {"reason": "menunggu bank"}, "resume": {},
    "escalate": {"reason": "perlu ahli"}, "de_escalate": {"reason": "turun"}, "note": {"text": "catatan"},
    "record_step": {"step": "check_bill"}, "attach": {"sha256": "0" * 64, "name": "foto.jpg"},
    "decide": {"outcome": "upheld", "reasons": "benar"}, "approve": {}, "decline": {"reason": "terlalu mahal"},
    "record_root_cause": {"category": "process", "cause": "salah input"}, "record_evaluation": {"speed": 4},
    "answer_evaluation": {"text": "Menunggu bank."},
    "extend": {"reason": "third_party"}, "add_action": {"description": "kirim ulang"}, "complete_action": {"action": 1},
    "change_action": {"action": 1, "owner": "siti", "reason": "pindah tugas"},
    "cancel_action": {"action": 1, "reason": "tidak perlu"},
    "record_reply": {"text": "katanya sudah", "how": "phone"}, "record_confirmation": {"satisfied": True, "how": "tel"},
    "record_survey": {"how": "phone", "outcome": 4}, "record_withdrawal": {"how": "phone"}, "amend": {"name": "Budi"},
    "close": {"reason": "duplicate", "explanation": "sudah ada"}, "reopen": {"reason": "new_facts", "text": "bukti"},
    "decline_reopening": {"reason": "tidak ada fakta baru"},
    "refer": {"to": "BPSK", "explanation": "bukan wewenang kami"}, "merge": {"into": OTHER},
    "unmerge": {"reason": "beda"},
    "replan": {"policy": "demo", "reason": "baru", "plan": policies.resolve(policies.load("demo"), MONDAY).packed},
}  # fmt: skip

# What DESIGN section 3 means, written out once more by hand: V A I W(aiting) H R (closin)G C(losed) X(archived).
MATRIX = {
    "verify": "V", "assess": "A I W H", "assign": "V A I W H R G C", "transfer": "V A I W H R G",
    "respond": "V A I W H R G C", "send_update": "V A I W H R G C", "request_information": "V A I", "hold": "V A I",
    "resume": "H", "escalate": "V A I W H R G C", "de_escalate": "V A I W H R G C", "note": "V A I W H R G C",
    "record_step": "V A I W H R G", "attach": "V A I W H R G C", "decide": "I", "approve": "I", "decline": "I",
    "record_root_cause": "V A I W H R G C", "record_evaluation": "V A I W H R G C X",
    "answer_evaluation": "V A I W H R G C X",
    "extend": "V A I W H",
    "add_action": "V A I W H R G C", "complete_action": "V A I W H R G C",
    "change_action": "V A I W H R G C", "cancel_action": "V A I W H R G C", "record_reply": "V A I W H R G C",
    "record_confirmation": "V A I W H R G C", "record_survey": "C", "record_withdrawal": "V A I W H R G",
    "amend": "V A I W H R G C",
    "close": "V A I W H R", "reopen": "C X", "refer": "V A I W H R", "merge": "V A I W H R",
    "unmerge": "C X", "decline_reopening": "C X",
    "replan": "V A I W H R G",
}  # fmt: skip
LETTERS = dict(zip("VAIWHRGCX", REACHED, strict=True))

# Allowed by the table, and refused for another reason in a case that was merely brought there.
OWN_REASONS = {
    "de_escalate": "first tier", "approve": "no decision awaits approval", "decline": "no decision awaits approval",
    "extend": "no extension", "complete_action": "no open action", "change_action": "no open action",
    "cancel_action": "no open action", "record_step": "no such step",
    "unmerge": "is not merged", "record_evaluation": "nobody judges", "answer_evaluation": "no evaluation",
    "decline_reopening": "no reopening is requested",
}  # fmt: skip


def without_refusal(player: Player) -> dict[str, Any]:
    """The state but for the entry of a refusal and the memory of its key."""
    state: dict[str, Any] = player.state.model_dump(mode="json")
    state["timeline"] = [e for e in state["timeline"] if e["kind"] != "refused"]
    state.pop("seen")
    return state


# the table


def test_every_command_is_in_the_matrix() -> None:
    assert set(MATRIX) == set(COMMANDS)
    assert set(HANDLERS) == {name for name, statuses in MATRIX.items() if statuses}


@pytest.mark.parametrize("status", REACHED)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_status_and_command(status: str, command: str) -> None:
    player = REACHED[status]()
    assert player.status == status
    allowed = status in {LETTERS[letter] for letter in MATRIX[command].split()}
    assert lifecycle.allows(Status(status), command) == allowed
    before, entries, duties = without_refusal(player), len(player.state.timeline), len(player.duties)
    refused = player.act(command, role="lead", **COMMANDS[command]).refused
    if allowed and refused is None:
        return
    assert refused is not None
    assert refused.field
    assert refused.problem
    assert refused.remedy
    if allowed:
        expected = (
            "has not answered"
            if status == "resolved" and command in ("close", "refer", "merge")
            else OWN_REASONS[command]
        )
        assert expected in refused.problem
    else:
        assert status in refused.problem or "not offered" in refused.problem
    assert without_refusal(player) == before
    assert len(player.duties) == duties
    entry = player.state.timeline[-1]
    assert len(player.state.timeline) == entries + 1
    assert (entry.kind, entry.actor.id, entry.detail["act"]) == (Kind.REFUSED, "siti", command)
    assert entry.detail["reason"] == refused.problem


@pytest.mark.parametrize("role", ["auditor", "complainant", "system"])
def test_roles_that_may_not_act(role: str) -> None:
    refused = Player().act("note", role=role, text="halo").refused
    assert refused is not None
    assert refused.field == "actor.role"


def test_what_would_be_refused_can_be_asked_without_doing_anything() -> None:
    player = Player()
    before = player.state.model_dump()
    actor = {"id": "siti"}
    assert player.case.refusal(read_command({"act": "resume", "key": "x", "actor": actor}), player.now) is not None
    assert (
        player.case.refusal(read_command({"act": "note", "key": "y", "actor": actor, "text": "a"}), player.now) is None
    )
    assert player.state.model_dump() == before


def test_a_command_that_was_carried_out_is_no_refusal_when_it_comes_again() -> None:
    player = Player()
    command = read_command({"act": "decide", "key": "d", "actor": {"id": "siti"}, **COMMANDS["decide"]})
    assert player.say(command).refused is None
    assert player.case.refusal(command, player.now) is None
    again = player.say(command)
    assert (again.refused, again.repeated) == (None, True)


# reception


def test_a_complete_intake_is_in_investigation_at_its_receipt_instant() -> None:
    player = Player()
    assert player.status is Status.INVESTIGATION
    assert [(e.kind, e.at) for e in player.entries("received", "verified", "assessed")] == [
        (Kind.RECEIVED, MONDAY), (Kind.VERIFIED, MONDAY), (Kind.ASSESSED, MONDAY),
    ]  # fmt: skip


def test_default_severity_is_moderate() -> None:
    assert Player().state.severity is Severity.MODERATE


def test_what_the_category_needs_is_asked_in_one_message_and_the_answer_goes_on() -> None:
    player = Player(policy=needing_invoice())
    assert (player.status, player.state.entered_from) == (Status.AWAITING_COMPLAINANT, Status.VERIFICATION)
    assert player.notices("information_request")[-1].facts.missing == ("invoice",)
    player.reply("ini", invoice="INV-7")
    assert player.status is Status.INVESTIGATION


def test_an_answer_without_what_is_needed_comes_back_to_verification_where_an_agent_decides() -> None:
    player = in_verification()
    assert player.status is Status.VERIFICATION
    player.act("verify", note="cukup")
    assert player.status is Status.INVESTIGATION


def test_what_a_reply_brings_later_counts_in_verification() -> None:
    player = in_verification()
    player.act("request_information", text="nomor tagihan?")
    player.reply("ini", invoice="INV-7")
    assert player.status in (Status.VERIFICATION, Status.INVESTIGATION)
    assert player.state.details["invoice"] == "INV-7"


def test_without_category_an_agent_assesses() -> None:
    player = in_assessment()
    assert player.act("assess", severity="minor").refused is not None
    assert player.act("assess", category="cuaca").refused is not None
    player.act("assess", category="billing")
    assert (player.status, player.state.category) == (Status.INVESTIGATION, "billing")


def test_the_assessment_notice_names_the_steps_and_the_promised_date() -> None:
    facts = Player().notices("assessment")[-1].facts
    assert facts.promised_at == wib(15, 17)
    assert facts.steps[0] == "check_bill"


def test_every_later_change_of_the_promised_date_is_told_with_its_reason() -> None:
    player = Player().until(wib(6, 10))
    player.ask()
    player.until(wib(6, 14)).reply()
    player.until(wib(7, 9)).hold()
    player.until(wib(8, 9)).act("resume")
    player.act("assess", severity="minor")
    told = [
        (n.facts.change, n.facts.promised_at) for n in player.notices("date_changed") + player.notices("assessment")
    ]
    assert told == [
        ("pause", wib(16, 11)), ("hold", wib(17, 11)), (None, wib(15, 17)), ("reassessed", wib(13, 11)),
    ]  # fmt: skip


def test_a_pause_that_moves_nothing_is_not_told() -> None:
    player = Player().until(wib(6, 18))
    player.ask()
    player.until(wib(6, 20)).reply()
    assert not player.notices("date_changed")


# waiting


@pytest.mark.parametrize("status", ["verification", "assessment", "investigation"])
def test_any_message_of_the_complainant_leads_back_to_where_the_question_came_from(status: str) -> None:
    for answer in (Player.reply, Player.confirm, Player.dispute):
        player = REACHED[status]()
        player.wait(MINUTE).ask()
        assert player.status is Status.AWAITING_COMPLAINANT
        answer(player)
        assert player.status == status


def test_a_withdrawal_while_waiting_closes() -> None:
    player = in_awaiting()
    player.withdraw()
    assert player.state.closing_reason == "withdrawn"


def test_a_fact_reported_by_a_service_is_no_answer() -> None:
    player = in_awaiting()
    player.report("delivered", source="warehouse")
    assert player.status is Status.AWAITING_COMPLAINANT
    assert player.last("fact_reported").detail["fact"] == "delivered"
    assert player.told("agent_fact_reported") == (player.state.owner,)


@pytest.mark.parametrize("status", ["verification", "assessment", "investigation"])
def test_on_hold_returns_to_where_it_was_entered_from(status: str) -> None:
    player = REACHED[status]()
    player.wait(MINUTE).hold()
    player.act("resume")
    assert player.status == status
    player.wait(MINUTE).hold(review_at=wib(7, 12))
    player.until(wib(7, 12))
    assert player.status == status


def test_the_complainants_message_does_not_end_a_hold() -> None:
    player = in_on_hold()
    player.reply()
    assert player.status is Status.ON_HOLD


def test_question_from_verification_unanswered_closes_as_incomplete() -> None:
    player = Player(policy=needing_invoice()).until(wib(20, 17))
    assert player.state.closing_reason == "incomplete"
    assert player.status in (Status.CLOSED, Status.ARCHIVED)
    assert player.notices("closed_incomplete")


@pytest.mark.parametrize("status", ["assessment", "investigation"])
def test_question_from_elsewhere_unanswered_returns_to_investigation_and_the_owner_is_told(status: str) -> None:
    player = REACHED[status]()
    player.ask()
    player.until(wib(20, 17))
    assert player.status is Status.INVESTIGATION
    assert player.last("information_not_received").at == wib(20, 17)
    assert player.told("agent_information_not_received") == (player.state.owner,)


# holds


def test_hold_lasts_ten_working_days_at_most() -> None:
    player = Player()
    refused = player.hold(review_at=wib(21, 9)).refused
    assert refused is not None
    assert refused.field == "review_at"
    assert player.hold(review_at=wib(20, 17)).refused is None


def test_hold_each_is_the_policys_limit_even_if_the_clock_allows_more() -> None:
    policy = default_policy().model_copy(update={"hold": HoldLimits(each=3, total=20)})
    player = Player(policy=policy)
    assert player.hold(review_at=wib(10, 9)).refused is not None
    player.hold()
    assert player.clock("hold").due_at == wib(9, 17)


def test_holds_last_twenty_working_days_in_all() -> None:
    player = Player()
    for _ in range(2):
        assert player.hold().refused is None
        player.until(player.clock("hold").due_at)
        assert player.status is Status.INVESTIGATION
    assert player.state.holds_used == 20
    refused = player.hold(review_at=player.now + 4 * DAY).refused
    assert refused is not None
    assert (refused.field, "20 of 20" in refused.problem) == ("review_at", True)


def test_hold_resumed_early_uses_only_what_it_lasted() -> None:
    player = Player()
    player.hold()
    player.until(wib(8, 10)).act("resume")
    assert player.state.holds_used == 2


def test_hold_with_a_review_date_in_the_past_is_refused() -> None:
    refused = Player().hold(review_at=MONDAY).refused
    assert refused is not None
    assert refused.field == "review_at"


# closing


def test_confirmed() -> None:
    player = closed()
    assert (player.state.closing_reason, player.state.satisfied) == ("confirmed", True)
    assert player.notices("closed_confirmed")


def test_unconfirmed() -> None:
    player = resolved().until(wib(9, 10))
    assert (player.state.closing_reason, player.state.silence) == ("unconfirmed", True)
    assert player.notices("closed_unconfirmed")


@pytest.mark.parametrize("status", [s for s in REACHED if s not in ("closed", "archived", "closing")])
def test_withdrawn_from_any_open_status(status: str) -> None:
    player = REACHED[status]()
    player.withdraw()
    assert player.state.closing_reason == "withdrawn"
    assert player.notices("closed_withdrawn")


@pytest.mark.parametrize("status", ["closed", "archived"])
def test_a_withdrawal_after_closing_is_recorded_and_changes_nothing(status: str) -> None:
    player = REACHED[status]()
    player.withdraw()
    assert (player.status, player.state.closing_reason) == (status, "confirmed")
    assert player.last("withdrawn").detail["applied"] is False


@pytest.mark.parametrize("reason", ["incomplete", "duplicate", "referred", "out_of_scope"])
def test_an_agent_closes_as_one_of_the_last_four_with_a_reason(reason: str) -> None:
    player = Player()
    assert player.act("close", reason=reason, explanation="Sudah ditangani di tempat lain").refused is None
    assert player.state.closing_reason == reason
    assert player.notices(f"closed_{reason}")[-1].facts.words == "Sudah ditangani di tempat lain"


@pytest.mark.parametrize("reason", ["confirmed", "unconfirmed", "withdrawn", "deadlock"])
def test_the_first_four_come_only_from_the_complainant_or_a_lapsed_clock(reason: str) -> None:
    refused = Player().act("close", reason=reason, explanation="ya").refused
    assert refused is not None
    assert refused.field == "reason"
    assert "duplicate" in refused.remedy


def test_each_closing_reason_has_its_own_notice() -> None:
    assert {f"closed_{reason}" for reason in ClosingReason} <= set(Occasion)


def test_nothing_closes_before_its_record_is_complete() -> None:
    player = in_closing()
    assert player.case.missing_parts() == ("root_cause",)
    assert player.told("agent_closure_parts_missing") == (player.state.owner,)
    player.until(wib(8, 9))
    assert player.status is Status.CLOSING
    player.act("record_root_cause", category="process", cause="salah input")
    assert player.status is Status.CLOSED


@pytest.mark.parametrize(
    ("rule", "command"),
    [
        ("root_cause_from", "record_root_cause"),
        ("evaluation_from", "record_evaluation"),
        ("steps_from", "record_step"),
    ],
)
def test_required_parts_are_the_policys_by_severity(rule: str, command: str) -> None:
    policy = default_policy().model_copy(update={"closure": ClosureRules(**{rule: Severity.MODERATE})})
    player = resolved(policy=policy)
    player.confirm()
    assert player.status is Status.CLOSING
    player.act(command, by="rina", **COMMANDS[command])
    assert player.status is Status.CLOSED
    assert closed(policy=policy, severity="minor").status is Status.CLOSED


def test_withdrawn_and_the_like_write_their_own_record() -> None:
    player = Player(severity="critical")
    player.withdraw()
    record = player.state.closures[-1]
    assert (record.reason, record.problem) == ("withdrawn", "Tagihan saya salah")
    assert record.clocks


def test_the_closure_record_holds_what_an_auditor_asks() -> None:
    player = Player(severity="major").until(wib(6, 10))
    player.act("record_step", step="check_bill", note="cocok")
    player.act("add_action", description="kirim nota kredit")
    player.decide(findings="biaya dobel", remedies=[{"solution": "refund", "cost": 1000}])
    player.act("record_root_cause", category="process", cause="salah input", corrective_action="validasi")
    player.until(wib(6, 11)).confirm(rating=5)
    record = player.state.closures[-1]
    assert (record.outcome, record.findings, record.reasons) == ("upheld", "biaya dobel", "Benar, tagihannya keliru")
    assert (record.cost, record.remedies[0].solution, record.steps[0]["step"]) == (1000, "refund", "check_bill")
    assert (record.satisfied, record.rating, record.silence) == (True, 5, False)
    assert [a.description for a in record.actions] == ["kirim nota kredit"]
    assert record.root_cause is not None
    assert record.root_cause["corrective_action"] == "validasi"
    assert {c.metric for c in record.clocks} >= {"first_response", "resolution", "confirmation"}
    assert (record.pack, record.policy_version) == ("id.default", default_policy().version)
    assert record.chain_head in {e.hash for e in player.state.timeline}
    assert [d.record for d in player.duties if isinstance(d, ClosureDuty)] == [record]


# silence


def test_what_waits_starts_at_the_hand_over_and_so_does_the_silence() -> None:
    player = Player()
    player.down = True
    player.until(wib(6, 10)).decide()
    player.until(wib(20, 9))
    assert player.status is Status.RESOLVED
    player.channel_up()
    player.until(wib(23, 8))
    assert player.status is Status.RESOLVED
    player.until(wib(23, 9))
    assert player.state.closing_reason == "unconfirmed"


@pytest.mark.parametrize("number", [1, 2])
def test_each_reminder_waits_for_its_hand_over_likewise(number: int) -> None:
    """A reminder handed over two days late moves everything after it by two days."""
    player = resolved().before(wib(6 + number, 10))
    player.down = True
    player.until(wib(8 + number, 10))
    assert player.status is Status.RESOLVED
    assert len(player.notices("confirmation_reminder")) == number
    player.channel_up()
    assert player.clock("confirmation").due_at == wib(11, 10)
    player.until(wib(11, 9, 59))
    assert player.status is Status.RESOLVED
    player.until(wib(11, 10))
    assert player.state.closing_reason == "unconfirmed"
    reminders = [n for n in player.state.notices if n.occasion == "confirmation_reminder"]
    assert all(n.handed_over_at is not None for n in reminders)
    assert len(reminders) == 2


def test_nothing_closes_while_a_reminder_is_on_its_way() -> None:
    player = resolved().before(wib(7, 10))
    player.down = True
    player.until(wib(40, 9))
    assert player.status is Status.RESOLVED


def test_information_reminders_wait_for_their_hand_over_too() -> None:
    player = in_awaiting().before(wib(9, 17))
    player.down = True
    player.until(wib(14, 9))
    player.channel_up()
    assert player.clock("information").due_at == wib(23, 9)  # 20 July 17:00 and the 17 business hours of the delay
    player.until(wib(22, 17))
    assert player.status is Status.AWAITING_COMPLAINANT


@pytest.mark.parametrize("lost", ["decision", "confirmation_reminder"])
def test_a_notice_that_fails_for_good_becomes_a_task_for_the_owner_and_stops_that_path(lost: str) -> None:
    player = resolved(failing=[lost])
    player.until(wib(30, 9))
    assert player.status is Status.RESOLVED
    assert not player.running("confirmation")
    tasks = [a for a in player.state.actions if a.kind == "task"]
    assert [(a.description, a.owner) for a in tasks] == [("reach_complainant", "team:frontline")]
    assert player.notices("agent_task")
    assert player.breaches("action")  # the task has a clock of its own


def test_a_lost_question_stops_its_path_too() -> None:
    player = Player(failing=["information_request"])
    player.ask()
    player.until(wib(30, 9))
    assert player.status is Status.AWAITING_COMPLAINANT
    assert not player.has("information")
    assert [a.description for a in player.state.actions] == ["reach_complainant"]


def test_a_lost_notice_that_nothing_waits_for_gives_no_task() -> None:
    player = Player(failing=["assessment", "response"])
    player.respond()
    assert player.entries("notice_failed")
    assert player.state.actions == []


def test_an_answer_by_another_way_ends_the_task() -> None:
    player = resolved(failing=["decision"])
    player.act("record_confirmation", satisfied=True, how="phone")
    assert (player.state.closing_reason, player.clock("action").state) == ("confirmed", ClockState.MET)


def test_a_new_address_sends_again_what_is_awaited() -> None:
    player = resolved(failing=["decision"]).until(wib(6, 12))
    player.failing = set()
    player.act("amend", email="baru@example.co.id")
    assert player.notices("decision")[-1].address == "baru@example.co.id"
    assert player.clock("confirmation").started_at == wib(6, 12)
    assert player.clock("action").state is ClockState.MET
    player.until(wib(9, 12))
    assert player.state.closing_reason == "unconfirmed"


def nobody(**more: Any) -> Player:
    return Player(complainant={}, **more)


def test_a_complainant_without_an_address_is_a_task_and_never_silent() -> None:
    player = nobody().until(wib(6, 10))
    assert [a.description for a in player.state.actions] == ["reach_complainant"]
    player.decide()
    player.until(wib(40, 9))
    assert player.status is Status.RESOLVED
    assert not player.has("confirmation")
    assert len([a for a in player.state.actions if a.kind == "task"]) == 1


def test_a_task_is_not_done_before_the_complainant_was_reached() -> None:
    player = nobody()
    assert player.act("complete_action", action=1).refused is not None


def test_an_address_that_comes_later_sends_the_acknowledgement() -> None:
    player = nobody().until(wib(6, 10))
    player.act("amend", email="baru@example.co.id")
    assert player.notices("acknowledgement")
    assert player.state.actions[0].completed_at is not None


def test_learning_the_same_delivery_twice_changes_nothing() -> None:
    player = resolved()
    before = player.state.model_dump()
    notice = player.notices("decision")[-1]
    for handed_over in (True, False):
        player.case.learn(Delivery(key=notice.key, handed_over=handed_over, at=player.now), player.now)
    player.case.learn(Delivery(key="nobody/knows", handed_over=True, at=player.now), player.now)
    assert player.state.model_dump() == before


def test_an_acknowledgement_lost_after_the_end_gives_nobody_a_task() -> None:
    player = Player(down=True)
    player.withdraw()
    player.lose_held()
    assert player.status is Status.ARCHIVED
    assert player.state.actions == []
    assert player.case.next_due() is None


# disputes


def test_a_dispute_returns_to_investigation_one_tier_up_with_what_was_missing() -> None:
    player = resolved().until(wib(6, 11))
    player.dispute("Uangnya belum kembali")
    assert (player.status, player.tier) == (Status.INVESTIGATION, "specialist")
    assert player.last("disputed").words == "Uangnya belum kembali"
    assert player.notices("agent_disputed")[-1].facts.words == "Uangnya belum kembali"
    assert player.notices("dispute_received")[-1].facts.promised_at == wib(15, 17)


def disputed(times: int) -> Player:
    player = resolved()
    for n in range(times):
        player.wait(HOUR).dispute()
        assert player.status is Status.INVESTIGATION
        if n < times - 1:
            player.wait(HOUR).decide()
    return player


def test_after_the_policys_number_of_disputes_the_next_decision_is_final_and_names_the_outside_bodies() -> None:
    player = disputed(1).wait(HOUR)
    player.decide()
    assert not player.state.decisions[-1].final
    player = disputed(2).wait(HOUR)
    player.decide()
    assert player.state.decisions[-1].final
    assert player.last("decided").detail["bodies"] == ["BPSK", "LAPS SJK"]
    assert player.notices("final_decision")[-1].facts.bodies == ("BPSK", "LAPS SJK")


def test_a_dispute_at_the_top_tier_makes_the_next_decision_final() -> None:
    player = Player()
    player.act("escalate", reason="langsung", to="management")
    player.wait(HOUR).decide()
    player.wait(HOUR).dispute()
    player.wait(HOUR).decide()
    assert player.state.decisions[-1].final


def deadlocked() -> Player:
    player = disputed(2).wait(HOUR)
    player.decide()
    player.wait(HOUR).dispute()
    return player


def test_a_dispute_of_a_final_decision_is_recorded_and_closes_as_deadlock() -> None:
    player = deadlocked()
    assert player.state.closing_reason == "deadlock"
    assert player.state.disputes == 3
    assert player.last("disputed").detail["final"] is True
    assert player.notices("closed_deadlock")[-1].facts.bodies == ("BPSK", "LAPS SJK")


def test_new_facts_reopen_a_deadlock() -> None:
    player = deadlocked()
    assert player.act("reopen", reason="new_facts", text="ada bukti").refused is None
    assert player.status is Status.INVESTIGATION


def test_a_final_decision_may_be_confirmed() -> None:
    player = disputed(2).wait(HOUR)
    player.decide()
    player.wait(HOUR).confirm()
    assert player.state.closing_reason == "confirmed"


def test_a_dispute_while_the_record_is_being_completed_is_a_dispute() -> None:
    player = in_closing()
    player.dispute()
    assert (player.status, player.state.closing_reason) == (Status.INVESTIGATION, None)


def test_a_confirmation_while_the_record_is_being_completed_after_silence_counts() -> None:
    player = resolved(severity="major").until(wib(9, 12))
    assert player.state.closing_reason == "unconfirmed"
    player.confirm(rating=4)
    player.act("record_root_cause", category="process", cause="salah input")
    assert (player.state.closures[-1].reason, player.state.closures[-1].silence) == ("confirmed", False)


# answers to what


def test_a_confirmation_applies_to_the_last_decision_unless_it_names_one() -> None:
    player = disputed(1).wait(HOUR)
    player.decide()
    player.confirm(decision=1)
    assert player.status is Status.RESOLVED
    assert player.last("satisfaction_confirmed").detail["applied"] is False
    assert player.told("agent_message_received") == (player.state.owner,)
    player.confirm(decision=2)
    assert player.state.closing_reason == "confirmed"


def test_a_dispute_of_an_earlier_decision_changes_nothing_else() -> None:
    player = disputed(1).wait(HOUR)
    player.decide()
    before = (player.status, player.tier, player.state.disputes)
    player.confirm(satisfied=False, decision=1)
    assert (player.status, player.tier, player.state.disputes) == before


@pytest.mark.parametrize("satisfied", [True, False])
def test_an_answer_before_any_decision_is_recorded_and_told(satisfied: bool) -> None:
    player = Player()
    player.confirm(satisfied=satisfied)
    assert player.status is Status.INVESTIGATION
    assert player.last("satisfaction_confirmed").detail["applied"] is False
    assert player.told("agent_message_received") == (player.state.owner,)


# closed is not solved


def owing() -> Player:
    player = Player().until(wib(6, 10))
    player.act("add_action", description="kirim nota kredit", owner="rina", due_at=wib(40, 12))
    player.decide()
    player.until(wib(6, 11)).confirm()
    return player


def test_actions_still_owed_keep_owner_due_date_and_clock_in_aftercare() -> None:
    player = owing()
    assert player.status is Status.CLOSED
    action = player.state.actions[0]
    assert (action.owner, action.due_at, action.completed_at) == ("agent:rina", wib(40, 12), None)
    assert player.clock("action").state is ClockState.RUNNING
    player.until(wib(13, 11))
    assert player.notices("follow_up")[-1].facts.actions == ("kirim nota kredit",)


def test_a_closed_case_is_not_put_away_while_an_action_is_owed() -> None:
    player = owing().until(wib(30, 9))
    assert player.status is Status.CLOSED
    assert player.case.next_due() is not None
    player.until(wib(40, 13))
    assert player.breaches("action")
    player.act("complete_action", action=1)
    assert player.status is Status.ARCHIVED


def test_closed_keeps_its_last_owner_and_is_due_at_the_earliest_of_what_is_left() -> None:
    player = closed()
    assert player.state.owner == "team:frontline"
    assert player.case.next_due() == wib(13, 11)  # the follow-up
    player.until(wib(13, 11))
    assert player.case.next_due() == wib(20, 11)  # the end of aftercare
    player.until(wib(20, 11))
    assert (player.status, player.case.next_due()) == (Status.ARCHIVED, None)


def test_an_action_that_is_past_or_unknown_is_refused() -> None:
    player = Player()
    assert player.act("add_action", description="x", due_at=MONDAY).refused.field == "due_at"
    assert player.act("add_action", description="x", kind="task").refused.field == "kind"
    assert player.act("complete_action", action=7).refused.field == "action"
    player.act("add_action", description="x")
    player.act("complete_action", action=1)
    assert player.act("complete_action", action=1).refused.field == "action"


# reopening


@pytest.mark.parametrize("status", ["closed", "archived"])
@pytest.mark.parametrize("reason", ["new_facts", "problem_returned", "promise_not_kept"])
def test_reopening_needs_a_reason_keeps_the_reference_and_counts_up(status: str, reason: str) -> None:
    player = REACHED[status]()
    player.act("reopen", reason=reason, text="begini")
    assert (player.status, player.state.reopenings, player.state.reference) == (Status.INVESTIGATION, 1, "TTS-TEST")
    assert player.last("reopened").detail["reason"] == reason
    assert player.case.next_due() is not None
    assert player.notices("reopened")


def test_a_reopened_case_adds_a_further_record() -> None:
    player = closed().until(wib(7, 9))
    first = player.state.closures[0]
    player.act("reopen", reason="new_facts", text="bukti")
    player.wait(HOUR).decide(outcome="partly_upheld")
    player.wait(HOUR).confirm()
    assert player.state.closures[0] == first
    assert [r.number for r in player.state.closures] == [1, 2]


def test_a_no_after_closing_is_a_reopening_request() -> None:
    player = closed().until(wib(6, 12))
    player.dispute("Muncul lagi")
    assert player.status is Status.CLOSED
    assert player.entries("reopening_requested")
    assert player.told("agent_reopening_requested") == ("team:frontline",)
    assert player.notices("reopening_request_received")


def test_a_message_to_an_archived_case_is_kept_and_offered_to_its_last_team() -> None:
    player = archived()
    player.reply("Muncul lagi")
    assert player.status is Status.ARCHIVED
    assert player.last("complainant_replied").words == "Muncul lagi"
    assert player.entries("reopening_requested")
    assert player.told("agent_reopening_requested") == ("team:frontline",)


def test_a_yes_to_an_archived_case_is_recorded_and_told() -> None:
    player = archived()
    player.confirm()
    assert player.last("satisfaction_confirmed").detail["applied"] is False
    assert not player.entries("reopening_requested")


def test_a_message_after_closing_keeps_the_case_until_it_is_answered() -> None:
    player = closed().until(wib(6, 12))
    player.reply("Terima kasih, tapi ...")
    player.until(wib(40, 9))
    assert player.status is Status.CLOSED
    player.respond()
    assert player.status is Status.ARCHIVED


# owner and transfers


@pytest.mark.parametrize("status", [s for s in REACHED if s != "archived"])
def test_nobody_is_ignored(status: str) -> None:
    player = REACHED[status]()
    assert player.state.owner
    assert player.case.next_due() is not None


@pytest.mark.parametrize("question", ["decide", "ask"])
def test_nobody_is_ignored_while_the_channel_is_down(question: str) -> None:
    player = Player()
    player.respond()
    player.down = True
    getattr(player, question)()
    assert player.case.next_due() is not None


def test_nobody_is_ignored_while_a_reminder_is_held_back() -> None:
    player = resolved().before(wib(7, 10))
    player.down = True
    player.until(wib(7, 10))
    assert player.case.next_due() is not None


def test_transfer_changes_the_owner_with_a_note_and_both_are_told() -> None:
    player = Player()
    player.act("assign", to="siti")
    player.act("transfer", to="ani", note="lebih paham")
    assert player.state.owner == "agent:ani"
    assert player.last("transferred").detail["note"] == "lebih paham"
    assert (player.told("agent_assigned"), player.told("agent_relieved")) == (("agent:ani",), ("agent:siti",))


def test_assignment_and_escalation_are_not_counted_as_transfers() -> None:
    player = Player()
    player.act("assign", to="siti")
    player.act("assign", to="team:specialist", role="lead")
    player.act("escalate", reason="naik")
    assert player.state.transfers == 0


def test_past_the_limit_a_transfer_is_refused_and_the_case_goes_up_to_one_accountable_owner() -> None:
    player = Player()
    for agent in ("ani", "budi"):
        player.wait(MINUTE)
        assert player.act("transfer", to=agent, note="bukan saya").refused is None
    refused = player.wait(MINUTE).act("transfer", to="cici", note="bukan saya").refused
    assert refused is not None
    assert "2 times" in refused.problem
    assert (player.state.transfers, player.tier, player.state.owner) == (2, "specialist", "team:specialist")
    assert player.last("refused").detail["act"] == "transfer"
    assert player.told("agent_transfer_refused") == ("team:specialist",)


def test_a_transfer_to_the_owner_or_to_an_unknown_team_is_refused_and_not_counted() -> None:
    player = Player()
    assert player.act("transfer", to="team:frontline", note="x").refused.field == "to"
    assert player.act("transfer", to="team:langit", note="x").refused.field == "to"
    assert player.state.transfers == 0


# decisions


def proposed() -> Player:
    player = Player().until(wib(6, 10))
    player.decide(remedies=[{"solution": "refund", "cost": 5_000_000}])
    return player


def test_above_the_limit_a_decision_is_proposed_nothing_is_communicated_and_an_approver_owns_the_case() -> None:
    player = proposed()
    assert player.status is Status.INVESTIGATION
    assert not player.notices("decision")
    assert player.state.decisions == []
    assert player.clock("resolution").state is ClockState.RUNNING
    assert player.state.owner == "team:supervisor"
    assert player.told("agent_approval_wanted") == ("team:supervisor",)


@pytest.mark.parametrize(("cost", "status"), [(1_999_999, Status.RESOLVED), (2_000_000, Status.INVESTIGATION)])
def test_the_limit_is_the_categorys_from_that_cost_on(cost: int, status: Status) -> None:
    player = Player()
    player.decide(remedies=[{"solution": "refund", "cost": cost - 1}, {"solution": "correction", "cost": 1}])
    assert player.status is status


def test_approved() -> None:
    player = proposed().until(wib(6, 11))
    player.act("approve", by="rina", role="lead")
    decision = player.state.decisions[-1]
    assert (player.status, decision.approved_by, decision.actor.id) == (Status.RESOLVED, "rina", "siti")
    assert player.notices("decision")
    assert player.told("agent_approval_answered") == ("agent:siti",)


def test_declined() -> None:
    player = proposed().until(wib(6, 11))
    player.act("decline", by="rina", role="lead", reason="terlalu mahal")
    assert (player.status, player.state.owner, player.state.proposal) == (Status.INVESTIGATION, "agent:siti", None)
    assert player.last("decision_declined").detail["reason"] == "terlalu mahal"
    assert not player.notices("decision")


@pytest.mark.parametrize("command", ["approve", "decline"])
def test_only_a_lead_approves_or_declines(command: str) -> None:
    refused = proposed().act(command, by="rina", **COMMANDS[command]).refused
    assert refused is not None
    assert refused.field == "actor.role"


def test_nobody_approves_their_own_decision() -> None:
    refused = proposed().act("approve", by="siti", role="lead").refused
    assert refused is not None
    assert refused.field == "actor.id"


def test_a_solution_the_category_does_not_offer_is_refused() -> None:
    refused = Player().decide(remedies=[{"solution": "training"}]).refused
    assert refused is not None
    assert (refused.field, "refund" in refused.remedy) == ("remedies.0.solution", True)


def test_a_step_the_procedure_does_not_have_is_refused() -> None:
    refused = Player().act("record_step", step="terbang").refused
    assert refused is not None
    assert (refused.field, "check_bill" in refused.remedy) == ("step", True)


# messages


def test_repeated_message_ids_change_nothing() -> None:
    player = resolved()
    player.reply("halo", id="m-1")
    player.act("note", key="k-1", text="a")
    before = player.state.model_dump()
    assert player.reply("halo", id="m-1").repeated
    assert player.act("note", key="k-1", text="b").repeated
    player.restore()
    assert player.confirm(id="m-1").repeated
    assert player.state.model_dump() == before


def test_a_repeated_refusal_is_one_entry() -> None:
    player = Player()
    player.act("resume", key="k-1")
    player.act("resume", key="k-1")
    assert len(player.entries("refused")) == 1


def test_what_cannot_be_read_is_kept_by_field_not_content_and_the_owner_is_told() -> None:
    player = Player()
    player.garble()
    entry = player.last("unreadable_message")
    assert (entry.detail, entry.words) == (
        {"name": "complainant_replied", "field": "text", "problem": "too long"}, None,
    )  # fmt: skip
    assert player.told("agent_unreadable_message") == (player.state.owner,)
    assert player.status is Status.INVESTIGATION


@pytest.mark.parametrize("status", REACHED)
def test_facts_from_outside_are_never_refused(status: str) -> None:
    for say in (Player.reply, Player.confirm, Player.dispute, Player.withdraw, Player.report, Player.garble):
        player = REACHED[status]()
        before = len(player.state.timeline)
        assert say(player).refused is None
        assert len(player.state.timeline) > before
        assert not player.entries("refused")


def test_on_the_complainants_behalf_says_how_it_was_given() -> None:
    player = resolved().until(wib(6, 11))
    player.act("record_reply", text="katanya masih kurang", how="telepon 11:00")
    assert player.last("complainant_replied").detail["how"] == "telepon 11:00"
    player.act("record_confirmation", satisfied=True, how="telepon 12:00")
    assert (player.last("satisfaction_confirmed").actor.id, player.state.closing_reason) == ("siti", "confirmed")
    player = Player()
    player.act("record_withdrawal", how="surat")
    assert (player.last("withdrawn").detail["how"], player.state.closing_reason) == ("surat", "withdrawn")


def test_amend_needs_something_and_changes_what_later_notices_use() -> None:
    player = Player()
    assert player.act("amend").refused is not None
    player.act("amend", email="baru@example.co.id", language="en")
    player.respond()
    notice = player.notices("response")[-1]
    assert (notice.address, notice.language) == ("baru@example.co.id", "en")


def test_no_clock_of_an_archived_case_runs() -> None:
    assert not [c for c in archived().state.clocks if c.open]


def test_a_policy_without_follow_up_closes_all_the_same() -> None:
    policy = with_clock("follow_up", after=frozenset())
    assert closed(policy=policy).case.next_due() == wib(20, 11)
