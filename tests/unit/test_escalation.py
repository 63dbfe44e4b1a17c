"""The ladder: each sentence of DESIGN section 5 has a test that names it."""

from datetime import datetime
from typing import Any

import pytest

from complaints.messages.feedback import OwnerFound
from complaints.policy import CauseRule, Policy
from complaints.vocabulary import Cause, ClockState, Status
from tests.unit.cases import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    Player,
    and_clock,
    closed,
    default_policy,
    resolved,
    rule,
    wib,
    with_clock,
)


def with_causes(**rules: CauseRule) -> Policy:
    policy = default_policy()
    causes = {**policy.escalation.causes, **{Cause(name): rule for name, rule in rules.items()}}
    return policy.model_copy(update={"escalation": policy.escalation.model_copy(update={"causes": causes})})


def two_promises(first: str, second: str) -> Policy:
    """First response and resolution due so long after receipt, and nothing else."""
    return and_clock(with_clock("first_response", first, warnings=()), "resolution", second, warnings=())


def raises(player: Player) -> list[tuple[datetime, str, str]]:
    return [(e.at, e.detail["cause"], e.detail["tier"]) for e in player.entries("escalated")]


# tiers


def test_tiers_are_ordered_each_with_a_team() -> None:
    assert [(t.name, t.team) for t in default_policy().tiers] == [
        (name, name) for name in ("frontline", "specialist", "supervisor", "management")
    ]


def test_a_case_begins_at_the_first_tier_owned_by_its_team() -> None:
    player = Player()
    assert (player.tier, player.state.owner) == ("frontline", "team:frontline")
    assert player.told("agent_assigned") == ("team:frontline",)


# a breach


def test_breach_of_a_climbing_clock_raises_one_tier() -> None:
    player = Player().until(wib(7, 9))
    assert raises(player) == [(wib(7, 9), "breach", "specialist")]
    assert player.state.owner == "team:specialist"


def test_breach_of_a_clock_that_does_not_climb_raises_nothing() -> None:
    player = Player(policy=with_clock("first_response", "1 hour", climbs=False)).until(wib(6, 18))
    assert player.breaches("first_response")
    assert raises(player) == []
    assert player.told("agent_breach") == (player.state.owner,)


def test_breach_within_the_climb_interval_of_a_raise_by_a_clock_is_recorded_and_told_at_the_present_tier() -> None:
    player = Player(policy=two_promises("2 hours", "3 hours")).until(wib(6, 12))
    assert raises(player) == [(wib(6, 11), "breach", "specialist")]
    assert [e.at for e in player.breaches("resolution")] == [wib(6, 12)]
    assert player.told("agent_breach") == ("team:specialist",)


def test_one_ladder_for_all_clocks() -> None:
    """Two breached clocks climb no faster than one: the next step is an interval after the last raise."""
    player = Player(policy=two_promises("2 hours", "3 hours")).until(wib(6, 16))
    assert raises(player) == [(wib(6, 11), "breach", "specialist"), (wib(6, 16), "still_breached", "supervisor")]


def test_breach_after_the_climb_interval_raises_again() -> None:
    player = Player(policy=two_promises("2 hours", "10 hours")).until(wib(6, 12))
    player.respond()  # nothing is breached any more
    player.until(wib(6, 19))
    assert raises(player) == [(wib(6, 11), "breach", "specialist"), (wib(6, 19), "breach", "supervisor")]


def test_breach_soon_after_a_raise_by_a_clock_that_was_answered_is_only_told_and_climbs_an_interval_later() -> None:
    player = Player(policy=two_promises("2 hours", "4 hours")).until(wib(6, 12))
    player.respond()
    player.until(wib(6, 16))
    assert raises(player) == [(wib(6, 11), "breach", "specialist"), (wib(6, 16), "still_breached", "supervisor")]


def test_a_raise_for_another_cause_does_not_hold_back_a_breach() -> None:
    player = Player(policy=two_promises("2 hours", "20 days")).until(wib(6, 10))
    player.act("escalate", reason="minta ahli")
    player.until(wib(6, 11))
    assert raises(player)[-1] == (wib(6, 11), "breach", "supervisor")


# still breached


