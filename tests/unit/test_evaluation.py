"""How a case was handled: derived scores with their derivation, who reviews it, and what those judged may answer."""

from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.case.evaluating import lot
from complaints.evaluation import Derived, Finding, Handling, Promise, Scores, Survey, What, derive
from complaints.policy import ClosureRules, EvaluationRules
from complaints.vocabulary import HOUSE_LANGUAGES, ClockState, Dimension, Language, MetBy, Metric, Severity, Status
from policies.reasons import why_scored
from tests.unit.cases import DAY, HOUR, Player, closed, default_policy, resolved, wib

STARS = st.none() | st.integers(1, 5)
PROMISES = st.builds(
    Promise, metric=st.sampled_from(list(Metric)), occurrence=st.integers(1, 3),
    state=st.sampled_from(list(ClockState)), breached=st.booleans(), met_by=st.none() | st.sampled_from(list(MetBy)),
    budget_seconds=st.integers(0, 10**6),
    elapsed_seconds=st.integers(0, 10**6), late_seconds=st.integers(0, 10**6), extensions=st.integers(0, 2),
)  # fmt: skip
HANDLINGS = st.builds(
    Handling, promises=st.lists(PROMISES, max_size=5).map(tuple), decided=st.booleans(),
    satisfied=st.none() | st.booleans(), rating=STARS, silence=st.booleans(), disputes=st.integers(0, 3),
    reopenings=st.integers(0, 3), transfers=st.integers(0, 3),
    survey=st.none() | st.builds(Survey, outcome=STARS, handling=STARS),
)  # fmt: skip


def promise(metric: str = "resolution", **over: Any) -> Promise:
    values = {"occurrence": 1, "state": "met", "breached": False, "met_by": "person", "budget_seconds": 1000}
    return Promise.model_validate({"metric": metric, **values, "elapsed_seconds": 500, **over})


def effects(derived: Any) -> list[tuple[str, float]]:
    return [(finding.what, finding.effect) for finding in derived.derivation]


class TestScores:
    @given(HANDLINGS)
    def test_five_and_all_effects_are_the_score(self, what: Handling) -> None:
        scores = derive(what)
        for dimension in Dimension:
            if (found := scores.of(dimension)) is not None:
                assert 5 + sum(finding.effect for finding in found.derivation) == found.score
                assert 1 <= found.score <= 5
                assert found.score * 2 == int(found.score * 2)
                assert found.derivation

    @given(HANDLINGS, st.integers(0, 4), st.integers(1, 10**6))
    def test_more_lateness_never_raises_a_score(self, what: Handling, index: int, more: int) -> None:
        if index >= len(what.promises):
            return
        one = what.promises[index]
        late = one.model_copy(update={"breached": True, "late_seconds": one.late_seconds + more})
        worse = what.model_copy(update={"promises": (*what.promises[:index], late, *what.promises[index + 1 :])})
        self.no_better(what, worse)

    @given(HANDLINGS, st.sampled_from(["disputes", "reopenings", "transfers"]))
    def test_what_goes_wrong_once_more_never_raises_a_score(self, what: Handling, field: str) -> None:
        self.no_better(what, what.model_copy(update={field: getattr(what, field) + 1}))

    @given(HANDLINGS)
    def test_a_lower_rating_or_answer_never_raises_a_score(self, what: Handling) -> None:
        survey = what.survey or Survey()
        lower = {name: max((getattr(survey, name) or 5) - 1, 1) for name in ("outcome", "handling")}
        if all(getattr(survey, name) is not None for name in lower):
            self.no_better(what, what.model_copy(update={"survey": Survey.model_validate(lower)}))
        if what.rating is not None and what.satisfied:
            self.no_better(what, what.model_copy(update={"rating": max(what.rating - 1, 1)}))

    @given(HANDLINGS)
    def test_an_automatic_update_is_never_better_than_one_by_a_person(self, what: Handling) -> None:
        def by(who: MetBy) -> Handling:
            told = promise("progress_update", met_by=who)
            return what.model_copy(update={"promises": (*what.promises, told)})

        self.no_better(by(MetBy.PERSON), by(MetBy.AUTOMATIC))

    @staticmethod
    def no_better(before: Handling, after: Handling) -> None:
        one, other = derive(before), derive(after)
        for dimension in Dimension:
            old, new = one.of(dimension), other.of(dimension)
            assert new is None or new.score <= (old.score if old is not None else 5)

    def test_nothing_to_judge_by_is_no_score(self) -> None:
        scores = derive(Handling(promises=(promise(state="running"), promise("closure", state="cancelled"))))
        assert (scores.speed, scores.solution, scores.communication) == (None, None, None)

    @pytest.mark.parametrize(
        ("late", "effect"), [(1, -1.0), (250, -1.0), (251, -1.5), (1000, -1.5), (1001, -2.0), (10**6, -2.0)]
    )
    def test_lateness_is_measured_by_the_promises_own_time(self, late: int, effect: float) -> None:
        scores = derive(Handling(promises=(promise(breached=True, late_seconds=late),)))
        assert effects(scores.speed) == [("late", effect)]

    def test_kept_but_only_just_and_extended(self) -> None:
        scores = derive(Handling(promises=(promise(elapsed_seconds=751, extensions=1),)))
        assert effects(scores.speed) == [("used_most", -0.5), ("extended", -0.5)]
        assert scores.speed is not None
        assert scores.speed.score == 4

    def test_what_would_fall_below_one_is_bounded_and_says_so(self) -> None:
        scores = derive(Handling(decided=True, satisfied=False, disputes=3))
        assert effects(scores.solution) == [("not_satisfied", -3.0), ("disputed", -3.0), ("bounded", 2.0)]


