"""The outage rule (DESIGN, section 4, "Outage"), sentence by sentence; the plainest cases: test_clock_rules.py.

One call that acts on effects later than the policy's five minutes is one catch-up.
"""

from collections import Counter
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.messages.duties import AgentNotice, Duty, Escalation, Notice
from complaints.messages.feedback import OwnerFound
from complaints.messages.view import CaseView
from complaints.policy import Policy
from complaints.targets import Target
from complaints.timeline import Entry
from complaints.vocabulary import ClockState, Occasion, Status
from simulation import engine
from simulation.scenario import Scenario
from tests.unit.cases import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    Player,
    and_clock,
    default_policy,
    resolved,
    rule,
    wib,
    with_clock,
)

AWAY = wib(20, 9)  # two weeks after receipt, in the morning


class Caught:
    """What one call did: its duties, its entries, and the notices that the case remembers of it."""

    def __init__(self, player: Player, end: datetime, message: Any = None) -> None:
        entries, notices = len(player.state.timeline), {n.key for n in player.state.notices}
        self.player, self.tier = player, player.state.ladder.tier
        player.now = end
        self.duties: list[Duty] = player.case.due(end) if message is None else player.case.handle(message, end).duties
        self.entries: list[Entry] = player.state.timeline[entries:]
        self.rows = [n for n in player.state.notices if n.key not in notices]
        self.climbed = player.state.ladder.tier - self.tier

    def carry_out(self) -> "Caught":
        self.player.carry_out(self.duties)
        return self

    def kinds(self, *kinds: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind in kinds]

    def of(self, kind: type[Any]) -> list[Any]:
        return [duty for duty in self.duties if isinstance(duty, kind)]

    @property
    def told(self) -> dict[str, str]:
        """Who is told what, from the case's memory; everybody once."""
        assert max(Counter(row.to for row in self.rows).values(), default=0) <= 1
        return {row.to: str(row.occasion) for row in self.rows}

    @property
    def messages(self) -> Counter[str]:
        """How many messages each recipient gets, from the duties."""
        counted: Counter[str] = Counter("complainant" for _ in self.of(Notice))
        for notice in self.of(AgentNotice):
            counted.update(notice.to)
        for escalation in self.of(Escalation):
            also = escalation.meanwhile.names if escalation.meanwhile else ()
            counted.update({*also, *escalation.tell, escalation.previous_owner})
        return counted


def climbing(target: str, **changes: Any) -> Policy:
    """The default policy with a climb and a top interval of this length."""
    policy = default_policy().model_copy(update=changes)
    escalation = policy.escalation.model_copy(update={"climb": (rule(target),), "top_reminder": (rule(target),)})
    return policy.model_copy(update={"escalation": escalation})


def needing_proof() -> Policy:
    policy = default_policy()
    billing = policy.categories["billing"].model_copy(update={"needs": ("proof",)})
    return policy.model_copy(update={"categories": {**policy.categories, "billing": billing}})


def updates_while_waiting(**changes: Any) -> Policy:
    """Progress is told while we wait for the complainant too, and clocks of the wait run by the hour."""
    policy = with_clock("information", "10 hours", reminders=(Target("3 hours"), Target("7 hours")))
    return and_clock(and_clock(policy, "progress_update", "4 hours", pauses=frozenset()), "resolution", **changes)


def asked(**more: Any) -> Player:
    """A case in which the complainant was asked for something on Monday at 10:00."""
    player = Player(policy=updates_while_waiting(), **more).until(wib(6, 10))
    player.ask()
    return player


# the ladder: at most one tier


def test_several_clocks_raise_one_tier_and_each_further_breach_is_told_at_that_tier() -> None:
    caught = Caught(Player(), AWAY)
    assert [e.detail["metric"] for e in caught.kinds("breached")] == ["first_response", "resolution"]
    assert caught.climbed == 1
    (escalation,) = caught.of(Escalation)
    breach = next(part for part in escalation.meanwhile.parts if part.occasion == "agent_breach")
    assert (breach.facts.metric, breach.facts.tier, breach.to) == ("resolution", "specialist", ("team:specialist",))


def test_still_breached_for_many_intervals_climbs_once_and_goes_on_from_then() -> None:
    player = Player(policy=climbing("1 hour")).until(wib(7, 9, 30))
    assert player.tier == "specialist"
    caught = Caught(player, wib(8, 9, 20))
    assert [e.detail["cause"] for e in caught.kinds("escalated")] == ["still_breached"]
    assert player.state.ladder.next_at == wib(8, 10, 20)
    player.until(wib(8, 10, 20))
    assert player.tier == "management"


