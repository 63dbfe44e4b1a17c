"""Each promise to the complainant: done, asked about, confirmed, denied; twice, late, crossing, after archiving."""

import pytest

from complaints.errors import BadInput
from complaints.messages.duties import ActionRow
from complaints.messages.merging import ForwardDuty
from complaints.vocabulary import ActionKind, ClockState, PromiseAnswer, Status
from tests.unit.cases import DAY, HOUR, Player, wib


def promised(**given: object) -> Player:
    player = Player(**given).until(wib(6, 10))  # type: ignore[arg-type]
    player.respond()
    player.act("add_action", description="kirim nota kredit", owner="rina", due_at=wib(10, 12))
    return player


def kept(**given: object) -> Player:
    player = promised(**given)
    player.until(wib(7, 9)).act("complete_action", action=1, note="dikirim lewat pos")
    return player


def row(player: Player, number: int = 1) -> ActionRow:
    return player.state.actions[number - 1]


def clocks(player: Player) -> list[ClockState]:
    return [clock.state for clock in player.state.clocks if clock.action == 1]


def test_the_complainant_is_asked_when_a_promise_is_done_and_silence_is_not_a_yes() -> None:
    player = kept()
    notice = player.notices("promise_done")[-1]
    assert (notice.facts.number, notice.facts.actions) == (1, ("kirim nota kredit",))
    assert notice.facts.reason == "dikirim lewat pos"
    assert (row(player).answer, row(player).answered_at) == (PromiseAnswer.NOT_ANSWERED, None)
    player.decide()
    player.until(wib(9, 9)).confirm()
    assert player.state.closures[-1].actions[0].answer is PromiseAnswer.NOT_ANSWERED
    assert player.case.view(player.now).actions[0].answer == "not_answered"


def test_a_yes_is_recorded_once_and_answers_no_decision() -> None:
    player = kept()
    player.decide()
    player.confirm(action=1, rating=5)
    assert player.status is Status.RESOLVED  # the decision is not answered with it
    assert (row(player).answer, row(player).answered_at) == (PromiseAnswer.CONFIRMED, player.now)
    player.confirm(action=1)
    assert player.last("action_confirmed").detail["applied"] is False
    assert row(player).completed_at is not None


def test_a_no_opens_it_again_with_a_new_date_and_tells_its_owner_in_their_words() -> None:
    player = kept()
    player.until(wib(8, 9)).confirm(satisfied=False, action=1, text="belum sampai")
    action = row(player)
    assert (action.completed_at, action.answer) == (None, PromiseAnswer.DENIED)
    assert action.due_at == wib(10, 17)  # two working days, the policy's
    assert clocks(player) == [ClockState.MET, ClockState.RUNNING]
    assert player.told("agent_promise_denied") == ("agent:rina", player.state.owner)
    assert player.notices("agent_promise_denied")[-1].facts.words == "belum sampai"
    assert player.notices("promise_reopened")[-1].facts.due_at == action.due_at
    assert player.running("next_response")


def test_the_same_no_twice_opens_it_once() -> None:
    player = kept()
    player.confirm(satisfied=False, action=1, id="m-1")
    before = player.state.model_dump_json()
    player.confirm(satisfied=False, action=1, id="m-1")
    assert player.state.model_dump_json() == before
    player.confirm(satisfied=False, action=1, id="m-2", text="masih belum")
    assert player.last("action_denied").detail["applied"] is False
    assert clocks(player) == [ClockState.MET, ClockState.RUNNING]
    assert player.notices("agent_promise_denied")[-1].facts.words == "masih belum"


def test_a_yes_that_crosses_our_work_ends_the_promise() -> None:
    player = kept()
    player.confirm(satisfied=False, action=1)
    player.until(wib(8, 9)).confirm(action=1)  # it came after all, before anybody acted
    assert (row(player).answer, row(player).completed_at) == (PromiseAnswer.CONFIRMED, wib(8, 9))
    assert player.act("complete_action", action=1).refused.field == "action"


def test_a_promise_done_anew_is_asked_about_anew() -> None:
    player = kept()
    player.confirm(satisfied=False, action=1)
    player.until(wib(8, 9)).act("complete_action", action=1)
    assert row(player).answer is PromiseAnswer.NOT_ANSWERED
    assert row(player).asked == player.notices("promise_done")[-1].key != player.notices("promise_done")[0].key


