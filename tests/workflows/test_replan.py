"""A re-plan on a real server: previewed by a query, carried out as an update or a signal, kept by the next run."""

from functools import cache

import pytest
from temporalio.client import WorkflowQueryFailedError, WorkflowUpdateFailedError

import policies
from complaints.messages import ACT, PREVIEW, ActAnswer
from complaints.messages.replan import PreviewRequest, ReplanPreview
from tests.fixtures.cases import MONDAY, command, start_complaint
from tests.fixtures.temporal import check_replay, kinds, view
from workflows import attributes, limits


@cache
def policy(target="5 working days", **more):
    resolution = {"targets": [{"target": target, "calendar": "office"}]}
    return policies.load("id.default", {"clocks": {"resolution": resolution}, **more})


def plan(target="5 working days"):
    return policies.resolve(policy(target), MONDAY)


def replanning(key="r1", given=None, role="lead"):
    said = command(
        "replan", key, agent="ani", policy="id.default", reason="Aturan baru.", plan=(given or plan()).packed
    )
    return said | {"actor": {"id": "ani", "role": role}}


async def update(handle, said):
    return await handle.execute_update(ACT, said, result_type=ActAnswer)


def due(seen, metric="resolution"):
    return [clock.due_at.isoformat() for clock in seen.clocks if clock.metric == metric][-1]


async def test_what_the_preview_says_is_what_the_update_does(house):
    handle = await house.start(start_complaint())
    await house.quiet(handle)
    before = await view(handle)
    request = PreviewRequest(plan=plan(), at=MONDAY)
    seen = await handle.query(PREVIEW, request, result_type=ReplanPreview)
    assert (await handle.query(PREVIEW, request, result_type=ReplanPreview), await view(handle)) == (seen, before)
    row = next(clock for clock in seen.clocks if clock.metric == "resolution")
    assert (row.due_before.isoformat(), row.due_after.isoformat()) == (
        "2026-12-02T10:00:00+00:00", "2026-11-30T10:00:00+00:00",
    )  # fmt: skip
    answer = await update(handle, replanning())
    await house.quiet(handle)
    after = await view(handle)
    assert (answer.unchanged, kinds(after).count("replanned")) == (False, 1)
    assert due(after) == "2026-11-30T10:00:00+00:00"
    assert house.told[-1] == "date_changed"
    found = attributes.values_in((await handle.describe()).typed_search_attributes)
    assert found["ComplaintPolicy"] == f"id.default@{policy().version}"
    assert house.given("record")[-1].standing.policy_version == policy().version
    await check_replay(handle)


async def test_the_same_command_is_carried_out_once_however_it_comes(house):
    handle = await house.start(start_complaint())
    await house.quiet(handle)
    await handle.signal("agent_acted", replanning())
    await house.quiet(handle)
    again = await update(handle, replanning())
    assert (again.repeated, again.unchanged) == (True, False)
    other = await update(handle, replanning("r2"))
    assert (other.repeated, other.unchanged) == (False, True)
    repeated = await handle.execute_update(ACT, replanning("r2"), id="another", result_type=ActAnswer)
    assert (repeated.repeated, repeated.unchanged) == (True, True)
    assert kinds(await view(handle)).count("replanned") == 1
    await check_replay(handle)


async def test_a_refused_replan_leaves_no_event_and_what_is_no_plan_stops_nothing(house):
    handle = await house.start(start_complaint())
    await house.quiet(handle)
    length = (await handle.describe()).history_length
    less = policy().model_copy(update={"categories": {n: k for n, k in policy().categories.items() if n != "billing"}})
    for said, kind, field in (
        (replanning(given=policies.resolve(less, MONDAY)), "refused", "policy.categories"),
        (replanning(role="agent"), "refused", "actor.role"),
        (replanning() | {"plan": "x" * 100}, "bad_input", "plan"),
        (replanning() | {"plan": None}, "refused", "plan"),
    ):
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await update(handle, said)
        assert (caught.value.cause.type, caught.value.cause.details[0]["field"]) == (kind, field)
    with pytest.raises(WorkflowQueryFailedError):
        await handle.query(PREVIEW, {"plan": "no plan"})
    assert (await handle.describe()).history_length == length
    refused = await handle.query(
        PREVIEW, PreviewRequest(plan=policies.resolve(less, MONDAY)), result_type=ReplanPreview
    )
    assert refused.refused.field == "policy.categories"
    await handle.signal("agent_acted", replanning() | {"plan": "x"})
    await house.quiet(handle)
    assert kinds(await view(handle))[-1] == "unreadable_message"
    await check_replay(handle)


async def test_the_next_run_goes_on_with_the_new_plan(house, monkeypatch):
    monkeypatch.setattr(limits, "EVENTS", 20)
    handle = await house.start(start_complaint())
    await house.quiet(handle)
    await update(handle, replanning())
    await house.quiet(handle)
    first = (await handle.describe()).run_id
    before = await view(handle)
    for number in range(6):
        await update(handle, command("note", f"n{number}", text="Catatan."))
        await house.quiet(handle)
    assert (await handle.describe()).run_id != first
    after = await view(handle)
    assert [clock.due_at for clock in after.clocks] == [clock.due_at for clock in before.clocks]
    same = await handle.query(PREVIEW, PreviewRequest(plan=plan(), at=MONDAY), result_type=ReplanPreview)
    assert same.unchanged
    await check_replay(handle)