def test_at_the_top_one_reminder_is_given_and_the_next_counts_from_then() -> None:
    player = Player(policy=climbing("1 hour")).until(wib(7, 13))
    assert player.tier == "management"
    number = player.state.ladder.reminders
    caught = Caught(player, wib(9, 9, 20))
    assert [e.detail["number"] for e in caught.kinds("top_reminded")] == [number + 1]
    assert player.state.ladder.next_at == wib(9, 10, 20)


def test_a_tier_entered_by_severity_is_the_one_move_of_the_ladder() -> None:
    player = Player(now=AWAY, severity="critical")
    assert [e.detail["cause"] for e in player.entries("escalated")] == ["entry_severity"]
    assert {e.detail["metric"] for e in player.entries("breached")} >= {"first_response", "resolution"}
    assert player.tier == "specialist"
    player.until(AWAY + 30 * MINUTE)
    assert player.tier == "supervisor"


def test_a_message_that_waited_moves_the_ladder_no_further() -> None:
    policy = and_clock(climbing("1 hour"), "next_response", "2 hours")
    player = resolved(policy=policy).until(wib(6, 11))
    player.reply("Belum ada kabar")
    player.now = wib(7, 9)
    player.dispute()  # first what was due: next_response at 13:00
    assert [e.detail["cause"] for e in player.entries("escalated")] == ["breach"]
    assert player.tier == "specialist"
    player.reply("Halo?")  # a second message that waited: the same instant
    assert player.tier == "specialist"
    assert player.status is Status.INVESTIGATION


def test_what_is_overdue_by_little_belongs_to_the_outage_too() -> None:
    policy = and_clock(climbing("1 minute"), "first_response", "24 hours", warnings=(0.75,))
    caught = Caught(Player(policy=policy).until(wib(6, 12)), MONDAY + DAY + 3 * MINUTE)
    assert [e.kind for e in caught.kinds("warned", "breached", "escalated")] == ["warned", "breached", "escalated"]
    assert caught.climbed == 1
    assert set(caught.messages.values()) == {1}


def test_a_longer_lateness_is_an_outage_and_a_shorter_one_is_not() -> None:
    policy = climbing("1 minute")
    at_once = Caught(Player(policy=policy).until(wib(7, 8)), MONDAY + DAY + 5 * MINUTE)
    assert at_once.climbed == 3
    assert not [row for row in at_once.rows if "caught_up" in row.key]
    late = Caught(Player(policy=policy).until(wib(7, 8)), MONDAY + DAY + 5 * MINUTE + timedelta(seconds=1))
    assert late.climbed == 1


# only the last update or reminder of a kind


def test_only_the_last_update_is_sent_and_promises_no_date_that_has_passed() -> None:
    caught = Caught(Player(), AWAY)
    assert [e.detail.get("skipped") for e in caught.kinds("update_sent")] == ["superseded_after_outage"] * 2 + [None]
    (update,) = caught.of(Notice)
    assert (update.occasion, update.facts.promised_at) == ("progress_update", None)  # promised for the 15th
    assert update.key == "TTS-TEST/progress_update/1/complainant"
    caught = Caught(Player(), wib(13, 9))
    assert [notice.facts.promised_at for notice in caught.of(Notice)] == [wib(15, 17)]


def test_without_an_outage_no_date_that_has_passed_is_promised_either() -> None:
    player = Player().until(wib(17, 17))
    assert [(n.at, n.facts.promised_at) for n in player.notices("progress_update")] == [
        (wib(9, 17), wib(15, 17)), (wib(14, 17), wib(15, 17)), (wib(17, 17), None),
    ]  # fmt: skip


def test_a_reminder_that_stands_for_others_gives_its_whole_interval_and_says_until_when() -> None:
    policy = with_clock("confirmation", "4 days", reminders=(Target("1 day"), Target("2 days"), Target("3 days")))
    player = resolved(policy=policy)
    decided = player.now
    end = decided + 2 * DAY + 5 * HOUR
    caught = Caught(player, end)
    assert [e.detail.get("skipped") for e in caught.kinds("reminded")] == ["superseded_after_outage", None]
    (second,) = caught.of(Notice)
    assert (second.facts.number, second.facts.answer_by) == (2, end + 2 * DAY)
    caught.carry_out()
    clock = player.clock("confirmation")
    assert (clock.reminders[2].at, clock.due_at) == (end + DAY, end + 2 * DAY)
    player.until(end + DAY)
    assert [n.facts.number for n in player.notices("confirmation_reminder")] == [2, 3]
    assert player.notices("confirmation_reminder")[-1].facts.answer_by == clock.due_at
    player.until(end + 2 * DAY)
    assert player.state.closing_reason == "unconfirmed"