def test_a_no_after_a_yes_counts() -> None:
    player = kept()
    player.confirm(action=1)
    player.confirm(satisfied=False, action=1, text="rusak lagi")
    assert row(player).open


def test_a_no_before_we_said_that_it_is_done_changes_nothing_and_is_told() -> None:
    player = promised()
    player.confirm(satisfied=False, action=1, text="kapan?")
    assert player.last("action_denied").detail["applied"] is False
    assert player.told("agent_promise_denied") == ("agent:rina", player.state.owner)
    assert row(player).due_at == wib(10, 12)


@pytest.mark.parametrize("satisfied", [True, False])
def test_an_answer_to_what_is_no_promise_is_recorded_and_changes_nothing(satisfied: bool) -> None:
    player = promised()
    player.act("add_action", description="ganti label", kind="corrective", owner="ani")
    for number in (2, 9):
        player.confirm(satisfied=satisfied, action=number)
        kind = "action_confirmed" if satisfied else "action_denied"
        assert player.last(kind).detail["applied"] is False
    assert row(player, 2).open


def test_an_agent_records_it_on_their_behalf() -> None:
    player = kept()
    assert player.act("record_confirmation", satisfied=True, how="telepon", action=7).refused.field == "action"
    player.act("record_confirmation", satisfied=False, how="telepon", action=1, text="belum")
    assert player.last("action_denied").detail["how"] == "telepon"
    assert row(player).open


def test_any_answer_ends_the_wait_for_the_complainant() -> None:
    player = kept()
    player.act("request_information", text="Foto?")
    assert player.status is Status.AWAITING_COMPLAINANT
    player.confirm(action=1)
    assert player.status is Status.INVESTIGATION


def closed(*, complete: bool) -> Player:
    player = kept() if complete else promised()
    player.decide()
    player.until(wib(7, 11)).confirm()
    assert player.status is Status.CLOSED
    return player


def test_a_no_after_closing_opens_the_promise_and_keeps_aftercare_open() -> None:
    player = closed(complete=True)
    player.confirm(satisfied=False, action=1)
    assert player.status is Status.CLOSED
    player.act("respond", text="Kami kirim lagi")
    player.until(wib(23, 9))
    assert player.status is Status.CLOSED  # beyond the fourteen days
    assert player.breaches("action")
    player.act("complete_action", action=1)
    assert player.status is Status.ARCHIVED


def test_after_archiving_a_no_is_a_reopening_request_with_its_reason() -> None:
    player = closed(complete=True).until(wib(23, 9))
    assert player.status is Status.ARCHIVED
    player.confirm(satisfied=False, action=1, text="ternyata tidak pernah sampai")
    assert player.status is Status.ARCHIVED
    assert player.last("reopening_requested").detail["reason"] == "promise_not_kept"
    assert player.notices("agent_reopening_requested")[-1].facts.words == "ternyata tidak pernah sampai"
    assert (row(player).answer, row(player).completed_at) == (PromiseAnswer.DENIED, wib(7, 9))
    assert not player.running("action")
    player.confirm(action=1)  # and late, a yes
    assert row(player).answer is PromiseAnswer.CONFIRMED


def test_what_a_no_after_archiving_asks_for_waits_once_and_is_answered() -> None:
    player = closed(complete=True).until(wib(23, 9))
    player.confirm(satisfied=False, action=1, text="tidak sampai")
    player.confirm(satisfied=False, action=1, text="masih tidak sampai")
    assert len(player.entries("reopening_requested")) == len(player.notices("reopening_request_received")) == 1
    assert player.notices("agent_reopening_requested")[-1].facts.words == "masih tidak sampai"
    assert player.case.standing().reopening_requested_at == wib(23, 9)
    assert player.last("reopening_requested").detail["message"] == player.entries("action_denied")[0].sequence
    assert player.act("decline_reopening", reason="Sudah diterima, ini buktinya").refused is None
    assert player.case.standing().reopening_requested_at is None


def test_a_promise_that_was_not_kept_is_owed_again_once_the_case_is_open() -> None:
    player = closed(complete=True).until(wib(23, 9))
    player.confirm(satisfied=False, action=1, text="tidak sampai")
    player.act("reopen", reason="promise_not_kept", text="nota tidak sampai")
    denied = player.entries("action_denied")[0].sequence
    assert player.last("reopened").detail["facts"] == [denied]
    assert row(player).open
    assert row(player).answer is PromiseAnswer.DENIED
    assert player.clock("action").due_at == row(player).due_at
    assert player.clock("action").open
    assert player.told("agent_task") == ("agent:rina",)
    assert player.notices("promise_reopened")[-1].facts.due_at == row(player).due_at
    assert player.state.changed_actions[1] <= player.state.timeline[-1].sequence
    player.act("complete_action", action=1)
    assert row(player).answer is PromiseAnswer.NOT_ANSWERED


