"""The pictures of the documentation, taken anew: `python -m tests.e2e.screenshots`. It starts a stack of its own."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.fixtures.chromium import ARGUMENTS, PROGRAM
from tests.fixtures.site import Site, running

IMAGES = Path(__file__).parents[2] / "docs" / "images"
STORY = "The kettle I bought last week leaks at the bottom. I have been to the shop twice."


async def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tuntas-pictures-") as directory:
        async with running(Path(directory) / "home") as site, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
            desktop = await browser.new_page(viewport={"width": 1000, "height": 640})
            await desktop.goto(f"{site.url}/id")
            await desktop.screenshot(path=IMAGES / "public-home.png")
            phone = await browser.new_page(viewport={"width": 390, "height": 844})
            await _file(phone, site)
            await phone.screenshot(path=IMAGES / "public-receipt.png")
            await _follow(phone, site)
            await phone.screenshot(path=IMAGES / "public-follow.png")
            await browser.close()


async def _file(page: Page, site: Site) -> None:
    await page.goto(f"{site.url}/en/complaint")
    await page.locator("#text").press_sequentially(STORY, delay=30)
    await page.select_option("#category", "defective_product")
    await page.fill("#name", "Rina")
    await page.fill("#email", "rina@example.com")
    await page.click("form button")


async def _follow(page: Page, site: Site) -> None:
    reference = await page.locator(".reference").inner_text()
    await site.act(reference, "respond", text="Thank you. We are looking at it today.")
    await page.click("main a.button")


if __name__ == "__main__":
    asyncio.run(main())
