"""The survey after closing: what a case asks, and what it makes of the answers."""

import pytest
from pydantic import ValidationError

from complaints.messages.merging import ForwardDuty
from complaints.messages.signals import SurveyAnswered
from complaints.policy import Policy
from complaints.vocabulary import OnReturn, Status, Surveying
from tests.unit.cases import HOUR, Player, closed, default_policy, resolved, wib

ASKED_AT = wib(13, 11)  # a week after `closed`
ARCHIVED_AT = wib(20, 11)
EARLY = [Status.CLOSING, Status.INVESTIGATION, Status.AWAITING_COMPLAINANT, Status.ON_HOLD, Status.RESOLVED]


def surveyed(**more: object) -> Policy:
    policy = default_policy()
    rules = policy.aftercare.survey
    assert rules is not None
    aftercare = policy.aftercare.model_copy(update={"survey": rules.model_copy(update=more)})
    return policy.model_copy(update={"aftercare": aftercare})


def asked(**more: object) -> Player:
    return closed(**more).until(ASKED_AT)


def archived(**more: object) -> Player:
    player = closed(**more).until(ARCHIVED_AT)
    assert player.status is Status.ARCHIVED
    return player


def in_status(status: Status) -> Player:
    if status is Status.CLOSING:
        player = resolved(severity="major")
        player.confirm()
    elif status is Status.RESOLVED:
        player = resolved()
    else:
        player = Player().until(wib(6, 10))
        if status is Status.AWAITING_COMPLAINANT:
            player.ask()
        elif status is Status.ON_HOLD:
            player.hold()
    assert player.status is status
    return player


def test_the_follow_up_asks_the_person_once() -> None:
    player = asked()
    (notice,) = player.notices("follow_up")
    assert (notice.survey.email, notice.survey.ask, notice.survey.quiet.days) == ("budi@example.co.id", True, 90)
    assert [entry.detail["key"] for entry in player.entries("survey_asked")] == [notice.key]
    assert len(player.until(wib(30)).notices("follow_up")) == 1


@pytest.mark.parametrize("why", [Surveying.QUIET_PERIOD, Surveying.NO_PAGE])
def test_a_survey_that_is_left_out_is_told_with_its_reason(why: Surveying) -> None:
    player = closed()
    player.surveying = why
    player.until(ASKED_AT)
    assert [entry.detail["reason"] for entry in player.entries("survey_left_out")] == [why]
    assert player.entries("survey_asked") == []
    assert player.last("notice_handed_over").detail["occasion"] == "follow_up"


def test_who_stopped_in_another_case_is_sent_nothing_and_nobody_gets_a_task() -> None:
    player = closed()
    player.surveying = Surveying.STOPPED
    player.until(ASKED_AT)
    assert player.last("survey_left_out").detail["reason"] == "stopped"
    assert player.entries("notice_failed", "action_added") == []
    assert player.case.state.notices[-1].handed_over_at is None
    assert player.until(ARCHIVED_AT).status is Status.ARCHIVED


def test_a_policy_without_a_survey_follows_up_as_plainly_as_ever() -> None:
    policy = default_policy()
    policy = policy.model_copy(update={"aftercare": policy.aftercare.model_copy(update={"survey": None})})
    player = asked(policy=policy)
    assert player.notices("follow_up")[-1].survey is None
    assert player.entries("survey_asked", "survey_left_out") == []


def test_after_a_closing_that_is_not_asked_about_the_follow_up_brings_no_survey() -> None:
    player = asked(policy=surveyed(after=frozenset()))
    assert player.notices("follow_up")[-1].survey.ask is False


def test_scores_are_kept_and_demand_nothing() -> None:
    player = asked()
    told = len(player.duties)
    player.survey(outcome=4, handling=5, effort=2)
    entry = player.last("survey_answered")
    assert entry.detail == {"scores": {"outcome": 4, "handling": 5, "effort": 2}, "closing": 1}
    survey = player.state.survey
    assert (survey.closing, survey.outcome, survey.handling, survey.effort) == (1, 4, 5, 2)
    assert len(player.duties) == told
    assert not player.running("next_response")


def test_words_are_told_to_the_owner_and_demand_nothing() -> None:
    player = asked()
    player.survey(handling=2, text="Terlalu lama")
    assert player.last("survey_answered").words == "Terlalu lama"
    assert player.notices("agent_message_received")[-1].facts.words == "Terlalu lama"
    assert not player.running("next_response")


def test_a_later_answer_corrects_question_by_question() -> None:
    player = asked()
    player.survey(outcome=1, handling=5)
    first = player.last("survey_answered")
    player.survey(outcome=4)
    assert player.last("survey_answered").detail["replaces"] == first.sequence
    assert (player.state.survey.outcome, player.state.survey.handling) == (4, 5)
    assert len(player.entries("survey_answered")) == 2


