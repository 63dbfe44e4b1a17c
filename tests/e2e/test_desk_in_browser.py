"""The desk in a real browser: each role's day, two people on one case, live, by keyboard, on a phone; seen by axe."""

import asyncio
import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from complaints.vocabulary import Status
from database.reviews import Wanted
from tests.e2e.test_public_pages import clean, fits, press, stands, tab_to
from tests.fixtures.desk import PASSWORD
from tests.fixtures.desk_in_browser import BrowsedDesk
from tests.fixtures.site import PATIENCE
from web.desk.live import LOST

pytestmark = pytest.mark.services

# axe is injected, which our own policy forbids to everybody else; colours that are still changing are none of ours
SEEN = {"bypass_csp": True, "reduced_motion": "reduce", "viewport": {"width": 390, "height": 844}}
ANSWER = "Kami sedang memeriksa tagihan Anda."
# Timers of more than half a second do not come; fetches, waits and events that were heard are counted.
SLOW_CLOCK = """
window.waits = []; window.fetched = 0; window.heard = 0; let late = 1.0; Math.random = () => (late /= 2);
const wait = window.setTimeout, get = window.fetch, Source = window.EventSource;
window.setTimeout = (what, ms) => { window.waits.push(ms); return ms > 500 ? 0 : wait(what, ms); };
window.fetch = (...all) => { window.fetched += 1; return get(...all); };
window.EventSource = class extends Source {
  addEventListener(name, what) {
    super.addEventListener(name, (event) => { what(event); if (name === "case") window.heard += 1; });
  }
};
"""


def path(reference: str) -> str:
    return f"/desk/cases/{reference}"


async def unfolded(page: Page) -> None:
    """Open all that stands folded together."""
    await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


