"""The public pages in a real browser: without JavaScript, by keyboard, on a phone; nothing that axe finds."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from complaints.messages.view import CaseView
from complaints.vocabulary import Status
from tests.fixtures.site import Site
from web.public.forms import QUICKEST

pytestmark = pytest.mark.services

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
AXE = Axe()
WITH_THE_WIDEST = """
(html) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const had = [];
  while (walker.nextNode()) had.push([walker.currentNode, walker.currentNode.data]);
  for (const [node, text] of had) node.data = text.replace(/TTS-[0-9A-Z]{13}/g, "TTS-" + "W".repeat(13));
  const fits = html.scrollWidth <= html.clientWidth;
  for (const [node, text] of had) node.data = text;
  return fits;
}
"""
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@asynccontextmanager
async def visitor(chromium: Browser, site: Site, **options) -> AsyncIterator[Page]:
    """Somebody at the pages. Whatever a page wants from elsewhere is refused, and fails the test."""
    strange: list[str] = []

    async def watch(route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(site.url).netloc:
            await route.continue_()
        else:
            strange.append(route.request.url)
            await route.abort()

    context: BrowserContext = await chromium.new_context(base_url=site.url, **options)
    await context.route("**/*", watch)
    try:
        yield await context.new_page()
        assert strange == [], "a page asked for something from elsewhere"
    finally:
        await context.close()


async def fits(page: Page) -> None:
    """Nothing has to be scrolled sideways, whatever the letters of the references: W is the widest."""
    assert await page.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert await page.locator("html").evaluate(WITH_THE_WIDEST), "not with the widest reference"


async def tab_to(page: Page, selector: str) -> None:
    """Go there as somebody does who has no mouse."""
    wanted = page.locator(selector).first
    for _ in range(60):
        if await wanted.evaluate("e => e === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {selector}")


async def type_into(page: Page, selector: str, text: str) -> None:
    await tab_to(page, selector)
    await page.keyboard.type(text, delay=8)


async def press(page: Page, selector: str, key: str = "Enter") -> None:
    await tab_to(page, selector)
    await page.keyboard.press(key)


def stands(status: Status):
    def so(seen: CaseView) -> bool:
        return seen.status is status

    return so


@pytest.mark.parametrize("size", SIZES)
async def test_a_complaint_from_its_form_to_its_end_by_keyboard_and_without_javascript(chromium, site, size):
    async with visitor(chromium, site, viewport=SIZES[size], java_script_enabled=False) as page:
        reference = await files(page, f"rina-{size}@example.co.id")
        await replies(page, reference)
        await site.until(reference, lambda seen: any(e.kind == "complainant_replied" for e in seen.timeline))

        await site.act(reference, "decide", outcome="partly_upheld", reasons="Half of it was worn out.")
        await site.until(reference, stands(Status.RESOLVED))
        mail = await site.mail(lambda m: reference in m["Subject"] and "decision" in m["Subject"].lower())
        no = re.search(rf"{re.escape(site.url)}\S+solved=no", mail.get_body(("plain",)).get_content())
        await page.goto(no[0])
        await expect(page.locator("#solved-2")).to_be_checked()
        assert (await site.tuntas.view(reference)).status is Status.RESOLVED, "opening a link answers nothing"
        await disputes(page)
        await site.until(reference, stands(Status.INVESTIGATION))
        await page.reload()
        await expect(page.locator(".history li").first).to_contain_text("authority")

        await site.act(reference, "decide", outcome="upheld", reasons="You are right.", agent="wati")
        await site.until(reference, stands(Status.RESOLVED))
        await page.goto(page.url.partition("?")[0] + "/answer?solved=yes")
        await expect(page.locator(".told")).to_contain_text("You are right.")
        await press(page, "#rating", "ArrowUp")  # from the first one round to the last
        await press(page, "form button")
        await expect(page.locator("[role=status]")).to_contain_text("recorded your answer")
        await site.until(reference, lambda seen: seen.status in (Status.CLOSING, Status.CLOSED))
        await page.reload()
        await expect(page.locator(".history")).to_contain_text("Your rating: 5 of 5.")
        await fits(page)


async def files(page: Page, address: str) -> str:
    """From the start page to the receipt, with one mistake on the way; the reference."""
    await page.goto("/en")
    await press(page, "main a.button")
    await expect(page.locator("h1")).to_have_text("File a complaint")
    await press(page, "main button")  # too early, and empty
    await expect(page.locator(".summary")).to_be_focused()
    given = time.monotonic()
    assert (await page.title()).startswith("Problem:")
    await type_into(page, "#text", "The kettle I bought last week leaks at the bottom. It was dear.")
    await type_into(page, "#category", "Def")
    await type_into(page, "#name", "Rina")
    await type_into(page, "#email", address)
    await press(page, "#reached_by", " ")
    await page.set_input_files(
        "#evidence", [{"name": "../bill.txt", "mimeType": "text/html", "buffer": b"Paid 350,000"}]
    )
    await asyncio.sleep(QUICKEST.total_seconds() - (time.monotonic() - given))  # nobody types faster: a machine would
    await press(page, "form button")
    await expect(page.locator("h1")).to_have_text("We have your complaint")
    await expect(page.locator(".promises li").first).to_contain_text("by ")
    await fits(page)
    return await page.locator(".reference").inner_text()


async def replies(page: Page, reference: str) -> None:
    """From the receipt to the case, and a message from there."""
    await press(page, "main a.button")
    await expect(page.locator("h1")).to_contain_text(reference)
    await expect(page.get_by_role("link", name="bill.txt")).to_be_visible()
    await press(page, "main a.button")
    await type_into(page, "#text", "The shop is closed on Mondays.")
    await press(page, "form button")
    await expect(page.locator("[role=status]")).to_contain_text("Your message is with us")


async def disputes(page: Page) -> None:
    """A "no" needs to say what is missing."""
    await press(page, "form button")
    await expect(page.locator("#text-error")).to_be_visible()
    await type_into(page, "#text", "It still leaks.")
    await press(page, "form button")
    await expect(page.locator("[role=status]")).to_contain_text("recorded your answer")


async def pages_of(site: Site, language: str) -> dict[str, str]:
    reference = await site.filed()
    await site.act(reference, "decide", outcome="upheld", reasons="You are right.")
    await site.until(reference, stands(Status.RESOLVED))
    case = f"/{language}/case/{site.token(reference)}"
    represented = await site.filed(complainant={"email": "anak@example.co.id", "represented_by": "Andi"})
    await site.mail(lambda mail: represented in mail["Subject"])
    withheld = f"/{language}/case/{site.token(represented)}"
    parts = ("receipt", "reply", "answer", "withdraw", "preferences", "revoke")
    closed = await site.filed()
    await site.act(closed, "decide", outcome="upheld", reasons="You are right.")
    await site.until(closed, stands(Status.RESOLVED))
    await site.tuntas.confirm(closed, key=f"yes-{closed}", satisfied=True)
    await site.until(closed, stands(Status.CLOSED))
    after = f"/{language}/case/{site.token(closed)}"
    open_to_all = {
        name or "home": f"/{language}/{name}" for name in ("complaint", "link", "privacy", "link/sent", "no")
    }
    return {
        "home": f"/{language}", **open_to_all, "guessed": f"/{language}/case/guessed", "follow": case,
        "withheld": withheld, "consent": f"{withheld}/consent",
        "closed": after, "survey": f"{after}/survey", "stop": f"{after}/stop",
        **{part: f"{case}/{part}" for part in parts},
    }  # fmt: skip


@pytest.mark.parametrize("language", ["id", "en"])
async def test_axe_finds_nothing_on_any_page(chromium, site, language):
    pages = await pages_of(site, language)
    # axe is injected, which our own policy forbids to everybody else
    async with visitor(chromium, site, bypass_csp=True, viewport=SIZES["phone"]) as page:
        for name, address in pages.items():
            await page.goto(address)
            await clean(page, name)
            await fits(page)
        for name in ("complaint", "reply", "answer", "survey", "withdraw", "consent", "link"):
            await page.goto(pages[name])
            await page.locator("form button").click()
            await expect(page.locator(".summary")).to_be_focused()
            await clean(page, f"{name}, with errors")


async def clean(page: Page, name: str) -> None:
    """In light whatever axe looks for; in dark what can differ: colours."""
    for scheme, run in (
        ("light", {"type": "tag", "values": list(WCAG)}),
        ("dark", {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}),
    ):
        await page.emulate_media(color_scheme=scheme)
        found = await AXE.run(page, options={"runOnly": run, "resultTypes": ["violations"]})
        problems = [(v["id"], [node["html"] for node in v["nodes"]]) for v in found.response["violations"]]
        assert problems == [], f"{name}, {scheme}"
        assert found.response["passes"], f"{name}: axe looked at nothing"
    assert await page.locator("h1").count() == 1, name
    assert await page.locator("html").get_attribute("lang") in ("id", "en")


async def test_the_keyboard_shows_where_it_is_and_skips_to_the_content(chromium, site):
    async with visitor(chromium, site, java_script_enabled=False) as page:
        await page.goto("/id/complaint")
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_in_viewport()
        width = await page.locator(".skip").evaluate("e => parseFloat(getComputedStyle(e).outlineWidth)")
        assert width >= 2
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.querySelector('main').contains(document.activeElement)")
