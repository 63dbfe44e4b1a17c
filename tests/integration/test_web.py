"""The web application in a process of its own, as part of a stack."""

import os
import signal

import httpx2
import pytest

from commands.doctor.web import web
from commands.readiness import readiness
from commands.stack import Stack, StackOptions, read_info

pytestmark = pytest.mark.services


async def test_it_is_part_of_a_stack_and_says_what_it_stands_on(tmp_path):
    options = StackOptions(home=tmp_path / "home", web_port=0, workers=0, prepare="database.migrate:migrate")
    async with Stack(options) as info, httpx2.AsyncClient(base_url=info.web_url, timeout=20) as browser:
        ready = await browser.get("/health/ready")
        assert (ready.status_code, ready.json()) == (200, {"postgres": "ok", "temporal": "ok"})
        assert "default-src 'none'" in ready.headers["content-security-policy"]
        assert ready.headers["referrer-policy"] == "no-referrer"
        assert "server" not in ready.headers
        assert (await browser.get("/static/tokens.css")).status_code == 200
        assert (await browser.post("/health/live", content=bytes(33 * 1024 * 1024))).status_code in (405, 413)
        assert (await web(info.web_url)).state == "ok"
        os.kill(read_info(options.home).processes["temporal"], signal.SIGSTOP)
        try:
            found = await web(info.web_url)
            assert (found.state, found.unreachable) == ("problem", True)
            assert "temporal" in found.what
            unready = await browser.get("/health/ready")
            assert (await browser.get("/health/live")).status_code == 200
        finally:
            os.kill(read_info(options.home).processes["temporal"], signal.SIGCONT)
        assert "nobody" in readiness("http://127.0.0.1:9").problem
        assert (await web(None)).state == "skipped"
        assert (unready.status_code, unready.json()) == (503, {"postgres": "ok", "temporal": "away"})
        secret = options.home / "secret"
        assert len(secret.read_text().strip()) > 30
        assert secret.stat().st_mode & 0o077 == 0
