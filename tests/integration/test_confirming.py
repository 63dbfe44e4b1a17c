"""The complainant's answer on the public page and over the API: twice, late, crossing, by whoever has the link."""

import re
import time
from datetime import timedelta

import pytest

from complaints.vocabulary import Status
from tests.fixtures.cases import command

pytestmark = pytest.mark.services

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def ahead(site):
    yield site
    site.ahead = timedelta(0)


async def decided(site, **over):
    reference = await site.filed(**over)
    await site.act(reference, "decide", outcome="upheld", reasons="You are right.", remedies=[])
    return reference, f"/en/case/{site.token(reference)}"


async def page_of(browser, case, solved=""):
    return (await browser.get(f"{case}/answer?solved={solved}")).text


async def answered(site, browser, case, page=None, **fields):
    """Send the form of a page that was opened before, or now; the page that follows."""
    hidden = dict(HIDDEN.findall(page or await page_of(browser, case)))
    site.ahead += timedelta(seconds=5)
    sent = await browser.post(f"{case}/answer", data={**hidden, **fields})
    assert sent.status_code == 303, sent.text
    return (await browser.get(sent.headers["location"])).text


def applied(seen):
    return [
        (e.detail["satisfied"], e.detail.get("applied", True))
        for e in seen.timeline
        if e.kind == "satisfaction_confirmed"
    ]


async def test_opening_a_link_answers_nothing_and_says_what_silence_means(ahead):
    reference, case = await decided(ahead)
    await ahead.until(reference, lambda seen: any(c.metric == "confirmation" for c in seen.clocks))
    async with ahead.browser() as browser:
        for solved in ("yes", "no"):
            page = await page_of(browser, case, solved)
            assert re.search(rf'value="{solved}"[^>]* checked', page)
        assert "we close the complaint as not confirmed" in page
        assert "Whoever has this link can answer here" in page
        assert "sari@example.co.id" not in page
        assert "Sari" not in page
        assert (await browser.head(f"{case}/answer?solved=yes")).status_code in (200, 405)
    seen = await ahead.tuntas.view(reference)
    assert (seen.status, applied(seen)) == (Status.RESOLVED, [])


async def test_a_second_answer_is_kept_and_told_that_it_was_given_already(ahead):
    reference, case = await decided(ahead)
    async with ahead.browser() as browser, ahead.browser() as other:
        old = await page_of(other, case)
        assert "Thank you. We have recorded your answer." in await answered(ahead, browser, case, solved="yes")
        await ahead.until(reference, lambda seen: seen.status == Status.CLOSED)
        page = await page_of(browser, case)
        assert "Your complaint is closed." in page
        assert "You told us on" in page
        assert "You had told us this already." in await answered(ahead, other, case, old, solved="yes", rating="1")
    seen = await ahead.tuntas.view(reference)
    assert applied(seen) == [(True, True), (True, False)]
    assert [e.kind for e in seen.timeline].count("closing_began") == 1
    assert seen.closure.rating is None


async def test_the_same_form_sent_twice_is_one_answer(ahead):
    reference, case = await decided(ahead)
    async with ahead.browser() as browser:
        page = await page_of(browser, case)
        for _ in range(2):
            await answered(ahead, browser, case, page, solved="no", text="It still leaks.")
    seen = await ahead.tuntas.view(reference)
    assert (seen.disputes, applied(seen)) == (1, [])


async def test_a_yes_by_a_forwarded_link_is_told_to_the_address_on_file_and_can_be_objected_to(ahead):
    address = f"owner-{time.monotonic_ns()}@example.co.id"
    reference, case = await decided(ahead, complainant={"name": "Sari", "email": address, "language": "en"})
    async with ahead.browser() as stranger, ahead.browser() as sari:
        await answered(ahead, stranger, case, solved="yes")
        mail = await ahead.mail(lambda m: address in m["To"] and m["Subject"].startswith("Your complaint is solved"))
        body = mail.get_body(("plain",)).get_content()
        assert "If it was not you who told us so" in " ".join(body.split())
        link = re.search(rf"{re.escape(ahead.url)}(/en/case/\S+/answer\?solved=no)", body)[1]
        theirs = link.partition("/answer")[0]
        text = "It was not me who answered."
        assert "your request to open the complaint again" in await answered(
            ahead, sari, theirs, await page_of(sari, theirs, "no"), solved="no", text=text
        )
    seen = await ahead.until(reference, lambda seen: any(e.kind == "reopening_requested" for e in seen.timeline))
    assert applied(seen) == [(True, True), (False, False)]
    assert "reopening_request_received" in [notice.occasion for notice in seen.notices]
    assert seen.status == Status.CLOSED


