"""What is owed in the read model: every field comes back, an older record overwrites nothing, reports count answers."""

from datetime import timedelta

import pytest

from complaints.assignment import Agent
from complaints.errors import Refused
from complaints.messages.commands import read_command
from complaints.vocabulary import Kind
from database import actions, agents, clocks, complaints, desk, report, timeline
from database.pool import transaction
from starter import owners
from tests.fixtures.records import NOW, REFERENCE, a_batch, a_clock, an_action, an_intake, entries

pytestmark = pytest.mark.services
DONE = {"completed_at": NOW, "asked": "TTS/promise_done/1/complainant", "answer": "not_answered"}


async def test_every_field_of_an_action_comes_back_and_a_lower_sequence_overwrites_nothing(pool):
    full = an_action(**DONE | {"answer": "confirmed", "answered_at": NOW, "note": "sent"})
    review = an_action(number=2, kind="review", of=1, effective=False, cancelled_at=NOW)
    async with transaction(pool) as conn:
        await actions.upsert(conn, REFERENCE, 7, (full, review))
        await actions.upsert(conn, REFERENCE, 5, (an_action(),))
        assert await actions.fetch(conn, REFERENCE) == (full, review)


async def test_what_is_done_or_taken_back_is_owed_by_nobody(pool):
    rows = (an_action(), an_action(number=2, cancelled_at=NOW), an_action(number=3, completed_at=NOW))
    async with transaction(pool) as conn:
        await actions.upsert(conn, REFERENCE, 1, rows)
        assert [one.number for one in await desk.owed(conn, "agent:budi")] == [1]


async def test_the_report_counts_what_complainants_say_to_promises_and_late_dates_that_were_moved(pool):
    answers = ("confirmed", "denied", "not_answered")
    rows = [an_action(number=n, **DONE | {"answer": answer}) for n, answer in enumerate(answers, 1)]
    rows[1] = rows[1].model_copy(update={"completed_at": None})
    rows += [an_action(number=4, cancelled_at=NOW), an_action(number=5, kind="corrective")]
    moved = a_clock(metric="action", state="cancelled", breached_at=NOW, ended_at=NOW + timedelta(hours=1))
    async with transaction(pool) as conn:
        standing = {"status": "closed", "decided_at": NOW, "closed_at": NOW}
        await complaints.upsert(conn, a_batch(standing=standing, intake=an_intake()))
        await actions.upsert(conn, REFERENCE, 1, tuple(rows))
        await clocks.upsert(conn, REFERENCE, 1, (moved,))
        found = await report.report(conn, NOW + timedelta(days=1))
    counted = found.promises
    assert (counted.made, counted.open, counted.done, counted.cancelled) == (4, 1, 2, 1)
    assert (counted.confirmed, counted.denied, counted.not_answered) == (1, 1, 1)
    assert found.totals.carried_out == 0  # the denied one is owed again
    assert [share.missed for share in found.clocks if share.metric == "action"] == [1]


async def test_a_root_cause_keeps_its_weak_ends_and_measures(pool):
    detail = {
        "method": "five_whys", "category": "people", "cause": "lupa", "actions": [1, 2],
        "weak_ends": [{"field": "cause", "weakness": "human_error", "remedy": "ask once more"}],
    }  # fmt: skip
    chain = entries(Kind.RECEIVED, Kind.ROOT_CAUSE_RECORDED, details={Kind.ROOT_CAUSE_RECORDED: detail})
    async with transaction(pool) as conn:
        await timeline.append(conn, REFERENCE, chain)
        (found,) = await timeline.root_causes(conn, REFERENCE)
    assert (found.actions, found.weak_ends[0]["weakness"]) == ((1, 2), "human_error")


async def test_an_owner_whom_nobody_knows_is_refused_before_the_case_hears_it(pool):
    async with transaction(pool) as conn:
        await agents.save(conn, Agent(id="ani", team="frontline", tier="frontline"))

    def command(owner, act="add_action", **more):
        return read_command({"act": act, "key": "k", "actor": {"id": "siti"}, "owner": owner, **more})

    for owner in ("ani", "agent:ani", "team:frontline", "frontline"):
        await owners.check(pool, command(owner, description="x"), lambda: {"frontline"})
    with pytest.raises(Refused) as refused:
        await owners.check(pool, command("nobody", "change_action", action=1, reason="x"), lambda: {"frontline"})
    assert refused.value.field == "owner"
    cause = {"act": "record_root_cause", "key": "k", "actor": {"id": "siti"}, "category": "process", "cause": "x"}
    measure = {"description": "x", "owner": "nobody"}
    with pytest.raises(Refused) as refused:
        await owners.check(pool, read_command({**cause, "preventive_actions": [measure]}), lambda: ())
    assert refused.value.field == "preventive_actions.0.owner"
