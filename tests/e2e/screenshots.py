"""The pictures of the documentation, taken anew: `python -m tests.e2e.screenshots`. It starts a stack of its own."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.fixtures.chromium import ARGUMENTS, PROGRAM
from tests.fixtures.desk_in_browser import BrowsedDesk, browsed_desk
from tests.fixtures.site import Site, running

IMAGES = Path(__file__).parents[2] / "docs" / "images"
STORY = "The kettle I bought last week leaks at the bottom. I have been to the shop twice."
CASES = (
    (0, "billing", None, "Tagihan bulan ini dihitung dua kali. Saya sudah menelepon kemarin."),
    (1, "defective_product", "critical", "Pengisi daya menjadi sangat panas sampai meja saya hangus."),
    (0, "wrong_delivery", "major", "Paket yang datang berisi barang orang lain."),
    (0, "poor_service", None, "Petugas di toko kurang sopan kepada ibu saya."),
    (2, "privacy", "major", "Alamat saya terlihat oleh pembeli lain."),
)
NAMES = ("Ratna Dewi", "Adi Nugroho", "Maya Lestari", "Joko Susilo", "Wulan Sari")


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
            async with browsed_desk(site) as desk:
                await _desk(browser, desk, await _cases(desk))
            await browser.close()


async def _cases(desk: BrowsedDesk) -> str:
    """Some cases of Siti's and others; the one that is to be answered next."""
    filed = []
    for number, (days, category, severity, text) in enumerate(CASES):
        received = (desk.services.now() - timedelta(days=days, minutes=5)).isoformat()
        values = {"text": text, "category": category, "severity": severity, "received_at": received}
        person = {"name": NAMES[number], "email": f"person{number}@example.co.id", "language": "id"}
        filed.append(await desk.file(**values, complainant=person))
    for reference in filed[:4]:
        await desk.site.act(reference, "assign", to="agent:siti")
    await desk.site.act(filed[0], "respond", text="Terima kasih. Kami sedang memeriksa tagihan Anda.")
    await desk.site.tuntas.reply(filed[0], key="reply", text="Baik, saya tunggu. Nomor pelanggan saya 55-1234.")
    await desk.site.act(filed[2], "request_information", text="Sejak kapan paketnya ditunggu?")
    await desk.site.until(filed[0], lambda seen: any(entry.kind == "complainant_replied" for entry in seen.timeline))
    return filed[0]


async def _desk(browser: Browser, desk: BrowsedDesk, reference: str) -> None:
    wide = {"width": 1280, "height": 800}
    async with desk.at(browser, "siti", viewport=wide) as page:
        for name, address in {"work": "/desk", "case": f"/desk/cases/{reference}", "new": "/desk/new"}.items():
            await page.goto(address)
            await page.screenshot(path=IMAGES / f"desk-{name}.png")
    async with desk.at(browser, "rina", viewport=wide, color_scheme="dark") as page:
        await page.goto("/desk/team")
        await page.screenshot(path=IMAGES / "desk-team-dark.png")
    async with desk.at(browser, "siti", viewport={"width": 390, "height": 844}) as page:
        await page.goto("/desk/queues/team")
        await page.screenshot(path=IMAGES / "desk-queue-phone.png")


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
