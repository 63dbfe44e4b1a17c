"""What the web process writes, which hears a complainant first: one JSON object a line, and nobody's words in any.

It is the process itself, at the most talkative level, and everything goes wrong in it that can.
"""

import asyncio
import json
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

from channels.case_links import CaseLinks
from channels.signing import Signer
from commands.stack.ports import choose_ports
from tests.drills.proxy import Proxy, socket_directory, to_port, to_socket
from tests.fixtures.waiting import eventually
from tests.fixtures.web import a_key

pytestmark = pytest.mark.services

MARK = "Zyzzogeton"  # a word that occurs nowhere but in what a complainant wrote or is called
PHONE = "628123456789"
SECRET = "of the tests of logs, and long enough"  # noqa: S105 (of this test, whose allowances are its own)
PATIENCE = 60.0
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(200)

# The web process, in which a text that holds BREAK is quoted by whatever it meets.
BREAKING = """
import asyncio, logging, sys, threading, warnings
from commands.main import run
from starter.client import Tuntas
from web.public import filing

file, reply, read = Tuntas.file, Tuntas.reply, filing.read_intake

async def never_looked_at(words):
    raise ValueError(words)

def quoted(words):
    warnings.warn(f"about {words}")
    threading.Thread(target=lambda: int(words)).start()
    asyncio.create_task(never_looked_at(words))
    logging.getLogger("somelib").error("refused %s of %d", words, 7)
    logging.getLogger("somelib").error(f"refused: {words}")
    raise ValueError(f"cannot take {words!r}")

async def breaking_file(self, intake):
    if "BREAK" in str(intake.text):
        quoted(f"{intake.text} {intake.complainant.name}")
    return await file(self, intake)

async def breaking_reply(self, reference, **said):
    if "BREAK" in str(said["text"]):
        raise KeyError(said["text"])
    return await reply(self, reference, **said)

Tuntas.file, Tuntas.reply = breaking_file, breaking_reply
run(["web", "--port", sys.argv[1]])
"""


@dataclass
class Web:
    """The process, each of its services behind a proxy."""

    port: int
    temporal: Proxy
    postgres: Proxy
    log: Path

    def browser(self, **over):
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE, **over)

    def lines(self):
        return self.log.read_text(encoding="utf-8").splitlines()

    def said(self, message):
        """The lines that say this, which are JSON whatever else is in the log."""
        return [line for line in map(json.loads, self.lines()) if line["message"] == message]


@pytest_asyncio.fixture
async def web(temporal_address, web_database_url, tmp_path):
    script, log = tmp_path / "breaking.py", tmp_path / "web.log"
    script.write_text(BREAKING, encoding="utf-8")
    sockets = Path(parse_qs(urlsplit(web_database_url).query)["host"][0])
    temporal, postgres = to_port(int(temporal_address.rpartition(":")[2])), to_socket(sockets / ".s.PGSQL.5432")
    port = choose_ports(tmp_path, {"web": None})["web"]
    with socket_directory() as directory, log.open("wb") as file:
        await temporal.listen(0)
        await postgres.listen_unix(directory / ".s.PGSQL.5432")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNTAS_", "TEMPORAL_"))}
        environment = kept | {
            "DATABASE_URL": web_database_url.replace(str(sockets), str(directory)), "TUNTAS_SECRET": SECRET,
            "TEMPORAL_ADDRESS": f"127.0.0.1:{temporal.port}", "TEMPORAL_CONFIG_FILE": os.devnull,
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "TUNTAS_LOG_LEVEL": "DEBUG",
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), str(port), env=environment, cwd=tmp_path, stdout=file, stderr=file
        )
        found = Web(port, temporal, postgres, log)
        try:
            await eventually(lambda: _ready(found), within=PATIENCE)
            yield found
            process.terminate()
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 0, "it ended in its own time"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await temporal.close()
            await postgres.close()


async def _ready(web):
    try:
        async with web.browser() as browser:
            return (await browser.get("/health/ready")).status_code == 200
    except httpx2.TransportError:
        return False


