"""Closing well: answers that cross, come twice, late or after the archive; reopening on new facts (docs/closing.md)."""

from typing import Any

import pytest

from complaints.messages.commands import read_command
from complaints.vocabulary import ClockState, Kind, Renewal, Status
from tests.unit.cases import DAY, HOUR, Player, closed, default_policy, resolved, wib

SHA = "ab" * 32


def archived() -> Player:
    return closed().until(wib(22, 12))


def in_closing(**more: Any) -> Player:
    """Major: its root cause is missing, so that it stays in `closing`."""
    player = resolved(severity="major", **more).until(wib(6, 11))
    player.confirm()
    assert player.status is Status.CLOSING
    return player


def silent(**more: Any) -> Player:
    """Closed because nobody answered."""
    player = resolved(**more).until(wib(9, 12))
    assert player.state.closing_reason == "unconfirmed"
    return player


def answers(player: Player) -> list[tuple[Any, ...]]:
    wanted = ("decision", "satisfied", "applied")
    return [tuple(e.detail.get(name) for name in wanted) for e in player.entries("satisfaction_confirmed")]


def unchanged(player: Player) -> tuple[Any, ...]:
    state = player.state
    return (
        state.status, state.closing_reason, state.disputes, state.reopenings, state.satisfied, state.rating,
        len(state.closures), state.ladder.tier, player.clock("resolution").key,
    )  # fmt: skip


# it crosses a reopening or a dispute


@pytest.mark.parametrize("satisfied", [True, False])
@pytest.mark.parametrize("named", [1, None])
def test_an_answer_that_crosses_a_reopening_changes_nothing_and_is_told(satisfied: bool, named: int | None) -> None:
    player = closed().until(wib(7, 9))
    player.act("reopen", reason="new_facts", text="bukti")
    before = unchanged(player)
    player.confirm(satisfied=satisfied, text="sesuai", decision=named)
    assert unchanged(player) == before
    assert answers(player)[-1] == (1, satisfied, False)
    assert player.told("agent_message_received") == (player.state.owner,)
    assert player.notices("agent_message_received")[-1].facts.words == "sesuai"


@pytest.mark.parametrize("satisfied", [True, False])
def test_an_answer_to_the_first_decision_after_the_second_is_not_one_to_the_second(satisfied: bool) -> None:
    player = closed().until(wib(7, 9))
    player.act("reopen", reason="new_facts", text="bukti")
    player.wait(HOUR).decide()
    player.confirm(satisfied=satisfied, decision=1)
    assert (player.status, player.running("confirmation")) == (Status.RESOLVED, True)
    player.confirm(decision=2)
    assert player.state.closing_reason == "confirmed"


# it comes twice


def test_the_same_message_again_is_nothing() -> None:
    player = resolved()
    player.confirm(id="once")
    before = player.state.model_dump_json()
    assert player.confirm(id="once").repeated
    assert player.state.model_dump_json() == before


@pytest.mark.parametrize("reached", [in_closing, closed])
def test_a_second_yes_is_recorded_and_closes_nothing_again(reached: Any) -> None:
    player = reached()
    before, closings = unchanged(player), len(player.entries("closing_began"))
    player.confirm(rating=1)
    assert unchanged(player) == before
    assert len(player.entries("closing_began")) == closings
    assert answers(player) == [(1, True, None), (1, True, False)]


def test_a_second_no_is_no_second_dispute() -> None:
    player = resolved()
    player.dispute("Uangnya belum kembali")
    before = unchanged(player)
    player.confirm(satisfied=False, text="Sekali lagi: belum", decision=1)
    assert unchanged(player) == before
    assert player.notices("agent_message_received")[-1].facts.words == "Sekali lagi: belum"


def final(**more: Any) -> Player:
    player = Player(**more)
    for _ in range(2):
        player.wait(HOUR).decide()
        player.wait(HOUR).dispute()
    player.wait(HOUR).decide()
    assert player.state.decisions[-1].final
    return player.wait(HOUR)


def test_a_second_no_to_a_final_decision_while_the_record_is_completed_is_no_further_dispute() -> None:
    player = final(severity="major")
    player.dispute()
    assert (player.status, player.state.closing_reason, player.state.disputes) == (Status.CLOSING, "deadlock", 3)
    before = unchanged(player)
    player.dispute("Masih tidak setuju")
    assert unchanged(player) == before


# they change their mind


def test_a_no_after_a_yes_before_the_record_is_complete_is_a_dispute() -> None:
    player = in_closing()
    player.dispute("Ternyata belum")
    assert (player.status, player.state.closing_reason, player.state.disputes) == (Status.INVESTIGATION, None, 1)
    assert player.notices("agent_disputed")[-1].facts.words == "Ternyata belum"
    assert player.clock("closure").state is ClockState.CANCELLED