def test_a_merged_case_answers_for_its_own_promises() -> None:
    player = kept()
    player.act("merge", into="TTS-0000000000000")
    assert player.state.merged_into is not None
    assert player.status is Status.ARCHIVED  # a duplicate has no aftercare
    player.confirm(satisfied=False, action=1)
    assert row(player).answer is PromiseAnswer.DENIED
    assert player.last("reopening_requested").detail["number"] == 1
    assert not any(isinstance(duty, ForwardDuty) for duty in player.duties)


def test_without_an_address_the_promise_stays_unanswered() -> None:
    player = Player(complainant={})
    player.act("add_action", description="kirim nota kredit")
    player.act("complete_action", action=2)  # the first one is the case's: reach the complainant
    assert row(player, 2).answer is PromiseAnswer.NOT_ANSWERED
    assert player.last("notice_undeliverable").detail["occasion"] == "promise_done"


def test_a_question_about_a_promise_that_fails_is_a_task_until_they_answer() -> None:
    player = Player(failing=["promise_done"])
    player.act("add_action", description="kirim nota kredit")
    player.act("complete_action", action=1)
    task = row(player, 2)
    assert (task.kind, task.description, task.completed_at) == (ActionKind.TASK, "reach_complainant", None)
    assert player.notices("agent_task")
    player.act("record_confirmation", action=1, satisfied=True, how="phone")
    assert row(player, 2).completed_at is not None
    assert row(player).answer is PromiseAnswer.CONFIRMED


# owners, dates, clocks


@pytest.mark.parametrize("kind", ["corrective", "preventive"])
def test_a_measure_without_owner_is_refused_and_a_promise_is_the_case_owners(kind: str) -> None:
    player = Player()
    refused = player.act("add_action", description="x", kind=kind).refused
    assert (refused.field, "owner" in refused.problem, bool(refused.remedy)) == ("owner", True, True)
    player.act("add_action", description="x")
    assert row(player).owner == player.state.owner


@pytest.mark.parametrize("owner", ["team:nobody", "agent:", "a/b"])
def test_an_owner_that_names_nobody_is_refused(owner: str) -> None:
    player = promised()
    assert player.act("add_action", description="x", owner=owner).refused.field == "owner"
    assert player.act("change_action", action=1, reason="x", owner=owner).refused.field == "owner"


@pytest.mark.parametrize("owner", ["", " ", "dua kata"])
def test_an_owner_that_is_blank_is_bad_input(owner: str) -> None:
    with pytest.raises(BadInput) as error:
        promised().act("add_action", description="x", owner=owner)
    assert error.value.field == "owner"


def test_its_owner_is_reminded_before_and_told_at_the_breach_as_is_whoever_has_the_case() -> None:
    player = promised()
    player.until(wib(10, 13))
    assert player.told("agent_warning") == ("agent:rina", "team:frontline")
    assert player.notices("agent_warning")[-1].facts.reason == "kirim nota kredit"
    assert player.told("agent_breach")[:1] == ("agent:rina",)
    assert player.escalations


def test_a_breached_action_climbs_in_aftercare_until_it_is_done() -> None:
    player = closed(complete=False)
    tier = player.state.ladder.tier
    player.until(wib(10, 13))
    assert (player.status, player.state.ladder.tier) == (Status.CLOSED, tier + 1)
    assert player.told("agent_breach") == ("agent:rina",)
    player.until(wib(14, 12))
    assert player.state.ladder.tier > tier + 1
    player.until(wib(27, 12))
    assert player.last("top_reminded")
    player.act("complete_action", action=1)
    assert player.state.ladder.next_at is None


def test_a_changed_date_has_a_clock_of_its_own_and_is_told_with_its_reason() -> None:
    player = promised()
    player.until(wib(8, 9)).act("change_action", action=1, due_at=wib(20, 12), reason="pemasok terlambat")
    assert (row(player).due_at, clocks(player)) == (wib(20, 12), [ClockState.CANCELLED, ClockState.RUNNING])
    facts = player.notices("promise_changed")[-1].facts
    assert (facts.due_at, facts.reason) == (wib(20, 12), "pemasok terlambat")
    assert player.told("agent_action_changed") == ("agent:rina",)
    player.until(wib(11, 12))
    assert not player.breaches("action")


