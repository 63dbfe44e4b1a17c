"""Clocks: each rule of DESIGN section 4 has a test that names it. Times are Jakarta's, in the week of 6 July 2026."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from complaints.messages.commands import AddAction
from complaints.policy import ClockTarget, Condition, Extension
from complaints.targets import Target
from complaints.vocabulary import METRIC_ORDER, ClockState, MetBy, Metric, OnDue, Renewal, Severity, Status
from tests.unit.cases import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    SECOND,
    TICK,
    Player,
    and_clock,
    closed,
    default_policy,
    resolved,
    rule,
    wib,
    with_clock,
)

WAITING = frozenset({Status.AWAITING_COMPLAINANT, Status.ON_HOLD})


def resolution(target: str, calendar: str | None = None, **changes: Any) -> Any:
    """The default policy with another resolution target, and no warning unless one is given."""
    return with_clock("resolution", target, calendar, **{"warnings": (), **changes})


# every clock


def test_every_clock_has_a_metric_an_occurrence_a_target_a_calendar_and_what_happens_when_due() -> None:
    shown = Player().shown("resolution")
    assert (shown.metric, shown.occurrence, shown.target, shown.calendar, shown.on_due) == (
        "resolution", 1, "7 working days", "office", OnDue.BREACH,
    )  # fmt: skip


def test_occurrences_count_within_the_case() -> None:
    player = Player()
    for _ in range(3):
        player.reply()
        player.respond()
    assert [c.occurrence for c in player.state.clocks if c.metric == "next_response"] == [1, 2, 3]


def test_clocks_are_printed_by_start_metric_and_occurrence() -> None:
    player = resolved().until(wib(6, 11))
    player.dispute()
    clocks = player.case.view(player.now).clocks
    order = [(c.started_at, METRIC_ORDER[c.metric], c.occurrence) for c in clocks]
    assert order == sorted(order)


# acknowledgement


def test_acknowledgement_starts_at_receipt_and_is_met_when_handed_to_the_channel() -> None:
    player = Player(down=True)
    assert player.clock("acknowledgement").started_at == MONDAY
    assert player.clock("acknowledgement").due_at == MONDAY + 15 * MINUTE
    player.until(wib(6, 9, 10)).channel_up()
    shown = player.shown("acknowledgement")
    assert (shown.state, shown.met_at, shown.met_by) == (ClockState.MET, wib(6, 9, 10), MetBy.AUTOMATIC)
    assert not player.breaches("acknowledgement")


def test_acknowledgement_not_handed_over_in_time_is_breached_and_operators_are_told_but_nothing_climbs() -> None:
    player = Player(down=True).until(wib(6, 9, 20))
    assert [e.at for e in player.breaches("acknowledgement")] == [MONDAY + 15 * MINUTE]
    assert player.told("agent_breach") == ("team:supervisor",)
    assert player.tier == "frontline"
    player.channel_up()
    assert player.shown("acknowledgement").late_seconds == 5 * 60


def test_acknowledgement_and_first_response_run_on_while_on_hold() -> None:
    player = Player(down=True)
    player.hold()
    assert player.clock("acknowledgement").state is ClockState.RUNNING
    assert player.clock("first_response").state is ClockState.RUNNING


# first response


@pytest.mark.parametrize("command", ["respond", "ask", "decide"])
def test_first_response_is_met_by_a_persons_response_question_or_decision(command: str) -> None:
    player = Player().until(wib(6, 11))
    assert player.clock("first_response").started_at == MONDAY
    getattr(player, command)()
    shown = player.shown("first_response")
    assert (shown.state, shown.met_at, shown.met_by) == (ClockState.MET, wib(6, 11), MetBy.PERSON)


def test_first_response_is_not_met_by_anything_else() -> None:
    player = Player(category="defective_product").until(wib(6, 11))
    player.act("note", text="lihat arsip")
    player.act("send_update", text="masih dikerjakan")
    player.act("assess", severity="major")
    player.act("record_step", step="check_purchase")
    player.act("assign", to="siti")
    player.decide(remedies=[{"solution": "refund", "cost": 5_000_000}])  # proposed: nothing is communicated
    player.hold()
    player.reply()
    assert player.clock("first_response").state is ClockState.RUNNING


def test_first_response_may_be_paused_by_the_policy() -> None:
    player = Player(policy=with_clock("first_response", "4 hours", pauses=WAITING)).until(wib(6, 10))
    player.hold()
    assert player.clock("first_response").state is ClockState.PAUSED


def test_first_response_breach_climbs() -> None:
    player = Player().until(MONDAY + DAY)
    assert [e.at for e in player.breaches("first_response")] == [MONDAY + DAY]
    assert player.tier == "specialist"


# next response


def in_investigation() -> Player:
    player = Player()
    player.respond()
    return player


def in_awaiting() -> Player:
    player = Player()
    player.ask()
    return player


def in_on_hold() -> Player:
    player = in_investigation()
    player.hold()
    return player


def in_closing() -> Player:
    player = resolved(severity="major")
    player.confirm()
    return player


BY_STATUS = {
    "investigation": in_investigation, "awaiting_complainant": in_awaiting, "on_hold": in_on_hold, "resolved": resolved,
    "closing": in_closing, "closed": closed,
}  # fmt: skip


@pytest.mark.parametrize("status", BY_STATUS)
def test_next_response_starts_with_a_message_in_any_status_before_archived(status: str) -> None:
    player = BY_STATUS[status]()
    assert player.status == status
    assert not player.has("next_response")
    player.reply()
    assert player.clock("next_response").started_at == player.now
    assert player.clock("next_response").target == "8 business hours"


def test_next_response_starts_only_if_none_runs() -> None:
    player = in_investigation()
    player.reply()
    player.wait(HOUR)
    player.reply()
    assert [c.started_at for c in player.state.clocks if c.metric == "next_response"] == [MONDAY]


def test_next_response_is_not_started_by_an_archived_case() -> None:
    player = closed().until(wib(22, 12))
    assert player.status is Status.ARCHIVED
    player.reply()
    assert not player.has("next_response")


@pytest.mark.parametrize("command", ["respond", "ask", "decide"])
def test_next_response_is_met_by_the_same_commands(command: str) -> None:
    player = in_investigation()
    player.reply()
    getattr(player, command)()
    assert (player.clock("next_response").state, player.clock("next_response").met_by) == (ClockState.MET, MetBy.PERSON)


def test_next_response_is_not_met_by_a_progress_update() -> None:
    player = in_investigation()
    player.reply()
    player.act("send_update", text="masih dikerjakan")
    assert player.running("next_response")


def test_next_response_breach_climbs() -> None:
    player = in_investigation()
    player.reply()
    player.until(wib(7, 9))
    assert [e.at for e in player.breaches("next_response")] == [wib(7, 9)]
    assert player.tier == "specialist"


# information


def test_information_starts_when_the_question_was_handed_over_not_when_it_was_asked() -> None:
    player = Player()
    player.down = True
    player.until(wib(6, 10))
    player.ask()
    player.until(wib(6, 15))
    assert not player.has("information")
    player.channel_up()
    assert player.clock("information").started_at == wib(6, 15)


def test_information_is_met_by_the_complainants_message() -> None:
    player = in_awaiting().until(wib(6, 15))
    player.reply()
    assert (player.shown("information").met_at, player.shown("information").met_by) == (wib(6, 15), MetBy.COMPLAINANT)


def test_information_lapses_after_its_reminders_and_is_never_a_breach() -> None:
    player = in_awaiting().until(wib(20, 17))
    assert [n.at for n in player.notices("information_reminder")] == [wib(9, 17), wib(15, 17)]
    shown = player.shown("information")
    assert (shown.state, shown.due_at, shown.breached_at, shown.late_seconds) == (
        ClockState.LAPSED,
        wib(20, 17),
        None,
        0,
    )
    assert not player.breaches("information")


# hold


def test_hold_starts_on_hold_and_is_met_when_resumed() -> None:
    player = in_on_hold()
    assert player.clock("hold").started_at == MONDAY
    player.until(wib(6, 15))
    player.act("resume")
    assert player.clock("hold").state is ClockState.MET
    assert player.status is Status.INVESTIGATION


def test_hold_returns_the_case_at_its_review_date() -> None:
    player = in_on_hold().until(wib(20, 17))
    assert player.clock("hold").state is ClockState.LAPSED
    assert player.status is Status.INVESTIGATION
    assert player.last("hold_ended").at == wib(20, 17)
    assert player.told("agent_hold_ended") == (player.state.owner,)


# progress update


def test_progress_update_starts_with_the_acknowledgement_and_sends_itself() -> None:
    player = Player(down=True).until(wib(6, 10))
    assert not player.has("progress_update")
    player.channel_up()
    assert player.clock("progress_update", 1).started_at == wib(6, 10)
    player.until(wib(9, 17))
    first, second = player.clock("progress_update", 1), player.clock("progress_update", 2)
    assert (first.state, first.ended_at, first.met_by) == (ClockState.MET, wib(9, 17), MetBy.AUTOMATIC)
    assert second.started_at == wib(9, 17)  # again at its own sending
    assert [n.at for n in player.notices("progress_update")] == [wib(9, 17)]


CONTACTS: dict[str, dict[str, Any]] = {
    "respond": {"text": "Kami cek"}, "send_update": {"text": "Masih"}, "request_information": {"text": "Foto?"},
    "hold": {"reason": "menunggu bank"}, "assess": {"severity": "minor"},
    "extend": {"metric": "resolution", "reason": "third_party"},
}  # fmt: skip


def extensible(**changes: Any) -> Any:
    return with_clock(
        "resolution", extension=Extension(by=Target("3 working days"), reasons=("third_party",), at_most=2), **changes
    )


@pytest.mark.parametrize("command", CONTACTS)
def test_progress_update_is_met_by_a_person_and_starts_again_at_any_notice_a_person_causes(command: str) -> None:
    player = Player(policy=extensible()).until(wib(6, 11))
    said = len(player.state.notices)
    assert player.act(command, **CONTACTS[command]).refused is None
    assert any(n.to == "complainant" for n in player.state.notices[said:])
    first, second = player.clock("progress_update", 1), player.clock("progress_update", 2)
    assert (first.state, first.ended_at, first.met_by) == (ClockState.MET, wib(6, 11), MetBy.PERSON)
    assert second.started_at == wib(6, 11)


def test_progress_update_does_not_start_again_when_nothing_was_said() -> None:
    player = Player().until(wib(6, 11))
    player.act("note", text="lihat arsip")
    player.act("assign", to="siti")
    player.reply()
    assert player.clock("progress_update").occurrence == 1


def test_progress_update_pauses_while_we_wait_for_the_complainant_but_not_on_hold() -> None:
    assert in_awaiting().clock("progress_update").state is ClockState.PAUSED
    assert in_on_hold().clock("progress_update").state is ClockState.RUNNING


def test_progress_update_ends_with_the_decision() -> None:
    assert not resolved().running("progress_update")


# resolution


def test_resolution_runs_from_receipt_to_the_decision() -> None:
    player = resolved()
    shown = player.shown("resolution")
    assert (shown.started_at, shown.met_at, shown.met_by) == (MONDAY, wib(6, 10), MetBy.PERSON)


def test_resolution_may_start_when_the_documents_are_complete() -> None:
    policy = resolution("7 working days", "office", starts="documents_complete")
    needing = {**policy.categories, "billing": policy.categories["billing"].model_copy(update={"needs": ("invoice",)})}
    player = Player(policy=policy.model_copy(update={"categories": needing}))
    assert not player.has("resolution")
    player.until(wib(7, 10))
    player.reply(invoice="INV-7")
    assert player.clock("resolution").started_at == wib(7, 10)


def test_resolution_of_a_proposed_decision_is_met_only_when_it_is_approved() -> None:
    player = Player().until(wib(6, 10))
    player.decide(remedies=[{"solution": "refund", "cost": 5_000_000}])
    assert player.clock("resolution").state is ClockState.RUNNING
    player.until(wib(6, 14))
    player.act("approve", by="rina", role="lead")
    assert (player.clock("resolution").state, player.clock("resolution").ended_at) == (ClockState.MET, wib(6, 14))


@pytest.mark.parametrize("status", ["awaiting_complainant", "on_hold"])
def test_resolution_pauses_while_awaiting_and_on_hold(status: str) -> None:
    player = BY_STATUS[status]()
    assert player.clock("resolution").state is ClockState.PAUSED


def test_resolution_breach_climbs() -> None:
    player = in_investigation().until(wib(15, 17))
    assert [e.at for e in player.breaches("resolution")] == [wib(15, 17)]
    assert player.tier == "specialist"


# confirmation, closure, action, follow-up


def test_confirmation_starts_when_the_decision_was_handed_over() -> None:
    player = Player()
    player.down = True
    player.until(wib(6, 10))
    player.decide()
    player.until(wib(7, 10))
    assert not player.has("confirmation")
    player.channel_up()
    assert player.clock("confirmation").started_at == wib(7, 10)


def test_confirmation_is_met_when_the_complainant_answers() -> None:
    player = resolved().until(wib(6, 11))
    player.confirm()
    assert (player.clock("confirmation").state, player.clock("confirmation").met_by) == ("met", MetBy.COMPLAINANT)


def test_confirmation_lapses_after_its_reminders() -> None:
    player = resolved().until(wib(9, 10))
    assert [n.at for n in player.notices("confirmation_reminder")] == [wib(7, 10), wib(8, 10)]
    assert (player.clock("confirmation").state, player.clock("confirmation").ended_at) == ("lapsed", wib(9, 10))
    assert not player.breaches("confirmation")


def test_closure_runs_from_entering_closing_until_the_record_is_complete_and_climbs() -> None:
    player = in_closing()
    assert player.clock("closure").started_at == wib(6, 10)
    player.until(wib(9, 17))
    assert [e.at for e in player.breaches("closure")] == [wib(9, 17)]
    assert player.tier == "specialist"
    player.act("record_root_cause", category="process", cause="tidak ada pemeriksaan")
    assert (player.clock("closure").state, player.clock("closure").met_by) == (ClockState.MET, MetBy.PERSON)
    assert player.status is Status.CLOSED


def test_action_runs_from_the_promise_until_it_is_completed_and_climbs() -> None:
    player = in_investigation()
    player.act("add_action", description="kirim ulang tagihan", due_at=wib(7, 12))
    assert (player.clock("action").started_at, player.clock("action").due_at) == (MONDAY, wib(7, 12))
    player.until(wib(7, 13))
    assert [e.at for e in player.breaches("action")] == [wib(7, 12)]
    assert player.tier == "specialist"
    player.act("complete_action", action=1)
    assert player.clock("action").state is ClockState.MET
    assert player.shown("action").late_seconds == 3600  # a due instant that is given counts elapsed time


def test_follow_up_starts_when_closed_and_is_met_by_being_sent() -> None:
    player = closed().until(wib(13, 11))
    assert player.clock("follow_up").started_at == wib(6, 11)
    assert (player.clock("follow_up").state, player.clock("follow_up").met_by) == ("met", MetBy.AUTOMATIC)
    assert [n.at for n in player.notices("follow_up")] == [wib(13, 11)]


# targets


@pytest.mark.parametrize(
    ("target", "receipt", "due"),
    [
        ("90 seconds", wib(6, 9), wib(6, 9, 1, 30)),
        ("15 minutes", wib(10, 16, 50), wib(10, 17, 5)),  # elapsed time knows no office hours
        ("24 hours", wib(10, 9), wib(11, 9)),
        ("3 days", wib(10, 9), wib(13, 9)),
        ("1 week", wib(6, 9), wib(13, 9)),
        ("90 business minutes", wib(6, 11), wib(6, 13, 30)),  # over lunch
        ("4 business hours", wib(6, 8), wib(6, 12)),  # ends at a closing: that closing
        ("4 business hours", wib(10, 15), wib(13, 10)),  # over the weekend
        ("4 business hours", wib(11, 10), wib(13, 12)),  # received on a Saturday
        ("1 working day", wib(6, 9), wib(7, 17)),  # the day of receipt is not counted
        ("1 working day", wib(6, 0), wib(7, 17)),  # not even when received before opening
        ("1 working day", wib(10, 9), wib(13, 17)),
        ("1 working day", wib(11, 9), wib(13, 17)),  # nor when it is no working day
        ("7 working days", wib(6, 9), wib(15, 17)),
        ("1 calendar day", wib(6, 9), wib(7, 24)),
        ("3 calendar days", wib(9, 23, 59), wib(12, 24)),
    ],
)
def test_targets(target: str, receipt: datetime, due: datetime) -> None:
    player = Player(receipt, policy=resolution(target, "office"))
    assert player.clock("resolution").due_at == due


def test_working_days_leave_out_holidays() -> None:
    friday = wib(45, 9)  # 14 August; the 17th is Independence Day
    assert Player(friday, policy=resolution("1 working day", "office")).clock("resolution").due_at == wib(49, 17)


@pytest.mark.parametrize(
    ("intake", "target"),
    [
        ({"channel": "email"}, "24 hours"),
        ({"channel": "phone"}, "4 business hours"),
        ({"channel": "chat"}, "4 business hours"),
        ({"channel": "counter"}, "24 hours"),
        ({"channel": "phone", "severity": "critical"}, "1 hours"),
    ],
)
def test_target_is_chosen_by_channel_and_severity(intake: dict[str, str], target: str) -> None:
    assert Player(**intake).clock("first_response").target == target


def test_target_is_chosen_by_category_and_form() -> None:
    targets = (
        ClockTarget(when=Condition(form=frozenset({"oral"})), target=Target("1 hour")),
        ClockTarget(when=Condition(category=frozenset({"privacy"})), target=Target("2 hours")),
        rule("3 hours"),
    )
    policy = with_clock("first_response", targets=targets)

    def chosen(**intake: str) -> str:
        return Player(policy=policy, **intake).clock("first_response").target

    assert chosen(channel="phone", category="privacy") == "1 hours"
    assert chosen(channel="phone", form="written", category="privacy") == "2 hours"
    assert chosen() == "3 hours"


# reassessment


def test_clocks_start_at_receipt_with_the_default_severity() -> None:
    player = Player(category=None)
    assert player.status is Status.ASSESSMENT
    assert (player.clock("resolution").started_at, player.clock("resolution").target) == (MONDAY, "7 working days")


def test_assess_chooses_again_from_the_same_start() -> None:
    player = Player().until(wib(7, 9))
    player.act("assess", severity="minor")
    clock = player.clock("resolution")
    assert (clock.occurrence, clock.started_at, clock.target, clock.due_at) == (1, MONDAY, "3 working days", wib(9, 17))


def test_reassessed_clock_whose_new_due_instant_has_passed_breaches_now_with_that_instant_and_cause() -> None:
    player = in_investigation().until(wib(13, 10))
    player.act("assess", severity="critical")
    assert player.clock("resolution").breached_at == wib(8, 17)
    entry = player.breaches("resolution")[-1]
    assert (entry.at, entry.acted_at, entry.detail["cause"]) == (wib(8, 17), wib(13, 10), "reassessed")
    assert len(player.breaches("resolution")) == 1


def test_reassessed_clock_that_breaches_later_does_so_for_no_such_cause() -> None:
    player = in_investigation().until(wib(7, 9))
    player.act("assess", severity="minor")
    player.until(wib(9, 17))
    assert player.breaches("resolution")[-1].at == wib(9, 17)
    assert "cause" not in player.breaches("resolution")[-1].detail


def test_reassessment_keeps_the_pauses() -> None:
    player = in_investigation().until(wib(6, 10))
    player.hold()
    player.until(wib(6, 12))
    player.act("resume")
    player.act("assess", severity="minor")
    assert player.clock("resolution").due_at == wib(10, 10)  # Thursday 17:00 and two hours


# pauses


def paused(policy: Any, since: datetime, until: datetime, receipt: datetime = MONDAY) -> Player:
    player = Player(receipt, policy=policy).until(since)
    assert player.hold().refused is None
    player.until(until)
    if player.status is Status.ON_HOLD:
        player.act("resume")
    return player


def test_pause_moves_an_elapsed_target_by_its_time() -> None:
    assert paused(resolution("2 days"), wib(6, 10), wib(6, 22)).clock("resolution").due_at == wib(8, 21)


def test_pause_moves_a_business_target_by_its_business_time() -> None:
    policy = resolution("8 business hours", "office")
    assert paused(policy, wib(6, 16), wib(7, 9)).clock("resolution").due_at == wib(7, 11)


def test_pause_moves_working_days_by_its_business_time_so_they_may_end_inside_a_day() -> None:
    policy = resolution("2 working days", "office")
    assert paused(policy, wib(6, 10), wib(6, 14)).clock("resolution").due_at == wib(9, 11)  # three business hours


def test_pause_moves_calendar_days_by_its_business_time() -> None:
    policy = resolution("2 calendar days", "office")
    assert paused(policy, wib(6, 10), wib(6, 11)).clock("resolution").due_at == wib(9, 9)


@pytest.mark.parametrize("target", ["8 business hours", "2 working days", "2 calendar days"])
def test_pause_outside_business_hours_moves_nothing(target: str) -> None:
    policy = resolution(target, "office")
    without = Player(policy=policy).clock("resolution").due_at
    assert paused(policy, wib(6, 18), wib(7, 7)).clock("resolution").due_at == without


def test_pause_before_the_start_moves_nothing() -> None:
    """A clock that starts while its status pauses it counts the pause from its own start."""
    player = in_awaiting()
    player.until(wib(7, 9))
    assert player.clock("progress_update").started_at == MONDAY
    player.reply()
    assert player.clock("progress_update").due_at == wib(10, 17)  # Thursday 17:00 and the eight hours of the pause


@pytest.mark.parametrize("since", [wib(6, 11), wib(6, 12)])
def test_pause_at_or_after_the_due_instant_moves_nothing(since: datetime) -> None:
    player = paused(resolution("2 hours"), since, since + 5 * HOUR)
    assert player.clock("resolution").due_at == wib(6, 11)
    assert [e.at for e in player.breaches("resolution")] == [wib(6, 11)]


def test_pause_begun_an_instant_before_the_due_instant_moves_it() -> None:
    player = paused(resolution("2 hours"), wib(6, 11) - TICK, wib(6, 15) - TICK)
    assert player.clock("resolution").due_at == wib(6, 15)
    assert not player.breaches("resolution")


def test_pauses_add_up() -> None:
    player = Player(policy=resolution("8 business hours", "office"))
    for hour in (9, 13, 15):
        player.until(wib(6, hour, 30)).hold()
        player.wait(HOUR).act("resume")
    assert player.clock("resolution").due_at == wib(7, 12)  # Tuesday 09:00 without them
    assert player.shown("resolution").paused_seconds == 3 * 3600


def test_pause_that_the_moved_due_instant_reaches_counts_too() -> None:
    player = Player(policy=resolution("2 hours")).until(wib(6, 10))
    player.hold()
    player.until(wib(6, 11, 30)).act("resume")  # due 12:30 now
    player.until(wib(6, 12)).hold()
    player.until(wib(6, 13)).act("resume")
    assert player.clock("resolution").due_at == wib(6, 13, 30)


def test_paused_clock_has_no_due_instant_shows_what_remains_and_nothing_of_it_fires() -> None:
    player = Player(policy=resolution("8 business hours", "office", warnings=(0.5,))).until(wib(6, 11))
    player.respond()
    player.hold()
    player.until(wib(9, 16))
    shown = player.shown("resolution")
    assert (shown.state, shown.due_at) == (ClockState.PAUSED, None)
    assert (shown.elapsed_seconds, shown.remaining_seconds) == (2 * 3600, 6 * 3600)
    assert shown.warnings[0].at is None
    assert not player.breaches("resolution")
    assert not [e for e in player.entries("warned") if e.detail["metric"] == "resolution"]
    player.act("resume")
    assert player.clock("resolution").due_at == wib(10, 14)


def test_lateness_leaves_out_later_pauses() -> None:
    player = in_late().until(wib(6, 12))
    player.hold()
    player.until(wib(6, 17)).act("resume")
    player.until(wib(6, 18))
    player.decide()
    assert player.shown("resolution").late_seconds == 2 * 3600
    assert player.shown("resolution").due_at == wib(6, 11)


def in_late() -> Player:
    player = Player(policy=resolution("2 hours"))
    player.respond()
    return player.until(wib(6, 11))


# warnings


def warned(player: Player, metric: str) -> list[tuple[datetime, float]]:
    return [(e.at, e.detail["fraction"]) for e in player.entries("warned") if e.detail["metric"] == metric]


def test_warning_is_at_its_fraction_of_the_budget_and_happens_once() -> None:
    player = Player(policy=resolution("8 business hours", "office", warnings=(0.25, 0.75)))
    player.respond()
    player.until(wib(7, 8, 59))
    assert warned(player, "resolution") == [(wib(6, 11), 0.25), (wib(6, 16), 0.75)]
    assert player.told("agent_warning") == ("team:frontline",)


def test_warning_of_working_days_counts_the_budget_between_start_and_due() -> None:
    player = Player(policy=resolution("1 working day", "office", warnings=(0.5,)))
    # Monday 09:00 to Tuesday 17:00 is fifteen business hours; half of them end at Tuesday 08:30.
    assert player.clock("resolution").warnings[0].at == wib(7, 8, 30)


def test_warning_is_cut_to_whole_seconds() -> None:
    player = Player(MONDAY + timedelta(microseconds=700_000), policy=resolution("10 seconds", warnings=(0.333,)))
    assert player.clock("resolution").warnings[0].at == MONDAY + 4 * SECOND  # 0.7 + 3.33 seconds


def test_warning_is_moved_by_the_same_pauses() -> None:
    policy = resolution("8 business hours", "office", warnings=(0.75,))
    player = paused(policy, wib(6, 10), wib(6, 11))
    assert player.clock("resolution").warnings[0].at == wib(6, 17)


def test_warning_does_not_repeat_for_a_pause_or_a_reassessment_or_another_look() -> None:
    player = Player(policy=resolution("8 business hours", "office", warnings=(0.5,))).until(wib(6, 14))
    player.respond()
    player.hold()
    player.until(wib(6, 15)).act("resume")
    player.act("assess", severity="minor")
    player.restore()
    for _ in range(3):
        player.carry_out(player.case.due(player.now))
    player.until(wib(7, 9))
    assert warned(player, "resolution") == [(wib(6, 14), 0.5)]


def test_breach_happens_once_whatever_follows() -> None:
    player = in_late()
    player.hold()
    player.wait(HOUR).act("resume")
    player.act("assess", severity="major")
    player.restore()
    player.until(wib(20, 9))
    assert [e.at for e in player.breaches("resolution")] == [wib(6, 11)]


def test_breach_is_not_forgotten_by_a_reassessment() -> None:
    player = in_investigation().until(wib(15, 17))
    player.act("assess", severity="minor")  # another target, another due instant
    assert player.clock("resolution").target == "3 working days"
    assert player.clock("resolution").breached_at == wib(15, 17)
    player.act("assess", severity="major")
    player.until(wib(30, 9))
    assert [e.at for e in player.breaches("resolution")] == [wib(15, 17)]


def test_met_clock_does_not_warn() -> None:
    player = Player().until(wib(6, 10))
    player.respond()
    player.until(wib(8, 9))
    assert not warned(player, "first_response")


# order


@pytest.mark.parametrize("command", ["respond", "ask", "decide"])
def test_answer_at_the_due_instant_meets_it(command: str) -> None:
    player = Player().before(MONDAY + DAY)
    getattr(player, command)()
    assert player.clock("first_response").state is ClockState.MET
    assert not player.clock("first_response").breached
    assert player.tier == "frontline"


def test_answer_an_instant_after_the_due_instant_does_not() -> None:
    player = Player().before(MONDAY + DAY + TICK)
    player.respond()
    assert player.clock("first_response").breached_at == MONDAY + DAY
    assert player.clock("first_response").state is ClockState.MET


def test_complainants_answer_at_the_lapse_instant_is_heard() -> None:
    player = resolved().before(wib(9, 10))
    player.confirm()
    assert player.clock("confirmation").state is ClockState.MET
    assert player.state.closing_reason == "confirmed"


def test_handle_does_what_was_due_before_then_the_message_then_what_is_due_now() -> None:
    policy = resolution("26 hours", warnings=())
    player = Player(policy=policy)
    player.now = MONDAY + 26 * HOUR  # nobody looked in between
    player.respond()
    kinds = [(e.kind, e.detail.get("metric")) for e in player.entries("breached", "responded", "warned")]
    assert kinds == [
        ("warned", "first_response"), ("breached", "first_response"), ("responded", None), ("breached", "resolution"),
    ]  # fmt: skip


def test_effects_of_one_instant_go_by_due_instant_metric_occurrence_and_then_warning_breach_escalation() -> None:
    policy = with_clock("first_response", "4 hours", warnings=())
    policy = and_clock(policy, "resolution", "4 hours", warnings=())
    policy = and_clock(policy, "action", "4 hours")
    player = Player(policy=policy)
    player.act("add_action", description="satu")
    player.act("add_action", description="dua")
    player.until(MONDAY + 4 * HOUR)
    happened = [
        (e.kind, e.detail.get("metric"), e.detail.get("occurrence")) for e in player.entries("breached", "escalated")
    ]
    assert happened == [
        ("breached", "first_response", 1), ("escalated", "first_response", 1), ("breached", "resolution", 1),
        ("breached", "action", 1), ("breached", "action", 2),
    ]  # fmt: skip


def test_warning_of_one_clock_goes_after_the_breach_of_a_metric_before_it() -> None:
    policy = and_clock(with_clock("first_response", "3 hours", warnings=()), "resolution", "4 hours", warnings=(0.75,))
    player = Player(policy=policy).until(MONDAY + 3 * HOUR)
    assert [(e.kind, e.detail["metric"]) for e in player.entries("warned", "breached")] == [
        ("breached", "first_response"), ("warned", "resolution"),
    ]  # fmt: skip


def test_each_effect_is_stamped_with_its_due_instant_and_when_it_was_acted_on() -> None:
    player = Player().outage_until(MONDAY + DAY + 2 * MINUTE)
    entry = player.breaches("first_response")[0]
    assert (entry.at, entry.acted_at) == (MONDAY + DAY, MONDAY + DAY + 2 * MINUTE)


def test_effects_acted_on_a_little_late_lead_to_the_same_as_on_time() -> None:
    """Within the outage tolerance nobody can tell whether a timer fired at its instant or a minute after."""
    policy = default_policy()
    escalation = policy.escalation.model_copy(
        update={"climb": (rule("1 minute"),), "top_reminder": (rule("1 minute"),)}
    )
    policy = policy.model_copy(update={"escalation": escalation})
    end = MONDAY + DAY + 4 * MINUTE
    on_time, at_once = Player(policy=policy).until(end), Player(policy=policy).until(MONDAY + 20 * HOUR)
    at_once.outage_until(end)
    assert [(e.at, e.kind, e.detail) for e in at_once.entries()] == [
        (e.at, e.kind, e.detail) for e in on_time.entries()
    ]
    assert at_once.tier == "management"


def test_messages_of_one_instant_go_in_arrival_order() -> None:
    player = in_investigation()
    player.reply("pertama")
    player.reply("kedua")
    assert [e.words for e in player.entries("complainant_replied")] == ["pertama", "kedua"]


# our own promises; late is late


def test_our_own_promises_are_met_when_the_command_is_accepted_not_when_it_is_delivered() -> None:
    player = Player()
    player.down = True
    player.until(wib(6, 10))
    player.respond()
    player.decide()
    assert player.clock("first_response").ended_at == wib(6, 10)
    assert player.clock("resolution").ended_at == wib(6, 10)


def test_late_is_late_in_the_clocks_own_time_whoever_looked() -> None:
    policy = with_clock("first_response", "4 business hours", "office")
    player = Player(policy=policy)
    player.now = wib(7, 10)  # nobody looked at 14:00 on Monday
    player.respond()
    shown = player.shown("first_response")
    assert (shown.state, shown.due_at, shown.breached_at) == (ClockState.MET, wib(6, 14), wib(6, 14))
    assert shown.late_seconds == 5 * 3600
    assert shown.elapsed_seconds == 9 * 3600


def test_due_at_stays_after_the_clock_ended() -> None:
    assert resolved().shown("resolution").due_at == wib(15, 17)


# dispute and reopening


def test_dispute_cancels_confirmation_and_opens_the_next_resolution() -> None:
    player = resolved().until(wib(6, 11))
    player.dispute()
    assert player.clock("confirmation").state is ClockState.CANCELLED
    assert (player.clock("resolution").occurrence, player.clock("resolution").state) == (2, ClockState.RUNNING)


def test_dispute_while_closing_cancels_the_closure_clock() -> None:
    player = in_closing()
    player.dispute()
    assert player.clock("closure").state is ClockState.CANCELLED
    assert player.status is Status.INVESTIGATION


def test_reopening_cancels_the_follow_up_and_opens_the_next_resolution() -> None:
    player = closed().until(wib(7, 9))
    player.act("reopen", reason="problem_returned", text="muncul lagi")
    assert player.clock("follow_up").state is ClockState.CANCELLED
    assert player.clock("resolution").occurrence == 2


def test_restart_gives_the_full_target_from_now_and_is_the_default() -> None:
    assert default_policy().on_dispute is Renewal.RESTART
    player = resolved().until(wib(7, 11))
    player.dispute()
    clock = player.clock("resolution")
    assert (clock.started_at, clock.due_at, clock.pauses) == (wib(7, 11), wib(16, 17), [])


def renewing(how: str, target: str = "8 business hours", **changes: Any) -> Any:
    return resolution(target, "office", **changes).model_copy(
        update={"on_dispute": Renewal(how), "on_reopen": Renewal(how)}
    )


def test_credit_keeps_the_budget_and_counts_the_time_since_the_decision_as_a_pause() -> None:
    player = resolved(policy=renewing("credit")).until(wib(6, 14))
    player.dispute()
    clock = player.clock("resolution")
    assert (clock.occurrence, clock.started_at, clock.due_at) == (2, MONDAY, wib(7, 12))
    assert player.shown("resolution").paused_seconds == 3 * 3600


def test_keep_keeps_the_old_due_instant() -> None:
    player = resolved(policy=renewing("keep")).until(wib(6, 14))
    player.dispute()
    assert player.clock("resolution").due_at == wib(7, 9)
    assert player.clock("resolution").state is ClockState.RUNNING


def test_keep_breaches_at_once_if_the_old_due_instant_is_past() -> None:
    player = resolved(policy=renewing("keep")).until(wib(8, 9))
    player.dispute()
    clock = player.clock("resolution")
    assert (clock.occurrence, clock.breached_at) == (2, wib(7, 9))
    assert player.breaches("resolution")[-1].acted_at == wib(8, 9)


def test_reopening_follows_its_own_key() -> None:
    policy = renewing("restart").model_copy(update={"on_reopen": Renewal.KEEP})
    player = closed(policy=policy).until(wib(8, 9))
    player.act("reopen", reason="new_facts", text="bukti baru")
    assert player.clock("resolution").breached_at == wib(7, 9)


def test_earlier_results_stay_and_first_response_is_not_opened_again() -> None:
    player = Player().until(wib(17, 9))
    player.decide()
    before = player.shown("resolution")
    assert before.breached_at == wib(15, 17)
    player.dispute()
    first = next(c for c in player.case.view(player.now).clocks if c.metric == "resolution" and c.occurrence == 1)
    assert first == before
    assert [c.occurrence for c in player.state.clocks if c.metric == "first_response"] == [1]


def test_warning_fired_before_a_credited_dispute_does_not_fire_again() -> None:
    player = Player(policy=renewing("credit", warnings=(0.5,))).until(wib(6, 15))
    player.decide()
    player.until(wib(6, 16))
    player.dispute()
    player.until(wib(7, 9))
    assert [at for at, _ in warned(player, "resolution")] == [wib(6, 14)]


# outage


def test_outage_records_all_warnings_and_breaches_in_order() -> None:
    player = Player().outage_until(wib(20, 9))
    happened = [(e.kind, e.detail["metric"], e.at) for e in player.entries("warned", "breached")]
    assert happened == [
        ("warned", "first_response", wib(7, 3)), ("breached", "first_response", wib(7, 9)),
        ("warned", "resolution", wib(14, 8, 15)), ("breached", "resolution", wib(15, 17)),
    ]  # fmt: skip
    assert {e.acted_at for e in player.entries("warned", "breached")} == {wib(20, 9)}


def test_outage_moves_the_ladder_at_most_one_tier_and_its_interval_counts_from_the_acted_instant() -> None:
    player = Player().outage_until(wib(20, 9))
    assert player.tier == "specialist"
    assert len(player.escalations) == 1
    assert player.state.ladder.next_at == wib(20, 14)  # four business hours from 09:00
    player.until(wib(20, 14))
    assert player.tier == "supervisor"


def test_outage_sends_only_the_last_progress_update() -> None:
    player = Player()
    player.outage_until(wib(20, 9))
    assert [n.at for n in player.notices("progress_update")] == [wib(17, 17)]
    assert player.clock("progress_update").due_at == wib(22, 17)


def test_outage_sends_only_the_last_reminder_and_rearms_confirmation_for_its_interval() -> None:
    player = resolved()
    player.outage_until(wib(20, 9))
    assert [n.facts.number for n in player.notices("confirmation_reminder")] == [2]
    assert player.status is Status.RESOLVED
    assert player.clock("confirmation").due_at is not None
    assert player.clock("confirmation").due_at >= wib(21, 9)  # the last reminder's interval: one day
    player.until(wib(21, 9))
    assert player.state.closing_reason == "unconfirmed"


def test_outage_rearms_information_for_the_last_reminders_interval() -> None:
    player = in_awaiting()
    player.outage_until(wib(27, 9))
    assert [n.facts.number for n in player.notices("information_reminder")] == [2]
    assert player.status is Status.AWAITING_COMPLAINANT
    assert player.clock("information").due_at >= wib(29, 17)  # three working days after the second reminder


def test_outage_that_passed_only_the_end_of_the_wait_rearms_it() -> None:
    player = resolved().until(wib(8, 11))  # both reminders are out
    player.outage_until(wib(20, 9))
    assert player.status is Status.RESOLVED
    assert player.clock("confirmation").due_at == wib(21, 9)
    assert not [n for n in player.notices("confirmation_reminder") if n.at > wib(8, 11)]


def test_lateness_within_the_outage_tolerance_changes_nothing() -> None:
    player = resolved().until(wib(8, 11))
    player.outage_until(wib(9, 10, 4))
    assert player.state.closing_reason == "unconfirmed"


def test_case_received_long_ago_follows_the_outage_rule_from_its_true_receipt() -> None:
    player = Player(now=wib(20, 9))
    assert player.clock("first_response").started_at == MONDAY
    assert [e.at for e in player.breaches("first_response")] == [wib(7, 9)]
    assert player.tier == "specialist"


# pinned, explainable, extensions


def test_plan_is_pinned_with_offsets_so_that_no_zone_data_is_needed() -> None:
    player = Player()
    pinned = player.state.plan.calendars["office"]
    assert pinned.offsets
    assert pinned.until >= MONDAY + timedelta(days=730)
    assert (player.state.plan.rules.pack, player.state.plan.rules.version) == ("id.default", default_policy().version)


def test_plans_are_interned_by_digest() -> None:
    one, two = Player(), Player(key="k-2")
    two.restore()
    assert one.state.plan is two.state.plan


def test_calendars_are_asked_for_before_they_run_out_once() -> None:
    player = closed().until(wib(6, 12))
    player.act("add_action", description="garansi", due_at=MONDAY + timedelta(days=800))
    end = player.state.plan.until
    player.outage_until(end - timedelta(days=30))
    player.carry_out(player.case.due(player.now))
    asked = [d for d in player.duties if type(d).__name__ == "CalendarDuty"]
    assert len(asked) == 1
    assert asked[0].until > end


def test_every_clock_explains_its_due_instant() -> None:
    player = resolved().until(wib(6, 11))
    player.dispute()
    explained = player.case.explain(player.now)
    assert {(e.metric, e.occurrence) for e in explained} == {(c.metric, c.occurrence) for c in player.state.clocks}


def test_extension_moves_the_due_instant_for_a_listed_reason_and_is_told() -> None:
    player = Player(policy=extensible()).until(wib(7, 9))
    assert player.act("extend", reason="third_party").refused is None
    assert player.clock("resolution").due_at == wib(20, 17)
    notice = player.notices("date_changed")[-1]
    assert (notice.facts.promised_at, notice.facts.change, notice.facts.reason) == (
        wib(20, 17),
        "extension",
        "third_party",
    )


def test_extension_needs_a_reason_of_the_closed_list() -> None:
    refused = Player(policy=extensible()).act("extend", reason="banyak kerjaan").refused
    assert refused is not None
    assert (refused.field, refused.remedy) == ("reason", "use one of: third_party")


def test_extension_after_expiry_is_refused_where_the_policy_demands_notice_before() -> None:
    player = Player(policy=extensible()).until(wib(15, 17))
    refused = player.act("extend", reason="third_party").refused
    assert refused is not None
    assert refused.field == "metric"


def test_extension_after_expiry_is_accepted_where_the_policy_does_not() -> None:
    after = Extension(by=Target("3 working days"), reasons=("third_party",), notice_before_expiry=False)
    player = Player(policy=with_clock("resolution", extension=after)).until(wib(16, 9))
    assert player.act("extend", reason="third_party").refused is None


def test_extension_is_limited_and_needs_a_rule() -> None:
    player = Player(policy=extensible())
    assert [player.act("extend", reason="third_party").refused is None for _ in range(3)] == [True, True, False]
    assert Player().act("extend", reason="third_party").refused is not None


def test_extension_is_kept_by_a_reassessment() -> None:
    player = Player(policy=extensible(targets=default_policy().clocks[Metric.RESOLUTION].targets))
    player.act("extend", reason="third_party")
    player.act("assess", severity="minor")
    assert player.clock("resolution").due_at == wib(14, 17)  # three working days and three more


def test_severities_ascend() -> None:
    assert all(later.at_least(earlier) for earlier, later in pairwise(Severity))


def test_action_within_a_target_of_its_own() -> None:
    player = in_investigation()
    assert "within" in AddAction.model_fields
    player.act("add_action", description="telepon balik", within="2 business hours")
    assert (player.clock("action").target, player.clock("action").due_at) == ("2 business hours", wib(6, 11))
