"""The case and its workflow print the same, whatever happens and whenever it does (DESIGN, section 10)."""

import asyncio
from datetime import UTC, datetime

import pytest

import simulation
from simulation.temporal import open_stage
from tests.fixtures.differential import compare, first_difference
from tests.fixtures.scenarios import scenario_of, story_of

SEEDS = range(1, 21)
AT_ONCE = 6
TWO = {"policy": "id.default", "complaint": {
    "channel": "email", "text": "Tagihan saya salah.", "category": "billing",
    "received_at": "2026-06-15T09:00:00+07:00", "complainant": {"email": "sari@example.co.id"},
}}  # fmt: skip


@pytest.fixture
async def stage(env):
    async with open_stage(env.client.service_client.config.target_host, datetime.now(UTC)) as opened:
        yield opened


async def both(stage, **story):
    """The printed document, the same from both engines."""
    scenario = simulation.load({**TWO, **story})
    played = await stage.play(scenario)
    workflow, case = played.view.model_dump(mode="json"), simulation.simulate(scenario).view.model_dump(mode="json")
    assert first_difference(workflow, case) is None
    assert played.refused == simulation.simulate(scenario).refused
    return workflow


def entries(printed, *kinds):
    return [(entry["at"], entry["kind"]) for entry in printed["timeline"] if entry["kind"] in kinds]


async def test_random_scenarios_print_the_same(stage):
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(number):
        async with limit:
            return await compare(stage, number)

    found = await asyncio.gather(*map(one, SEEDS))
    assert not [compared.difference for compared in found if compared.difference is not None]
    assert 2 * sum(compared.waits for compared in found) >= len(SEEDS)


def test_a_seed_is_one_scenario():
    assert story_of(7) == story_of(7) != story_of(8)
    assert scenario_of(7).events


async def test_an_answer_at_the_due_instant_meets_it(stage):
    answer = {"act": "respond", "text": "Kami periksa.", "actor": {"id": "siti"}}
    printed = await both(stage, events=[{"at": "+24h", **answer}], until="+24h")
    assert not entries(printed, "breached")
    printed = await both(stage, events=[{"at": "+24h1s", **answer}], until="+24h1s")
    assert entries(printed, "breached") == [("2026-06-16T02:00:00Z", "breached")]


async def test_what_is_refused_stands_in_the_timeline_of_both(stage):
    wrong = {"act": "close", "reason": "confirmed", "explanation": "Selesai."}
    printed = await both(stage, events=[{"at": "+1h", **wrong}, {"at": "+2h", "outage_until": "+4h"},
                                        {"at": "+3h", **wrong}], until="+5h")  # fmt: skip
    assert entries(printed, "refused") == [("2026-06-15T03:00:00Z", "refused"), ("2026-06-15T06:00:00Z", "refused")]


async def test_a_channel_that_is_up_again_hands_over_at_that_instant(stage):
    next_year = {**TWO["complaint"], "received_at": "2027-06-15T09:00:00+07:00"}  # the case's clock is ahead of ours
    printed = await both(stage, complaint=next_year, events=[
        {"at": "+1h", "channel_down_until": "+1d3h"}, {"at": "+2h", "act": "request_information", "text": "Fotonya?"},
        {"at": "+3h", "act": "note", "text": "Catatan."},
    ], until="+2d")  # fmt: skip
    asked = [notice["handed_over_at"] for notice in printed["notices"] if notice["occasion"] == "information_request"]
    assert asked == ["2027-06-16T05:00:00Z"]


async def test_an_outage_ends_at_its_instant_with_the_messages_that_waited(stage):
    printed = await both(stage, events=[
        {"at": "+1h", "outage_until": "+2d"}, {"at": "+2h", "message": "complainant_replied", "text": "Halo?"},
        {"at": "+3h", "act": "respond", "text": "Ya."},
    ], until="+2d")  # fmt: skip
    assert ("2026-06-17T02:00:00Z", "complainant_replied") in entries(printed, "complainant_replied", "breached")
    assert ("2026-06-16T02:00:00Z", "breached") in entries(printed, "breached")


async def test_an_outage_that_outlasts_the_scenario_is_not_made_up_for(stage):
    printed = await both(stage, events=[
        {"at": "+1h", "outage_until": "+9d"}, {"at": "+2h", "message": "complainant_replied", "text": "Halo?"},
    ], until="+8d")  # fmt: skip
    assert not entries(printed, "complainant_replied", "breached")


async def test_an_outage_may_be_cut_short_or_last_longer_than_was_said(stage):
    said = {"at": "+2h", "message": "complainant_replied", "text": "Halo?"}
    away = [{"at": "+1h", "outage_until": "+9d"}, said, {"at": "+3h", "outage_until": "+5h"}]
    printed = await both(stage, events=away, until="+8d")
    assert entries(printed, "complainant_replied") == [("2026-06-15T07:00:00Z", "complainant_replied")]
    away = [{"at": "+1h", "outage_until": "+5h"}, {"at": "+3h", "outage_until": "+2d"}]
    printed = await both(stage, events=away, until="+8d")
    assert entries(printed, "breached")[0] == ("2026-06-16T02:00:00Z", "breached")