def test_after_archiving_an_answer_adds_to_what_stands_and_takes_nothing_away() -> None:
    player = asked()
    player.survey(outcome=5)
    player.until(ARCHIVED_AT)
    player.survey(outcome=1, effort=3)
    assert player.last("survey_answered").detail["late"] is True
    assert (player.state.survey.outcome, player.state.survey.effort) == (5, 3)
    assert player.status is Status.ARCHIVED


def test_the_same_message_twice_is_one_answer() -> None:
    player = asked()
    player.survey(id="s", outcome=4)
    assert player.survey(id="s", outcome=4).repeated
    assert len(player.entries("survey_answered")) == 1


@pytest.mark.parametrize("status", EARLY)
def test_an_answer_before_any_closing_counts_for_nothing(status: Status) -> None:
    player = in_status(status)
    player.survey(outcome=5, text="Bagus")
    assert player.last("survey_answered").detail["applied"] is False
    assert player.state.survey is None
    back = Status.INVESTIGATION if status is Status.AWAITING_COMPLAINANT else status
    assert player.status is back
    assert player.notices("agent_message_received")


@pytest.mark.parametrize("status", EARLY)
def test_it_came_back_said_of_an_open_case_is_a_message_to_answer(status: Status) -> None:
    player = in_status(status)
    player.survey(solved=False, text="Muncul lagi")
    assert player.running("next_response")
    assert player.state.reopenings == 0
    assert player.notices("agent_message_received")[-1].facts.words == "Muncul lagi"


def test_it_came_back_opens_a_closed_case_at_once_with_their_words() -> None:
    player = asked()
    player.survey(solved=False, outcome=2, text="Tagihannya salah lagi")
    assert player.status is Status.INVESTIGATION
    reopened, said = player.last("reopened"), player.last("survey_answered")
    assert (reopened.detail["reason"], reopened.actor.role) == ("problem_returned", "complainant")
    assert reopened.detail["facts"] == [said.sequence]
    assert "salah lagi" not in str(reopened.detail)
    assert player.notices("agent_message_received")[-1].facts.words == "Tagihannya salah lagi"
    assert player.notices("reopened")
    assert player.running("resolution")
    assert player.state.survey.outcome == 2
    assert player.state.reopenings == 1


def test_said_twice_it_opens_the_case_once() -> None:
    player = asked()
    player.survey(solved=False, text="Muncul lagi")
    player.survey(solved=False, text="Muncul lagi, sungguh")
    assert player.state.reopenings == 1
    assert player.running("next_response")


def test_by_policy_it_is_a_request_and_the_owner_decides() -> None:
    player = asked(policy=surveyed(returned=OnReturn.REQUEST))
    player.survey(solved=False, text="Muncul lagi")
    assert player.status is Status.CLOSED
    assert player.entries("reopening_requested")
    assert player.running("next_response")
    assert player.until(wib(25)).status is Status.CLOSED  # nobody is ignored: aftercare waits for the answer


def test_after_archiving_it_is_offered_to_the_last_team() -> None:
    player = archived()
    player.survey(solved=False, text="Muncul lagi")
    assert player.status is Status.ARCHIVED
    assert player.notices("agent_reopening_requested")[-1].facts.words == "Muncul lagi"
    assert player.state.survey.solved is False


def test_the_next_closing_has_answers_of_its_own() -> None:
    player = asked()
    player.survey(solved=False, outcome=1, text="Muncul lagi")
    player.decide()
    player.confirm()
    player.survey(handling=4)
    assert (player.state.survey.closing, player.state.survey.outcome, player.state.survey.handling) == (2, None, 4)


def test_stop_is_recorded_confirmed_once_and_demands_nothing() -> None:
    player = asked()
    player.survey(stop=True)
    player.survey(stop=True)
    assert [entry.detail for entry in player.entries("surveys_stopped")] == [{}, {"again": True}]
    assert len(player.notices("surveys_stopped")) == 1
    assert player.notices("agent_message_received") == []
    assert not player.running("next_response")
    assert player.state.survey is None


def test_after_a_stop_there_is_no_follow_up_and_notices_go_on() -> None:
    player = closed()
    player.survey(stop=True)
    player.until(ASKED_AT)
    assert player.notices("follow_up") == []
    assert player.last("followed_up").detail["skipped"] == "surveys_stopped"
    assert player.last("survey_left_out").detail["reason"] == "stopped"
    player.act("reopen", reason="new_facts", text="ada bukti")
    assert player.notices("reopened")


def test_words_beside_a_stop_are_kept_and_told() -> None:
    player = asked()
    player.survey(stop=True, text="berhenti, saya sibuk")
    assert player.last("surveys_stopped").words == "berhenti, saya sibuk"
    assert player.notices("agent_message_received")
    assert player.entries("survey_answered") == []


