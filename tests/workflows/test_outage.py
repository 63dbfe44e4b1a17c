"""Nobody works for a while, over several due instants: what a worker does that comes back (DESIGN, section 4).

The virtual clock of a case goes on by itself, but it jumps over no task that waits for a worker. So everything falls
due within the same few seconds, an hour after receipt, and an outage begins at a second.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from complaints.messages import StartComplaint
from complaints.messages.duties import AgentNotice, Escalation, Notice
from complaints.messages.view import CaseView
from complaints.policy import Outage, Policy
from complaints.targets import Target
from tests.fixtures.cases import message, start_complaint
from tests.fixtures.temporal import House, act, check_replay, tidy, view
from tests.unit.cases import SECOND, and_clock, default_policy, rule

LEAVE = timedelta(seconds=3596)  # before anything is due
CLIMB = timedelta(seconds=3)


@pytest.fixture
def policy() -> Policy:
    policy = and_clock(default_policy(), "first_response", "3600 seconds", warnings=(0.9995,))
    policy = and_clock(policy, "resolution", "3601 seconds", warnings=(0.9995,))
    policy = and_clock(policy, "progress_update", "3598 seconds")
    reminders = (Target("3597 seconds"), Target("3598 seconds"))
    policy = and_clock(policy, "information", "3600 seconds", reminders=reminders)
    every = (rule(f"{CLIMB.seconds} seconds"),)
    escalation = policy.escalation.model_copy(update={"climb": every, "top_reminder": every})
    return policy.model_copy(update={"escalation": escalation, "outage": Outage(after=Target("1 seconds"))})


async def stay_away(house: House, handle: Any, start: StartComplaint, until: datetime) -> None:
    """Let the time of a case pass until then."""
    received_at = received(start)
    now = await house.env.get_current_time(handle) + start.clock_shift
    if (span := received_at + LEAVE - now) > timedelta(0):
        assert await house.env.fast_forward(handle, span)
    while await house.env.get_current_time(handle) + start.clock_shift < until:
        await asyncio.sleep(0.05)


def received(start: StartComplaint) -> datetime:
    assert start.intake.received_at is not None
    return start.intake.received_at


def all_due(seen: CaseView) -> datetime:
    """When the last of the running clocks is overdue by more than the policy forgives."""
    return max(clock.due_at for clock in seen.clocks if clock.due_at and clock.state == "running") + 2 * SECOND


async def test_a_worker_that_comes_back_tells_everybody_once(empty_house: House, cold: bool, policy: Policy) -> None:
    house, start, answered = empty_house, start_complaint(policy=policy), start_complaint(policy=policy)
    async with house.open(cold=cold):
        handle, other = await house.start(start), await house.start(answered)
        await act(handle, "assign", to="siti")
        await act(other, "request_information", text="Mohon fotonya.")
        await house.quiet(handle)
        await house.quiet(other)
        until, until_other = all_due(await view(handle)), all_due(await view(other))
    before = len(house.done)
    await asyncio.gather(stay_away(house, handle, start, until), stay_away(house, other, answered, until_other))
    await other.signal("complainant_replied", message(text="Ini fotonya."))
    async with house.open(cold=cold):
        await house.quiet(handle)
        await house.quiet(other)
        seen, replied = await view(handle), await view(other)
        histories = [await check_replay(handle), await check_replay(other)]
    received_at, acted_at = received(start), acted(house, start.reference)
    assert acted_at >= until
    again = acted_at + CLIMB / 2  # when we are back, the ladder goes on

    # the timeline: everything in order, and one tier
    late = [e for e in seen.timeline if received_at + timedelta(minutes=30) < e.at < again]
    assert [
        (e.kind, (e.at - received_at).seconds, e.detail["metric"])
        for e in late
        if e.kind in ("warned", "breached", "escalated")
    ] == [
        ("warned", 3598, "first_response"), ("warned", 3599, "resolution"), ("breached", 3600, "first_response"),
        ("escalated", 3600, "first_response"), ("breached", 3601, "resolution"),
    ]  # fmt: skip
    assert len([e for e in late if e.kind == "update_sent"]) == 1
    raised = [e.at for e in seen.timeline if e.kind == "escalated"]
    assert raised[1:2] in ([], [(acted_at + CLIMB).replace(microsecond=0)])

    # the notices the case shows: one for each recipient
    rows = [n for n in seen.notices if received_at + timedelta(minutes=30) < n.at < again]
    assert sorted((n.to, str(n.occasion)) for n in rows) == [
        ("agent:siti", "agent_caught_up"), ("complainant", "progress_update"), ("team:specialist", "agent_caught_up"),
    ]  # fmt: skip
    assert all(n.handed_over_at for n in rows)

    # what activities were given: one message for each recipient
    given = [duty for duty in given_since(house, before, start.reference) if duty.at < again]
    (update,) = [duty for duty in given if isinstance(duty, Notice)]
    assert update.occasion == "progress_update"
    assert not [duty for duty in given if isinstance(duty, AgentNotice)]
    (escalation,) = [duty for duty in given if isinstance(duty, Escalation)]
    assert escalation.meanwhile is not None
    assert [(str(part.occasion), part.to) for part in escalation.meanwhile.parts] == [
        ("agent_warning", ("agent:siti",)), ("agent_warning", ("agent:siti",)), ("agent_escalated", ()),
        ("agent_breach", ("team:specialist",)),
    ]  # fmt: skip

    # the other complainant has answered while nobody looked: they are not reminded
    assert [e.detail["skipped"] for e in replied.timeline if e.kind == "reminded"] == ["answered_meanwhile"] * 2
    assert "information_reminder" not in house.told
    assert replied.status == "investigation"
    for history in histories:
        tidy(history)


def acted(house: House, reference: str) -> datetime:
    """When the warning was acted on that was the first to fall due."""
    batches = [batch for batch in house.given("record") if batch.reference == reference]
    return next(e.acted_at for batch in batches for e in batch.entries if e.kind == "warned")


def given_since(house: House, number: int, reference: str) -> list[Any]:
    """All notices and escalations of a case that activities were given since then, one by one."""
    found: list[Any] = []
    for _, payload in house.done[number:]:
        found += [payload] if isinstance(payload, Escalation) else getattr(payload, "notices", ())
    return [duty for duty in found if duty.reference == reference]
