"""Re-plan: a running case goes on under another policy. Each rule has a test that names it; in July 2026."""

import json
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policies
from complaints.clocks import Clock
from complaints.errors import BadInput
from complaints.messages.commands import read_command
from complaints.messages.duties import CalendarDuty
from complaints.messages.feedback import CalendarsExtended
from complaints.plan import Plan
from complaints.policy import Policy
from complaints.vocabulary import ClockState, MetBy, Status
from tests.unit.cases import DAY, HOUR, MINUTE, MONDAY, SECOND, TICK, Player, closed, resolved, wib
from workflows.attributes import values_of

LAW = "peraturan baru"


@cache
def _loaded(overrides: str) -> Policy:
    return policies.load("id.default", json.loads(overrides))


def other(**overrides: Any) -> Policy:
    """The default policy with changes laid on it; its version tells them apart."""
    return _loaded(json.dumps(overrides, sort_keys=True))


def clocks(**targets: Any) -> Policy:
    """The default policy with other targets: `resolution=("5 working days", "office")`, or more keys of the clock."""
    return other(clocks={metric: _clock(given) for metric, given in targets.items()})


def _clock(given: Any) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    target, calendar = given if isinstance(given, tuple) else (given, None)
    rule = {"target": target, "calendar": calendar} if calendar else {"target": target}
    return {"targets": [rule]}


def base() -> Policy:
    return other()


def plan_of(policy: Policy, at: Any = MONDAY) -> Plan:
    return policies.resolve(policy, at)


def replan(player: Player, policy: Policy, *, role: str = "lead", key: str | None = None, **more: Any) -> Any:
    payload = {"policy": policy.pack, "reason": LAW, "plan": plan_of(policy).packed, **more}
    return player.act("replan", role=role, key=key, **payload)


def dues(player: Player) -> dict[str, Any]:
    return {clock.key: clock.due_at for clock in player.state.clocks}