def test_while_the_last_reminder_is_not_handed_over_the_wait_does_not_end() -> None:
    player = resolved()
    player.down = True
    caught = Caught(player, AWAY).carry_out()
    assert [n.facts.number for n in caught.of(Notice)] == [2]
    player.until(AWAY + 5 * DAY)
    assert player.status is Status.RESOLVED
    player.channel_up()
    assert player.clock("confirmation").due_at == AWAY + 6 * DAY


# what passed meanwhile is given once more


@pytest.mark.parametrize(("reminders", "interval"), [(("1 day", "60 hours"), 12 * HOUR), ((), 3 * DAY)])
def test_a_wait_that_ended_meanwhile_lasts_the_last_reminders_interval_again(
    reminders: tuple[str, ...], interval: timedelta
) -> None:
    player = resolved(policy=with_clock("confirmation", reminders=tuple(Target(after) for after in reminders)))
    player.until(wib(9, 9))  # all reminders are out
    caught = Caught(player, AWAY)
    assert player.clock("confirmation").due_at == AWAY + interval
    assert [e.detail["metric"] for e in caught.kinds("caught_up")] == ["confirmation"]
    again = Caught(player, AWAY + 30 * DAY)  # and in the next outage once more
    assert player.clock("confirmation").due_at == again.player.now + interval
    player.until(player.now + interval)
    assert player.clock("confirmation").state is ClockState.LAPSED


def test_it_is_given_in_the_clocks_own_time() -> None:
    player = Player().until(wib(6, 10))
    player.ask()
    player.until(wib(17, 9))  # due on the 20th at 17:00, reminded on the 9th and the 15th
    caught = Caught(player, wib(25, 9)).carry_out()  # a Saturday
    assert [e.detail["metric"] for e in caught.kinds("caught_up")] == ["information"]
    assert player.clock("information").due_at == wib(29, 17)  # three working days later


# one notice for each recipient


def test_a_complaint_received_in_an_outage_is_acknowledged_and_assessed_in_one() -> None:
    player = Player(now=MONDAY + 2 * HOUR)
    (row,) = [n for n in player.state.notices if n.to == "complainant"]
    assert (row.key, row.at) == ("TTS-TEST/caught_up/1/complainant", MONDAY + 2 * HOUR)
    (notice,) = [d for d in player.duties if isinstance(d, Notice)]
    assert [part.occasion for part in notice.parts] == ["acknowledgement", "assessment"]
    assert [part.at for part in notice.parts] == [MONDAY, MONDAY]
    clock = player.clock("acknowledgement")
    assert (clock.state, clock.breached_at, clock.ended_at) == (ClockState.MET, MONDAY + 15 * MINUTE, player.now)
    assert player.clock("progress_update").started_at == player.now
    assert [e.detail["occasion"] for e in player.entries("notice_handed_over")] == ["caught_up"]


def test_a_question_in_a_combined_notice_is_waited_for_from_its_hand_over() -> None:
    player = Player(now=MONDAY + 2 * HOUR, policy=needing_proof(), down=True)
    (notice,) = player.held
    assert [part.occasion for part in notice.parts] == ["acknowledgement", "information_request"]
    assert player.state.question.notice == notice.key
    assert [awaited.key for awaited in player.state.awaited] == [notice.key]
    assert not player.has("information")
    player.until(MONDAY + 5 * HOUR)
    player.restore()
    player.channel_up()
    assert player.clock("information").started_at == MONDAY + 5 * HOUR
    assert player.state.awaited == []


def test_a_combined_notice_that_fails_for_good_stops_every_path_in_it() -> None:
    player = Player(now=MONDAY + 2 * HOUR, policy=needing_proof(), failing=["caught_up"])
    assert player.state.stopped == [Occasion.ACKNOWLEDGEMENT, Occasion.INFORMATION_REQUEST]
    assert [action.kind for action in player.state.actions] == ["task"]
    player.failing.clear()
    player.act("amend", email="baru@example.co.id")
    assert [n.occasion for n in player.state.notices if n.to == "complainant" and n.handed_over_at] == [
        "acknowledgement", "information_request",
    ]  # fmt: skip
    assert player.running("information")


