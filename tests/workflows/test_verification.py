"""Verification in the workflow: look-ups are a duty that holds up nothing, and both engines agree on all of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

import policies
import simulation
from complaints.vocabulary import Customer
from simulation.temporal import open_stage
from tests.fixtures.cases import message, start_complaint
from tests.fixtures.differential import first_difference
from tests.fixtures.temporal import PATIENCE, act, check_replay, details, tidy, view

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REQUIRED = policies.load("id.default", {"verification": {"customer": "required"}})
FILE = {"sha256": "a" * 64, "name": "foto Sari.jpg", "media_type": "image/jpeg", "size": 3}


def claimed(**over):
    return start_complaint(policy=REQUIRED, details={"customer_number": "C-1"}, **over)


async def test_a_claim_is_looked_up_and_the_case_goes_on_with_the_answer(house):
    handle = await house.start(claimed())
    (duty,) = house.given("check_customer")
    assert (duty.customer_number, duty.email) == ("C-1", "sari@example.co.id")
    seen = await view(handle)
    assert seen.status == "investigation"
    assert {"fact_reported", "verified", "assessed"} <= set(house.recorded)
    tidy(await check_replay(handle))


async def test_a_number_that_is_not_theirs_is_asked_for_and_looked_up_again(house):
    house.customer = Customer.NO
    handle = await house.start(claimed())
    assert (await view(handle)).status == "awaiting_complainant"
    assert house.told == ["acknowledgement", "information_request"]
    house.customer = Customer.YES
    await handle.signal("complainant_replied", message(text="Maaf", details={"customer_number": "C-2"}))
    await house.quiet(handle)
    assert (await view(handle)).status == "investigation"
    assert [duty.customer_number for duty in house.given("check_customer")] == ["C-1", "C-2"]
    await check_replay(handle)


async def test_a_lookup_that_is_down_delays_nothing_but_its_answer(house):
    house.down.add("check_customer")
    handle = await house.start(claimed(evidence=[FILE]))
    assert house.told == ["acknowledgement"]
    await act(handle, "respond", text="Kami periksa.")
    await house.pass_time(handle, 2 * HOUR)
    seen = await view(handle)
    assert seen.status == "verification"
    assert seen.next_due_at is not None
    assert house.told == ["acknowledgement", "response"]
    assert {"attached", "responded"} <= set(house.recorded)
    house.down.clear()
    await house.pass_time(handle, 2 * HOUR)
    assert (await view(handle)).status == "investigation"
    await check_replay(handle)


async def test_a_case_is_archived_though_its_lookup_is_still_down(house):
    house.down.add("check_customer")
    handle = await house.start(claimed())
    await handle.signal("complainant_withdrew", message())
    async with asyncio.timeout(PATIENCE):
        await house.env.fast_forward(handle)
        assert await handle.result() == "archived"
    assert [name for name, _ in house.done][-1] == "archive"
    await check_replay(handle)


async def test_a_lookup_that_fails_for_good_shows_and_is_tried_again(house):
    house.refuse["check_customer"] = lambda _: True
    handle = await house.start(claimed())
    assert "Stuck, lookups" in await details(handle)
    house.refuse.clear()
    await house.pass_time(handle, HOUR)
    assert (await view(handle)).status == "investigation"
    assert "Stuck" not in await details(handle)
    await check_replay(handle)


# both engines


@pytest.fixture
async def stage(env):
    async with open_stage(env.client.service_client.config.target_host, datetime.now(UTC)) as opened:
        yield opened


BASE = {
    "policy": "id.default",
    "overrides": {
        "verification": {"contact": "required", "customer": "required", "proceed_without": ["contact"]},
        "categories": {"billing": {"needs": ["account_number"]}},
    },
    "customers": {"C-1": "no", "C-2": "yes"},
    "complaint": {
        "channel": "email", "text": "Tagihan saya salah.", "category": "billing", "evidence": [FILE],
        "received_at": "2026-06-15T09:00:00+07:00", "details": {"customer_number": "C-1"},
        "complainant": {"email": "sari@example.co.id", "represented_by": "Andi"},
    },
}  # fmt: skip
REPLY = {"message": "complainant_replied", "text": "Ini.", "details": {"account_number": "1", "customer_number": "C-2"}}
PROVEN = {"message": "fact_reported", "fact": "contact_proven", "details": {"channel": "email", "by": "code"}}
BOUNCED = {"message": "fact_reported", "fact": "notice_bounced", "details": {"status": "5.1.1"}}
STORIES = {
    "answered": [
        {"at": "+1h", **REPLY, "evidence": [FILE], "consent": "surat kuasa"},
        {"at": "+2h", **PROVEN},
    ],
    "consented": [
        {"at": "+1h", "act": "respond", "text": "Tagihan Mei"},
        {"at": "+2h", "act": "amend", "consent": "lewat telepon"},
        {"at": "+3h", **PROVEN},
        {"at": "+1d", **REPLY, "proof": "reply"},
    ],
    "in an outage": [
        {"at": "+1h", "outage_until": "+2d"},
        {"at": "+2h", **PROVEN},
        {"at": "+3h", **REPLY},
        {"at": "+4h", "act": "amend", "consent": "lewat telepon"},
    ],
    "bounced": [{"at": "+1h", **BOUNCED}, {"at": "+2h", **BOUNCED}, {"at": "+3h", **REPLY, "consent": "surat kuasa"}],
    "mail away": [{"at": "+0s", "channel_down_until": "+3h"}, {"at": "+1h", **BOUNCED}, {"at": "+1d", **REPLY}],
    "silent": [{"at": "+1h", **REPLY, "consent": "surat kuasa"}],
}


@pytest.mark.parametrize("story", STORIES)
async def test_both_engines_print_the_same(stage, story):
    raw = {**BASE, "events": STORIES[story], "until": "+20d"}
    reference = simulation.simulate(simulation.load({**raw, "events": []})).view.reference
    for event in raw["events"]:
        if event.get("fact") == "notice_bounced":
            key = f"{reference}/information_request/1/complainant"
            event["details"] = {**event["details"], "key": key}
    scenario = simulation.load(raw)
    played, simulated = await stage.play(scenario), simulation.simulate(scenario)
    workflow, case = played.view.model_dump(mode="json"), simulated.view.model_dump(mode="json")
    assert first_difference(workflow, case) is None
    wanted = {"answered": "investigation", "consented": "investigation", "in an outage": "investigation"}
    assert case["status"] == wanted.get(story, case["status"])
