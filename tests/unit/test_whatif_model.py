"""The model of handling times: quantiles, the fit, what is drawn and from what."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.vocabulary import Channel, Severity
from simulation.whatif import synthetic
from simulation.whatif.fitting import fit
from simulation.whatif.hours import WorkingHours
from simulation.whatif.model import Assumptions, Model
from simulation.whatif.past import PastComplaint
from simulation.whatif.sketch import ERROR, Sketch
from simulation.whatif.story import draw
from tests.unit.whatifs import MONDAY, QUIET, UNTIL, ZONE, default, model, past

ANY_HOUR = WorkingHours(None)
SECONDS = st.integers(0, 400_000_000)


def sketched(values: list[int]) -> Sketch:
    found = Sketch()
    for value in values:
        found.add(value)
    return found


@given(st.lists(SECONDS, min_size=1, max_size=200), st.sampled_from([0.01, 0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_within_its_error_of_the_exact_one(values, share):
    exact = sorted(values)[max(-(-len(values) * round(share * 100) // 100), 1) - 1]
    assert abs(sketched(values).quantile(share) - exact) <= ERROR * exact + 0.5  # rounded to whole seconds


@given(st.lists(SECONDS, max_size=50), st.lists(SECONDS, max_size=50))
def test_sketches_add_in_any_order(one, other):
    first, second = sketched(one), sketched(other)
    first.merge(sketched(other))
    second.merge(sketched(one))
    assert first.bins == second.bins == sketched(one + other).bins
    assert first.count == len(one) + len(other)


def test_an_empty_sketch_has_no_quantile():
    assert Sketch().quantile(0.5) is None


# the fit


def test_the_fit_finds_durations_by_category_and_leaves_open_complaints_out():
    rows = [past(n, decided_at=MONDAY + timedelta(hours=n + 1)) for n in range(40)]
    rows += [past(100 + n, decided_at=MONDAY + timedelta(hours=500), category="billing") for n in range(5)]
    rows += [past(200, decided_at=None)]
    found = Model(Assumptions(), fit([rows], ZONE))
    assert found.to_decision("other", 0.5) == pytest.approx(20 * 3600, rel=0.02)
    assert found.to_decision("billing", 0.5) == found.to_decision("unheard of", 0.5)  # too few of their own
    assert found.printed()["time_to_decision"]["*"]["complaints"] == 45
    assert set(found.printed()["time_to_decision"]) == {"*", "other"}


def test_the_fit_finds_when_the_first_response_came():
    rows = [past(n, first_response_at=MONDAY + timedelta(hours=12)) for n in range(40)]  # of 48
    rows += [past(100 + n, first_response_at=MONDAY + timedelta(hours=48)) for n in range(10)]
    found = Model(Assumptions(), fit([rows], ZONE))
    assert found.answered_first == pytest.approx(0.8)
    assert found.first_fraction(0.3) == pytest.approx(0.25, abs=0.01)
    assert found.printed()["first_response"] == "fitted"


def test_dates_only_are_seen_as_such_in_the_zone_they_were_read_in():
    midnight = datetime(2026, 7, 5, 17, tzinfo=UTC)
    rows = [past(n, received_at=midnight, decided_at=midnight + timedelta(days=1, hours=2)) for n in range(3)]
    assert fit([rows], ZONE).dates_only == {"received_at"}
    assert fit([rows], ZoneInfo("UTC")).dates_only == frozenset()


# the story


def story(one: PastComplaint, found: Model, seed: int = 1, hours: WorkingHours = ANY_HOUR):
    return draw(one, found, hours, seed, UNTIL)


@given(st.integers(0, 10_000), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_a_story_depends_on_seed_and_id_alone(number, seed):
    found = model()
    assert story(past(number), found, seed) == story(past(number), found, seed)


def test_another_seed_or_another_id_is_another_story():
    found = model()
    assert story(past(1), found, 1) != story(past(1), found, 2)
    assert story(past(1), found)[2:] != story(past(2), found)[2:]


@given(st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_what_the_data_know_is_never_moved_and_what_is_drawn_lies_between(number):
    busy = Assumptions(answered_first=1, question_share=1, transfer_share=0.5)
    one = past(number, decided_at=MONDAY + timedelta(days=3))
    told = story(one, model(busy))
    assert (told.received_at, told.decided_at) == (one.received_at, one.decided_at)
    for at in (told.responded_at, told.asked_at, told.replied_at, *told.transferred_at):
        assert at is None or told.received_at <= at <= told.decided_at
    assert (told.asked_at is None) == (told.replied_at is None)
    assert told.asked_at is None or told.asked_at <= told.replied_at


def test_a_first_response_of_the_data_is_kept_and_one_at_the_decision_is_the_decision():
    at = MONDAY + timedelta(hours=5)
    assert story(past(1, first_response_at=at), model()).responded_at == at
    assert story(past(1, first_response_at=MONDAY + timedelta(days=2)), model()).responded_at is None


def test_dates_without_a_time_get_one_within_the_working_hours_of_the_date():
    midnight = datetime(2026, 7, 5, 17, tzinfo=UTC)
    found = Model(Assumptions(), fit([[past(1, received_at=midnight, decided_at=midnight)]], ZONE))
    hours = WorkingHours(default_calendar())
    for number in range(50):
        told = story(past(number, received_at=midnight, decided_at=midnight), found, hours=hours)
        assert midnight + timedelta(hours=8) <= told.received_at < told.decided_at <= midnight + timedelta(hours=17)
        holiday = midnight - timedelta(days=1)  # a Sunday
        told = story(past(number, received_at=holiday, decided_at=holiday), found, hours=hours)
        assert holiday + timedelta(hours=8) <= told.received_at < told.decided_at <= holiday + timedelta(hours=17)


def default_calendar():
    import policies

    return policies.resolve(default(), MONDAY).calendar("office")


def test_drawn_acts_of_handlers_fall_into_their_working_hours():
    hours = WorkingHours(default_calendar())
    one = past(1, received_at=MONDAY + timedelta(days=4, hours=11), decided_at=MONDAY + timedelta(days=7))
    for number in range(60):
        told = story(one._replace(id=f"w-{number}"), model(Assumptions(answered_first=1)), hours=hours)
        assert told.responded_at is None or default_calendar().is_open(told.responded_at)


def test_a_complaint_that_is_still_open_stays_so_and_its_first_response_may_lie_beyond_the_end():
    told = story(past(1, decided_at=None), model(Assumptions(answered_first=1)))
    assert told.decided_at is None
    assert told.responded_at is not None


def test_quiet_assumptions_draw_nothing():
    told = story(past(1), model(QUIET))
    assert (told.responded_at, told.asked_at, told.transferred_at) == (None, None, ())
    assert told.answers == (None,) * 4
    assert told.hand_over == timedelta()


# invented complaints


def test_invented_complaints_follow_the_stated_model():
    found = list(synthetic.complaints(4000, default(), 1))
    assert found == list(synthetic.complaints(4000, default(), 1))
    hours = sorted((one.decided_at - one.received_at).total_seconds() / 3600 for one in found if one.decided_at)
    assert hours[len(hours) // 2] == pytest.approx(8, rel=0.1)
    assert hours[len(hours) * 9 // 10] == pytest.approx(26.7, rel=0.15)
    assert 0.003 < 1 - len(hours) / len(found) < 0.02
    assert {one.channel for one in found} == set(synthetic.CHANNELS) <= set(Channel)
    assert sum(one.severity is Severity.MODERATE for one in found) / len(found) == pytest.approx(0.65, abs=0.04)
    local = [one.received_at.astimezone(ZONE) for one in found]
    assert sum(at.weekday() < 5 for at in local) > sum(at.weekday() >= 5 for at in local) * 3