def an_intake(**over):
    person = {
        "name": f"Sari {MARK}", "email": f"{MARK.lower()}@example.co.id", "phone": f"+{PHONE}", "language": "en",
        "represented_by": MARK, "consent": {"how": MARK},
    }  # fmt: skip
    given = {
        "text": f"Barang {MARK} rusak.", "subject": MARK, "remedy_sought": MARK, "category": "billing",
        "complainant": person, "details": {"order_number": MARK},
    }  # fmt: skip
    return given | over


BAD = [
    {"text": ""}, {"text": 7}, {"text": MARK * 5_000}, {MARK: MARK}, {"category": MARK}, {"channel": MARK},
    {"complainant": {"email": f"{MARK} at home"}}, {"complainant": {"phone": MARK}}, {"complainant": MARK},
    {"complainant": {"language": MARK}}, {"details": [MARK]}, {"evidence": [{"name": MARK, "sha256": MARK}]},
    {"received_at": MARK}, {"complainant": {"consent": MARK}}, {"proof": MARK},
]  # fmt: skip


async def the_interface(web, api):
    """What services send, well and badly; the reference of what was filed."""
    async with web.browser(headers={"authorization": f"Bearer {api.token}"}) as service:

        async def say(path, **sent):
            headers = {"idempotency-key": a_key(), **sent.pop("headers", {})}
            return await service.post(f"/api/v1{path}", headers=headers, **sent)

        filed = await say("/complaints", json=an_intake())
        assert filed.status_code == 201, filed.text
        reference = filed.json()["reference"]
        for over in BAD:
            refused = await say("/complaints", json=an_intake(**over))
            assert refused.status_code in {403, 422}, (over, refused.text)
        json_of = {"content-type": "application/json"}
        for content in (
            f"{{{MARK}",
            f'"{MARK}"',
            MARK.encode("utf-16"),
            f'{{"text": "{MARK}\udcff"}}'.encode("utf-8", "surrogatepass"),
        ):
            assert (await say("/complaints", content=content, headers=json_of)).status_code in {400, 422}
        assert (await say("/complaints", content=MARK, headers={"content-type": f"text/{MARK}"})).status_code == 415
        assert (await say("/complaints", json=an_intake(), headers={"authorization": MARK})).status_code == 401
        assert (await say("/files", files={"file": (f"{MARK}.exe", b"MZ\0\0" + MARK.encode())})).status_code >= 400
        assert (await say(f"/complaints/{MARK}/messages", json={"text": MARK})).status_code == 404
        assert (await service.get(f"/api/v1/{MARK}?q={MARK}")).status_code == 404
        assert (await service.get("/api/v1/complaints", params={"status": MARK, "after": MARK})).status_code == 422
        assert (await service.request(MARK.upper(), "/api/v1/complaints")).status_code in {400, 405}
        broken = await say("/complaints", json=an_intake(text=f"BREAK {MARK}"))
        assert broken.status_code == 500
        case = f"/complaints/{reference}"
        await eventually(lambda: service.get(f"/api/v1{case}"), lambda answer: answer.status_code == 200)
        assert (await say(f"{case}/messages", json={"text": f"Lekas, {MARK}"})).status_code == 202
        assert (await say(f"{case}/messages", json={"text": f"BREAK {MARK}"})).status_code == 500
        for proxy in (web.postgres, web.temporal):
            with proxy.away():
                answer = await say("/complaints", json=an_intake())
                assert (answer.status_code, MARK in answer.text) == (503, False)
            await eventually(lambda: _ready(web))
    return reference


FIELDS = {
    "text": f"Barang {MARK} rusak.", "remedy_sought": MARK, "name": f"Sari {MARK}", "phone": f"+{PHONE}",
    "email": f"{MARK.lower()}@example.co.id", "represented_by": MARK, "for_other": "1", "consent": "1",
    "detail-order_number": MARK, "detail-unknown": MARK,
}  # fmt: skip


