"""`tuntas mailbox` against a real mailbox, PostgreSQL and Temporal."""

import asyncio
import json
import tempfile
from pathlib import Path

import pytest
import pytest_asyncio

from commands.main import run
from commands.stack import temporal
from starter.connection import connect_temporal
from starter.namespace import ensure
from tests.fixtures.imap import any_server

pytestmark = pytest.mark.services


@pytest_asyncio.fixture
async def address():
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        async with temporal(Path(directory)) as found:
            yield found


def test_without_a_mailbox_it_says_which_setting_is_missing(monkeypatch, capsys):
    monkeypatch.delenv("TUNTAS_IMAP_URL", raising=False)
    assert run(["mailbox", "check", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["field"] == "TUNTAS_IMAP_URL"


async def test_a_mailbox_is_checked_listed_and_tried_again(address, database_url, monkeypatch, capsys):
    await ensure(await connect_temporal(target_host=address))
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def tuntas(*arguments, code=0):
        capsys.readouterr()
        found = await asyncio.to_thread(run, ["mailbox", *arguments])
        said = capsys.readouterr()
        assert found == code, said.err
        return said.out

    empty = b"From: a@b.example\r\n\r\n"
    with any_server() as imap:
        monkeypatch.setenv("TUNTAS_IMAP_URL", imap.url)
        imap.deliver(b"From: rina@b.example\r\nSubject: Rusak\r\n\r\nBarang rusak.\r\n", empty)
        looked = json.loads(await tuntas("check", "--dry-run", "--json"))
        assert len(looked) == len(imap.lying_in("INBOX")) == 2
        read = json.loads(await tuntas("check", "--json", code=6))
        assert sorted(one["outcome"] for one in read) == ["case", "set_aside"]
        assert imap.lying_in("INBOX") == []
        (aside,) = json.loads(await tuntas("list", "--json"))
        assert "neither words nor files" in aside["problem"]
        assert (await tuntas("show", aside["key"][:12])).startswith("From: a@b.example")
        await tuntas("retry", aside["key"], code=2)
        assert len(json.loads(await tuntas("list", "--all", "--json"))) == 2
        await tuntas("start")
        await tuntas("stop")
        monkeypatch.setenv("TUNTAS_IMAP_URL", imap.url.replace("secret", "wrong"))
        await tuntas("check", code=2)
    await tuntas("check", code=5)
