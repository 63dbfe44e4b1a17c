"""Why a clock is due then: the steps of an explanation add up (DESIGN, sections 4 and 10)."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.clocks import Clock, OwnTime
from complaints.messages.view import Explanation
from complaints.policy import Extension, Policy
from complaints.targets import Target, Unit
from complaints.vocabulary import ClockState, Status
from tests.unit.cases import DAY, HOUR, MONDAY, Player, wib, with_clock

ZERO = timedelta(0)
TARGETS = ("2 days", "30 hours", "9 business hours", "400 business minutes", "3 working days", "2 calendar days")


def budget(player: Player, clock: Clock) -> timedelta:
    """The clock's own time without pauses: of elapsed and business targets what they say, of days what they come to."""
    calendar = player.state.plan.calendar(clock.calendar)
    own = OwnTime(None if clock.target.unit is Unit.ELAPSED else calendar)
    return own.between(clock.started_at, clock.base_due)


def counted(explanation: Explanation, kind: str = "open") -> int:
    return sum(step.counted_seconds for step in explanation.steps if step.kind == kind)


def explained_fully(player: Player) -> None:
    """Every clock of a case: open time sums to its target plus extensions, and the last step ends when it is due."""
    explanations = player.case.explain(player.now)
    shown = player.case.view(player.now).clocks
    clocks = {(c.metric, c.occurrence): c for c in player.state.clocks}
    assert [(e.metric, e.occurrence) for e in explanations] == [(c.metric, c.occurrence) for c in shown]
    for explanation, view in zip(explanations, shown, strict=True):
        clock = clocks[explanation.metric, explanation.occurrence]
        assert explanation.due_at == view.due_at
        stretches = [step for step in explanation.steps if step.kind != "extension"]
        assert all(a.until == b.since for a, b in pairwise(stretches)), explanation.sentence
        assert not stretches or stretches[0].since == clock.started_at
        wanted = budget(player, clock).total_seconds()
        if clock.state is ClockState.PAUSED:
            assert explanation.due_at is None
            if clock.due_at is None:
                assert abs(counted(explanation) + view.remaining_seconds - wanted) <= 2
        else:
            assert stretches[-1].until == explanation.due_at
            assert abs(counted(explanation) - wanted) <= len(stretches)  # each step is cut to whole seconds


def extensible(target: str) -> Policy:
    extension = Extension(
        by=Target("1 day" if target == "2 days" else "5 business hours"), reasons=("bank",), at_most=3
    )
    calendar = None if target.endswith(("2 days", "30 hours")) else "office"
    if calendar is None:
        extension = extension.model_copy(update={"by": Target("1 day")})
    return with_clock("resolution", target, calendar, extension=extension, warnings=())


@settings(max_examples=120)
@given(
    target=st.sampled_from(TARGETS),
    receipt=st.integers(0, 7 * 24 * 60),
    pauses=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 90)), max_size=4),
    extensions=st.integers(0, 2),
    still=st.booleans(),
)
def test_open_time_sums_to_the_target_plus_extensions_and_the_last_step_ends_when_it_is_due(
    target: str, receipt: int, pauses: list[tuple[int, int]], extensions: int, still: bool
) -> None:
    player = Player(MONDAY + timedelta(minutes=receipt), policy=extensible(target))
    player.respond()
    for number, (run, pause) in enumerate(pauses):
        player.wait(run * HOUR)
        if number < extensions:
            player.act("extend", reason="bank")
        player.hold()
        if not (still and number == len(pauses) - 1):
            player.wait(pause * HOUR)
            if player.status is Status.ON_HOLD:
                player.act("resume")
    explained_fully(player)
    explanation, clock = player.explained("resolution"), player.clock("resolution")
    own = clock.target.amount.total_seconds()
    if own and clock.state is ClockState.RUNNING:
        added = counted(explanation, "extension")
        assert counted(explanation) == own + added
        assert bool(added) == bool(clock.extensions)


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