def test_one_more_tier_each_interval_while_a_climbing_clock_is_breached_and_unmet() -> None:
    player = Player().until(wib(8, 9))
    assert raises(player) == [
        (wib(7, 9), "breach", "specialist"), (wib(7, 14), "still_breached", "supervisor"),
        (wib(8, 9), "still_breached", "management"),
    ]  # fmt: skip


def test_the_interval_counts_from_the_last_raise_whatever_its_cause() -> None:
    player = Player().until(wib(7, 11))
    player.act("escalate", reason="mendesak")
    player.until(wib(7, 16))
    assert raises(player)[1:] == [(wib(7, 11), "command", "supervisor"), (wib(7, 16), "still_breached", "management")]


def test_the_interval_is_chosen_by_severity() -> None:
    player = Player(severity="critical").until(wib(6, 10, 30))
    assert raises(player) == [
        (MONDAY, "entry_severity", "specialist"), (wib(6, 10), "breach", "supervisor"),
        (wib(6, 10, 30), "still_breached", "management"),
    ]  # fmt: skip


def test_climbing_ends_when_the_promise_is_met() -> None:
    player = Player().until(wib(7, 10))
    player.respond()
    player.until(wib(8, 17))
    assert len(raises(player)) == 1


def test_at_the_top_a_numbered_reminder_each_top_interval_it_never_goes_quiet() -> None:
    player = Player().until(wib(14, 18))
    reminders = player.entries("top_reminded")
    assert [(e.at, e.detail["number"]) for e in reminders] == [
        (wib(9, 17), 1), (wib(10, 17), 2), (wib(13, 17), 3), (wib(14, 17), 4),
    ]  # fmt: skip
    assert [n.facts.number for n in player.notices("agent_top_reminder")] == [1, 2, 3, 4]
    player.until(wib(60, 9))
    assert player.entries("top_reminded")[-1].at >= wib(58, 17)


def test_breach_at_the_top_is_told_and_reminded_of() -> None:
    player = Player().until(wib(6, 10))
    player.act("escalate", reason="langsung", to="management")
    player.until(wib(8, 17))
    assert player.told("agent_breach") == ("team:management",)
    assert player.entries("top_reminded")[-1].at == wib(8, 17)  # a working day after Tuesday 09:00


# pauses


def late_and_paused(policy: Policy | None = None) -> Player:
    """Resolution is breached at 11:00, the case goes up; at 12:00 it is put on hold."""
    player = Player(policy=policy or two_promises("10 days", "2 hours")).until(wib(6, 12))
    assert player.tier == "specialist"
    player.hold()
    return player


def test_the_interval_stops_while_all_breached_clocks_are_paused() -> None:
    player = late_and_paused().until(wib(8, 12))
    assert player.tier == "specialist"
    player.act("resume")
    # One business hour of four had passed at 12:00 on Monday; three are left from Wednesday 12:00 (a closing).
    player.until(wib(8, 15, 59))
    assert player.tier == "specialist"
    player.until(wib(8, 16))
    assert player.tier == "supervisor"


def test_the_interval_goes_on_while_one_breached_clock_is_not_paused() -> None:
    player = late_and_paused(two_promises("2 hours", "2 hours")).until(wib(6, 16))
    assert player.tier == "supervisor"


def test_the_interval_of_the_top_stops_too() -> None:
    player = late_and_paused()
    player.act("resume")
    player.act("escalate", reason="ke atas", to="management")
    player.hold()
    player.until(wib(9, 9))
    assert not player.entries("top_reminded")
    player.act("resume")
    player.until(wib(13, 17))
    assert player.entries("top_reminded")


# other causes


def test_entry_severity_enters_at_its_tier_and_tells_the_tiers_it_names() -> None:
    player = Player(severity="critical")
    assert raises(player) == [(MONDAY, "entry_severity", "specialist")]
    assert player.told("agent_escalated") == ("team:supervisor",)


def test_entry_severity_counts_when_it_is_found_at_the_assessment() -> None:
    player = Player().until(wib(6, 10))
    player.act("assess", severity="critical")
    assert raises(player)[0] == (wib(6, 10), "entry_severity", "specialist")