def test_late_stays_late_when_the_date_is_changed() -> None:
    player = promised().until(wib(10, 13))
    player.act("change_action", action=1, within="2 days", reason="dijadwalkan lagi")
    first, second = (clock for clock in player.state.clocks if clock.action == 1)
    assert (first.breached, first.state, second.breached) == (True, ClockState.CANCELLED, False)
    assert player.state.ladder.next_at is None  # nothing is late any more


def test_another_owner_is_told_and_the_complainant_is_not() -> None:
    player = promised()
    before = len(player.notices("promise_changed"))
    player.act("change_action", action=1, owner="ani", reason="rina cuti")
    assert row(player).owner == "agent:ani"
    assert player.told("agent_action_changed") == ("agent:rina",)
    assert player.told("agent_task") == ("agent:ani",)
    assert len(player.notices("promise_changed")) == before
    assert clocks(player) == [ClockState.RUNNING]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"action": 9, "owner": "ani"}, "action"), ({"action": 1}, "owner"), ({"action": 1, "owner": "rina"}, "owner"),
        ({"action": 1, "due_at": wib(6, 9)}, "due_at"),
    ],
)  # fmt: skip
def test_a_change_that_is_none_is_refused(given: dict[str, object], field: str) -> None:
    assert promised().act("change_action", reason="x", **given).refused.field == field


def test_a_promise_is_taken_back_only_if_the_complainant_is_told() -> None:
    player = promised()
    player.act("cancel_action", action=1, reason="barang tidak dibuat lagi")
    assert row(player).cancelled_at == player.now
    assert clocks(player) == [ClockState.CANCELLED]
    assert player.notices("promise_cancelled")[-1].facts.reason == "barang tidak dibuat lagi"
    for act in ("complete_action", "cancel_action"):
        assert (
            player.act(act, action=1, **({"reason": "x"} if act == "cancel_action" else {})).refused.field == "action"
        )
    player.confirm(satisfied=False, action=1, text="saya keberatan")
    assert player.last("action_denied").detail["applied"] is False
    assert player.notices("agent_promise_denied")[-1].facts.words == "saya keberatan"
    nowhere = Player(complainant={})
    nowhere.act("add_action", description="kirim nota kredit")
    assert "no address" in nowhere.act("cancel_action", action=2, reason="x").refused.problem


def test_a_case_is_put_away_once_what_it_owed_is_taken_back() -> None:
    player = closed(complete=False).until(wib(23, 9))
    assert player.status is Status.CLOSED
    player.act("cancel_action", action=1, reason="sudah diganti tunai")
    assert player.status is Status.ARCHIVED


# did it work


def measured() -> Player:
    player = Player().until(wib(6, 10))
    player.act("add_action", description="cetak label ganda", kind="corrective", owner="ani", due_at=wib(8, 12))
    player.decide()
    player.until(wib(6, 11)).confirm()
    player.until(wib(7, 9)).act("complete_action", action=1)
    return player


def test_the_owner_of_a_measure_is_asked_later_whether_it_worked_and_the_case_waits_for_that() -> None:
    player = measured()
    review = row(player, 2)
    assert (review.kind, review.owner, review.of) == ("review", "agent:ani", 1)
    assert review.due_at == wib(7, 9) + 30 * DAY
    assert player.notices("agent_task")[-1].facts.reason == "judge_effect"
    player.until(review.due_at - HOUR)
    assert player.status is Status.CLOSED
    assert player.told("agent_warning") == ("agent:ani", player.state.owner)
    assert player.act("complete_action", action=2).refused.field == "effective"
    player.act("complete_action", action=2, effective=True, note="tidak terulang")
    assert row(player).effective is True
    assert player.status is Status.ARCHIVED


def test_a_measure_that_is_judged_at_once_needs_no_review_and_a_promise_none_at_all() -> None:
    player = Player()
    player.act("add_action", description="ubah naskah", kind="preventive", owner="ani")
    player.act("complete_action", action=1, effective=True)
    player.act("add_action", description="telepon")
    assert player.act("complete_action", action=2, effective=True).refused.field == "effective"
    assert [a.kind for a in player.state.actions] == ["preventive", "promise"]
