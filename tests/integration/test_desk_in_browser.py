"""Sign-in and administration in a real browser: by keyboard, in both languages, light and dark, seen by axe."""

import asyncio
import os
import shutil
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from complaints.vocabulary import Language, Role
from tests.fixtures.desk import PASSWORD

pytestmark = pytest.mark.services

CHROMIUM = shutil.which("chromium")
PAGES = (
    "/account", "/desk/access", "/desk/access?actor_id=nobody", "/desk/admin/agents", "/desk/admin/agents/new",
    "/desk/admin/agents/siti", "/desk/admin/teams", "/desk/admin/accounts", "/desk/admin/accounts/new",
    "/desk/admin/accounts/boss", "/desk/admin/sessions", "/desk/policies", "/desk/policies/demo",
    "/desk/policies/compare?before=id.default&after=demo", "/desk/policies/id.default/texts", "/desk/records?q=bocor",
    "/desk/records?q=-bocor&from=x", "/desk/nothing",
)  # fmt: skip


@asynccontextmanager
async def served(desk):
    """The application on a free port."""
    server = uvicorn.Server(uvicorn.Config(desk.app, port=0, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@pytest_asyncio.fixture(scope="module")
async def chromium():
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: install Debian's package `chromium`")
        pytest.skip("Debian's package `chromium` is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def looked_at(page):
    """What axe finds on the page, by rule."""
    found = (await Axe().run(page)).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]


async def sign_in(page, base, account="boss"):
    await page.goto(f"{base}/sign-in?to=/account")
    await page.fill("#account", account)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/account")


@pytest.mark.parametrize(("language", "scheme"), [(Language.ID, "light"), (Language.EN, "dark")])
async def test_axe_finds_nothing_on_any_page(desk, chromium, language, scheme):
    await desk.agent("siti", name="Siti", substitute="siti")
    await desk.account("boss", Role.LEAD, administers=True, language=language)
    await desk.account("audit", Role.AUDITOR, language=language)
    async with served(desk) as base:
        context = await chromium.new_context(color_scheme=scheme, locale=language, reduced_motion="reduce")
        page = await context.new_page()
        problems = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        await page.goto(f"{base}/sign-in")
        assert await looked_at(page) == []
        await page.evaluate("document.body.append(document.createElement('img'))")
        assert [rule for rule, _ in await looked_at(page)] != []  # axe does look
        await page.reload()
        await page.fill("#account", "boss")
        await page.fill("#password", "wrong")
        await page.press("#password", "Enter")
        await expect(page.locator("[role=alert]")).to_be_visible()
        assert await looked_at(page) == []
        for account, pages in (("boss", PAGES), ("audit", PAGES[1:3])):
            await page.context.clear_cookies()
            await sign_in(page, base, account)
            for path in pages:
                await page.goto(base + path)
                assert await page.get_attribute("html", "lang") == language
                assert await looked_at(page) == [], (path, account)
        # Nothing that our own policy of what a page may load would have stopped.
        assert [text for text in problems if "Content Security Policy" in text] == []
        await context.close()


async def test_signing_in_and_out_by_keyboard_on_a_phone(desk, chromium):
    await desk.account("boss", Role.ADMIN)
    async with served(desk) as base:
        context = await chromium.new_context(viewport={"width": 320, "height": 640}, locale="en")
        page = await context.new_page()
        await page.goto(f"{base}/desk/admin/accounts")
        await page.keyboard.press("Tab")
        await expect(page.locator(":focus")).to_have_text("Skip to content")
        await page.focus("#account")
        await page.keyboard.type("boss")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/desk/admin/accounts")
        assert await page.evaluate("document.documentElement.scrollWidth <= 320")
        await page.get_by_role("button", name="Bahasa Indonesia").press("Enter")
        await expect(page.locator("h1")).to_have_text("Akun")
        await page.get_by_role("button", name="Keluar").press("Enter")
        await expect(page.get_by_role("status")).to_have_text("Anda sudah keluar.")
        await page.goto(f"{base}/desk/admin/accounts")
        assert "/sign-in" in page.url
        await context.close()


async def test_what_was_typed_when_the_session_ended_is_sent_after_sign_in(desk, chromium):
    await desk.agent("siti")
    await desk.account("boss", Role.ADMIN)
    async with served(desk) as base:
        context = await chromium.new_context(locale="en")
        page = await context.new_page()
        await sign_in(page, base)
        await page.goto(f"{base}/desk/admin/agents/new")
        await page.fill("#id", "budi")
        await page.fill("#name", "Budi Santoso")
        desk.later(hours=13)
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".warning")).to_contain_text("What you typed is kept")
        await page.fill("#account", "boss")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await expect(page.locator("dd").filter(has_text="Budi Santoso")).to_be_visible()
        assert await looked_at(page) == []
        await page.get_by_role("button", name="Send it now").click()
        await page.wait_for_url("**/desk/admin/agents?done=saved")
        await expect(page.get_by_role("cell", name="Budi Santoso")).to_be_visible()
        await context.close()
