"""The desk on a slow and a broken line, in a real browser: nothing is sent twice, nothing that was typed is lost."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.test_desk_in_browser import listening, path

pytestmark = pytest.mark.services

ANSWER = "Kami sedang memeriksa tagihan Anda."
SENT = "**/acts/answer"


async def responses(browsed, reference: str) -> int:
    return [str(entry.kind) for entry in (await browsed.site.tuntas.view(reference)).timeline].count("responded")


async def written(page: Page, reference: str) -> None:
    await page.goto(path(reference))
    await page.fill("#answer-text", ANSWER)


def send(page: Page):
    return page.get_by_role("button", name="Send", exact=True)


# Playwright itself waits for a page that is on its way, so that the page presses its own button, and says that it has.
PRESSING = """setInterval(() => {
    document.querySelector('#form-answer button.first').click();
    fetch('/health/live?pressed');
}, 100)"""


async def test_a_form_on_a_slow_line_goes_out_once_however_often_it_is_pressed(browsed, chromium):
    reference, arrived, seen, pressed = await browsed.file(), asyncio.Event(), [], []

    async def slowly(route: Route) -> None:
        seen.append(route.request.post_data)
        await arrived.wait()
        await route.continue_()

    async with browsed.at(chromium, "siti") as page:
        await written(page, reference)
        await page.route(SENT, slowly)
        page.on("request", lambda request: pressed.append(request) if "?pressed" in request.url and seen else None)
        await page.evaluate(PRESSING)
        async with asyncio.timeout(60):
            while len(pressed) < 10:
                await asyncio.sleep(0.05)
        arrived.set()
        await expect(page.locator("#done")).to_have_text("Done: Answer.", timeout=30_000)
        assert len(seen) == 1
        assert await responses(browsed, reference) == 1


async def test_without_scripts_a_double_click_is_one_command(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti", java_script_enabled=False) as page:
        await written(page, reference)
        await send(page).dblclick()
        await expect(page.locator("#done")).to_have_text("Done: Answer.")
        assert await responses(browsed, reference) == 1


async def test_a_line_cut_after_it_was_done_shows_so_and_the_same_form_again_is_the_same_command(browsed, chromium):
    reference, forms = await browsed.file(), []

    async def cut(route: Route) -> None:
        forms.append(route.request.post_data)
        await route.fetch(max_redirects=0)
        await route.abort("connectionreset")

    async with browsed.at(chromium, "siti") as page:
        await written(page, reference)
        await page.route(SENT, cut)
        failed = page.wait_for_event("requestfailed")
        await send(page).click(no_wait_after=True)
        await failed
        await page.unroute(SENT)
        headers = {"origin": browsed.url, "content-type": "application/x-www-form-urlencoded"}
        again = await page.request.post(f"{path(reference)}/acts/answer", data=forms[0], headers=headers)
        assert again.ok
        assert "Done: Answer." in await again.text()
        await page.goto(path(reference))
        await expect(page.locator(".item.ours").first).to_contain_text(ANSWER)
        await expect(page.locator("#answer-text")).to_have_value("")
        assert await responses(browsed, reference) == 1


async def test_a_line_cut_before_it_arrived_leaves_a_draft_to_be_sent_again(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti") as page:
        await written(page, reference)
        await page.route(SENT, lambda route: route.abort("connectionreset"))
        failed = page.wait_for_event("requestfailed")
        await send(page).click(no_wait_after=True)
        await failed
        await page.unroute(SENT)
        await page.goto(path(reference))
        await expect(page.locator("#answer-text")).to_have_value(ANSWER)
        assert await responses(browsed, reference) == 0
        await send(page).click()
        await expect(page.locator("#done")).to_have_text("Done: Answer.")
        assert await responses(browsed, reference) == 1
        await page.goto(path(reference))
        await expect(page.locator("#answer-text")).to_have_value("")


async def test_without_a_line_the_page_says_so_and_stays(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti") as page:
        await written(page, reference)
        await page.context.set_offline(True)
        await send(page).click()
        await expect(page.locator("#not-sent")).to_be_visible()
        await expect(page.locator("#answer-text")).to_have_value(ANSWER)
        await page.context.set_offline(False)
        await expect(page.locator("#form-answer[data-saved=yes]")).to_be_attached(timeout=30_000)
        await send(page).click()
        await expect(page.locator("#done")).to_have_text("Done: Answer.")
        assert await responses(browsed, reference) == 1
        await page.goto("/desk/new")
        await page.fill("#text", "Paket saya belum datang.")
        await page.context.set_offline(True)
        await page.locator("main form button.first").click()
        await expect(page.locator("#not-sent")).to_be_visible()
        await expect(page.locator("#text")).to_have_value("Paket saya belum datang.")
        await page.context.set_offline(False)
        await page.locator("main form button.first").click()
        await page.wait_for_url("**?filed=1")


async def test_a_lost_stream_comes_back_after_growing_pauses_and_shows_what_was_missed(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti") as page:
        await page.goto(path(reference))
        await listening(page)
        await browsed.stop()
        try:
            # Twice without an answer: the third pause is longer than the longest first one.
            async with asyncio.timeout(60):
                while not await page.evaluate("Number(document.documentElement.dataset.liveAgain) > 2000"):
                    await asyncio.sleep(0.1)
            await browsed.site.act(reference, "note", text="Sementara itu.")
        finally:
            await browsed.start()
        await expect(page.locator("html[data-live=yes]")).to_be_attached(timeout=60_000)
        await expect(page.locator(".stream")).to_contain_text("Sementara itu.", timeout=30_000)
