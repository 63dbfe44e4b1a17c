"""The public pages as `tuntas web` serves them, while what they stand on is really away: nothing typed is lost."""

import asyncio
import os
import re
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio

from channels.signing import Signer
from commands.stack.ports import choose_ports
from tests.drills.proxy import Proxy, socket_directory, to_port, to_socket
from tests.fixtures.waiting import eventually
from web.catalogue import catalogue

pytestmark = pytest.mark.services

STORY = "Ketel saya bocor & <b>panas</b> sekali."
SECRET = "of the tests, and long enough"  # noqa: S105 (of this test)
TYPED = "&lt;b&gt;panas"
AWAY = catalogue("public", "id")("form.away")
PATIENCE = 60.0


@dataclass
class Pages:
    """The pages in a process of their own, each of their services behind a proxy."""

    url: str
    temporal: Proxy
    postgres: Proxy

    def browser(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, timeout=PATIENCE)


@pytest_asyncio.fixture(scope="module")
async def pages(temporal_address, web_database_url, tmp_path_factory):
    sockets = Path(parse_qs(urlsplit(web_database_url).query)["host"][0])
    temporal, postgres = to_port(int(temporal_address.rpartition(":")[2])), to_socket(sockets / ".s.PGSQL.5432")
    port = choose_ports(tmp_path_factory.mktemp("web"), {"web": None})["web"]
    with socket_directory() as directory:
        await temporal.listen(0)
        await postgres.listen_unix(directory / ".s.PGSQL.5432")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNTAS_", "TEMPORAL_"))}
        environment = kept | {
            "DATABASE_URL": web_database_url.replace(str(sockets), str(directory)), "TUNTAS_SECRET": SECRET,
            "TEMPORAL_ADDRESS": f"127.0.0.1:{temporal.port}", "TEMPORAL_CONFIG_FILE": os.devnull,
        }  # fmt: skip
        program = ("-m", "commands.main", "web", "--port", str(port))
        process = await asyncio.create_subprocess_exec(sys.executable, *program, env=environment)
        found = Pages(f"http://127.0.0.1:{port}", temporal, postgres)
        try:
            await _ready(found)
            yield found
        finally:
            process.terminate()
            await process.wait()
            await temporal.close()
            await postgres.close()


async def _ready(pages):
    async with asyncio.timeout(PATIENCE), pages.browser() as browser:
        while True:
            try:
                assert (await browser.get("/health/ready")).status_code == 200
            except httpx2.TransportError:
                await asyncio.sleep(0.05)
            else:
                return


def ticket_in(page):
    return re.search(r'name="ticket" value="([^"]+)"', page.text)[1]


async def blank(browser):
    """A form that was opened long enough ago to be a person's."""
    ticket, since = ticket_in(await browser.get("/id/complaint")), time.monotonic()
    while time.monotonic() - since < 2.1:  # the form's own rule: nobody reads and fills it in within two seconds
        await asyncio.sleep(0.1)
    return ticket


async def sent(browser, ticket, **more):
    return await browser.post("/id/complaint", data={"ticket": ticket, "text": STORY}, **more)


def reference_of(answer):
    assert answer.status_code == 303, answer.text
    found = answer.headers["location"].split("/case/")[1].split("/")[0]
    return Signer(SECRET).read(found, datetime.now(UTC)).reference


@pytest.mark.parametrize("what", ["temporal", "postgres"])
async def test_an_outage_is_said_the_text_stays_and_sent_again_it_is_one_case(pages, what):
    async with pages.browser() as browser:
        ticket = await blank(browser)
        with getattr(pages, what).away():
            answer = await sent(browser, ticket)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert TYPED in answer.text
        assert AWAY in answer.text
        again = await _until_back(browser, ticket)
        assert reference_of(again) == reference_of(await sent(browser, ticket))


async def _until_back(browser, ticket):
    """The pool and the client find their services again by themselves."""
    return await eventually(lambda: sent(browser, ticket), lambda answer: answer.status_code != 503)


@pytest.mark.parametrize("what", ["temporal", "postgres"])
async def test_a_case_that_cannot_be_looked_at_is_a_page_that_says_so(pages, what):
    async with pages.browser() as browser:
        filed = await sent(browser, await blank(browser))
        token = filed.headers["location"].split("/case/")[1].split("/")[0]
        with getattr(pages, what).away():
            answer = await browser.get(f"/id/case/{token}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert 'lang="id"' in answer.text


async def test_what_is_too_large_leaves_the_text_over_a_real_connection(pages):
    async with pages.browser() as browser:
        big = [("evidence", (f"{number}.txt", b"a" * (9 * 1024 * 1024), "text/plain")) for number in range(4)]
        answer = await sent(browser, await blank(browser), files=big)
        assert answer.status_code == 413
        assert TYPED in answer.text
        assert (await browser.get("/id/complaint")).status_code == 200