def test_entry_severity_never_lowers() -> None:
    player = Player().until(wib(6, 10))
    player.act("escalate", reason="langsung", to="management")
    player.until(wib(6, 11))
    player.act("assess", severity="critical")
    assert player.tier == "management"


def test_dispute_raises() -> None:
    player = resolved().until(wib(6, 11))
    player.dispute()
    assert raises(player) == [(wib(6, 11), "dispute", "specialist")]


def test_transfer_limit_raises() -> None:
    player = Player()
    for agent in ("budi", "cici", "dedi"):
        player.wait(MINUTE).act("transfer", to=agent, note="bukan bagian saya")
    assert [(cause, tier) for _, cause, tier in raises(player)] == [("transfer_limit", "specialist")]


def test_repeated_reopening_raises_to_the_tier_of_the_policy_from_its_count_on() -> None:
    player = closed()
    for _ in range(2):
        player.wait(HOUR).act("reopen", reason="problem_returned", text="muncul lagi")
        tier = player.tier
        player.wait(HOUR).decide()
        player.wait(HOUR).confirm()
    assert player.state.reopenings == 2
    assert (tier, raises(player)[-1][1]) == ("supervisor", "reopening")
    assert len(raises(player)) == 1  # the first reopening raised nothing


def test_command_raises_one_tier_or_to_the_tier_it_names() -> None:
    player = Player()
    player.act("escalate", reason="perlu ahli")
    assert player.tier == "specialist"
    player.wait(MINUTE).act("escalate", reason="perlu penyelia", to="management")
    assert player.tier == "management"


@pytest.mark.parametrize(("to", "field"), [("specialist", "to"), ("frontline", "to"), ("langit", "to"), (None, "act")])
def test_command_is_refused_where_it_would_not_raise(to: str | None, field: str) -> None:
    player = Player()
    player.act("escalate", reason="naik", to="specialist" if to else "management")
    refused = player.wait(MINUTE).act("escalate", reason="naik", **({"to": to} if to else {})).refused
    assert refused is not None
    assert refused.field == field
    assert refused.remedy


# once per instant; falling


def test_raised_at_most_once_per_instant_by_command() -> None:
    player = Player()
    player.act("escalate", reason="satu")
    refused = player.act("escalate", reason="dua").refused
    assert refused is not None
    assert player.tier == "specialist"


def test_raised_at_most_once_per_instant_by_command_and_breach() -> None:
    player = Player().before(wib(7, 9))
    player.act("escalate", reason="mendesak")
    assert player.tier == "specialist"
    assert [e.at for e in player.breaches("first_response")] == [wib(7, 9)]
    assert player.notices("agent_breach")
    player.until(wib(7, 14))  # and the ladder goes on from there
    assert player.tier == "supervisor"


def test_two_breaches_of_one_instant_raise_one_tier() -> None:
    player = Player(policy=two_promises("2 hours", "2 hours")).until(wib(6, 11))
    assert len(raises(player)) == 1
    assert len(player.entries("breached")) == 2


def test_tiers_fall_only_by_an_agents_command() -> None:
    player = Player().until(wib(8, 9))
    player.respond()
    player.until(wib(9, 9)).decide()
    player.wait(HOUR).confirm()
    assert player.tier == "management"
    player.act("de_escalate", reason="kembali ke depan", to="specialist")
    assert (player.tier, player.state.owner) == ("specialist", "team:specialist")
    player.act("de_escalate", reason="kembali ke depan")
    assert player.tier == "frontline"


@pytest.mark.parametrize("to", ["supervisor", "management", "langit"])
def test_fall_is_refused_where_it_would_not_fall(to: str) -> None:
    player = Player().until(wib(7, 14))
    refused = player.act("de_escalate", reason="turun", to=to).refused
    assert refused is not None
    assert refused.field == "to"
    assert player.tier == "supervisor"


def test_fall_below_the_first_tier_is_refused() -> None:
    assert Player().act("de_escalate", reason="turun").refused is not None


def test_after_a_fall_a_breach_that_goes_on_climbs_again_an_interval_later() -> None:
    player = Player().until(wib(7, 10))
    player.act("de_escalate", reason="turun")
    player.until(wib(7, 15))
    assert player.tier == "specialist"
    assert player.state.ladder.next_at is not None


# who is told, who owns