async def test_an_answer_that_crosses_a_reopening_changes_nothing_and_the_page_says_so(ahead):
    reference, case = await decided(ahead)
    async with ahead.browser() as browser, ahead.browser() as late:
        old = await page_of(late, case)
        await answered(ahead, browser, case, solved="yes")
        await ahead.until(reference, lambda seen: seen.status == Status.CLOSED)
        await ahead.act(reference, "reopen", reason="new_facts", text="A photo turned up.")
        assert "It concerned an earlier decision" in await answered(
            ahead, late, case, old, solved="no", text="It still leaks."
        )
        assert "We are looking at your complaint again." in await page_of(browser, case)
        await ahead.act(reference, "decide", outcome="upheld", reasons="Once more.", remedies=[])
        seen = await ahead.tuntas.view(reference)
        assert (seen.status, seen.disputes) == (Status.RESOLVED, 0)
        assert applied(seen) == [(True, True), (False, False)]
        hidden = dict(HIDDEN.findall(await page_of(late, case))) | {"decision": "1"}
        ahead.ahead += timedelta(seconds=5)
        sent = await late.post(f"{case}/answer", data={**hidden, "solved": "yes"})
        assert sent.headers["location"].endswith("?done=earlier")
    assert (await ahead.tuntas.view(reference)).status == Status.RESOLVED


async def test_a_revoked_or_expired_link_answers_nothing(ahead):
    reference, case = await decided(ahead)
    async with ahead.browser() as browser:
        page = await page_of(browser, case)
        hidden = dict(HIDDEN.findall((await browser.get(f"{case}/revoke")).text))
        ahead.ahead += timedelta(seconds=5)
        assert (await browser.post(f"{case}/revoke", data=hidden)).status_code == 200
        ahead.ahead += timedelta(seconds=5)
        sent = await browser.post(f"{case}/answer", data={**dict(HIDDEN.findall(page)), "solved": "yes"})
        assert sent.status_code == 404
    assert (await ahead.tuntas.view(reference)).status == Status.RESOLVED


async def archived(site):
    """Archived with a decision that was never answered: withdrawn after it."""
    reference, case = await decided(site)
    await site.tuntas.withdraw(reference, key="w")
    await site.until(reference, lambda seen: seen.status == Status.ARCHIVED)
    return reference, case


async def test_after_the_archive_a_no_asks_for_a_reopening_and_a_yes_is_noted(ahead):
    reference, case = await archived(ahead)
    async with ahead.browser() as browser:
        assert "we have noted it" in (await answered(ahead, browser, case, solved="yes")).lower()
        said = await answered(ahead, browser, case, solved="no", text="It leaks again.")
        assert "your request to open the complaint again" in said
        assert "It leaks again." in said
    seen = await ahead.until(reference, lambda seen: seen.status == Status.ARCHIVED)
    assert applied(seen) == [(True, False), (False, False)]
    await ahead.tuntas.act(
        reference, command("decline_reopening", f"decline-{time.monotonic_ns()}", reason="It was replaced in May.")
    )
    async with ahead.browser() as browser:
        page = (await browser.get(case)).text
        assert "We decided that your complaint stays closed" in page
        assert "It was replaced in May." in page
    mail = await ahead.mail(lambda m: reference in m["Subject"] and "stays closed" in m["Subject"])
    assert "BPSK" in mail.get_body(("plain",)).get_content()


# the API


async def test_over_the_api_an_answer_twice_late_and_to_an_earlier_decision(api):
    case = f"/complaints/{(await api.file()).json()['reference']}"
    agent = {"id": "sari", "role": "agent"}

    async def act(**fields):
        answer = await api.say(f"{case}/commands", actor=agent, **fields)
        assert answer.status_code == 200, answer.text

    async def state():
        shown = (await api.get(case)).json()
        entries = (await api.get(f"{case}/timeline", params={"limit": 200})).json()["items"]
        said = [
            (e["detail"]["decision"], e["detail"]["satisfied"], e["detail"].get("applied", True))
            for e in entries
            if e["kind"] == "satisfaction_confirmed"
        ]
        return shown["status"], shown["disputes"], shown["reopenings"], said

    await act(act="decide", outcome="upheld", reasons="Faulty.")
    body = {"satisfied": True, "decision": 1}
    key = {"idempotency-key": f"answer-{time.monotonic_ns()}"}
    for _ in range(2):
        assert (await api.post(f"{case}/answers", json=body, headers=key)).status_code == 202
    assert (await api.post(f"{case}/answers", json={"satisfied": False}, headers=key)).status_code in (409, 422)
    assert await state() == ("closed", 0, 0, [(1, True, True)])
    assert (await api.say(f"{case}/answers", **body)).status_code == 202
    assert await state() == ("closed", 0, 0, [(1, True, True), (1, True, False)])
    assert (await api.say(f"{case}/answers", satisfied=False, text="It is back.")).status_code == 202
    entries = (await api.get(f"{case}/timeline", params={"limit": 200})).json()["items"]
    (request,) = [e for e in entries if e["kind"] == "reopening_requested"]
    await act(act="reopen", reason="problem_returned", text="It is back.", facts=[request["detail"]["message"]])
    refused = await api.say(
        f"{case}/commands", actor=agent, act="reopen", reason="new_facts", text="Also this."
    )  # fmt: skip
    assert refused.status_code == 409
    assert "open again already" in refused.text
    await act(act="decide", outcome="upheld", reasons="Again.")
    assert (await api.say(f"{case}/answers", satisfied=True, decision=1)).status_code == 202
    assert (await state())[:3] == ("resolved", 0, 1)
    assert (await api.say(f"{case}/answers", satisfied=True, decision=2)).status_code == 202
    assert (await state())[0] == "closed"