def test_a_reminder_in_a_combined_notice_is_a_reminder() -> None:
    player = asked()
    caught = Caught(player, wib(6, 19))
    (notice,) = caught.of(Notice)
    assert [(part.occasion, part.facts.number) for part in notice.parts] == [
        ("information_reminder", 2), ("progress_update", None),
    ]  # fmt: skip
    assert [r.key for r in player.clock("information").reminders] == ["superseded", notice.key]
    caught.carry_out()
    assert player.clock("information").due_at == wib(6, 22)  # three hours after the reminder, as ever
    player.until(wib(6, 22))
    assert player.status is Status.INVESTIGATION


def test_who_would_have_got_one_notice_gets_that_one() -> None:
    caught = Caught(Player(down=True), wib(7, 4))  # acknowledgement missed, first response warned
    assert caught.told == {"team:supervisor": "agent_breach", "team:frontline": "agent_warning"}
    (notice,) = caught.of(AgentNotice)
    assert notice.keys == ("TTS-TEST/agent_breach/1/team:supervisor", "TTS-TEST/agent_warning/1/team:frontline")
    caught.carry_out()
    assert all(row.handed_over_at == wib(7, 4) for row in caught.rows)
    alone = Caught(Player(), wib(7, 4))
    assert [(n.occasion, n.parts) for n in alone.of(AgentNotice)] == [("agent_warning", ())]


def test_without_an_escalation_agents_share_one_combined_notice() -> None:
    policy = and_clock(climbing("1 hour"), "resolution", "6 working days", "office", warnings=(0.5, 0.75))
    player = Player(policy=policy).until(wib(9, 9))
    assert player.tier == "management"
    player.act("assign", to="siti")
    caught = Caught(player, AWAY).carry_out()
    assert caught.told["agent:siti"] == caught.told["team:management"] == "agent_caught_up"
    (notice,) = caught.of(AgentNotice)
    mine, theirs = notice.said_to(["agent:siti"]), notice.said_to(["team:management"])
    assert [part.occasion for part in mine.parts] == ["agent_top_reminder", *["agent_warning"] * 2, "agent_breach"]
    assert [part.occasion for part in theirs.parts] == ["agent_top_reminder", "agent_breach"]
    assert notice.said_to(["agent:siti", "team:management"]).parts == mine.parts  # a person behind both names
    assert notice.said_to(["agent:budi"]).parts == ()
    assert {row.handed_over_at for row in caught.rows} == {AWAY}


def test_an_escalation_takes_the_other_notices_along_in_their_order() -> None:
    player = Player().until(wib(6, 10))
    player.act("assign", to="siti")
    caught = Caught(player, AWAY)
    assert caught.of(AgentNotice) == []
    (escalation,) = caught.of(Escalation)
    assert [(part.occasion, part.to) for part in escalation.meanwhile.parts] == [
        ("agent_warning", ("agent:siti",)), ("agent_escalated", ()),
        ("agent_warning", ("team:specialist",)), ("agent_breach", ("team:specialist",)),
    ]  # fmt: skip
    assert caught.told["agent:siti"] == caught.told["team:specialist"] == "agent_caught_up"
    assert set(caught.messages.values()) == {1}
    rows = [row for row in caught.rows if row.to != "complainant"]
    assert not any(row.handed_over_at for row in rows)
    player.now = AWAY + MINUTE
    player.carry_out(player.case.learn(OwnerFound(key=escalation.key, owner="agent:budi"), player.now))
    assert {n.handed_over_at for n in player.state.notices if n.to in caught.told} >= {AWAY + MINUTE}
    assert all(n.handed_over_at for n in player.state.notices if n.key in {row.key for row in rows})


def test_keys_and_numbers_stay_what_they_are() -> None:
    player = Player()
    first = Caught(player, AWAY).carry_out()
    assert {row.key.removeprefix("TTS-TEST/") for row in first.rows} == {
        "agent_caught_up/1/team:frontline", "agent_caught_up/1/team:specialist", "progress_update/1/complainant",
    }  # fmt: skip
    every = [n.key for n in player.state.notices]
    assert len(set(every)) == len(every)
    assert all(key.count("/") == 3 for key in every)
    again = Caught(Player(now=AWAY), AWAY + 30 * DAY)
    assert {row.occurrence for row in again.rows if row.occasion == "agent_caught_up"} <= {2}