def test_each_cause_names_who_is_told_and_whether_the_owner_changes() -> None:
    policy = with_causes(breach=CauseRule(tell=("management", "owner"), owner_changes=False))
    player = Player(policy=policy).until(wib(6, 10))
    player.act("assign", to="siti")
    player.until(wib(7, 9))
    assert player.state.owner == "agent:siti"
    duty = player.escalations[-1]
    assert duty.tell == ("team:management", "agent:siti")
    assert not duty.owner_changes


def test_escalating_is_a_duty_that_says_what_the_owner_is_found_by() -> None:
    policy = default_policy()
    billing = policy.categories["billing"].model_copy(update={"skill": "finance"})
    policy = policy.model_copy(update={"categories": {**policy.categories, "billing": billing}})
    player = Player(policy=policy, complainant={"email": "budi@example.co.id", "language": "en"}).until(wib(6, 10))
    player.act("assign", to="siti")
    player.until(wib(7, 9))
    duty = player.escalations[-1]
    assert (duty.tier, duty.team, duty.skill, duty.language) == ("specialist", "specialist", "finance", "en")
    assert (duty.previous_owner, duty.owner_changes, duty.cause) == ("agent:siti", True, "breach")
    assert (duty.facts.metric, duty.facts.due_at) == ("first_response", wib(7, 9))
    assert len({d.key for d in player.escalations}) == len(player.escalations)


def escalated(**more: Any) -> Player:
    player = Player(**more)
    player.act("escalate", reason="perlu ahli")
    return player


def test_the_owner_that_was_found_owns_the_case() -> None:
    player = escalated()
    player.case.learn(OwnerFound(key=player.escalations[-1].key, owner="agent:ani"), player.now)
    assert player.state.owner == "agent:ani"
    assert player.last("owner_changed").detail == {"owner": "agent:ani", "previous": "team:specialist"}


def test_an_owner_found_too_late_changes_nothing() -> None:
    player = escalated()
    first = player.escalations[-1].key
    player.act("assign", to="siti")
    player.case.learn(OwnerFound(key=first, owner="agent:ani"), player.now)
    assert player.state.owner == "agent:siti"
    player.wait(MINUTE).act("escalate", reason="lagi")
    player.case.learn(OwnerFound(key=first, owner="agent:ani"), player.now)
    assert player.state.owner == "team:supervisor"


@pytest.mark.parametrize(
    "given",
    [
        ("assign", {"to": "team:frontline"}),
        ("transfer", {"to": "team:supervisor", "note": "lanjut"}),
        ("de_escalate", {"reason": "awal"}),
    ],
)
def test_an_owner_found_after_somebody_gave_the_case_to_a_team_changes_nothing(
    given: tuple[str, dict[str, str]],
) -> None:
    player = escalated()
    player.act(given[0], **given[1])
    owner = player.state.owner
    player.case.learn(OwnerFound(key=player.escalations[0].key, owner="agent:ani"), player.now)
    assert player.state.owner == owner
    assert all(entry.kind != "owner_changed" for entry in player.state.timeline)


def test_no_breached_clock_left_behind_keeps_the_ladder_moving() -> None:
    """A closing whose clock is late ends by the dispute of a final decision: the new closure clock starts the count."""
    player = resolved(severity="major", policy=default_policy().model_copy(update={"disputes": 0})).until(wib(6, 11))
    player.dispute()
    player.wait(HOUR).decide()
    assert player.state.decisions[-1].final
    player.wait(HOUR).confirm()
    player.until(player.now + 7 * DAY)
    assert player.status is Status.CLOSING
    assert player.clock("closure").breached
    player.dispute()
    assert player.state.closing_reason == "deadlock"
    assert player.clock("closure").state is ClockState.RUNNING
    player.until(player.now + 30 * DAY)
    assert len(player.breaches("closure")) == 2


def test_top_interval_is_the_policys() -> None:
    policy = default_policy()
    escalation = policy.escalation.model_copy(update={"top_reminder": (rule("3 hours"),)})
    player = Player(policy=policy.model_copy(update={"escalation": escalation})).until(wib(8, 15))
    assert [e.at for e in player.entries("top_reminded")] == [wib(8, 12), wib(8, 15)]