FIVE_DAYS = {"resolution": ("5 working days", "office")}
TEN_DAYS = {"resolution": ("10 working days", "office")}
SHORT_DAYS = {"hours": {day: [["10:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}


def office(**changes: Any) -> Policy:
    """The default policy with another office calendar of the same name."""
    return other(calendars={"office": changes})


# the clocks


@pytest.mark.parametrize(("targets", "due"), [(FIVE_DAYS, wib(13, 17)), (TEN_DAYS, wib(20, 17))])
def test_a_running_clock_is_counted_from_its_own_start_by_the_new_target(targets: Any, due: Any) -> None:
    player = Player().until(wib(8, 11))
    assert player.clock("resolution").due_at == wib(15, 17)
    assert replan(player, clocks(**targets)).refused is None
    clock = player.clock("resolution")
    assert (clock.started_at, clock.due_at, clock.target) == (MONDAY, due, targets["resolution"][0])


def test_which_target_applies_depends_on_the_facts_of_the_case() -> None:
    policy = clocks(resolution={"targets": [
        {"when": {"severity": ["major"]}, "target": "2 working days", "calendar": "office"},
        {"target": "9 working days", "calendar": "office"},
    ]})  # fmt: skip
    for severity, due in (("major", wib(8, 17)), ("moderate", wib(17, 17))):
        player = Player(severity=severity)
        replan(player, policy)
        assert player.clock("resolution").due_at == due


def test_pauses_are_kept() -> None:
    player = Player().until(wib(7, 9))
    player.hold()
    player.until(wib(8, 9))
    player.act("resume")
    replan(player, clocks(**FIVE_DAYS))
    straight = Player(policy=clocks(**FIVE_DAYS)).until(wib(7, 9))
    straight.hold()
    straight.until(wib(8, 9))
    straight.act("resume")
    assert player.clock("resolution").due_at == straight.clock("resolution").due_at == wib(14, 17)


def test_a_paused_clock_has_no_due_instant_and_another_time_that_remains() -> None:
    player = Player().until(wib(7, 9))
    player.hold()
    before = player.shown("resolution").remaining_seconds
    replan(player, clocks(**TEN_DAYS))
    shown = player.shown("resolution")
    assert (shown.state, shown.due_at) == (ClockState.PAUSED, None)
    assert before is not None
    assert shown.remaining_seconds == before + 3 * 8 * 3600
    player.until(wib(8, 9))
    player.act("resume")
    assert player.clock("resolution").due_at == wib(21, 17)


def test_what_the_new_policy_pauses_pauses_and_what_it_does_not_goes_on() -> None:
    player = Player().until(wib(7, 9))
    player.hold()
    replan(player, clocks(resolution={"pauses": []}, first_response={"pauses": ["on_hold"]}))
    assert player.clock("resolution").state is ClockState.RUNNING
    assert player.clock("first_response").state is ClockState.PAUSED
    assert player.clock("first_response").pauses[0].since == player.now


EXTENDABLE = {"extension": {"by": "4 working days", "reasons": ["third_party"]}}


def test_extensions_are_kept() -> None:
    player = Player(policy=clocks(resolution=EXTENDABLE)).until(wib(7, 9))
    assert player.act("extend", reason="third_party").refused is None
    assert player.clock("resolution").due_at == wib(21, 17)
    replan(player, clocks(**FIVE_DAYS))
    assert player.clock("resolution").due_at == wib(17, 17)
    replan(player, clocks(resolution="10 days"))  # counted without a calendar: the extension keeps its length
    clock = player.clock("resolution")
    assert clock.due_at == MONDAY + 10 * DAY + (wib(17, 17) - wib(13, 17))
    assert player.explained("resolution").steps


def test_a_due_instant_that_has_passed_breaches_now_with_that_instant_and_cause() -> None:
    player = Player().until(wib(6, 15))
    replan(player, clocks(first_response="1 hour"))
    (entry,) = player.breaches("first_response")
    assert (entry.at, entry.acted_at, entry.detail["cause"]) == (wib(6, 10), wib(6, 15), "replanned")
    assert player.tier == "specialist"
    player.until(wib(6, 15, 1))
    assert len(player.breaches("first_response")) == 1


def _without_plan(clock: Clock) -> dict[str, Any]:
    return asdict(clock) | {"earlier_plan": None}


def test_a_breach_that_happened_stays_as_it_was() -> None:
    player = Player().until(wib(7, 10))
    before = _without_plan(player.clock("first_response"))
    shown = player.shown("first_response")
    replan(player, clocks(first_response="5 days"))
    assert _without_plan(player.clock("first_response")) == before
    assert player.shown("first_response") == shown
    assert (shown.breached_at, shown.late_seconds) == (wib(7, 9), 3600)
    player.until(wib(12, 9))
    assert len(player.breaches("first_response")) == 1


def test_a_breach_of_before_is_told_from_one_of_the_replan() -> None:
    player = Player().until(wib(7, 10))
    replan(player, clocks(resolution="1 hour"))
    assert "cause" not in player.breaches("first_response")[0].detail
    assert player.breaches("resolution")[0].detail["cause"] == "replanned"


def test_a_warning_is_given_once() -> None:
    player = Player().until(wib(7, 4))
    assert [w.fraction for w in player.clock("first_response").warnings if w.fired] == [0.75]
    replan(player, clocks(first_response={"targets": [{"target": "3 days"}], "warnings": [0.5, 0.75, 0.9]}))
    assert [(w.fraction, w.fired) for w in player.clock("first_response").warnings] == [(0.75, True), (0.9, False)]
    player.until(wib(12))
    warned = [e.detail["fraction"] for e in player.entries("warned") if e.detail["metric"] == "first_response"]
    assert warned == [0.75, 0.9]


def test_the_complainants_time_is_never_cut() -> None:
    player = resolved()
    due = player.clock("confirmation").due_at
    replan(player, clocks(confirmation={"targets": [{"target": "1 day"}], "reminders": ["6 hours"]}))
    assert player.clock("confirmation").due_at == due
    replan(player, clocks(confirmation={"targets": [{"target": "5 days"}], "reminders": ["1 day", "4 days"]}))
    assert player.clock("confirmation").due_at == wib(6, 10) + 5 * DAY
    player.until(wib(12))
    assert [n.at for n in player.notices("confirmation_reminder")] == [wib(7, 10), wib(10, 10)]
    assert player.status is Status.CLOSED


def test_a_reminder_that_was_sent_is_not_sent_again() -> None:
    player = resolved().until(wib(7, 11))
    assert len(player.notices("confirmation_reminder")) == 1
    replan(player, clocks(confirmation={"targets": [{"target": "6 days"}], "reminders": ["2 days", "3 days"]}))
    player.until(wib(13))
    assert [n.at for n in player.notices("confirmation_reminder")] == [wib(7, 10), wib(9, 10)]


def test_what_was_agreed_with_somebody_is_kept() -> None:
    player = Player().until(wib(6, 10))
    player.act("add_action", description="kirim nota", within="3 working days")
    player.act("add_action", description="telepon")
    player.hold(review_at=wib(10, 9).isoformat())
    before = {key: due for key, due in dues(player).items() if key.startswith(("hold", "action"))}
    replan(player, clocks(hold=("1 working day", "office"), action=("9 working days", "office")))
    assert {key: due for key, due in dues(player).items() if key in before} == before
    assert len(before) == 3


def test_ended_clocks_are_shown_as_they_were_though_their_calendar_is_another_now() -> None:
    player = Player().until(wib(6, 11))
    player.reply()
    player.wait(2 * HOUR)
    player.respond()
    player.ask()
    player.until(wib(7, 9))
    player.reply()
    ended = [clock for clock in player.case.view(player.now).clocks if clock.state not in ("running", "paused")]
    explained = [e for e in player.case.explain(player.now) if e.metric in ("next_response", "first_response")]
    assert len(ended) >= 4
    assert replan(player, office(version="short", **SHORT_DAYS)).refused is None
    assert [clock for clock in player.case.view(player.now).clocks if clock in ended] == ended
    again = [e for e in player.case.explain(player.now) if e in explained]
    assert [e for e in explained if e.metric == "first_response"] == [e for e in again if e.metric == "first_response"]
    assert player.clock("resolution").due_at == wib(15, 12)


def test_clocks_that_begin_afterwards_are_the_new_policys() -> None:
    player = Player().until(wib(6, 10))
    player.respond()
    replan(player, clocks(next_response="2 hours", resolution=("5 working days", "office")))
    player.reply()
    assert player.clock("next_response").target == "2 hours"
    player.decide()
    player.dispute()
    assert player.clock("resolution", 2).target == "5 working days"


def test_a_clock_that_the_new_policy_does_not_have_ends() -> None:
    player = Player().until(wib(6, 10))
    player.reply()
    less = base().model_copy(update={"clocks": {m: c for m, c in base().clocks.items() if m != "next_response"}})
    assert replan(player, less).refused is None
    clock = player.clock("next_response")
    assert (clock.state, clock.ended_at) == (ClockState.CANCELLED, player.now)
    player.hold()
    assert player.case.next_due() is not None


def test_progress_updates_that_only_the_new_policy_promises_count_from_the_replan() -> None:
    less = base().model_copy(update={"clocks": {m: c for m, c in base().clocks.items() if m != "progress_update"}})
    player = Player(policy=less).until(wib(6, 10))
    assert not player.has("progress_update")
    replan(player, base())
    assert player.clock("progress_update").started_at == wib(6, 10)


def test_a_resolution_that_counts_from_the_receipt_under_the_new_policy_begins_there() -> None:
    needs = {"billing": {"needs": ["invoice"]}}
    late = other(categories=needs, clocks={"resolution": {"starts": "documents_complete"}})
    player = Player(policy=late).until(wib(7, 9))
    assert (player.status, player.has("resolution")) == (Status.AWAITING_COMPLAINANT, False)
    replan(player, other(categories=needs))
    assert player.clock("resolution").started_at == MONDAY
    replan(player, late)
    player.reply(invoice="B-17")
    assert [c.started_at for c in player.state.clocks if c.metric == "resolution"] == [MONDAY]


# the complainant, the owner, the ladder, the record


def test_the_complainant_is_told_the_changed_date_with_its_reason() -> None:
    player = Player().until(wib(6, 10))
    replan(player, clocks(**FIVE_DAYS))
    (notice,) = player.notices("date_changed")
    assert (notice.facts.promised_at, notice.facts.change) == (wib(13, 17), "replan")
    assert player.state.promised_at == wib(13, 17)


@pytest.mark.parametrize("policy", [clocks(first_response="30 hours"), clocks(resolution="30 minutes")])
def test_they_are_told_nothing_if_it_does_not_move_or_has_passed(policy: Policy) -> None:
    player = Player().until(wib(6, 10))
    replan(player, policy)
    assert not player.notices("date_changed")


def test_nobody_is_told_a_date_who_was_promised_none() -> None:
    player = Player(category=None).until(wib(6, 10))
    assert player.state.promised_at is None
    replan(player, clocks(**FIVE_DAYS))
    assert not player.notices("date_changed")


def test_the_entry_says_who_why_from_what_to_what_and_each_due_instant() -> None:
    player = Player().until(wib(6, 10))
    new = clocks(**FIVE_DAYS)
    replan(player, new, by="ani")
    entry = player.last("replanned")
    assert (entry.actor.id, entry.actor.role, entry.detail["reason"]) == ("ani", "lead", LAW)
    assert (entry.detail["from"], entry.detail["to"]) == ("id.default@1", f"id.default@{new.version}")
    rows = {(row["metric"], row["occurrence"]): (row["before"], row["after"]) for row in entry.detail["clocks"]}
    assert rows["resolution", 1] == ("2026-07-15T10:00:00Z", "2026-07-13T10:00:00Z")
    assert rows["first_response", 1] == ("2026-07-07T02:00:00Z",) * 2
    assert ("acknowledgement", 1) not in rows


def test_the_clock_remembers_it() -> None:
    player = Player().until(wib(6, 10))
    replan(player, clocks(**FIVE_DAYS))
    (record,) = player.clock("resolution").replans
    assert (record.at, record.reason, record.before, record.after) == (player.now, LAW, wib(15, 17), wib(13, 17))
    assert (record.target_before, record.target_after) == ("7 working days", "5 working days")
    assert not player.clock("first_response").replans
    assert [step.kind for step in player.explained("resolution").steps].count("replan") == 1


def test_what_operators_and_lists_see_follows() -> None:
    player = Player()
    new = clocks(**FIVE_DAYS)
    replan(player, new)
    standing = player.case.standing()
    assert (standing.pack, standing.policy_version) == ("id.default", new.version)
    assert values_of(standing)["ComplaintPolicy"] == f"id.default@{new.version}"
    batch = player.case.unrecorded(player.now)
    assert batch is not None
    assert batch.standing == standing
    assert {row.metric: row.target for row in batch.clocks}["resolution"] == "5 working days"
    player.respond()
    assert player.notices("response")[-1].texts_version == new.texts_version


def test_a_continued_case_has_the_new_plan_and_what_earlier_clocks_are_counted_by() -> None:
    player = Player().until(wib(6, 11))
    replan(player, office(version="short", **SHORT_DAYS))
    before = player.case.view(player.now)
    player.restore()
    assert player.case.view(player.now) == before
    assert player.state.plan.calendars["office"].version == "short"
    assert [plan.calendars["office"].version for plan in player.state.earlier_plans] != ["short"]
    player.until(wib(20))


def ladder(*tiers: str, **more: Any) -> Policy:
    rows = [{"name": name, "team": f"{name}-team", "label": {"id": name, "en": name}} for name in tiers]
    escalation = {"entry": {"critical": {"tier": tiers[0], "tell": []}}, "reopening": {"tier": tiers[-1]}}
    return other(tiers=rows, escalation=escalation, approver_tier=tiers[-1], **more)


def test_the_tier_is_found_by_its_name_and_its_team_owns_the_case() -> None:
    player = Player().until(wib(7, 9))
    assert (player.tier, player.state.owner) == ("specialist", "team:specialist")
    assert replan(player, ladder("first", "frontline", "specialist", "management")).refused is None
    assert (player.tier, player.state.ladder.tier) == ("specialist", 2)
    assert player.state.owner == "team:specialist-team"
    assert player.told("agent_assigned") == ("team:specialist-team",)
    assert player.last("replanned").detail["previous"] == "team:specialist"


def test_a_handler_stays_the_owner() -> None:
    player = Player()
    player.act("assign", to="agent:siti")
    replan(player, ladder("frontline", "management"))
    assert player.state.owner == "agent:siti"


def test_a_case_that_waits_for_parts_which_the_new_policy_does_not_ask_for_closes() -> None:
    player = resolved(severity="major").until(wib(6, 11))
    player.confirm()
    assert player.status is Status.CLOSING
    replan(player, other(closure={"root_cause_from": "critical"}))
    assert player.status is Status.CLOSED
    assert player.state.closures[-1].policy_version == player.state.plan.rules.version


def test_calendars_that_were_asked_of_the_old_policy_are_not_wanted_any_more() -> None:
    player = Player(policy=base())
    player.outage_until(MONDAY + 640 * DAY)
    (duty,) = [duty for duty in player.duties if isinstance(duty, CalendarDuty)]
    calendars = policies.extend(base(), duty.names, duty.since, duty.until)
    new = office(version="short", **SHORT_DAYS)
    player.act("replan", role="lead", policy="x", reason=LAW,
               plan=policies.resolve_again(new, MONDAY, player.now).packed)  # fmt: skip
    player.case.learn(CalendarsExtended(key=duty.key, calendars=calendars), player.now)
    assert player.state.plan.calendars["office"].version == "short"


# what is refused, and what changes nothing


def refused(player: Player, policy: Policy, **more: Any) -> Any:
    before = player.state.model_dump(exclude={"timeline", "seen"})
    found = replan(player, policy, **more).refused
    assert found is not None
    assert found.remedy
    assert player.state.model_dump(exclude={"timeline", "seen"}) == before
    assert player.last("refused").detail["reason"] == found.problem
    return found


def test_a_policy_without_the_cases_category_is_refused() -> None:
    less = base().model_copy(update={"categories": {n: k for n, k in base().categories.items() if n != "billing"}})
    found = refused(Player(), less)
    assert found.field == "policy.categories"
    assert "billing" in found.problem
    assert "privacy" in found.remedy
    assert replan(Player(category="privacy"), less).refused is None
    assert replan(Player(category=None), less).refused is None


def test_a_policy_without_the_cases_tier_is_refused() -> None:
    player = Player().until(wib(7, 9))
    found = refused(player, ladder("frontline", "management"))
    assert found.field == "policy.tiers"
    assert "specialist" in found.problem
    assert "frontline, management" in found.remedy


@pytest.mark.parametrize("role", ["agent", "service", "auditor"])
def test_only_a_lead_or_an_admin_replans(role: str) -> None:
    assert refused(Player(), clocks(**FIVE_DAYS), role=role).field == "actor.role"
    assert replan(Player(), clocks(**FIVE_DAYS), role="admin").refused is None


def test_a_plan_that_was_not_resolved_or_lacks_something_is_refused() -> None:
    assert refused(Player(), base(), plan=None).field == "plan"
    plan = plan_of(clocks(**FIVE_DAYS))
    bare = Plan(rules=plan.rules, texts=plan.texts, texts_version=plan.texts_version, calendars={})
    assert "office" in refused(Player(), base(), plan=bare.packed).problem


@pytest.mark.parametrize("plan", ["", "no plan at all", "eJwDAAAAAAE=", 7, {"rules": {}}])
def test_what_is_no_plan_is_bad_input(plan: Any) -> None:
    with pytest.raises(BadInput) as caught:
        read_command({"act": "re-plan", "key": "k", "actor": {"id": "a"}, "policy": "x", "reason": "y", "plan": plan})
    assert caught.value.field.startswith("plan")


def test_the_same_plan_again_changes_nothing_and_says_so() -> None:
    player = Player(policy=base()).until(wib(6, 10))
    replan(player, clocks(**FIVE_DAYS))
    command = read_command({"act": "replan", "key": "again", "actor": {"id": "ani", "role": "lead"}, "policy": "x",
                            "reason": LAW, "plan": plan_of(clocks(**FIVE_DAYS)).packed})  # fmt: skip
    before, duties = player.state.model_dump(exclude={"seen"}), len(player.duties)
    for _ in range(2):
        assert player.say(command).refused is None
        assert player.case.unchanged(command)
        assert player.state.model_dump(exclude={"seen"}) == before
    assert len(player.duties) == duties


def test_a_plan_that_only_reaches_further_is_the_same() -> None:
    player = Player(policy=base())
    longer = policies.resolve_again(base(), MONDAY, MONDAY + 500 * DAY)
    assert longer.until is not None
    assert player.state.plan.until is not None
    assert longer.until > player.state.plan.until
    player.act("replan", role="lead", policy="x", reason=LAW, plan=longer.packed)
    assert not player.entries("replanned")
    holiday = office(special={"2026-08-03": [["08:00", "10:00"]]})
    player.act("replan", role="lead", policy="x", reason=LAW, plan=plan_of(holiday).packed)
    assert player.entries("replanned")


def test_the_same_command_is_carried_out_once() -> None:
    player = Player().until(wib(6, 10))
    first = replan(player, clocks(**FIVE_DAYS), key="campaign:case")
    replan(player, clocks(**TEN_DAYS))
    again = replan(player, clocks(**FIVE_DAYS), key="campaign:case")
    assert (first.repeated, again.repeated, again.refused) == (False, True, None)
    assert player.clock("resolution").due_at == wib(20, 17)
    assert len(player.entries("replanned")) == 2


@pytest.mark.parametrize("make", [closed, lambda: closed().until(wib(22, 12))])
def test_a_case_that_has_ended_is_left_alone(make: Any) -> None:
    player = make()
    assert refused(player, clocks(**FIVE_DAYS)).field == "act"


# preview and act, there and back

WAYS = st.lists(
    st.sampled_from(["hour", "day", "respond", "ask", "reply", "hold", "resume", "decide", "dispute", "assess",
                     "action", "extend", "down", "up", "escalate"]),
    max_size=9,
)  # fmt: skip
VARIANTS = (
    lambda: clocks(**FIVE_DAYS, first_response="2 hours"),
    lambda: clocks(**TEN_DAYS, next_response="3 hours", progress_update=("1 working day", "office")),
    lambda: office(version="short", **SHORT_DAYS),
    lambda: clocks(resolution={**_clock("3 days"), "warnings": [0.2, 0.9], "pauses": []}, confirmation="20 days"),
    lambda: other(escalation={"climb": [{"target": "10 minutes"}]}, closure={"root_cause_from": "minor"}),
)


def walked(ways: list[str], policy: Policy | None = None) -> Player:
    player = Player(policy=policy or clocks(resolution=EXTENDABLE)).until(MONDAY + MINUTE)
    steps: dict[str, Any] = {
        "hour": lambda: player.wait(HOUR), "day": lambda: player.wait(DAY + 37 * MINUTE), "respond": player.respond,
        "ask": player.ask, "reply": player.reply, "hold": player.hold, "resume": lambda: player.act("resume"),
        "decide": player.decide, "dispute": player.dispute,
        "assess": lambda: player.act("assess", severity="minor"),
        "action": lambda: player.act("add_action", description="x", within="2 days"),
        "extend": lambda: player.act("extend", reason="third_party"),
        "down": lambda: setattr(player, "down", True), "up": player.channel_up,
        "escalate": lambda: player.act("escalate", reason="perlu"),
    }  # fmt: skip
    for way in ways:
        steps[way]()
        player.now += SECOND
    return player


@given(ways=WAYS, variant=st.sampled_from(range(len(VARIANTS))), wait=st.integers(0, 40))
def test_a_preview_says_what_the_act_then_does_and_does_nothing(ways: list[str], variant: int, wait: int) -> None:
    player, policy = walked(ways), VARIANTS[variant]()
    player.now += wait * HOUR  # what is due meanwhile has not happened yet
    before = player.state.model_dump_json()
    seen = player.case.preview(plan_of(policy), player.now)
    assert player.state.model_dump_json() == before
    player.case.due(player.now - TICK)
    clocks_before = {c.key: deepcopy(c) for c in player.state.clocks}
    notices, breaches = len(player.state.notices), len(player.entries("breached"))
    answer = player.case.handle(
        read_command({"act": "replan", "key": "x", "actor": {"id": "ani", "role": "lead"}, "policy": "x",
                      "reason": LAW, "plan": plan_of(policy).packed}), player.now)  # fmt: skip
    if answer.refused is not None:
        assert seen.refused is not None
        assert seen.refused.problem == answer.refused.problem
        return
    assert seen.refused is None
    found = {f"{row.metric}#{row.occurrence}": row for row in seen.clocks}
    for clock in player.state.clocks:
        was = clocks_before.get(clock.key)
        if was is not None and not was.open:
            assert _without_plan(clock) == _without_plan(was)
            continue
        row = found.pop(clock.key)
        assert row.due_after == (clock.due_at if clock.state is ClockState.RUNNING else None)
        assert (row.state_after, row.breached_at) == (clock.state, clock.breached_at)
        assert (row.breach == "appears") == (clock.breached and not (was is not None and was.breached))
    assert not found
    told = [n for n in player.state.notices[notices:] if n.occasion == "date_changed"]
    assert seen.promised_at == (player.state.promised_at if told else None)
    assert len(player.entries("breached")) - breaches == seen.appearing


@given(ways=WAYS, variant=st.sampled_from(range(len(VARIANTS))))
def test_there_and_back_gives_the_due_instants_of_before(ways: list[str], variant: int) -> None:
    player, home = walked(ways), clocks(resolution=EXTENDABLE)
    before = {c.key: (c.due_at, c.target, c.calendar) for c in player.state.clocks if not c.breached}
    theirs = {c.key for c in player.state.clocks if c.metric in ("information", "confirmation")}
    replan(player, VARIANTS[variant]())
    replan(player, home)
    for clock in player.state.clocks:
        if clock.key in before and not clock.breached and clock.key not in theirs and clock.met_by is not MetBy.PERSON:
            assert (clock.due_at, clock.target, clock.calendar) == before[clock.key], clock.key


@given(ways=WAYS.filter(lambda ways: "day" not in ways), variant=st.sampled_from(range(3)))
def test_a_replanned_case_is_due_as_if_it_had_been_under_the_policy_from_the_start(
    ways: list[str], variant: int
) -> None:
    player, policy = walked(ways), VARIANTS[variant]()
    straight = walked(ways, policy)
    same_way = [e.kind for e in player.entries()] == [e.kind for e in straight.entries()]
    replan(player, policy)
    if not same_way:
        return  # something was due meanwhile under one of the two
    expected = {c.key: c.due_at for c in straight.state.clocks if c.open}
    for clock in player.state.clocks:
        if clock.open and not clock.breached and clock.metric in ("first_response", "next_response", "resolution"):
            assert clock.due_at == expected[clock.key], clock.key


# what was found by looking again


def test_a_letters_date_is_counted_in_the_calendar_of_the_rule_that_names_it() -> None:
    letter = {"target": "1 day", "send": "limit_letter"}
    old = clocks(resolution={"targets": [{**letter, "expect": "2 days"}], "pauses": []})
    new = clocks(resolution={"targets": [{
        "target": "1 working days", "calendar": "office", "send": "limit_letter", "expect": "3 working days",
    }], "pauses": []})  # fmt: skip
    player = Player(policy=old).until(MONDAY + DAY + HOUR)
    assert replan(player, new).refused is None
    player.until(MONDAY + 5 * DAY)
    assert player.clock("resolution").expected_at == wib(14, 17)


def test_a_converted_clock_that_waits_for_documents_is_followed_by_one_that_does_not() -> None:
    oral = policies.load("id.ojk.22_2023")
    player = Player(policy=oral, channel="phone", category="financial_service", details={}).until(MONDAY + 8 * DAY)
    assert player.state.form == "written"
    assert not [clock for clock in player.state.clocks if clock.metric == "resolution" and clock.open]
    resolution = {"targets": [{"target": "9 working days", "calendar": "office"}], "pauses": []}
    own = {"extends": "id.ojk.22_2023", "version": "2", "demands": [], "clocks": {"resolution": resolution}}
    plan = policies.resolve(policies.load(own), MONDAY)
    assert player.act("replan", role="lead", policy="x", reason=LAW, plan=plan.packed).refused is None
    clock = player.clock("resolution")
    assert (clock.started_at, clock.open) == (player.now, True)


def test_a_repeated_replan_that_changed_nothing_is_not_answered_by_anothers_refusal() -> None:
    player = Player().until(wib(7, 9))
    assert player.act("decline", role="lead", reason="tidak").refused is not None
    first = replan(player, base(), key="same")
    again = replan(player, base(), key="same")
    assert (first.refused, again.refused, again.repeated) == (None, None, True)


def test_a_preview_tells_of_a_breach_where_the_limit_converted_before() -> None:
    target = {"target": "5 working days", "calendar": "office"}
    old = clocks(resolution={"targets": [{**target, "on_due": "convert", "convert": {"form": "written"},
                                          "when": {"form": ["oral"]}}, target]})  # fmt: skip
    player = Player(policy=old, channel="phone").until(wib(7, 9))
    seen = player.case.preview(plan_of(clocks(**FIVE_DAYS)), player.now, wib(30, 9))
    assert [c.breach for c in seen.clocks if c.metric == "resolution"] == ["appears"]


def test_a_team_that_owns_the_case_is_followed_by_its_tier() -> None:
    tiers = [{**tier.model_dump(mode="json"), "team": f"new-{tier.team}"} for tier in base().tiers]
    player = Player().until(wib(7, 9))
    player.state.owner = "team:supervisor"
    assert replan(player, other(tiers=tiers)).refused is None
    assert player.state.owner == "team:new-supervisor"
