"""Why a clock is due then: the steps of an explanation add up (DESIGN, sections 4 and 10)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
import simulation
from complaints.case import Case
from complaints.clocks import OwnTime
from complaints.messages.reasons import ClockReasons
from complaints.messages.view import Explanation
from complaints.policy import CalendarSource, Extension, Holiday, Intervals, Policy
from complaints.targets import Target, Unit
from complaints.vocabulary import Status
from tests.fixtures.scenarios import policy_of, story_of
from tests.unit.adding_up import adds_up, closings_are_told, ladder_is_walked
from tests.unit.cases import DAY, HOUR, MONDAY, Player, default_policy, rule, wib, with_clock

TARGETS = (
    "2 days", "30 hours", "100000 seconds", "1 week",
    "9 business hours", "400 business minutes", "3 working days", "1 working day", "2 calendar days", "6 calendar days",
)  # fmt: skip
OPENINGS: st.SearchStrategy[Intervals] = st.sampled_from(
    [(("08:00", "12:00"), ("13:00", "17:00")), (("09:00", "17:00"),), (("06:30", "24:00"),), (("22:00", "06:00"),),
     (("08:00", "08:20"),), ()]
)  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])


@st.composite
def calendars(draw: st.DrawFn) -> CalendarSource:
    """Open on Wednesdays at least; its changes of summer time and its holidays fall around the receipts below."""
    hours = {day: draw(OPENINGS) for day in WEEKDAYS} | {"wed": (("08:00", "16:00"),)}
    days = draw(st.lists(st.integers(0, 40), max_size=5, unique=True))
    closed = [Holiday(date=date(2026, 10, 10) + n * DAY, name={"id": f"Libur {n}", "en": f"Day {n}"}) for n in days]
    special = {
        date(2026, 10, 20) + n * DAY: (("10:00", "12:00"),) for n in draw(st.sets(st.integers(0, 9), max_size=2))
    }
    return CalendarSource(
        version="drawn", timezone=draw(ZONES), hours={day: h for day, h in hours.items() if h}, closed=tuple(closed),
        special=special,
    )  # fmt: skip


def counted_by(calendar: CalendarSource, target: str, extension: str, pauses: list[str]) -> Policy:
    """The default policy with this office, and with this target for all severities but `minor`, which has half."""
    name = None if Target(target).unit is Unit.ELAPSED else "office"
    more = Extension(by=Target(extension), reasons=("bank",), at_most=3, notice_before_expiry=False)
    rules = {"extension": more, "warnings": (), "pauses": frozenset(pauses)}
    policy = with_clock("resolution", target, name, **rules)
    clock = policy.clocks["resolution"]
    half = rule("5 business hours", "office").model_copy(
        update={"when": clock.targets[0].when.model_copy(update={"severity": frozenset(["minor"])})}
    )
    clock = clock.model_copy(update={"targets": (half, *clock.targets)})
    calendars_of = {**policy.calendars, "office": calendar}
    return policy.model_copy(update={"clocks": {**policy.clocks, "resolution": clock}, "calendars": calendars_of})


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "hold", "ask", "extend", "minor", "moderate", "replan"]),
        st.integers(0, 60 * 3600 * 10**6),
        st.integers(0, 90 * 3600 * 10**6),
    ),
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(
    calendar=calendars(),
    target=st.sampled_from(TARGETS),
    extension=st.sampled_from(
        ["1 day", "90 minutes", "3 weeks", "2 working days", "5 business hours", "9 calendar days"]
    ),
    receipt=st.integers(0, 25 * 24 * 3600 * 10**6),
    steps=STEPS,
    last=st.integers(0, 30 * 24 * 3600 * 10**6),
)
def test_open_time_sums_to_the_target_plus_extensions_whatever_the_calendar(
    *,
    calendar: CalendarSource,
    target: str,
    extension: str,
    receipt: int,
    steps: list[tuple[str, int, int]],
    last: int,
) -> None:
    """Receipts around the changes of summer time, to the microsecond; steps are in the words of people, too."""
    start = MONDAY.replace(month=10, day=8) + timedelta(microseconds=receipt)
    if Target(target).unit is Unit.ELAPSED and Target(extension).needs_calendar:
        extension = "2 days"
    policy = counted_by(calendar, target, extension, ["awaiting_complainant", "on_hold"])
    player = Player(start, policy=policy, severity="moderate")
    for what, before, after in steps:
        player.wait(timedelta(microseconds=before))
        if what == "hold":
            player.hold()
        elif what == "ask":
            player.ask()
        elif what == "extend":
            player.act("extend", reason="bank")
        elif what == "replan":
            replan(player)
        else:
            player.act("assess", severity=what)
        player.wait(timedelta(microseconds=after))
        if player.status is Status.ON_HOLD:
            player.act("resume")
    player.wait(timedelta(microseconds=last))
    adds_up(player.case, player.case.reasons(player.now))


def replan(player: Player) -> None:
    """Under the default policy from now on."""
    plan = policies.resolve(default_policy(), player.state.received_at)
    player.act("replan", role="lead", policy="id.default", reason="new rules", plan=plan)


@pytest.mark.parametrize("number", range(12))
def test_every_clock_of_a_random_story_adds_up_and_its_ladder_and_closings_are_those_of_the_case(number: int) -> None:
    scenario = simulation.load(story_of(number))
    case: Case = simulation.simulate(scenario, policy_of(scenario)).case
    reasons = case.reasons(scenario.instant(scenario.until))
    adds_up(case, reasons)
    ladder_is_walked(case, reasons)
    closings_are_told(case, reasons)
    again = type(reasons).model_validate_json(reasons.model_dump_json())
    assert again.model_dump_json() == reasons.model_dump_json()  # as it travels from a workflow to who asks


def counted(explanation: Explanation, kind: str = "open") -> int:
    return sum(step.counted_seconds for step in explanation.steps if step.kind == kind)


def explained_fully(player: Player) -> None:
    adds_up(player.case, player.case.reasons(player.now))


def extensible(target: str) -> Policy:
    extension = Extension(by=Target("5 business hours"), reasons=("bank",), at_most=3)
    return with_clock("resolution", target, "office", extension=extension, warnings=())


def reasons_of(player: Player, metric: str = "resolution") -> ClockReasons:
    return [one for one in player.case.reasons(player.now).clocks if one.metric == metric][-1]


def test_steps_of_a_plain_clock() -> None:
    player = Player(wib(10, 15), policy=with_clock("resolution", "4 business hours", "office"))
    explanation = player.explained("resolution")
    assert [(s.kind, s.since, s.until, s.counted_seconds) for s in explanation.steps] == [
        ("open", wib(10, 15), wib(10, 17), 7200), ("closed", wib(10, 17), wib(13, 8), 0),
        ("open", wib(13, 8), wib(13, 10), 7200),
    ]  # fmt: skip
    assert (explanation.start, explanation.target, explanation.calendar) == (wib(10, 15), "4 business hours", "office")
    assert explanation.due_at == wib(13, 10)
    assert explanation.version


def test_holidays_are_named() -> None:
    player = Player(wib(45, 15), policy=with_clock("resolution", "4 business hours", "office"))  # 14 August
    holidays = [s for s in player.explained("resolution").steps if s.kind == "holiday"]
    assert [(s.since, s.until, s.counted_seconds) for s in holidays] == [(wib(48), wib(49), 0)]
    assert holidays[0].note


def test_pause_is_a_step_with_its_reason() -> None:
    player = Player(policy=with_clock("resolution", "2 days"))
    player.wait(HOUR).hold()
    player.wait(DAY).act("resume")
    pause = next(s for s in player.explained("resolution").steps if s.kind == "pause")
    assert (pause.since, pause.until, pause.counted_seconds, pause.note) == (wib(6, 10), wib(7, 10), 0, "on_hold")


def test_while_paused_due_is_null_and_the_sum_plus_what_remains_is_the_target() -> None:
    player = Player(policy=with_clock("resolution", "9 business hours", "office")).until(wib(6, 14))
    player.hold()
    player.until(wib(8, 9))
    explanation, shown = player.explained("resolution"), player.shown("resolution")
    assert explanation.due_at is None
    assert counted(explanation) == 4 * 3600
    assert counted(explanation) + shown.remaining_seconds == 9 * 3600
    assert "paused" in explanation.sentence


def test_extension_is_a_step_that_says_what_it_adds_and_why() -> None:
    player = Player(policy=extensible("9 business hours"))
    player.act("extend", reason="bank")
    explanation = player.explained("resolution")
    extension = next(s for s in explanation.steps if s.kind == "extension")
    assert (extension.counted_seconds, extension.note) == (5 * 3600, "5 business hours: bank")
    assert counted(explanation) == 14 * 3600


def test_calendar_days_are_extended_by_calendar_days() -> None:
    more = Extension(by=Target("45 calendar days"), reasons=("bank",))
    player = Player(policy=with_clock("resolution", "15 calendar days", "always", extension=more))
    player.act("extend", reason="bank")
    found = reasons_of(player)
    (extension,) = (step for step in found.steps if step.kind == "extension")
    assert extension.counted_seconds == 45 * 24 * 3600
    assert found.due_at == wib(67)  # 24:00 of 4 September
    explained_fully(player)


def test_working_days_are_numbered_from_the_day_after_receipt() -> None:
    player = Player(wib(10, 15), policy=with_clock("resolution", "2 working days", "office"))
    numbers = [step.working_day for step in reasons_of(player).steps if step.kind == "open"]
    assert numbers == [None, 1, 1, 2, 2]
    assert all(s.working_day is None for s in reasons_of(player, "first_response").steps)


def test_extension_after_a_reassessment_adds_what_it_adds_from_there() -> None:
    by = Extension(by=Target("2 working days"), reasons=("bank",))
    player = Player(policy=with_clock("resolution", extension=by))
    player.act("extend", reason="bank")
    player.act("assess", severity="minor")
    explanation = player.explained("resolution")
    extension = next(s for s in explanation.steps if s.kind == "extension")
    own = OwnTime(player.state.plan.calendar("office"))
    assert extension.counted_seconds == own.between(wib(9, 17), wib(13, 17)).total_seconds()
    explained_fully(player)


def test_reminder_that_was_handed_over_late_is_a_step() -> None:
    player = Player().until(wib(6, 10))
    player.decide()
    player.before(wib(7, 10))
    player.down = True
    player.until(wib(8, 10)).channel_up()
    steps = player.explained("confirmation").steps
    assert [(s.kind, s.since, s.until) for s in steps] == [
        ("open", wib(6, 10), wib(7, 10)), ("pause", wib(7, 10), wib(8, 10)), ("open", wib(8, 10), wib(10, 10)),
    ]  # fmt: skip


def test_one_metric_may_be_asked_for() -> None:
    player = Player()
    assert {e.metric for e in player.case.explain(player.now, "resolution")} == {"resolution"}
    assert player.case.explain(player.now, "hold") == []


def test_outage_that_rearmed_a_wait_is_explained() -> None:
    player = Player().until(wib(6, 10))
    player.decide()
    player.until(wib(8, 11)).outage_until(wib(20, 9))
    explained_fully(player)
