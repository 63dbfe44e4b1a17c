"""Playing past complaints: by the case itself, the same however often and by however many, and counted without loss."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulation
from complaints.vocabulary import Kind, Metric, Severity, Status
from simulation.whatif.hours import WorkingHours
from simulation.whatif.model import Assumptions
from simulation.whatif.playing import play
from simulation.whatif.story import draw
from simulation.whatif.summary import Summary
from tests.unit.whatifs import (
    MONDAY,
    QUIET,
    UNTIL,
    ZONE,
    Channel,
    default,
    five_days,
    model,
    past,
    plain,
    sums,
    varied,
)

ANY_HOUR = WorkingHours(None)


def played(one, assumptions=QUIET, *, policy=None, until=UNTIL, seed=1):
    return play(one, draw(one, model(assumptions), ANY_HOUR, seed, until), policy or default(), ANY_HOUR, until)


def kinds(case):
    return [entry.kind for entry in case.state.timeline]


def test_a_complaint_runs_its_course_to_the_archive():
    case = played(past(decided_at=MONDAY + timedelta(days=2)))
    assert case.archived
    assert case.state.decisions[0].at == MONDAY + timedelta(days=2)
    assert case.state.closing_reason == "unconfirmed"  # nobody answers
    assert Kind.REFUSED not in kinds(case)


def test_it_is_what_a_simulation_of_the_same_events_prints():
    one = past(1, decided_at=MONDAY + timedelta(days=12), first_response_at=MONDAY + timedelta(days=3))
    case = played(one)
    scenario = simulation.load(
        {
            "complaint": {
                "channel": "email", "key": one.id, "text": "-", "category": "other",
                "received_at": MONDAY.isoformat(), "complainant": {"email": "complainant@example.org"},
            },
            "events": [
                {"at": "+3d", "act": "respond", "actor": {"id": "handler"}, "text": "-"},
                {"at": "+12d", "act": "decide", "actor": {"id": "lead", "role": "lead"}, "outcome": "upheld",
                 "reasons": "-"},
            ],
            "until": UNTIL.isoformat(),
        }
    )  # fmt: skip
    view = simulation.simulate(scenario).view
    ours = case.view(UNTIL)
    assert ours.clocks == view.clocks
    assert [(e.at, e.kind) for e in ours.timeline] == [(e.at, e.kind) for e in view.timeline]
    assert (ours.status, ours.tier, ours.reference) == (view.status, view.tier, view.reference)


def test_nobody_decides_and_it_climbs_to_the_end():
    case = played(past(decided_at=None), until=MONDAY + timedelta(days=60))
    assert case.state.status is Status.INVESTIGATION
    assert case.state.ladder.tier == 3
    assert kinds(case).count(Kind.TOP_REMINDED) > 20


def test_a_decision_after_the_end_is_not_reached():
    case = played(past(decided_at=MONDAY + timedelta(days=90)), until=MONDAY + timedelta(days=30))
    assert not case.state.decisions


def test_the_complainant_disputes_and_it_is_decided_anew():
    eager = QUIET.model_copy(update={"answer_share": 1.0, "dispute_share": 1.0, "answer_hours": 1, "answer_spread": 0})
    case = played(past(), eager)
    assert case.state.disputes >= 2
    assert case.state.closing_reason == "deadlock"
    assert Kind.REFUSED not in kinds(case)


def test_a_question_is_answered_and_the_reply_gets_a_response():
    asking = QUIET.model_copy(update={"question_share": 1.0})
    case = played(past(decided_at=MONDAY + timedelta(days=20)), asking)
    assert Kind.INFORMATION_REQUESTED in kinds(case)
    assert Kind.COMPLAINANT_REPLIED in kinds(case)
    assert case.state.decisions[0].at == MONDAY + timedelta(days=20)
    answered = next(clock for clock in case.state.clocks if clock.metric is Metric.NEXT_RESPONSE)
    assert answered.ended_at is not None


def test_what_a_grave_case_needs_for_its_record_is_given():
    case = played(past(severity=Severity.MAJOR))
    assert Kind.ROOT_CAUSE_RECORDED in kinds(case)
    assert case.archived


def test_what_a_category_needs_is_asked_for_and_given():
    needing = {"categories": {"other": {"needs": ["order_number"]}}}
    import policies

    case = played(past(decided_at=MONDAY + timedelta(days=9)), policy=policies.load("id.default", needing))
    assert Kind.INFORMATION_MISSING in kinds(case)
    assert Kind.VERIFIED in kinds(case)
    assert case.state.decisions


def test_notices_are_handed_over_when_the_channel_takes_them():
    late = QUIET.model_copy(update={"hand_over_seconds": 1800.0})
    case = played(past(), late)
    acknowledgement = next(clock for clock in case.state.clocks if clock.metric is Metric.ACKNOWLEDGEMENT)
    assert acknowledgement.ended_at == MONDAY + timedelta(minutes=30)
    assert acknowledgement.breached


def test_too_many_transfers_are_refused_and_raise_the_case():
    case = played(past(decided_at=MONDAY + timedelta(days=30)), QUIET.model_copy(update={"transfer_share": 0.99}))
    assert case.state.transfers == 2
    assert Kind.REFUSED in kinds(case)


# sums


def test_the_same_seed_is_the_same_result_in_any_order():
    rows = varied(30)
    shuffled = random.Random(3).sample(rows, len(rows))
    assert plain(sums(rows)) == plain(sums(shuffled))


def test_another_seed_is_another_result():
    rows = varied(30)
    found = sums(rows, seeds=(1, 2))
    one, other = (plain({1: found[0, seed]}) for seed in (1, 2))
    assert one != other


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_every_clock_is_in_exactly_one_count(first):
    summary, number = Summary(), 0
    for index in range(4):
        one = varied(12)[index]._replace(id=f"h-{first}-{index}")
        until = one.received_at + timedelta(days=15)
        case = played(one, Assumptions(), until=until, seed=first)
        number += len(case.state.clocks)
        summary.add(case, until, ZONE)
    assert sum(counts.total for counts in summary.clocks.values()) == number
    for counts in summary.clocks.values():
        assert counts.total == sum(counts.parts[part] for part in ("met", "breached", "running", "lapsed", "cancelled"))
        assert counts.late.count == counts.parts["breached"]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(1, 5))
@settings(max_examples=10, deadline=None)
def test_a_stricter_policy_never_breaks_fewer_promises_on_the_same_draws(days, seed):
    rows = [past(n, decided_at=MONDAY + timedelta(days=took, hours=1)) for n, took in enumerate(days)]
    found = sums(rows, under=(default(), five_days()), seeds=(seed,))
    lenient, strict = (found[place, seed].clocks[Metric.RESOLUTION].parts["breached"] for place in (0, 1))
    assert strict >= lenient
    first = [found[place, seed].clocks[Metric.FIRST_RESPONSE].parts for place in (0, 1)]
    assert first[0] == first[1]  # the same people: what the policies have in common is the same


def test_a_decision_on_the_sixth_working_day_breaks_five_days_and_keeps_seven():
    rows = [past(n, decided_at=MONDAY + timedelta(days=8, hours=1)) for n in range(5)]  # Tuesday of the week after
    found = sums(rows, under=(default(), five_days()), assumptions=QUIET)
    assert [found[place, 1].clocks[Metric.RESOLUTION].parts["breached"] for place in (0, 1)] == [0, 5]


def test_the_load_is_who_waits_for_us_at_midnight():
    found = sums([past(1), past(2, decided_at=None, channel=Channel.FORM)], assumptions=QUIET)[0, 1]
    with_us, days = 0, {}
    for day in sorted({day for _, day in found.load}):
        with_us += sum(count for (_, at), count in found.load.items() if at == day)
        days[day] = with_us
    assert max(days.values()) == 2
    assert list(days.values())[-1] == 1  # the open one


def test_unknown_categories_are_played_as_another_and_counted():
    found = sums([past(1, category="spaceships"), past(2)])[0, 1]
    assert found.mapped == 1
    assert found.cases == 2


@pytest.mark.parametrize("given", [0, 1])
def test_escalations_are_counted_by_tier_and_local_hour(given):
    rows = [past(n, decided_at=None, received_at=MONDAY - timedelta(days=30)) for n in range(given)] + [past(9)]
    found = sums(rows, assumptions=QUIET)[0, 1]
    assert {tier for tier, _ in found.raised} >= ({"specialist", "supervisor", "management"} if given else set())
    assert sum(found.raised.values()) == sum(found.causes.values())
