"""`tuntas account` as people run it, on a real PostgreSQL."""

import asyncio
import json
import os
import re
import sys

import pytest

from complaints.vocabulary import Role
from database import accounts
from database.pool import transaction
from tests.fixtures.desk import PASSWORD

pytestmark = pytest.mark.services


async def run(database_url, *arguments, given=""):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "commands.main", "account", *arguments, env=os.environ | {"DATABASE_URL": database_url},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, error = await process.communicate(given.encode())
    return process.returncode, out.decode(), error.decode()


async def test_an_account_is_made_opens_and_is_disabled(desk, database_url):
    code, _, error = await run(database_url, "create", "siti", given=f"{PASSWORD}\n")
    assert (code, "tuntas agents import" in error) == (3, True)
    await desk.agent("siti")
    assert (await run(database_url, "create", "siti", given="short\n"))[0] == 2
    assert (await run(database_url, "create", "siti", "--role", "lead", given=f"{PASSWORD}\n"))[0] == 0
    assert (await run(database_url, "create", "siti", given=f"{PASSWORD}\n"))[0] == 2
    browser = await desk.signed_in("siti")
    code, out, _ = await run(database_url, "password", "siti", "--generate")
    generated = re.search(r"shown this once: (\S+)", out)[1]
    assert (await browser.get("/account")).status_code == 303
    assert (await browser.sign_in("siti", generated)).status_code == 303
    assert (await run(database_url, "disable", "siti"))[0] == 0
    assert (await browser.get("/account")).status_code == 303
    assert (await run(database_url, "disable", "nobody"))[0] == 3
    code, out, _ = await run(database_url, "list", "--json")
    assert [(one["id"], one["role"], one["has_password"]) for one in json.loads(out)] == [("siti", "lead", True)]
    assert PASSWORD not in out
    async with transaction(desk.pool) as conn:
        assert (await accounts.get(conn, "siti")).role is Role.LEAD
    await browser.aclose()
