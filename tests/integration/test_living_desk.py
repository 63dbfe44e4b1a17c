"""`tuntas up --demo`: a stack is filled with cases at every stage, once, and people can sign in."""

import asyncio
import stat
from collections import Counter

import httpx2
import pytest

from commands.demo.living import FILE, fill
from commands.stack import StackInfo
from complaints.vocabulary import Language, Status
from database.complaints import Filters
from tests.fixtures.temporal import PATIENCE
from tests.fixtures.working_desk import *  # noqa: F403 (fixtures are found by their names)

pytestmark = pytest.mark.services


async def test_it_is_filled_once_and_its_people_may_sign_in(working, temporal_address, database_url, tmp_path):
    info = StackInfo(temporal_address=temporal_address, namespace="default", database_url=database_url)
    living = await fill(info, tmp_path)
    rows = await at_rest(working, living.cases)
    found = Counter(row.status for row in rows)
    assert found[Status.INVESTIGATION] >= 10
    assert {Status.AWAITING_COMPLAINANT, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED} <= set(found)
    assert any(row.closing_reason == "duplicate" for row in rows)
    assert {row.language for row in rows} == {Language.ID, Language.EN}
    assert len({row.tier for row in rows}) > 1
    assert any(row.breached for row in rows)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600

    again = await fill(info, tmp_path)
    assert again == living
    assert len(await listed(working)) == living.cases
    for account, password in living.passwords.items():
        async with working.browser() as browser:
            assert (await browser.sign_in(account, password)).status_code == 303
            page = await browser.get("/desk", follow_redirects=True)
            assert isinstance(page, httpx2.Response)
            assert page.status_code == 200


async def listed(working):
    return (await working.services.tuntas.list(Filters(), limit=100)).items


async def at_rest(working, cases):
    """Wait until the merged case is closed, which comes last."""
    async with asyncio.timeout(PATIENCE):
        while True:
            rows = await listed(working)
            if len(rows) == cases and any(row.closing_reason == "duplicate" for row in rows):
                return rows
            await asyncio.sleep(0.2)