def test_without_an_address_nothing_is_combined_and_the_task_is_given_once() -> None:
    player = Player(now=AWAY, policy=needing_proof(), complainant={"name": "Budi"})
    rows = [n for n in player.state.notices if n.to == "complainant"]
    assert [(n.occasion, n.failed) for n in rows] == [("acknowledgement", True), ("information_request", True)]
    assert [e.detail["key"] for e in player.entries("notice_undeliverable")] == [n.key for n in rows]
    assert [action.kind for action in player.state.actions] == ["task"]
    assert not player.breaches("acknowledgement")


def test_a_notice_that_is_not_combined_is_written_as_it_ever_was() -> None:
    """A worker of an older version reads it: it refuses fields that it does not know."""
    caught = Caught(Player(), AWAY)
    (update,), (escalation,) = caught.of(Notice), caught.of(Escalation)
    plain = escalation.model_copy(update={"meanwhile": None})
    assert "parts" not in update.model_dump(mode="json")
    assert "meanwhile" not in plain.model_dump(mode="json")
    for duty in (update, plain, escalation):
        assert type(duty).model_validate_json(duty.model_dump_json()) == duty


# messages that waited


def test_a_messages_own_notices_are_no_part_of_the_catch_up() -> None:
    player = Player().until(wib(6, 10))
    player.act("assign", to="siti")
    player.now = wib(7, 4)
    player.reply("Ini fotonya")
    assert [n.occasion for n in player.state.notices if n.to == "agent:siti"][-2:] == [
        "agent_warning", "agent_message_received",
    ]  # fmt: skip
    assert "TTS-TEST/agent_caught_up/1/agent:siti" not in {n.key for n in player.state.notices}


def test_nobody_is_reminded_of_what_they_have_sent() -> None:
    player = asked()
    player.now = wib(6, 19)
    player.reply("Ini fotonya")
    skipped = [e.detail.get("skipped") for e in player.entries("reminded")]
    assert skipped == ["answered_meanwhile", "answered_meanwhile"]
    assert player.notices("information_reminder") == []
    assert player.status is Status.INVESTIGATION
    assert player.clock("information").state is ClockState.MET


def test_what_answers_nothing_withholds_no_reminder() -> None:
    player = resolved()
    player.now = AWAY
    player.reply("Terima kasih, saya pikirkan dulu")
    assert [n.facts.number for n in player.notices("confirmation_reminder")] == [2]
    assert player.status is Status.RESOLVED
    player = resolved()
    player.now = AWAY
    player.confirm()
    assert player.notices("confirmation_reminder") == []
    assert player.status is Status.CLOSED


def test_the_hand_over_that_is_learned_late_gives_no_task() -> None:
    """A reminder went out while nobody of ours listened: the check of whether it did is not made before we listen."""
    player = Player(down=True).until(wib(6, 10))
    player.channel_up()
    player.down = True
    player.ask()
    player.now = wib(9, 9)
    player.channel_up()
    assert player.state.actions == []
    assert player.entries("notice_delayed") == []


# the simulator: nobody works on the case between `at` and `outage_until`


def simulated(until: str, *events: dict[str, Any]) -> tuple[CaseView, dict[str, str]]:
    """A scenario that ends as the outage does: what it prints, and who is told what when we are back."""
    scenario = Scenario.model_validate(
        {
            "policy": "id.default",
            "complaint": {
                "channel": "email", "key": "k-1", "text": "Tagihan salah", "category": "billing",
                "received_at": "2026-07-06T09:00:00+07:00", "complainant": {"email": "budi@example.co.id"},
            },
            "agents": [{"id": "rina", "tier": "specialist", "team": "specialist"}],
            "events": [*events, {"at": "+3h", "outage_until": until}],
            "until": until,
        }
    )  # fmt: skip
    view = engine.simulate(scenario).view
    back = [n for n in view.notices if n.handed_over_at == scenario.instant(until)]
    assert all(n.handed_over_at for n in view.notices)
    assert len({n.to for n in back}) == len(back)
    return view, {n.to: str(n.occasion) for n in back}