def test_a_yes_after_a_no_to_a_final_decision_is_an_agreement_after_all() -> None:
    player = final(severity="major")
    player.dispute()
    player.confirm(rating=4)
    player.act("record_root_cause", category="process", cause="salah input")
    assert (player.state.closures[-1].reason, player.state.closures[-1].satisfied) == ("confirmed", True)
    assert not player.notices("closed_deadlock")


def test_whoever_did_not_say_yes_learns_of_it_and_objects() -> None:
    """A forwarded link may be used by anybody: the notice goes to the address on file; "no" asks for a reopening."""
    player = closed()
    (told,) = player.notices("closed_confirmed")
    assert told.address == "budi@example.co.id"
    player.dispute("Bukan saya yang menjawab")
    assert player.told("agent_reopening_requested") == ("team:frontline",)
    assert player.notices("agent_reopening_requested")[-1].facts.words == "Bukan saya yang menjawab"


# it comes late


def test_a_late_yes_after_silence_is_noted_as_satisfaction_and_the_record_stays() -> None:
    player = silent()
    before = player.state.closures[0]
    player.confirm(rating=4)
    assert (player.state.satisfied, player.state.rating, player.status) == (True, 4, Status.CLOSED)
    assert player.case.standing().satisfied is True
    assert player.state.closures == [before]
    assert (before.silence, before.satisfied) == (True, None)
    assert player.last("satisfaction_confirmed").detail["late"] is True
    player.confirm(rating=1)
    assert (player.state.rating, answers(player)[-1]) == (4, (1, True, False))


def test_a_late_no_after_silence_asks_for_a_reopening_and_says_so() -> None:
    player = silent().until(wib(10, 9))
    player.dispute("Belum beres")
    assert player.state.reopening_request.sequence == player.last("satisfaction_confirmed").sequence
    assert player.last("reopening_requested").detail == {"message": player.last("satisfaction_confirmed").sequence}
    due = player.clock("next_response").due_at
    assert player.notices("reopening_request_received")[-1].facts.promised_at == due
    assert player.case.standing().reopening_requested_at == wib(10, 9)


# after the archive


def test_after_the_archive_a_yes_is_recorded_and_a_no_is_offered_to_the_last_team() -> None:
    player = archived()
    before = unchanged(player)
    player.confirm()
    assert not player.entries("reopening_requested")
    player.dispute("Muncul lagi")
    assert player.told("agent_reopening_requested") == ("team:frontline",)
    assert unchanged(player) == before
    assert player.case.next_due() is None


@pytest.mark.parametrize("reached", [closed, archived])
def test_one_request_waits_and_what_is_said_besides_is_told_too(reached: Any) -> None:
    player = reached()
    player.dispute("Muncul lagi")
    player.wait(HOUR).dispute("Dan sekarang berasap")
    assert len(player.entries("reopening_requested")) == 1
    assert len(player.notices("reopening_request_received")) == 1
    assert player.notices("agent_reopening_requested")[-1].facts.words == "Dan sekarang berasap"


# the request is answered


@pytest.mark.parametrize("reached", [closed, archived])
def test_a_declined_request_is_told_with_the_reason_and_the_way_outside(reached: Any) -> None:
    player = reached()
    status = player.status
    player.dispute("Muncul lagi")
    assert player.act("decline_reopening", reason="Sudah diganti bulan lalu").refused is None
    (told,) = player.notices("reopening_declined")
    assert (told.facts.words, told.facts.bodies) == ("Sudah diganti bulan lalu", ("BPSK", "LAPS SJK"))
    assert (player.status, player.state.reopening_request, player.running("next_response")) == (status, None, False)
    assert player.case.standing().reopening_requested_at is None
    again = player.act("decline_reopening", reason="Sekali lagi").refused
    assert again is not None
    assert "no reopening is requested" in again.problem
    player.dispute("Tetap rusak")
    assert len(player.entries("reopening_requested")) == 2, "they may ask again"


# reopening


@pytest.mark.parametrize("reached", [closed, archived])
def test_a_reopening_links_the_facts_it_rests_on(reached: Any) -> None:
    player = reached()
    player.reply("Fotonya menyusul", id="mail-9")
    player.dispute("Muncul lagi")
    asked = player.state.reopening_request.sequence
    facts = [2, "mail-9"]
    player.act("reopen", reason="problem_returned", text="bocor lagi", facts=facts)
    entry = player.last("reopened")
    said = player.state.seen["message:mail-9"]
    assert entry.detail["facts"] == sorted({2, asked, player.state.timeline[said - 1].sequence})
    assert player.state.reopening_request is None