class TestOfACase:
    def test_a_case_that_went_well_and_one_that_did_not(self) -> None:
        well = closed().state.closures[-1].scores
        assert (well.handler, well.team) == ("siti", "frontline")
        assert (well.speed.score, well.solution.score, well.communication.score) == (5, 5, 5)
        player = Player().until(wib(24, 10))  # long past its resolution
        player.decide()
        player.dispute()
        player.until(wib(24, 12))
        player.decide(by="ani")
        player.confirm(rating=3)
        worse = player.state.closures[-1].scores
        assert worse.handler == "ani"
        assert worse.speed.score < 4
        assert effects(worse.solution) == [("rated", -1.0), ("disputed", -1.0)]
        assert ("updates", -1.0) in effects(worse.communication)  # nobody had told how it goes

    def test_scores_are_shown_live_as_of_now(self) -> None:
        player = Player()
        bench = player.case.workbench(player.now)
        assert (bench.scores.speed, bench.scores.solution) == (None, None)
        player.until(player.clock("first_response").due_at + HOUR)
        assert effects(player.case.workbench(player.now).scores.speed) == [("late", -1.0)]

    def test_records_that_are_older_than_scores_are_still_read(self) -> None:
        player = closed()
        raw = player.state.closures[-1].model_dump(mode="json")
        del raw["scores"]
        assert type(player.state.closures[-1]).model_validate(raw).scores is None


def policy(sample: float = 0.0, always: tuple[str, ...] = ("critical", "disputed", "breached"), **more: Any) -> Any:
    rules = EvaluationRules.model_validate({"sample": sample, "always": always})
    return default_policy().model_copy(update={"evaluation": rules, "closure": ClosureRules(), **more})


def causes(player: Player) -> list[list[str]]:
    return [entry.detail["causes"] for entry in player.entries("review_wanted")]