def test_a_simulated_outage_shows_one_row_for_each_recipient() -> None:
    view, told = simulated("+14d")
    assert told == {
        "complainant": "progress_update", "team:frontline": "agent_caught_up", "team:specialist": "agent_caught_up",
    }  # fmt: skip
    assert (view.tier, view.owner) == ("specialist", "agent:rina")


def test_a_simulated_outage_without_an_escalation_does_too() -> None:
    lead = {"id": "dewi", "role": "lead"}
    _, told = simulated(
        "+25h",
        {"at": "+1h", "act": "escalate", "to": "management", "reason": "penting", "actor": lead},
        {"at": "+2h", "act": "assign", "to": "siti", "actor": lead},
    )
    assert told == {"agent:siti": "agent_caught_up", "team:management": "agent_breach"}


# whatever the policy and however long

HOURS = st.integers(1, 120).map(lambda n: f"{n} hours")
WARNINGS = st.sampled_from([(), (0.5,), (0.5, 0.75)])
REMINDED = st.sampled_from([("20 hours", ()), ("20 hours", ("5 hours",)), ("60 hours", ("7 hours", "20 hours"))])


DRAWN = st.fixed_dictionaries(
    {
        "climb": HOURS,
        "clocks": st.fixed_dictionaries(
            {m: st.tuples(HOURS, WARNINGS) for m in ("first_response", "next_response", "resolution", "closure")}
        ),
        "waits": st.fixed_dictionaries(dict.fromkeys(("information", "confirmation"), REMINDED)),
        "update": HOURS,
        "waiting": st.sampled_from([(), ("awaiting_complainant",)]),
    }
)


def drawn_policy(drawn: dict[str, Any]) -> Policy:
    policy = climbing(drawn["climb"])
    for metric, (target, warnings) in drawn["clocks"].items():
        policy = and_clock(policy, metric, target, warnings=warnings)
    for metric, (target, reminders) in drawn["waits"].items():
        policy = and_clock(policy, metric, target, reminders=tuple(Target(after) for after in reminders))
    return and_clock(policy, "progress_update", drawn["update"], pauses=frozenset(map(Status, drawn["waiting"])))


def prepared(policy: Policy, what: str, severity: str) -> Player:
    player = Player(policy=policy, severity=severity).until(wib(6, 9, 30))
    player.act("assign", to="siti")
    {"asked": player.ask, "decided": player.decide, "replied": player.reply, "nothing": lambda: None}[what]()
    return player


@given(
    drawn=DRAWN,
    what=st.sampled_from(["nothing", "nothing", "replied", "asked", "decided"]),
    severity=st.sampled_from(["moderate", "critical"]),
    begins=st.integers(1, 200),
    lasts=st.integers(1, 400),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_outage_is_caught_up_without_a_storm(
    drawn: dict[str, Any], what: str, severity: str, begins: int, lasts: int
) -> None:
    player = prepared(drawn_policy(drawn), what, severity).until(MONDAY + begins * HOUR)
    undisturbed = deepcopy(player)
    end = player.now + lasts * HOUR
    caught = Caught(player, end)
    if not any(end - entry.at > 5 * MINUTE for entry in caught.entries):
        return  # nothing was late
    assert max(caught.messages.values(), default=0) <= 1
    assert set(caught.told) <= set(caught.messages)
    assert caught.climbed <= 1
    assert len(caught.kinds("escalated", "top_reminded")) <= 1
    assert [at for at, *_ in happened(player)] == sorted(at for at, *_ in happened(player))
    assert {e.acted_at for e in caught.entries} == {end}
    for occasion in ("progress_update", "information_reminder", "confirmation_reminder"):
        said = [part for n in caught.of(Notice) for part in (n.parts or (n,)) if part.occasion == occasion]
        assert len(said) <= 1
    assert not caught.kinds("information_not_received", "closing_began")  # given once more instead
    if what in ("nothing", "replied"):
        undisturbed.until(end)
        assert happened(player) == happened(undisturbed)
    caught.carry_out()
    due = player.case.next_due()
    assert player.status is Status.ARCHIVED if due is None else due > end
    assert all(n.handed_over_at for n in player.state.notices if n.within is None)


def happened(player: Player) -> list[tuple[Any, ...]]:
    """Every warning and breach, with when it was due."""
    marks = [
        (e.at, e.kind, e.detail["metric"], e.detail["occurrence"], e.detail.get("fraction"))
        for e in player.entries("warned", "breached")
    ]
    assert len(set(marks)) == len(marks)
    return marks