async def test_an_archived_case_is_woken_by_what_comes(stage):
    printed = await both(stage, events=[
        {"at": "+1h", "act": "decide", "outcome": "upheld", "reasons": "Benar."},
        {"at": "+2h", "message": "satisfaction_confirmed", "satisfied": True},
        {"at": "+20d", "message": "complainant_replied", "text": "Satu lagi."},
        {"at": "+21d", "act": "respond", "text": "Sudah ditutup."},
        {"at": "+22d", "act": "reopen", "reason": "new_facts", "text": "Ada bukti."},
    ], until="+23d")  # fmt: skip
    kinds = [kind for _, kind in entries(printed, "archived", "reopening_requested", "refused", "reopened")]
    assert kinds == ["archived", "reopening_requested", "refused", "reopened"]
    assert printed["status"] == "investigation"


async def test_a_case_that_comes_under_another_policy_is_the_same_on_both(stage):
    lead = {"id": "ani", "role": "lead"}
    printed = await both(stage, events=[
        {"at": "+1h", "act": "hold", "reason": "Menunggu bank"},
        {"at": "+2h", "act": "re-plan", "policy": "demo", "reason": "Salah paket"},
        {"at": "+3h", "act": "re-plan", "policy": "demo", "reason": "Salah paket", "actor": lead},
        {"at": "+3h1s", "act": "re-plan", "policy": "demo", "reason": "Sekali lagi", "actor": lead},
        {"at": "+3h6s", "act": "resume"},
        {"at": "+3h9s", "act": "re-plan", "policy": "id.default", "reason": "Kembali", "actor": lead},
    ], until="+2d")  # fmt: skip
    done = [entry["detail"] for entry in printed["timeline"] if entry["kind"] == "replanned"]
    assert [(detail["from"], detail["to"]) for detail in done] == [
        ("id.default@1", "demo@1"), ("demo@1", "id.default@1"),
    ]  # fmt: skip
    assert entries(printed, "refused") == [("2026-06-15T04:00:00Z", "refused")]
    causes = [entry["detail"].get("cause") for entry in printed["timeline"] if entry["kind"] == "breached"]
    assert "replanned" in causes


async def test_calendars_are_extended_in_good_time(stage):
    printed = await both(stage, events=[{"at": "+650d", "message": "fact_reported", "fact": "x"}], until="+650d",
                         overrides={"escalation": {"top_reminder": [{"target": "90 weeks"}]}, "clocks": {
                             "progress_update": {"targets": [{"target": "30 weeks"}]}}})  # fmt: skip
    assert entries(printed, "calendars_extended")


async def test_a_merge_and_its_undoing_in_between_messages(stage):
    ani = {"actor": {"id": "ani"}}
    printed = await both(stage, until="+3d", events=[
        {"at": "+1h", "act": "merge", "into": "TTS-0000000000000", **ani},
        {"at": "+2h", "message": "satisfaction_confirmed", "satisfied": False, "text": "Belum"},
        {"at": "+3h", "act": "reopen", "reason": "new_facts", "text": "bukti", **ani},
        {"at": "+4h", "act": "unmerge", "reason": "lain", **ani},
        {"at": "+5h", "message": "complainant_replied", "text": "Terima kasih"},
    ])  # fmt: skip
    kinds = [
        kind for _, kind in entries(printed, "merge_asked", "merged", "refused", "unmerged", "complainant_replied")
    ]
    assert kinds == ["merge_asked", "merged", "refused", "unmerged", "complainant_replied"]
    assert printed["status"] == "investigation"


async def test_a_case_that_comes_back_is_surveyed_once_within_the_quiet_period(stage):
    decide = {"act": "decide", "outcome": "upheld", "reasons": "Tagihan keliru.", "actor": {"id": "siti"}}
    yes = {"message": "satisfaction_confirmed", "satisfied": True}
    events = [
        {"at": "+1h", **decide}, {"at": "+2h", **yes},
        {"at": "+8d", "message": "survey_answered", "handling": 4, "effort": 5},
        {"at": "+9d", "message": "survey_answered", "solved": False, "text": "Salah lagi."},
        {"at": "+9d1h", **decide}, {"at": "+9d2h", **yes},
        {"at": "+17d", "act": "record_survey", "how": "telepon", "outcome": 5, "actor": {"id": "siti"}},
        {"at": "+40d", "message": "survey_answered", "stop": True},
    ]  # fmt: skip
    printed = await both(stage, events=events, until="+41d")
    kinds = [kind for _, kind in entries(printed, "survey_asked", "survey_left_out", "survey_answered", "reopened")]
    assert kinds == [
        "survey_asked", "survey_answered", "survey_answered", "reopened", "survey_left_out", "survey_answered",
    ]  # fmt: skip
    assert printed["timeline"][-2]["kind"] == "surveys_stopped"
    assert printed["status"] == "archived"