class TestSampling:
    def test_by_lot_all_none_and_the_same_again(self) -> None:
        assert causes(closed(policy=policy(1.0))) == [["sample"]]
        assert causes(closed(policy=policy(0.0))) == []
        one, other = closed(policy=policy(0.5)), closed(policy=policy(0.5))
        assert causes(one) == causes(other)

    def test_lots_are_spread_evenly(self) -> None:
        drawn = sum(lot(f"salt-{number}", 1) < 0.1 for number in range(10_000))
        assert 900 < drawn < 1100
        assert lot("a", 1) != lot("a", 2)

    def test_critical_disputed_and_breached_always(self) -> None:
        critical = Player(policy=policy(), severity="critical")
        critical.decide()
        critical.confirm()
        assert causes(critical) == [["critical"]]
        disputed = resolved(policy=policy())
        disputed.dispute()
        disputed.decide()
        disputed.confirm()
        assert causes(disputed) == [["disputed"]]
        late = Player(policy=policy()).until(wib(24, 10))
        late.decide()
        late.confirm()
        assert causes(late) == [["breached"]]
        assert causes(closed(policy=policy(always=()), severity="critical")) == []

    def test_a_policy_without_the_key_draws_nothing(self) -> None:
        assert causes(closed(policy=policy().model_copy(update={"evaluation": None}), severity="critical")) == []

    def test_each_closing_is_drawn_once_and_for_what_is_new(self) -> None:
        player = resolved(policy=policy())
        player.dispute()
        player.decide()
        player.confirm()
        player.act("reopen", reason="new_facts", text="bukti")
        player.decide()
        player.confirm()
        assert len(player.state.closures) == 2
        assert causes(player) == [["disputed"]]  # the second closing has no dispute of its own

    def test_it_holds_up_neither_closing_nor_archiving(self) -> None:
        player = closed(policy=policy(1.0))
        player.until(player.now + 60 * DAY)
        assert player.status is Status.ARCHIVED


def judged(**scores: Any) -> Player:
    player = closed(policy=policy(1.0))
    assert player.act("record_evaluation", by="rina", role="lead", **(scores or {"speed": 4})).refused is None
    return player


def refusal(player: Player, command: str, by: str, **payload: Any) -> str:
    refused = player.act(command, by=by, **payload).refused
    assert refused is not None
    return refused.problem