def test_a_file_is_linked_by_its_digest() -> None:
    player = Player(evidence=[{"sha256": SHA, "name": "foto.jpg", "media_type": "image/jpeg", "size": 9}]).until(
        wib(6, 10)
    )
    player.decide()
    player.confirm()
    player.act("reopen", reason="new_facts", text="foto baru", facts=[SHA])
    (linked,) = player.last("reopened").detail["facts"]
    assert player.state.timeline[linked - 1].detail["sha256"] == SHA


@pytest.mark.parametrize("fact", [999, "no-such-message", "cd" * 32])
def test_a_fact_that_the_case_does_not_have_is_refused_by_field(fact: int | str) -> None:
    player = closed()
    before = unchanged(player)
    refused = player.act("reopen", reason="new_facts", text="bukti", facts=[1, fact]).refused
    assert refused is not None
    assert (refused.field, unchanged(player)) == ("facts.1", before)
    assert "SHA-256" in refused.remedy


def test_the_next_record_says_why_it_was_opened_again_and_what_has_changed() -> None:
    player = closed().until(wib(7, 9))
    first = player.state.closures[0]
    player.dispute("Ada notanya")
    player.act("reopen", reason="new_facts", text="nota ditemukan")
    player.wait(HOUR).decide(outcome="partly_upheld", reasons="Sebagian benar")
    player.wait(HOUR).confirm()
    before, after = player.state.closures
    assert before == first
    assert before.reopened is None
    assert "reopened" not in before.model_dump(mode="json")
    again = after.reopened
    assert (again.number, again.previous, again.reason, again.explanation) == (1, 1, "new_facts", "nota ditemukan")
    assert [(fact.kind, fact.words) for fact in again.facts] == [(Kind.SATISFACTION_CONFIRMED, "Ada notanya")]
    assert again.changed == ("outcome", "reasons")


@pytest.mark.parametrize("after", [0, 20])  # before and after the archive
@pytest.mark.parametrize("how", list(Renewal))
def test_the_clock_of_a_reopened_case_is_the_policys(how: Renewal, after: int) -> None:
    policy = default_policy().model_copy(update={"on_reopen": how})
    player = resolved(policy=policy).until(wib(6, 11))
    first = player.clock("resolution")
    player.confirm()
    player.until(wib(6, 12) + after * DAY)
    assert player.status is (Status.ARCHIVED if after else Status.CLOSED)
    player.act("reopen", reason="new_facts", text="bukti")
    clock = player.clock("resolution")
    assert (clock.occurrence, clock.open) == (2, True)
    if how is Renewal.RESTART:
        assert (clock.started_at, clock.pauses) == (player.now, [])
    else:
        assert clock.started_at == first.started_at
        assert (clock.due_at == first.due_at) is (how is Renewal.KEEP)
    late = how is Renewal.KEEP and bool(after)
    assert clock.breached is late
    assert [e.detail["occurrence"] for e in player.breaches("resolution")] == ([2] if late else [])


@pytest.mark.parametrize("after", [0, 16])
def test_from_the_policys_count_a_supervisor_owns_it(after: int) -> None:
    player = closed()
    tiers = []
    for _ in range(default_policy().escalation.reopening.from_count):
        player.wait(after * DAY + HOUR).act("reopen", reason="problem_returned", text="lagi")
        tiers.append(player.tier)
        player.wait(HOUR).decide()
        player.wait(HOUR).confirm()
    assert tiers[-1] == "supervisor"
    assert "supervisor" not in tiers[:-1]
    assert player.escalations[-1].cause == "reopening"


# two at once


@pytest.mark.parametrize("reached", [closed, archived])
def test_of_two_reopenings_one_takes_effect_and_the_other_is_told_so(reached: Any) -> None:
    player = reached()
    player.act("reopen", by="siti", reason="new_facts", text="nota")
    refused = player.act("reopen", by="ani", reason="problem_returned", text="bocor lagi").refused
    assert refused is not None
    assert "open again already: siti" in refused.problem
    assert "note" in refused.remedy
    assert (player.state.reopenings, len(player.entries("reopened"))) == (1, 1)
    assert player.last("refused").detail["explanation"] == "bocor lagi", "what is new is kept"


def test_a_request_that_crosses_a_reopening_is_a_message_to_the_new_work() -> None:
    player = archived()
    player.act("reopen", reason="new_facts", text="nota")
    player.dispute("Muncul lagi")
    player.reply("Dan berasap")
    assert (player.state.reopenings, player.state.reopening_request) == (1, None)
    told = [notice.facts.words for notice in player.notices("agent_message_received")]
    assert told == ["Muncul lagi", "Dan berasap"]


def test_a_reopening_that_names_no_facts_looks_as_it_did() -> None:
    command = read_command({"act": "reopen", "key": "k", "actor": {"id": "siti"}, "reason": "new_facts", "text": "x"})
    assert "facts" not in command.model_dump()
