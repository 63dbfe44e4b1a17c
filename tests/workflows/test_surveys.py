"""The survey in the workflow: what the notice's activity found is told to the case, and answers come as signals."""

import pytest

from complaints.vocabulary import Surveying
from tests.fixtures.cases import message, start_complaint
from tests.fixtures.temporal import act, check_replay, kinds, tidy, view


async def closed(house):
    handle = await house.start(start_complaint())
    await act(handle, "decide", outcome="upheld", reasons="Barang cacat.")
    await house.quiet(handle)
    await handle.signal("satisfaction_confirmed", message("yes", satisfied=True))
    await house.quiet(handle)
    assert (await view(handle)).status == "closed"
    return handle


@pytest.mark.parametrize(
    ("became", "kind"),
    [(Surveying.ASKED, "survey_asked"), (Surveying.QUIET_PERIOD, "survey_left_out")],
)
async def test_what_became_of_the_survey_is_told_to_the_case_once_and_costs_no_record(house, became, kind):
    house.surveying = became
    handle = await closed(house)
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    seen = await view(handle)
    assert kinds(seen).count(kind) == 1
    assert house.told[-1] == "follow_up"
    assert house.recorded == kinds(seen)
    tidy(await check_replay(handle))


async def test_answers_are_read_tolerantly_and_a_wrong_score_is_kept_by_its_field(house):
    handle = await closed(house)
    await handle.signal("survey_answered", message("s1", outcome=4, handling=5, mood="new in the next version"))
    await handle.signal("survey_answered", message("s2", outcome=9))
    await handle.signal("survey_answered", message("s1", outcome=1))
    await house.quiet(handle)
    seen = await view(handle)
    assert [e.detail["scores"] for e in seen.timeline if e.kind == "survey_answered"] == [{"outcome": 4, "handling": 5}]
    assert seen.timeline[-1].kind == "unreadable_message"
    assert seen.timeline[-1].detail["field"] == "outcome"
    assert house.told_agents[-1] == "agent_unreadable_message"
    tidy(await check_replay(handle))


async def test_it_came_back_opens_the_case_again(house):
    handle = await closed(house)
    await handle.signal("survey_answered", message("s1", solved=False, text="Rusak lagi"))
    await house.quiet(handle)
    seen = await view(handle)
    assert (seen.status, seen.reopenings) == ("investigation", 1)
    assert house.told[-1] == "reopened"
    await check_replay(handle)