class TestReviews:
    def test_nobody_judges_a_case_they_handled(self) -> None:
        player = closed(policy=policy(1.0))
        assert "handled" in refusal(player, "record_evaluation", "siti", speed=5)
        player = Player(policy=policy(1.0))
        player.respond(by="ani")  # answered once, and gave it away
        player.decide()
        player.confirm()
        assert "handled" in refusal(player, "record_evaluation", "ani", speed=5)
        player.act("note", by="rina", text="hm")  # a note is no handling
        assert player.act("record_evaluation", by="rina", speed=5).refused is None

    def test_an_evaluation_has_at_least_one_score(self) -> None:
        assert "at least one" in refusal(closed(), "record_evaluation", "rina", note="bagus")

    def test_the_one_who_is_judged_is_told_and_so_is_the_reviewer_of_the_answer(self) -> None:
        player = judged(speed=2, coaching="Balas lebih dahulu.")
        assert player.told("agent_evaluated") == ("agent:siti",)
        assert player.act("answer_evaluation", text="Menunggu bank.").refused is None
        assert player.told("agent_evaluation_answered") == ("agent:rina",)
        entry = player.last("evaluation_answered")
        assert (entry.actor.id, entry.words, entry.detail["number"]) == ("siti", "Menunggu bank.", 1)
        assert entry.detail["evaluation"] == player.last("evaluation_recorded").sequence

    def test_only_whoever_was_judged_answers_and_only_once(self) -> None:
        player = judged()
        assert "only whoever was judged" in refusal(player, "answer_evaluation", "ani", text="Saya juga.")
        player.act("answer_evaluation", text="Menunggu bank.")
        assert "before" in refusal(player, "answer_evaluation", "siti", text="Lagi.")
        assert "stays as it is" in refusal(player, "record_evaluation", "rina", speed=1)

    def test_another_reviewer_does_not_judge_it_again_and_the_same_may_correct(self) -> None:
        player = judged()
        assert "rina has judged" in refusal(player, "record_evaluation", "budi", speed=1)
        assert player.act("record_evaluation", by="rina", speed=3).refused is None
        assert player.state.evaluation["speed"] == 3
        assert len(player.state.reviews) == 1

    def test_there_is_no_answer_before_there_is_an_evaluation_nor_to_a_closing_that_never_was(self) -> None:
        player = closed()
        assert "no evaluation" in refusal(player, "answer_evaluation", "siti", text="Mana?")
        assert "closed 1 times" in refusal(player, "record_evaluation", "rina", speed=3, closing=2)

    def test_after_archiving_both_are_still_recorded_in_the_chain(self) -> None:
        player = closed(policy=policy(1.0))
        player.until(player.now + 60 * DAY)
        player.restore()
        assert player.act("record_evaluation", by="rina", speed=4).refused is None
        assert player.act("answer_evaluation", text="Terima kasih.").refused is None
        assert player.status is Status.ARCHIVED
        chain = player.state.timeline
        assert [entry.kind for entry in chain[-4:] if entry.kind in ("evaluation_recorded", "evaluation_answered")]
        assert all(after.previous == before.hash for before, after in pairwise(chain))

    def test_an_earlier_closing_can_be_judged_after_a_reopening(self) -> None:
        player = closed(policy=policy(1.0))
        player.act("reopen", by="ani", reason="new_facts", text="bukti")
        assert player.act("record_evaluation", by="rina", speed=4, closing=1).refused is None
        assert player.act("answer_evaluation", text="Baik.", closing=1).refused is None

    def test_a_reopened_case_is_judged_again_before_it_closes(self) -> None:
        player = resolved(policy=policy(1.0, closure=ClosureRules(evaluation_from=Severity.MINOR)))
        player.confirm()
        assert player.act("record_evaluation", by="rina", speed=4).refused is None
        assert player.state.closures[0].evaluation["speed"] == 4
        player.act("reopen", by="ani", reason="new_facts", text="bukti")
        player.wait(HOUR).decide()
        player.wait(HOUR).confirm()
        assert player.status is Status.CLOSING
        assert player.told("agent_closure_parts_missing") == (player.state.owner,)
        assert player.act("record_evaluation", by="rina", speed=1, closing=1).refused is None  # a word on the first
        assert player.status is Status.CLOSING
        assert player.act("record_evaluation", by="budi", speed=5).refused is None
        assert player.status is Status.CLOSED
        assert [(one.evaluation["reviewer"], one.evaluation["speed"]) for one in player.state.closures] == [
            ("rina", 4), ("budi", 5),
        ]  # fmt: skip

    def test_what_was_judged_before_closing_is_not_drawn(self) -> None:
        player = resolved(policy=policy(1.0, closure=ClosureRules(evaluation_from=Severity.MINOR)))
        player.confirm()
        assert player.status is Status.CLOSING
        assert player.act("record_evaluation", by="rina", speed=4, solution=5).refused is None
        assert player.status is Status.CLOSED
        assert causes(player) == []
        assert player.act("answer_evaluation", text="Terima kasih.").refused is None


class TestWords:
    @pytest.mark.parametrize("language", HOUSE_LANGUAGES)
    def test_every_finding_has_words_and_no_place_is_left(self, language: Language) -> None:
        for what in get_args(What):
            finding = Finding(what=what, effect=-1.5, value=2, of=3, metric=Metric.RESOLUTION, occurrence=2)
            scores = Scores(speed=Derived(score=3.5, derivation=(finding,)))
            speed, solution, _ = why_scored(scores, "id.default", language)
            assert len(speed.rows) == 2
            assert not set("{}|") & set("".join((*speed.rows[1].cells, speed.title, speed.sentence)))
            assert solution.rows == ()
            assert solution.sentence

    def test_a_derivation_in_both_languages(self) -> None:
        what = Handling(promises=(promise(breached=True, late_seconds=5400, budget_seconds=36_000),))
        scores = derive(what)
        (english, *_), (indonesian, *_) = (why_scored(scores, "id.default", one) for one in ("en", "id"))
        assert english.title == "Speed: 4"
        assert [row.cells for row in english.rows] == [("every case begins with", "5"), (LATE, "-1")]
        assert indonesian.title == "Kecepatan: 4"
        assert indonesian.rows[1].cells[0].endswith("terlambat 1 jam 30 menit")


LATE = "decision: late by 1 hour 30 minutes"
