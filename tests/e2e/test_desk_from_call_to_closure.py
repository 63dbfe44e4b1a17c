"""One complaint by hand in a browser: told by phone, worked on, decided, confirmed, its cause found, closed."""

import pytest
from playwright.async_api import Page, expect

from complaints.vocabulary import Status
from tests.e2e.test_public_pages import stands

pytestmark = pytest.mark.services

WORDS = "Mesin cuci saya terbakar setelah dua hari dipakai, nomor pesanan A-1047."


async def unfold(page: Page, act: str) -> None:
    await page.locator(f"details:has(> #form-{act}) > summary").click()


async def done(page: Page, what: str) -> None:
    await expect(page.locator("#done")).to_have_text(f"Done: {what}.", timeout=15_000)


async def test_a_call_becomes_a_closure_record(browsed, chromium):
    async with browsed.at(chromium, "siti") as page:
        reference = await enters(page)
        await browsed.site.until(reference, lambda seen: seen.next_due_at is not None)
        await page.reload()
        await works(page)
        await decides(page)
        await browsed.site.until(reference, stands(Status.RESOLVED))
        await confirms(page)
        # The complainant agrees, but it was grave: nothing closes before its cause is known.
        await browsed.site.until(reference, stands(Status.CLOSING))
        await page.reload()
        await expect(page.locator(".warning-card")).to_contain_text("root cause")
        await finds_the_cause(page)
        await browsed.site.until(reference, stands(Status.CLOSED))
        await page.goto(f"/desk/cases/{reference}")
        await reads_the_record(page)
        await page.goto("/desk/queues/ended")
        await expect(page.get_by_role("link", name=reference)).to_be_visible()
    seen = await browsed.site.tuntas.view(reference)
    assert [str(entry.kind) for entry in seen.timeline].count("closure_recorded") == 1


async def enters(page: Page) -> str:
    await page.goto("/desk")
    await page.get_by_role("link", name="Enter a complaint").click()
    await page.check("#channel-phone")
    await page.fill("#text", WORDS)
    await page.select_option("#category", "defective_product")
    await page.select_option("#severity", "major")
    await page.fill("#name", "Ratna Dewi")
    await page.fill("#email", "ratna@example.co.id")
    await page.locator("main form button.first").click()
    await page.wait_for_url("**?filed=1")
    await expect(page.locator(".letter").first).to_contain_text("terbakar")
    return page.url.partition("/cases/")[2].partition("?")[0]


async def works(page: Page) -> None:
    take = page.get_by_role("button", name="Take it")
    if await take.count():
        await take.click()
        await done(page, "Give it to somebody")
    step = page.locator(".steps > li").first
    await step.locator("summary").click()
    await step.locator("textarea").fill("Dibeli pada 3 November.")
    await step.locator("form button").click()
    await done(page, "Record a step")
    await expect(page.locator(".steps > li").first).to_contain_text("Dibeli pada 3 November.")
    await page.fill("#answer-text", "Mohon jangan dipakai lagi. Teknisi kami datang besok.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await done(page, "Answer")


async def decides(page: Page) -> None:
    await page.locator("details.card > summary", has_text="Decide").click()
    await page.select_option("#decide-outcome", "upheld")
    await page.fill("#decide-reasons", "Kabel di dalam mesin rusak sejak pabrik.")
    await page.locator("#form-decide").get_by_role("button", name="Decide").click()
    await done(page, "Decide")


async def confirms(page: Page) -> None:
    await page.reload()
    await unfold(page, "record_confirmation")
    await page.select_option("#record_confirmation-satisfied", "yes")
    await page.select_option("#record_confirmation-rating", "5")
    await page.fill("#record_confirmation-how", "Lewat telepon, setelah mesin diganti.")
    await page.locator("#form-record_confirmation button.first").click()
    await done(page, "Record their confirmation")


async def finds_the_cause(page: Page) -> None:
    await page.locator(".warning-card a").first.click()  # leads to the form, and opens it
    await page.select_option("#record_root_cause-method", "five_whys")
    await page.select_option("#record_root_cause-category", "supplier")
    await page.fill("#record_root_cause-cause", "Pemasok mengganti kabel tanpa uji beban.")
    await page.fill("#record_root_cause-corrective_action", "Uji beban untuk setiap kiriman.")
    await page.fill("#whys-why-0", "Mengapa terbakar?")
    await page.fill("#whys-answer-0", "Kabelnya terlalu tipis.")
    await page.locator("#form-record_root_cause button.first").click()
    await done(page, "Root cause")


async def reads_the_record(page: Page) -> None:
    record = page.locator("#closure-1")
    await record.locator("summary").click()
    for part in ("upheld", "Kabel di dalam mesin rusak", "Pemasok mengganti kabel", "decision: kept", "id.default"):
        await expect(record).to_contain_text(part)