def test_stop_leaves_an_open_question_open() -> None:
    player = in_status(Status.AWAITING_COMPLAINANT)
    player.survey(stop=True)
    assert player.status is Status.AWAITING_COMPLAINANT


def test_an_agent_writes_down_what_was_said() -> None:
    player = asked()
    answer = player.act("record_survey", how="telepon", outcome=3, solved=True)
    assert answer.refused is None
    entry = player.last("survey_answered")
    assert (entry.actor.id, entry.detail["how"], entry.detail["solved"]) == ("siti", "telepon", True)
    assert player.state.survey.how == "telepon"


def test_an_agent_reopens_by_what_was_said() -> None:
    player = asked()
    player.act("record_survey", how="telepon", solved=False, text="Muncul lagi")
    assert (player.status, player.last("reopened").actor.id) == (Status.INVESTIGATION, "siti")


@pytest.mark.parametrize("status", EARLY)
def test_an_agent_records_none_before_closing(status: Status) -> None:
    refused = in_status(status).act("record_survey", how="telepon", outcome=3).refused
    assert refused is not None
    assert refused.field == "act"


def test_an_agent_records_something_or_nothing() -> None:
    refused = asked().act("record_survey", how="telepon").refused
    assert refused is not None
    assert (refused.field, refused.problem) == ("outcome", "nothing is answered")


@pytest.mark.parametrize("field", ["outcome", "handling", "effort"])
@pytest.mark.parametrize("score", [0, 6, -1, "sangat puas"])
def test_a_score_out_of_range_is_refused_by_its_field(field: str, score: object) -> None:
    with pytest.raises(ValidationError) as refused:
        SurveyAnswered.model_validate({"message_id": "s", field: score})
    assert refused.value.errors()[0]["loc"] == (field,)


def test_an_answer_says_something() -> None:
    with pytest.raises(ValidationError, match="nothing is answered"):
        SurveyAnswered(message_id="s")


def test_a_merged_case_passes_scores_on_and_keeps_a_stop() -> None:
    player = Player().until(wib(6, 10))
    player.act("merge", into="TTS-0000000000000")
    player.survey(handling=4)
    (passed,) = [duty for duty in player.duties if isinstance(duty, ForwardDuty)]
    assert (passed.name, passed.message.via, passed.message.handling) == ("survey_answered", "TTS-TEST", 4)
    assert player.last("survey_answered").detail["forwarded_to"] == "TTS-0000000000000"
    player.survey(stop=True)
    assert player.state.surveys_stopped is not None
    assert [duty for duty in player.duties if isinstance(duty, ForwardDuty)] == [passed]


def test_a_merged_case_is_not_surveyed() -> None:
    player = Player().until(wib(6, 10))
    player.act("merge", into="TTS-0000000000000")
    assert player.until(wib(31)).notices("follow_up") == []


def test_what_a_merged_case_passed_on_counts_for_nothing_here() -> None:
    player = asked()
    player.survey(solved=False, text="Muncul lagi", via="TTS-OTHER")
    assert (player.status, player.state.survey) == (Status.CLOSED, None)
    assert player.last("survey_answered").detail["applied"] is False
    assert player.running("next_response")


def test_a_combined_notice_still_knows_whom_it_asks() -> None:
    player = closed()
    player.act("add_action", description="kirim nota", within="30 days", owner="agent:siti")
    player.outage_until(wib(14, 11))
    (notice,) = player.notices("follow_up") or player.notices("caught_up")
    assert notice.survey is not None


def test_the_answer_survives_a_new_run() -> None:
    player = asked()
    player.survey(outcome=4, text="Baik")
    player.survey(stop=True)
    before = player.state.survey
    player.restore()
    assert player.state.survey == before
    assert player.state.surveys_stopped == ASKED_AT


def scored(player: Player) -> list[str]:
    """What its survey does to the score of the solution, as of now."""
    found = player.case.workbench(player.now).scores.solution
    assert found is not None
    return [finding.what for finding in found.derivation if finding.what == "survey_outcome"]


def test_a_survey_is_scored_with_the_closing_that_it_asked_about_and_not_with_the_next() -> None:
    player = asked()
    player.survey(outcome=2)
    assert scored(player) == ["survey_outcome"]
    player.act("reopen", reason="new_facts", text="Bukti baru")
    player.wait(HOUR).decide()
    player.wait(HOUR).confirm()
    assert player.status is Status.CLOSED
    assert scored(player) == []
    again = player.state.closures[-1].scores
    assert "survey_outcome" not in [finding.what for finding in again.solution.derivation]
    player.wait(HOUR).survey(outcome=5)
    assert scored(player) == ["survey_outcome"]