async def until(page: Page, true: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await page.evaluate(true):
            await asyncio.sleep(0.05)


async def listening(page: Page) -> None:
    """The page hears what happens."""
    await expect(page.locator("html[data-live=yes]")).to_be_attached()


async def test_an_agent_takes_a_case_answers_it_with_a_preview_and_decides(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti") as page:
        await page.clock.install()
        await page.goto(path(reference))
        await page.get_by_role("button", name="Take it").click()
        await expect(page.locator("#done")).to_have_text("Done: Give it to somebody.")
        await counts_down(page)
        await page.fill("#answer-text", ANSWER)
        await page.get_by_role("button", name="Preview").click()
        await expect(page.locator(".preview .letter")).to_contain_text(ANSWER)
        await expect(page.locator("#answer-text")).to_have_value(ANSWER)
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator("#done")).to_have_text("Done: Answer.")
        await expect(page.locator(".item.ours").first).to_contain_text(ANSWER)
        await decides(page)
        await expect(page.locator("#done")).to_have_text("Done: Decide.")
        seen = await browsed.site.until(reference, stands(Status.RESOLVED))
        assert [str(entry.kind) for entry in seen.timeline].count("responded") == 1
        await page.goto("/desk")
        await expect(page.locator("main")).to_contain_text(reference)


async def counts_down(page: Page) -> None:
    clock = page.locator(".clocks [data-countdown]").first
    before = await clock.inner_text()
    await page.clock.fast_forward("03:00:00")
    await expect(clock).not_to_have_text(before)
    await expect(clock).to_have_text(re.compile(r"^\d+ (day|hr|min).* (left|late)$"))


async def decides(page: Page) -> None:
    await page.locator("summary", has_text="Decide").click()
    await page.select_option("#decide-outcome", "upheld")
    await page.fill("#decide-reasons", "Tagihan kedua keliru.")
    await page.select_option("#remedy-0", "refund")
    await page.fill("#remedy-cost-0", "Rp 250.000")
    await page.locator("#form-decide").get_by_role("button", name="Decide").click()


async def test_a_lead_gives_a_case_to_somebody_and_approves(browsed, chromium):
    reference = await browsed.file()
    remedy = {"solution": "refund", "detail": "seluruhnya", "cost": "5000000"}
    async with browsed.at(chromium, "rina") as page:
        await page.goto(path(reference))
        await page.locator("summary", has_text="Give it to somebody").click()
        await page.select_option("#assign-to", "agent:budi")
        await page.locator("#form-assign button").click()
        await expect(page.locator(".case-head")).to_contain_text("Budi Santoso")
        await browsed.site.act(reference, "decide", outcome="upheld", reasons="Keliru.", remedies=[remedy])
        await page.goto(path(reference))
        await page.get_by_role("link", name="Approve").click()  # the form stands folded further down
        await page.locator("#form-approve button").click()
        await expect(page.locator("#done")).to_have_text("Done: Approve.")
        await browsed.site.until(reference, stands(Status.RESOLVED))


async def test_an_auditor_sees_and_cannot_act(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "audi") as page:
        await page.goto("/desk")
        await expect(page.locator("h1")).to_have_text("All open cases")
        await page.get_by_role("link", name=reference).click()
        await expect(page.locator(".case-main .letter").first).to_contain_text("dihitung dua kali")
        assert await page.locator("main form[method=post]").count() == 0
        token = await page.locator("meta[name=csrf-token]").get_attribute("content")
        form = {"csrf": token, "key": "desk-forged", "based_on": "1", "text": "x"}
        answer = await page.request.post(f"{path(reference)}/acts/note", form=form, headers={"origin": browsed.url})
        assert answer.status == 403
        assert (await page.goto("/desk/new")).status == 403


async def test_two_on_one_case_the_second_learns_what_changed_and_keeps_what_was_typed(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti") as first, browsed.at(chromium, "budi") as second:
        for page in (first, second):
            await page.goto(path(reference))
            await listening(page)
        await second.fill("#answer-text", "Mohon kirim foto tagihan.")
        await first.locator("summary", has_text="Note for colleagues").click()
        await first.fill("#note-text", "Sudah dikoreksi oleh bagian keuangan.")
        await first.locator("#form-note button").click()
        await expect(first.locator("#done")).to_be_visible()
        # Live, without loading the page again: told, shown, and what is being typed stands as it was.
        await expect(second.locator("#live-news")).to_be_visible()
        await expect(second.locator(".stream")).to_contain_text("Sudah dikoreksi")
        await expect(second.locator("#answer-text")).to_have_value("Mohon kirim foto tagihan.")
        await second.get_by_role("button", name="Send").click()
        await expect(second.locator("#news")).to_contain_text("Sudah dikoreksi")
        await expect(second.locator("#answer-text")).to_have_value("Mohon kirim foto tagihan.")
        kinds = [str(entry.kind) for entry in (await browsed.site.tuntas.view(reference)).timeline]
        assert "responded" not in kinds
        await second.get_by_role("button", name="Send").click()
        await expect(second.locator("#done")).to_have_text("Done: Answer.")


async def test_a_new_case_comes_into_an_open_queue_and_beside_what_is_entered(browsed, chromium):
    async with browsed.at(chromium, "siti") as page:
        await page.goto("/desk/queues/all?q=genteng")
        await listening(page)
        reference = await browsed.file(text="Genteng pesanan saya pecah semua.")
        await expect(page.get_by_role("link", name=reference)).to_be_visible(timeout=60_000)  # lists come in turn
        await page.goto("/desk/new")
        await page.locator("#text").press_sequentially("Genteng pesanan saya pecah semuanya", delay=5)
        await page.fill("#email", "ratna@example.co.id")
        await expect(page.locator("#similar").get_by_role("link", name=reference)).to_be_visible()


async def test_a_list_comes_once_for_many_changes_of_others_and_at_once_for_ones_own(browsed, chromium):
    """Hundreds of lists hear of the same change: if each came at once, that would be hundreds of pages a second."""
    theirs = await browsed.file(text="Keran yang baru bocor.")
    own = await browsed.file(text="Keran yang lama bocor.")
    async with browsed.at(chromium, "siti") as page:
        await page.add_init_script(SLOW_CLOCK)
        await page.goto("/desk/queues/all?q=keran")
        await listening(page)
        for number in range(4):
            await browsed.site.act(theirs, "note", text=f"Yang ke-{number}.")
            await until(page, f"window.heard > {number}")
        waits = await page.evaluate("window.waits.filter((ms) => ms > 500)")
        assert len(waits) == 1, waits  # planned once, and spread over seconds
        assert await page.evaluate("window.fetched") == 0
        await browsed.site.act(own, "assign", to="agent:siti")
        await until(page, "window.fetched > 0")


async def test_a_list_that_may_have_missed_something_is_looked_at_again(browsed, chromium):
    """Also one that was opened when the process listened already."""
    async with browsed.at(chromium, "budi") as before, browsed.at(chromium, "siti") as page:
        await before.goto("/desk/queues/all")
        await listening(before)
        await page.add_init_script(SLOW_CLOCK)
        await page.goto("/desk/queues/all?q=tidak-ada")
        await listening(page)
        assert await page.evaluate("window.waits.filter((ms) => ms > 500)") == []
        browsed.hub.tell(LOST)
        await until(page, "window.waits.some((ms) => ms > 500)")


async def test_a_case_is_found_and_answered_by_keyboard_only(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti") as page:
        await page.goto("/desk")
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await tab_to(page, "#q")
        await page.keyboard.type(reference)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{path(reference)}")
        await page.locator(".skip").focus()
        await page.keyboard.press("Enter")
        await tab_to(page, "#answer-text")
        await page.keyboard.type(ANSWER)
        await press(page, "#form-answer button.first")
        await expect(page.locator("#done")).to_have_text("Done: Answer.")


async def test_the_server_restarted_while_somebody_types_and_a_session_that_ended_lose_nothing(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "budi") as page:
        await page.goto(path(reference))
        await listening(page)
        await browsed.stop()
        try:
            await page.locator("#answer-text").press_sequentially("Yang diketik ", delay=5)
            await expect(page.locator("#form-answer[data-saved=no]")).to_be_attached()
            await page.locator("#answer-text").press_sequentially("tetap ada.", delay=5)
        finally:
            await browsed.start()
        await expect(page.locator("#form-answer[data-saved=yes]")).to_be_attached(timeout=15_000)
        await page.reload()
        await expect(page.locator("#answer-text")).to_have_value("Yang diketik tetap ada.")
        browsed.site.ahead = timedelta(hours=13)  # longer than a session lasts
        try:
            await page.get_by_role("button", name="Send").click()
            await expect(page.locator(".warning")).to_contain_text("What you typed is kept")
            await page.fill("#account", "budi")
            await page.fill("#password", PASSWORD)
            await page.press("#password", "Enter")
            await expect(page.locator("main")).to_contain_text("Yang diketik tetap ada.")
        finally:
            browsed.site.ahead = timedelta(0)
            browsed.forget("budi")


async def evaluated(browsed: BrowsedDesk) -> str:
    """A case that Siti decided, that was disputed, and that a reviewer has evaluated; she has not answered yet."""
    site, reference = browsed.site, await browsed.file(subject="Sudah selesai")
    for key, satisfied in (("no", False), ("yes", True)):
        await site.act(reference, "decide", agent="siti", outcome="upheld", reasons="Keliru.")
        await site.tuntas.confirm(reference, key=key, satisfied=satisfied)
        await site.until(reference, stands(Status.CLOSED if satisfied else Status.INVESTIGATION))
    await site.act(reference, "record_evaluation", agent="lina", speed=4, solution=2, coaching="Tanya dahulu.")
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not [one for one in (await site.tuntas.reviews(Wanted(done=True))).items if one.reference == reference]:
        assert asyncio.get_running_loop().time() < deadline, "it is not in the read model"
        await asyncio.sleep(0.1)
    return reference


async def everywhere(browsed: BrowsedDesk) -> dict[str, tuple[str, ...]]:
    """The desk's working pages, by who looks at them: cases in several statuses, with everything that they may hold."""
    asked, decided, proposed = [await browsed.file(subject="Tagihan ganda", remedy_sought="Koreksi") for _ in range(3)]
    await browsed.site.act(asked, "request_information", text="Nomor pelanggan Anda?")
    await browsed.site.act(decided, "decide", outcome="upheld", reasons="Keliru.")
    remedy = {"solution": "refund", "detail": "seluruhnya", "cost": "5000000"}
    await browsed.site.act(proposed, "decide", outcome="upheld", reasons="Keliru.", remedies=[remedy])
    judged = await evaluated(browsed)
    return {
        "siti": ("/desk", "/desk/queues/team", "/desk/new", path(asked), f"{path(asked)}/why", "/desk/my-evaluations"),
        "rina": ("/desk", "/desk/team", path(proposed), "/desk/reviews?done=1"),
        "lina": (f"/desk/reviews/{judged}/1", path(judged)),
        "audi": ("/desk/queues/all?q=nothing&severity=minor", path(decided)),
    }


@pytest.mark.parametrize("language", ["id", "en"])
async def test_axe_finds_nothing_on_any_page_and_a_phone_scrolls_none_sideways(browsed, chromium, language):
    for name, pages in (await everywhere(browsed)).items():
        async with browsed.at(chromium, name, language, **SEEN) as page:
            for address in pages:
                await page.goto(address)
                assert await page.locator("html").get_attribute("lang") == language
                await unfolded(page)
                await clean(page, f"{name}: {address}")
                await fits(page)


async def test_axe_finds_nothing_where_a_form_is_refused_previewed_or_stale(browsed, chromium):
    reference = await browsed.file()
    async with browsed.at(chromium, "siti", **SEEN) as page:
        await page.goto("/desk/new")
        await page.locator("main form button.first").click()
        await expect(page.locator("[role=alert]")).to_be_visible()
        await clean(page, "nothing entered")
        await page.goto(path(reference))
        await page.fill("#answer-text", ANSWER)
        await page.locator("button[name=preview]").first.click()
        await expect(page.locator(".preview")).to_be_visible()
        await clean(page, "a preview")
        await browsed.site.act(reference, "note", text="Baru.")
        await page.fill("#answer-text", "Lain.")
        await page.locator("#form-answer button.first").click()
        await expect(page.locator("#news")).to_be_visible()
        await clean(page, "moved on")
        await fits(page)
