"""A conversion and a letter at a limit on Temporal: the workflow does what the pure case does."""

from datetime import UTC, datetime

import pytest

import policies
import simulation
from simulation.temporal import open_stage
from tests.fixtures.differential import first_difference

BILLING = {
    "text": "Tagihan saya salah.",
    "category": "billing",
    "complainant": {"email": "sari@example.co.id", "phone": "+628123456789"},
}
DECIDE = {"act": "decide", "outcome": "upheld", "reasons": "Benar."}


@pytest.fixture
async def stage(env):
    async with open_stage(env.client.service_client.config.target_host, datetime.now(UTC)) as opened:
        yield opened


async def both(stage, policy, received_at, *, events, until, **complaint):
    """The printed document under a pack, the same from both engines."""
    story = {"policy": policy, "complaint": {**BILLING, "received_at": received_at, **complaint}}
    scenario = simulation.load({**story, "events": events, "until": until})
    loaded = policies.load(policy)
    played = await stage.play(scenario, loaded)
    workflow = played.view.model_dump(mode="json")
    assert first_difference(workflow, simulation.simulate(scenario, loaded).view.model_dump(mode="json")) is None
    return workflow


def of(printed, part, **wanted):
    return [one for one in printed[part] if all(one[name] == value for name, value in wanted.items())]


async def test_an_oral_complaint_that_expires_becomes_written(stage):
    printed = await both(
        stage, "id.ojk.22_2023", "2026-07-06T09:00:00+07:00", channel="phone",
        events=[{"at": "+1h", "act": "respond", "text": "Kami periksa."}, {"at": "+20d", **DECIDE}], until="+21d",
    )  # fmt: skip
    oral, written = of(printed, "clocks", metric="resolution")
    assert (oral["state"], oral["on_due"], oral["breached_at"]) == ("lapsed", "convert", None)
    assert (written["state"], written["started_at"]) == ("met", "2026-07-13T10:00:00Z")
    assert [entry["at"] for entry in of(printed, "timeline", kind="converted")] == ["2026-07-13T10:00:00Z"]
    told = of(printed, "notices", occasion="date_changed")
    assert [notice["handed_over_at"] for notice in told] == ["2026-07-13T10:00:00Z"]


async def test_the_letter_goes_out_at_8_weeks_and_the_final_response_is_late(stage):
    events = [{"at": "+60d", "act": "extend", "metric": "resolution", "reason": "beyond_our_control"},
              {"at": "+63d", **DECIDE}]  # fmt: skip
    printed = await both(
        stage, "uk.fca.disp", "2026-07-06T09:00:00+01:00", channel="email", events=events, until="+64d"
    )
    letters = of(printed, "notices", occasion="limit_letter")
    assert [letter["handed_over_at"] for letter in letters] == ["2026-08-31T08:00:00Z"]
    [resolution] = of(printed, "clocks", metric="resolution")
    assert (resolution["state"], resolution["late_seconds"]) == ("met", 7 * 86_400)
    assert len(of(printed, "timeline", kind="refused")) == 1
