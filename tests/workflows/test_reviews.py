"""A closing that is drawn for review: one entry, in the record of the closing itself, and it holds up nothing."""

from complaints.policy import EvaluationRules
from tests.fixtures.cases import start_complaint
from tests.fixtures.temporal import act, check_replay, kinds, view
from tests.unit.cases import default_policy
from tests.workflows.test_happy import converse


def drawn(share: float):
    rules = EvaluationRules(sample=share, always=())
    return start_complaint(policy=default_policy().model_copy(update={"evaluation": rules}))


async def test_a_drawn_closing_says_so_once_and_is_archived_as_ever(house):
    handle = await house.start(drawn(1.0))
    await converse(house, handle)
    assert (await view(handle)).status == "closed"
    (batch,) = [one for one in house.given("record") if "review_wanted" in [entry.kind for entry in one.entries]]
    assert "closure_recorded" in [entry.kind for entry in batch.entries]  # no activity, so no event, of its own
    await act(handle, "record_evaluation", agent="rina", speed=4)
    await act(handle, "answer_evaluation", text="Terima kasih.", closing=1)
    await house.quiet(handle)
    assert house.told_agents[-2:] == ["agent_evaluated", "agent_evaluation_answered"]
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    assert kinds(await view(handle)).count("review_wanted") == 1
    await check_replay(handle)


async def test_a_closing_that_is_not_drawn_says_nothing(house):
    handle = await house.start(drawn(0.0))
    await converse(house, handle)
    assert "review_wanted" not in kinds(await view(handle))
