"""The application as `tuntas web` serves it: slow clients, addresses behind a proxy, keys from the command line."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time

import httpx2
import pytest
import pytest_asyncio

from commands.stack.ports import choose_ports
from database.pool import open_pool, transaction
from tests.fixtures.web import a_key
from web import patience

pytestmark = pytest.mark.services


@pytest_asyncio.fixture(scope="module")
async def environment(temporal_address, web_database_url):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNTAS_", "TEMPORAL_"))}
    return kept | {
        "DATABASE_URL": web_database_url, "TEMPORAL_ADDRESS": temporal_address, "TEMPORAL_CONFIG_FILE": os.devnull,
        "TUNTAS_SECRET": "of the tests, and long enough", "TUNTAS_TRUSTED_PROXIES": "127.0.0.0/8",
    }  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def web(environment, tmp_path_factory):
    """The command itself, with shorter patience."""
    port = choose_ports(tmp_path_factory.mktemp("web"), {"web": None})["web"]
    program = (
        "import web.patience as p; p.HEAD_WITHIN = 0.5; p.Patience.__init__.__kwdefaults__.update(grace=0.5);"
        f"from commands.main import run; run(['web', '--port', '{port}'])"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, env=environment)
    try:
        async with asyncio.timeout(30), httpx2.AsyncClient() as browser:
            while True:
                try:
                    assert (await browser.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
                    break
                except httpx2.TransportError:
                    await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()


def tuntas(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "commands.main", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


async def command(environment, *arguments):
    code, out, err = await asyncio.to_thread(tuntas, environment, *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


async def test_keys_are_made_rotated_and_revoked_by_the_command(web, environment):
    made = await command(
        environment, "apikey", "create", "shop", "--scope", "read", "--scope", "file", "--company", "x"
    )
    rotated = await command(environment, "apikey", "rotate", made["id"], "--overlap-hours", "1")
    listed = next(key for key in await command(environment, "apikey", "list") if key["id"] == made["id"])
    assert (listed["service"], listed["scopes"], listed["companies"], listed["secrets"]) == (
        "shop", ["read", "file"], ["x"], 2,
    )  # fmt: skip
    assert not {made["token"], rotated["token"]} & set(re.findall(r"tuntas_\w+", json.dumps(listed)))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{web}/api/v1") as service:

        async def listing(token):
            return (await service.get("/complaints", headers={"authorization": f"Bearer {token}"})).status_code

        assert [await listing(one["token"]) for one in (made, rotated)] == [200, 200]
        await command(environment, "apikey", "rotate", made["id"], "--overlap-hours", "0")
        assert [await listing(one["token"]) for one in (made, rotated)] == [401, 401]
        last = await command(environment, "apikey", "rotate", made["id"])
        assert await listing(last["token"]) == 200
        await command(environment, "apikey", "revoke", made["id"])
        assert await listing(last["token"]) == 401
    code, _, said = await asyncio.to_thread(tuntas, environment, "apikey", "revoke", made["id"], "--json")
    assert (code, json.loads(said)["field"]) == (3, "id")


async def speak(port, *parts, pause=0.0):
    """Send some bytes with pauses; what came back until the other side closed, and after how many seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began, answering = time.monotonic(), asyncio.create_task(heard(reader))
    for part in parts:
        if answering.done():
            break
        writer.write(part)
        await asyncio.sleep(pause)
    async with asyncio.timeout(20):
        said = await answering
    writer.close()
    return said, time.monotonic() - began


async def heard(reader):
    said = b""
    try:
        while part := await reader.read(4096):
            said += part
    except ConnectionError:
        pass
    return said


HEAD = b"GET /health/live HTTP/1.1\r\nhost: x\r\n"


async def test_a_head_that_dribbles_is_cut(web):
    said, seconds = await speak(web, *(bytes([byte]) for byte in HEAD[:30]), pause=0.1)
    assert said == b""
    assert seconds < 10  # at a byte each 0.1 s the head would take longer than the test's patience of 0.5 s
    silent, seconds = await speak(web)
    assert (silent, seconds < 3) == (b"", True)


