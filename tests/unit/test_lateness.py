"""What `tuntas_lateness_seconds` measures: every instant that time alone brings about, and nothing that people do."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

import policies
from complaints.policy import Policy
from tests.unit.cases import DAY, HOUR, MONDAY, SECOND, Player, closed, default_policy, resolved, wib
from workflows import meters

LATE = 2 * SECOND
OUTAGE = 3 * HOUR  # longer than the policy's five minutes
Sample = tuple[str, str, timedelta]


def next_due(player: Player) -> datetime:
    due = player.case.next_due()
    assert due is not None
    return due


def samples_of(player: Player, at: datetime) -> list[Sample]:
    """What is measured when a case acts at this instant."""
    told = len(player.state.timeline)
    player.outage_until(at)
    return list(meters.late_by(player.state.timeline, told))


def brought_by_time(player: Player, *, late: timedelta = LATE, steps: int = 40) -> list[Sample]:
    """What is measured of a case that is left alone, if each of its due instants is acted on so late."""
    found: list[Sample] = []
    for _ in range(steps):
        due = player.case.next_due()
        if due is None:
            break
        told, measured = len(player.state.timeline), samples_of(player, due + late)
        assert measured or len(player.state.timeline) == told, f"{player.state.timeline[told:]} at {due}"
        found += measured
    return found


def asked(**more: object) -> Player:
    player = Player(**more).until(wib(6, 10))  # type: ignore[arg-type]
    player.ask()
    return player


def needing_proof(without: tuple[str, ...]) -> Policy:
    policy = default_policy()
    billing = policy.categories["billing"].model_copy(update={"needs": ("proof",)})
    verification = policy.verification.model_copy(update={"proceed_without": without})
    categories = {**policy.categories, "billing": billing}
    return policy.model_copy(update={"categories": categories, "verification": verification})


def on_hold() -> Player:
    player = Player().until(wib(6, 10))
    player.hold()
    return player


def promised() -> Player:
    player = Player().until(wib(6, 10))
    player.act("add_action", description="Kirim yang baru", within="1 working day")
    return player


def spoken_to() -> Player:
    player = Player().until(wib(6, 10))
    player.respond()
    player.reply("Bagaimana?")
    return player


def closing() -> Player:
    """Confirmed, and its closure record lacks what its severity demands."""
    player = resolved(severity="critical").until(wib(6, 11))
    player.confirm()
    assert player.status == "closing"
    return player


def with_severe_limits() -> Policy:
    """What is critical is to be answered and decided within hours: on the next day two clocks have long been over."""
    when = {"severity": ["critical"]}
    return policies.load("id.default", {"clocks": {
        "first_response": {"targets": [{"when": when, "target": "2 hours"}, {"target": "9 days"}]},
        "resolution": {"targets": [{"when": when, "target": "4 hours"}, {"target": "9 days"}]},
    }})  # fmt: skip


def with_letter() -> Player:
    targets = [{"target": "1 day", "send": "limit_letter", "expect": "2 days"}]
    return Player(policy=policies.load("id.default", {"clocks": {"resolution": {"targets": targets, "pauses": []}}}))


def oral() -> Player:
    return Player(policy=policies.load("id.ojk.22_2023"), channel="phone")


BY_TIME: dict[tuple[str, str], Callable[[], Player]] = {
    ("first_response", "warned"): Player,
    ("first_response", "breached"): Player,
    ("resolution", "breached"): Player,
    ("next_response", "breached"): spoken_to,
    ("acknowledgement", "breached"): lambda: Player(down=True),
    ("action", "breached"): promised,
    ("closure", "breached"): closing,
    ("first_response", "escalated"): Player,  # a further climb; the first is the breach's
    ("resolution", "top_reminded"): Player,
    ("progress_update", "update_sent"): Player,
    ("information", "reminded"): asked,
    ("information", "information_not_received"): asked,
    ("confirmation", "reminded"): resolved,
    ("confirmation", "closing_began"): resolved,
    ("hold", "hold_ended"): on_hold,
    ("resolution", "letter_sent"): with_letter,
    ("resolution", "converted"): oral,
    ("delivery", "notice_delayed"): lambda: asked(down=True),
    ("follow_up", "followed_up"): closed,
    ("aftercare", "archived"): closed,
}


@pytest.mark.parametrize("brought", BY_TIME, ids=" ".join)
def test_what_time_brings_is_measured_by_clock(brought: tuple[str, str]) -> None:
    found = brought_by_time(BY_TIME[brought]())
    assert (*brought, LATE) in found
    assert {late for _, _, late in found} == {LATE}


@pytest.mark.parametrize(("metric", "waiting"), [("confirmation", resolved), ("information", asked)])
def test_a_wait_that_an_outage_of_ours_renews_was_late(metric: str, waiting: Callable[[], Player]) -> None:
    player = waiting()
    while (due := next_due(player)) != player.clock(metric).due_at:
        player.until(due)
    assert (metric, "caught_up", OUTAGE) in samples_of(player, due + OUTAGE)


@pytest.mark.parametrize(("without", "then"), [((), "closing"), (("proof",), "verification")])
def test_what_verification_waits_for_in_vain_is_measured(without: tuple[str, ...], then: str) -> None:
    player = Player(policy=needing_proof(without))
    assert ("information", "information_not_received", LATE) in brought_by_time(player)
    assert player.last("information_not_received").detail["status"] == then


def breached_by_an_assessment(player: Player) -> None:
    player.act("assess", severity="critical")
    assert {e.detail["cause"] for e in player.entries("breached")} == {"reassessed"}


def closed_by_an_agent(player: Player) -> None:
    player.act("close", reason="out_of_scope", explanation="Bukan kami")


BY_PEOPLE: dict[str, Callable[[Player], object]] = {
    "update": lambda player: player.act("send_update", text="Masih kami cek"),
    "escalation": lambda player: player.act("escalate", reason="Sulit"),
    "closing": closed_by_an_agent,
    "withdrawal": lambda player: player.withdraw(),
    "assessment": breached_by_an_assessment,
}


@pytest.mark.parametrize("done", BY_PEOPLE)
def test_what_people_do_is_no_lateness(done: str) -> None:
    player = Player(policy=with_severe_limits()).until(wib(7, 12))
    told = len(player.state.timeline)
    BY_PEOPLE[done](player)
    assert len(player.state.timeline) > told
    assert list(meters.late_by(player.state.timeline, told)) == []


def test_a_clock_that_is_late_when_a_message_comes_is_measured_all_the_same() -> None:
    player = Player()
    due = next_due(player)
    told = len(player.state.timeline)
    player.now = due + LATE
    player.respond()
    assert list(meters.late_by(player.state.timeline, told)) == [("first_response", "warned", LATE)]


def test_what_was_due_before_the_case_was_opened_was_late_when_it_came() -> None:
    player = Player(MONDAY, now=MONDAY + 3 * DAY)
    assert player.entries("breached"), "a letter of Monday, entered on Thursday"
    assert list(meters.late_by(player.state.timeline, 0)) == []
    assert brought_by_time(player)[0][2] == LATE


def test_every_effect_is_tried() -> None:
    tried = {effect for _, effect in BY_TIME} | {"caught_up"}
    assert tried == set(meters.EFFECTS)
