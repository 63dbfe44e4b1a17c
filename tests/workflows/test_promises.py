"""By the workflow: a promise from its completion to the complainant's no and yes; a root cause and its weak ends."""

from datetime import timedelta

from tests.fixtures.cases import message, start_complaint
from tests.fixtures.temporal import act, check_replay, view

HOUR = timedelta(hours=1)


async def test_a_promise_is_asked_about_denied_done_again_and_confirmed(house):
    handle = await house.start(start_complaint())
    await act(handle, "add_action", description="Kirim nota", owner="ani", within="2 days")
    await house.pass_time(handle, HOUR)
    await act(handle, "complete_action", action=1)
    await house.quiet(handle)
    assert house.told[-1] == "promise_done"
    await handle.signal("satisfaction_confirmed", message(satisfied=False, action=1, text="Belum sampai."))
    await house.quiet(handle)
    assert house.told[-1] == "promise_reopened"
    assert "agent_promise_denied" in house.told_agents
    await act(handle, "complete_action", action=1)
    await handle.signal("satisfaction_confirmed", message(satisfied=True, action=1))
    await house.quiet(handle)
    (promise,) = (await view(handle)).actions
    assert (promise.answer, promise.completed_at is not None) == ("confirmed", True)
    written = {a.number: a for given in house.given("record") for a in given.actions}
    assert written[1].answer == "confirmed"
    await check_replay(handle)


async def test_the_answer_to_a_root_cause_points_out_its_weak_ends(house):
    handle = await house.start(start_complaint())
    whys = [{"why": "Mengapa salah?", "answer": "Petugas lupa"}]
    answer = await act(handle, "record_root_cause", category="people", cause="Human error", whys=whys)
    assert {(end.field, end.weakness) for end in answer.weak_ends} == {
        ("cause", "human_error"), ("whys", "short_chain"), ("whys.0.evidence", "no_evidence"),
        ("whys.0.answer", "human_error"),
    }  # fmt: skip
    await check_replay(handle)