async def test_a_further_head_on_a_kept_connection_is_cut_too(web):
    reader, writer = await asyncio.open_connection("127.0.0.1", web)
    writer.write(HEAD + b"\r\n")
    assert b"200" in await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(15) == b'{"status":"ok"}'
    writer.write(b"GET /hea")
    async with asyncio.timeout(3):
        assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize(
    "endless", [b"x-long: " + b"a" * 1_000_000, b"".join(b"x-%d: a\r\n" % n for n in range(100_000))]
)
async def test_a_head_without_end_is_refused(web, endless):
    """One header, or many: it is not kept in memory until its time is over."""
    said, _ = await speak(web, HEAD + endless)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.endswith(b"The head of the request is too large.")


async def test_a_further_head_without_end_is_cut_while_the_first_is_answered(web):
    """It has no place for an answer of its own: the first body is still on its way in, and neither is taken."""
    first = b"POST /api/v1/complaints HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
    said, seconds = await speak(web, first + HEAD + b"x-long: " + b"a" * 1_000_000)
    assert said.count(b"HTTP/1.1 ") <= 1
    assert seconds < 3


async def test_a_large_body_may_come_with_the_beginning_of_the_next_head(web, environment):
    """As of clients that do not wait for an answer: what is no head is not counted as one."""
    token = (await command(environment, "apikey", "create", "hasty", "--scope", "file"))["token"]
    body = json.dumps({"text": "x" * 100_000}).encode()
    first = (
        "POST /api/v1/complaints HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"idempotency-key: {a_key()}\r\nauthorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    said, _ = await speak(web, first.encode() + body + HEAD[:30], HEAD[30:] + b"connection: close\r\n\r\n", pause=0.2)
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"422", b"200"]


@pytest.mark.parametrize(
    "head",
    [
        b"POST /health/live HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /health/live HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        b"GET /health/live HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n",
        b"GET /health/live HTTP/1.1\nhost: x\n\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
async def test_what_two_servers_could_read_differently_is_refused(web, head):
    """Request smuggling: RFC 9112, sections 2.2, 5.1, 5.2 and 6.3."""
    said, _ = await speak(web, head)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1


async def test_a_body_that_dribbles_is_answered_and_cut(web, environment):
    token = (await command(environment, "apikey", "create", "slow", "--scope", "file"))["token"]
    head = (
        "POST /api/v1/complaints HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n"
        f"idempotency-key: {a_key()}\r\nauthorization: Bearer {token}\r\n\r\n"
    )
    said, seconds = await speak(web, head.encode(), *[b" "] * 20, pause=0.1)
    assert b" 408 " in said.splitlines()[0]
    assert b"#too-slow" in said
    assert seconds < 10


async def test_a_slow_file_on_a_poor_line_comes_through():
    """At a rate that is allowed, for longer than the grace."""
    received = []

    async def app(scope, receive, send):
        while (message := await receive())["more_body"]:
            received.append(message["body"])

    parts = iter([(bytes(100), True)] * 12 + [(b"", False)])

    async def receive():
        await asyncio.sleep(0.02)
        body, more = next(parts)
        return {"type": "http.request", "body": body, "more_body": more}

    impatient = patience.Patience(app, grace=0.1, slowest=1000)
    await impatient({"type": "http"}, receive, None)
    assert len(received) == 12


async def test_behind_a_trusted_proxy_the_limit_is_of_the_real_address(web, web_database_url):
    async def buckets():
        async with open_pool(web_database_url) as pool, transaction(pool) as conn:
            rows = await (
                await conn.execute("SELECT bucket FROM rate_limits WHERE bucket LIKE 'stranger:%'")
            ).fetchall()
        return {row[0] for row in rows}

    before = await buckets()
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{web}/api/v1") as proxy:
        for client in ("198.51.100.1", "198.51.100.2", "198.51.100.2"):
            answer = await proxy.get("/complaints", headers={"x-forwarded-for": client})
            assert answer.status_code == 401
    new = await buckets() - before
    assert len(new) == 2
    assert not any("198.51" in bucket for bucket in new)