async def a_ticket(browser, path):
    """A form that was opened long enough ago to be a person's."""
    page, since = await browser.get(path), time.monotonic()
    while time.monotonic() - since < 2.1:  # the form's own rule: nobody reads and fills it in within two seconds
        await asyncio.sleep(0.1)
    return re.search(r'name="ticket" value="([^"]+)"', page.text)[1]


async def the_pages(web, reference):
    """What people send with the forms, well and badly."""
    path = "/en/complaint"
    async with web.browser(headers={"connection": "close"}) as browser:  # the server ends one on which it broke
        ticket = await a_ticket(browser, path)

        async def send(status, *, to=path, **over):
            answer = await browser.post(to, data={"ticket": ticket, **FIELDS, **over})
            assert answer.status_code == status, answer.text

        for field, wrong in (
            ("text", ""), ("text", MARK * 5_000), ("email", f"{MARK} at home"), ("phone", MARK), ("consent", ""),
            ("reached_by", "chat"),
        ):  # fmt: skip
            await send(303 if field == "reached_by" else 422, **{field: wrong})
        await send(400, ticket=MARK)
        await send(422, website=MARK)
        for field in ("category", "language", "reached_by"):
            await send(422, **{field: MARK})
        files = [("evidence", (f"{MARK}.exe", b"MZ\0\0" + MARK.encode())), ("evidence", (f"{MARK}.jpg", JPEG))]
        await browser.post(path, data={"ticket": ticket, **FIELDS}, files=files)
        torn = {"content-type": "multipart/form-data; boundary=x"}
        await browser.post(path, content=f"--x\r\nContent-Disposition: {MARK}\r\n\r\n{MARK}", headers=torn)
        await browser.post(path, content=f"{MARK}--y\r\n{MARK}", headers=torn)
        await send(500, text=f"BREAK {MARK}")
        ticket = await a_ticket(browser, path)
        with web.postgres.away():
            await send(503, ticket=ticket)
        await eventually(lambda: _ready(web))
        assert (await browser.get(f"/en/case/{MARK}/reply?text={MARK}")).status_code == 404
        case = f"/en/case/{CaseLinks(Signer(SECRET), 'http://x').token(reference, 0, datetime.now(UTC))}"
        ticket = await a_ticket(browser, f"{case}/reply")
        await send(303, to=f"{case}/reply")
        await send(500, to=f"{case}/reply", text=f"BREAK {MARK}")
        ticket = await a_ticket(browser, "/en/link")
        await send(303, to="/en/link")


async def the_wire(web):
    """What is no request at all."""
    for sent in (
        f"{MARK} / HTTP/1.1\r\n{MARK}\r\n\r\n",
        f"GET /{MARK} HTTP/9.{MARK}\r\n\r\n",
        f"GET /{MARK} HTTP/1.1\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
        writer.write(sent.encode())
        writer.write_eof()
        await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()


async def test_the_web_process_writes_json_with_the_reference_and_never_a_complainants_words(web, api):
    reference = await the_interface(web, api)
    await the_pages(web, reference)
    await the_wire(web)
    assert not [line for line in web.lines() if MARK.lower() in line.lower() or PHONE in line]
    of_services, of_pages = web.said("a defect in the interface"), web.said("Exception in ASGI application")
    for defects in (of_services, of_pages):
        filing, replying = defects
        assert (filing["exception"], replying["exception"]) == ("ValueError", "KeyError")
        assert "reference" not in filing, "there was none yet"
        assert replying["reference"] == reference
        assert any("breaking_reply" in place for place in replying["where"])
    assert len(web.said("refused … of 7")) == 2
    assert {"ValueError"} == {line["exception"] for line in web.said("uncaught: ValueError")}
    assert web.said("Task exception was never retrieved")
    assert [line for line in map(json.loads, web.lines()) if line["message"].startswith("UserWarning at ")]
    assert web.said("rate limits are counted by this process alone: PostgreSQL does not answer")
