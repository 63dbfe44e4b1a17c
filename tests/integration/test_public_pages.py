"""The public pages against a real service: every flow that a mistake, a stranger or an outage may take."""

import asyncio
import re
from datetime import timedelta

import httpx2
import pytest

from channels.files import checked_file
from channels.signing import Link, Purpose
from complaints.errors import Unreachable
from database import attachments, complaints
from database.pool import transaction
from tests.fixtures.site import Site

pytestmark = pytest.mark.services

STORY = "Ketel saya bocor & <b>panas</b> sekali."
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def ahead(site: Site):
    """A person takes longer than a program: the forms here are read by a clock that may be put forward."""
    yield site
    site.ahead = timedelta(0)


async def opened(browser: httpx2.AsyncClient, address: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return dict(HIDDEN.findall((await browser.get(address)).text))


async def sent(site: Site, browser, address, *, files=(), headers=None, wait=True, **fields) -> httpx2.Response:
    ticket = fields.pop("ticket", None) or (await opened(browser, address))["ticket"]
    site.ahead += timedelta(seconds=5 if wait else 0)
    data = {"ticket": ticket, **fields}
    attached = [("evidence", file) for file in files] or None
    return await browser.post(address, data=data, files=attached, headers=headers)


def token_of(response: httpx2.Response) -> str:
    assert response.status_code == 303, response.text
    return response.headers["location"].split("/case/")[1].split("/")[0]


async def test_a_complaint_with_evidence_becomes_a_case_and_a_receipt(ahead):
    async with ahead.browser() as browser:
        answer = await sent(
            ahead, browser, "/id/complaint", text=STORY, category="billing", email="sari@example.co.id",
            language="en", reached_by="email", for_other="yes", represented_by="Budi", consent="yes",
            files=[("..\\bon.txt", b"Lunas", "text/html"), ("bon.txt", b"Lunas", "text/plain")],
        )  # fmt: skip
        token = token_of(answer)
        link = ahead.signer.read(token, ahead.now())
        assert link.purpose is Purpose.RECEIPT
        seen = await ahead.tuntas.view(link.reference)
        assert seen.timeline[0].detail["text"] == STORY
        receipt = await browser.get(answer.headers["location"])
        assert link.reference in receipt.text
        assert "paling lambat" in receipt.text
        await ahead.until(link.reference, lambda seen: any(n.handed_over_at for n in seen.notices))
        async with transaction(ahead.tuntas.pool) as conn:
            row = await complaints.get(conn, link.reference)
            (file,) = await attachments.of_case(conn, link.reference)
        assert (row.represented_by, row.language) == ("Budi", "en")
        (agreed,) = [entry.detail["text"] for entry in seen.timeline if entry.kind == "consent_recorded"]
        assert "setuju" in agreed
        assert file.name == "bon.txt"
        page = await browser.get(f"/id/case/{token}")
        assert "&lt;b&gt;panas&lt;/b&gt;" in page.text
        assert "<b>panas" not in page.text
        served = await browser.get(f"/id/case/{token}/files/{file.sha256}")
        assert served.content == b"Lunas"
        assert served.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in served.headers["content-security-policy"]
        facts = [e for e in (await ahead.tuntas.view(link.reference)).timeline if e.kind == "fact_reported"]
        assert facts == [], "a link shown on the screen proves no address"


async def test_the_link_in_the_mail_proves_the_contact_once(ahead):
    reference = await ahead.filed()
    mail = await ahead.mail(lambda m: reference in m["Subject"])
    address = re.search(rf"{re.escape(ahead.url)}(/en/case/\S+)", mail.get_body(("plain",)).get_content())[1]
    await ahead.until(reference, lambda seen: seen.status == "investigation")
    async with ahead.browser() as browser:
        for _ in range(3):
            assert (await browser.get(address)).status_code == 200
    seen = await ahead.tuntas.view(reference)
    (fact,) = [entry.detail for entry in seen.timeline if entry.kind == "fact_reported"]
    assert (fact["fact"], fact["given"]) == ("contact_proven", {"channel": "email", "by": "link"})


async def test_a_representative_is_shown_nothing_of_the_content_before_the_consent(ahead):
    secret, file = "Dapur saya terbakar.", checked_file("surat kuasa.txt", b"Setuju")
    await ahead.tuntas.keep([file])
    person = {"name": "Wati", "email": "anak@example.co.id", "represented_by": "Andi", "language": "en"}
    reference = await ahead.filed(text=secret, complainant=person, evidence=[file.evidence.model_dump()])
    await ahead.tuntas.reply(reference, key="more", text="Dan kompornya meleleh.")
    await ahead.mail(lambda m: reference in m["Subject"])
    case = f"/en/case/{ahead.token(reference)}"
    async with ahead.browser() as browser:
        before = await browser.get(case)
        assert before.status_code == 200
        assert [one for one in (secret, "meleleh", "surat kuasa", "Billing", "Wati") if one in before.text] == []
        assert "waiting until the person you speak for agrees" in before.text
        assert (await browser.get(f"{case}/files/{file.evidence.sha256}")).status_code == 404
        assert secret not in (await browser.get(f"{case}/receipt")).text
        for asked in (await browser.get(f"{case}/answer"), await sent(ahead, browser, f"{case}/withdraw")):
            assert secret not in asked.text
        assert (await browser.get(f"{case}/answer")).headers["location"] == f"{case}/consent"
        wrong = await sent(ahead, browser, f"{case}/consent", text="By a letter")
        assert (wrong.status_code, "By a letter" in wrong.text) == (422, True)
        letter = ("brief.txt", b"Ja", "text/plain")
        told = await sent(ahead, browser, f"{case}/consent", text="By a letter", sure="yes", files=[letter])
        assert told.headers["location"] == f"{case}?done=consented"
        seen = await ahead.until(reference, lambda seen: seen.status == "investigation")
        (agreed,) = [entry.detail["text"] for entry in seen.timeline if entry.kind == "consent_recorded"]
        assert agreed == "By a letter"
        after = await browser.get(case)
        assert [one for one in (secret, "meleleh", "surat kuasa", "brief.txt") if one not in after.text] == []
        assert (await browser.get(f"{case}/consent")).headers["location"] == case, "it is asked for once"


async def test_a_form_that_is_sent_twice_at_once_is_one_case(ahead):
    async with ahead.browser() as browser:
        ticket = (await opened(browser, "/en/complaint"))["ticket"]
        ahead.ahead += timedelta(seconds=5)
        both = [sent(ahead, browser, "/en/complaint", ticket=ticket, text=STORY) for _ in range(2)]
        one, other = [ahead.signer.read(token_of(r), ahead.now()).reference for r in await asyncio.gather(*both)]
        assert one == other
        changed = await sent(ahead, browser, "/en/complaint", ticket=ticket, text="Something else.")
        assert changed.status_code == 409
        assert "Something else." in changed.text
        assert HIDDEN.findall(changed.text) != [("ticket", ticket)]


BAD = {
    "nothing": ({"text": " "}, "Tell us what happened."),
    "an address": ({"email": "x@y@z\r\nBcc: a@b.c"}, "as name@example.co.id"),
    "a number": ({"phone": "12"}, "country code"),
    "too long": ({"text": "a" * 20_001}, "at most 20,000"),
    "no consent": ({"for_other": "yes", "represented_by": "Budi"}, "Confirm that the person agrees."),
    "a channel without address": ({"reached_by": "phone"}, "Give a phone number"),
    "a foreign choice": ({"category": "no such"}, "cannot be used"),
    "a honeypot": ({"website": "https://spam.example"}, "must stay empty"),
}


@pytest.mark.parametrize(("fields", "said"), BAD.values(), ids=BAD)
async def test_what_was_typed_survives_what_is_wrong(ahead, fields, said):
    async with ahead.browser() as browser:
        answer = await sent(ahead, browser, "/en/complaint", **{"text": STORY, "name": "Sari <&>", **fields})
        assert answer.status_code in (400, 422)
        assert said in answer.text
        assert 'value="Sari &lt;&amp;&gt;"' in answer.text
        again = {"ticket": dict(HIDDEN.findall(answer.text))["ticket"], "text": STORY}
        assert (await sent(ahead, browser, "/en/complaint", **again)).status_code == 303


FILES = {
    "empty": (b"", "is empty"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>', "of a kind"),
    "html": (b"<!doctype html><script>x()</script>", "of a kind"),
    "program": (b"MZ\x90\x00" + bytes(200), "of a kind"),
    "large": (b"a" * (10 * 1024 * 1024 + 1), "too large"),
}


@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES)
async def test_a_file_that_is_not_taken_is_refused_and_the_text_stays(ahead, content, said):
    async with ahead.browser() as browser:
        bad = [("photo.jpg", content, "image/jpeg")]
        answer = await sent(ahead, browser, "/en/complaint", text=STORY, files=bad)
        assert (answer.status_code, said in answer.text) == (422, True)
        assert "&lt;b&gt;panas" in answer.text


async def test_files_need_not_be_chosen_again_after_a_mistake(ahead):
    async with ahead.browser() as browser:
        files = [("a.txt", b"satu", "text/plain"), ("b.txt", b"dua", "text/plain")]
        wrong = await sent(ahead, browser, "/en/complaint", text="", files=files)
        hidden = dict(HIDDEN.findall(wrong.text))
        drop = re.search(r'name="(drop-\w+)" type="checkbox" value="yes">\s*<label[^>]*>Do not send b.txt', wrong.text)
        answer = await sent(ahead, browser, "/en/complaint", text=STORY, **hidden, **{drop[1]: "yes"})
        reference = ahead.signer.read(token_of(answer), ahead.now()).reference
        async with transaction(ahead.tuntas.pool) as conn:
            assert [file.name for file in await attachments.of_case(conn, reference)] == ["a.txt"]
        forged = {**hidden, "kept": hidden["kept"][:-2] + "xx"}
        assert "a.txt" not in (await sent(ahead, browser, "/en/complaint", text="", **forged)).text


async def test_a_body_that_is_too_large_leaves_the_text(ahead):
    async with ahead.browser() as browser:
        big = [(f"{number}.txt", b"a" * (9 * 1024 * 1024), "text/plain") for number in range(4)]
        answer = await sent(ahead, browser, "/en/complaint", text=STORY, files=big)
        assert answer.status_code == 413
        assert "&lt;b&gt;panas" in answer.text
        many = [(f"{number}.txt", b"a", "text/plain") for number in range(21)]
        assert "too many files" in (await sent(ahead, browser, "/en/complaint", text=STORY, files=many)).text


async def test_forms_that_another_site_a_robot_or_the_past_sends_come_back_with_their_text(ahead):
    async with ahead.browser() as browser, ahead.browser() as stranger:
        foreign = await sent(
            ahead, browser, "/en/complaint", text=STORY, headers={"origin": "https://evil.example"}
        )  # fmt: skip
        crossing = await sent(ahead, browser, "/en/complaint", text=STORY, headers={"sec-fetch-site": "cross-site"})
        ticket = (await opened(browser, "/en/complaint"))["ticket"]
        without = await stranger.post("/en/complaint", data={"ticket": ticket, "text": STORY})
        theirs = await sent(ahead, stranger, "/en/complaint", ticket=ticket, text=STORY)
        quick = await sent(ahead, browser, "/en/complaint", text=STORY, wait=False)
        old = (await opened(browser, "/en/complaint"))["ticket"]
        ahead.ahead += timedelta(hours=13)
        late = await sent(ahead, browser, "/en/complaint", ticket=old, text=STORY)
    found = [(r.status_code, "&lt;b&gt;panas" in r.text) for r in (foreign, crossing, without, theirs, quick, late)]
    assert found == [(403, True), (403, True), (400, True), (400, True), (422, True), (400, True)]
    assert "cookie" in without.text


async def test_too_many_forms_are_asked_to_wait(ahead):
    async with ahead.browser() as browser:
        for _ in range(20):
            await sent(ahead, browser, "/en/link", email="not an address")
        answer = await sent(ahead, browser, "/en/link", email="sari@example.co.id")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
        assert "sari@example.co.id" in answer.text


async def test_an_outage_keeps_the_text_and_makes_no_second_case(ahead, monkeypatch):
    async with ahead.browser() as browser:
        ticket = (await opened(browser, "/en/complaint"))["ticket"]

        async def away(*_):
            raise Unreachable("away", field="temporal", remedy="repeat")

        with monkeypatch.context() as patched:
            patched.setattr(type(ahead.tuntas), "file", away)
            answer = await sent(ahead, browser, "/en/complaint", ticket=ticket, text=STORY)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "&lt;b&gt;panas" in answer.text
        again = dict(HIDDEN.findall(answer.text))["ticket"]
        one = token_of(await sent(ahead, browser, "/en/complaint", ticket=again, text=STORY))
        other = token_of(await sent(ahead, browser, "/en/complaint", ticket=ticket, text=STORY))
        assert ahead.signer.read(one, ahead.now()).reference == ahead.signer.read(other, ahead.now()).reference


async def test_links_that_open_nothing_all_look_the_same(ahead):
    reference = await ahead.filed()
    good = ahead.token(reference)
    expired = ahead.signer.token(
        Link(reference=reference, purpose=Purpose.FOLLOW, expires_at=ahead.now() - timedelta(seconds=1))
    )
    other = ahead.signer.token(
        Link(reference=reference, purpose=Purpose.UNSUBSCRIBE, expires_at=ahead.now() + timedelta(days=1))
    )
    nobody = ahead.token("TTS-0000000000000")
    async with ahead.browser() as browser:
        assert (await browser.get(f"/en/case/{good}")).status_code == 200
        bad = ("guessed", good[:-1], good[:40], expired, other, nobody, ahead.token(reference, 7), "%00", "a" * 5000)
        found = [await browser.get(f"/en/case/{token}") for token in bad]
        assert {answer.status_code for answer in found} == {404}
        bodies = {re.sub(r'href="/id/case/[^"]*"', "", answer.text) for answer in found}
        assert len(bodies) == 1
        assert "/en/link" in bodies.pop()
        posted = await browser.post(f"/en/case/{good[:-1]}/withdraw", data={"sure": "yes"})
        assert posted.status_code == 404


async def test_files_of_another_case_and_of_agents_are_not_served(ahead):
    async with ahead.browser() as browser:
        answer = await sent(
            ahead, browser, "/en/complaint", text=STORY, files=[("a.txt", b"only hers", "text/plain")]
        )  # fmt: skip
        hers = ahead.signer.read(token_of(answer), ahead.now()).reference
        async with transaction(ahead.tuntas.pool) as conn:
            (file,) = await attachments.of_case(conn, hers)
        his = await ahead.filed()
        assert (await browser.get(f"/en/case/{ahead.token(his)}/files/{file.sha256}")).status_code == 404
        assert (await browser.get(f"/en/case/{ahead.token(hers)}/files/{file.sha256}")).status_code == 200
        (inner,) = await ahead.tuntas.keep([checked_file("b.txt", b"for the handler only")])
        await ahead.act(hers, "attach", **inner.model_dump())
        async with transaction(ahead.tuntas.pool) as conn:
            await attachments.link(conn, hers, inner, ahead.now())
        assert (await browser.get(f"/en/case/{ahead.token(hers)}/files/{inner.sha256}")).status_code == 404


async def test_a_get_changes_nothing_and_withdrawing_takes_a_confirmation(ahead):
    reference = await ahead.filed()
    case = f"/en/case/{ahead.token(reference)}"
    await ahead.until(reference, lambda seen: seen.status == "investigation")
    async with ahead.browser() as browser:
        for part in ("answer?solved=yes", "withdraw", "revoke", "preferences"):
            assert (await browser.get(f"{case}/{part}")).status_code == 200
        assert (await ahead.tuntas.view(reference)).status == "investigation"
        assert (await sent(ahead, browser, f"{case}/withdraw")).status_code == 422
        assert (await sent(ahead, browser, f"{case}/withdraw", sure="yes", text="Solved")).status_code == 303
        seen = await ahead.until(reference, lambda seen: seen.closing_reason == "withdrawn")
        assert [e.detail["text"] for e in seen.timeline if e.kind == "withdrawn"] == ["Solved"]


async def test_each_promise_is_confirmed_or_denied_on_its_own_page(ahead):
    reference = await ahead.filed()
    await ahead.act(reference, "add_action", description="Send the <b>credit note</b>", within="2 days")
    await ahead.act(reference, "complete_action", action=1)
    asked = await ahead.mail(lambda mail: reference in str(mail["Subject"]) and "promise" in str(mail["Subject"]))
    link = re.search(r"/en/case/[^/\s]+/promises/1\?kept=no", asked.get_body(("plain",)).get_content())
    assert link, "the mail leads to the page of the promise"
    address = f"/en/case/{ahead.token(reference)}/promises/1"
    async with ahead.browser() as browser:
        page = (await browser.get(link[0])).text
        assert "Send the &lt;b&gt;credit note&lt;/b&gt;" in page
        assert re.search(r'value="no" checked', page)
        assert "You have not told us yet" in (await browser.get(f"/en/case/{ahead.token(reference)}")).text
        assert [e.kind for e in (await ahead.tuntas.view(reference)).timeline if e.kind == "action_denied"] == []
        missing = await sent(ahead, browser, address, kept="no", text="")
        assert missing.status_code == 422
        answered = await sent(ahead, browser, address, kept="no", text="It never came.")
        assert answered.headers["location"].endswith("?done=answered")
        seen = await ahead.until(reference, lambda view: view.actions[0].answer == "denied")
        assert (seen.actions[0].completed_at, seen.timeline[-1].actor.role) == (None, seen.timeline[-1].actor.role)
        assert "You told us that a promise was not kept" in (
            await browser.get(f"/en/case/{ahead.token(reference)}")
        ).text  # fmt: skip
        await sent(ahead, browser, address, kept="yes", text="")
        seen = await ahead.until(reference, lambda view: view.actions[0].answer == "confirmed")
        assert seen.status == "investigation"
        assert (await browser.get(f"/en/case/{ahead.token(reference)}/promises/9")).status_code == 404


async def test_language_and_channel_are_chosen(ahead):
    reference = await ahead.filed()
    case = f"/en/case/{ahead.token(reference)}"
    await ahead.mail(lambda m: reference in m["Subject"])
    async with ahead.browser() as browser:
        without = await sent(ahead, browser, f"{case}/preferences", language="id", reached_by="phone")
        assert (without.status_code, "Give a phone number" in without.text) == (422, True)
        answer = await sent(
            ahead, browser, f"{case}/preferences", language="id", reached_by="phone", phone="0812 3456 7890"
        )  # fmt: skip
        assert answer.headers["location"].startswith("/id/case/")
        seen = await ahead.tuntas.view(reference)
        (amended,) = [e.detail["changed"] for e in seen.timeline if e.kind == "amended"]
        assert amended == ["language", "phone", "preferred_channel"]


async def test_a_lost_link_is_mailed_and_a_stranger_learns_nothing(ahead):
    address = f"lost-{ahead.now().timestamp()}@example.co.id"
    reference = await ahead.filed(complainant={"email": address})
    await ahead.mail(lambda m: reference in m["Subject"])
    async with ahead.browser() as browser:
        known = await sent(ahead, browser, "/en/link", email=address.upper())
        unknown = await sent(ahead, browser, "/en/link", email="nobody@example.co.id")
        assert [(r.status_code, r.headers["location"], r.text) for r in (known, unknown)] == [
            (303, "/en/link/sent", "")
        ] * 2  # fmt: skip
        mail = await ahead.mail(lambda m: m["Subject"] == "The link to your complaint" and address in m["To"])
        link = re.search(rf"{re.escape(ahead.url)}(/en/case/\S+)", mail.get_body(("plain",)).get_content())[1]
        assert reference in (await browser.get(link)).text
    assert not any("nobody@" in m["To"] for m in ahead.mails())


async def test_revoked_links_open_nothing_and_a_new_one_comes(ahead):
    address = f"revoked-{ahead.now().timestamp()}@example.co.id"
    reference = await ahead.filed(complainant={"email": address})
    await ahead.mail(lambda m: reference in m["Subject"])
    case = f"/en/case/{ahead.token(reference)}"
    async with ahead.browser() as browser:
        assert (await sent(ahead, browser, f"{case}/revoke")).status_code == 200
        assert (await browser.get(case)).status_code == 404
        assert (await sent(ahead, browser, f"{case}/reply", ticket="x", text="Mine")).status_code == 400
        mail = await ahead.mail(lambda m: m["Subject"] == "The link to your complaint" and address in m["To"])
        link = re.search(rf"{re.escape(ahead.url)}(/en/case/\S+)", mail.get_body(("plain",)).get_content())[1]
        assert (await browser.get(link)).status_code == 200


async def test_the_front_door_speaks_the_visitors_language(site):
    async with site.browser() as browser:
        for accepted, language in (("en-GB,id;q=0.5", "en"), ("de", "id"), ("", "id"), ("id;q=0.1, en;q=x", "id")):
            answer = await browser.get("/", headers={"accept-language": accepted})
            assert answer.headers["location"] == f"/{language}", accepted
        page = await browser.get("/en/complaint")
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        assert "httponly" in page.headers["set-cookie"].lower()
        assert "samesite=lax" in page.headers["set-cookie"].lower()
        assert "Toko Jaya" in page.text


async def closed_case(site: Site) -> str:
    """The address of a case that was decided, confirmed and closed."""
    reference = await site.filed()
    await site.act(reference, "decide", outcome="upheld", reasons="You are right.")
    await site.until(reference, lambda seen: seen.status == "resolved")
    await site.tuntas.confirm(reference, key=f"yes-{reference}", satisfied=True)
    await site.until(reference, lambda seen: seen.status == "closed")
    return reference


def answers_of(seen) -> list[dict]:
    return [entry.detail for entry in seen.timeline if entry.kind == "survey_answered"]


async def test_the_survey_is_offered_after_closing_and_answered_in_part(ahead):
    reference = await closed_case(ahead)
    case = f"/en/case/{ahead.token(reference)}"
    async with ahead.browser() as browser:
        assert f"{case}/survey" in (await browser.get(case)).text
        await browser.get(f"{case}/survey")
        assert answers_of(await ahead.tuntas.view(reference)) == []
        nothing = await sent(ahead, browser, f"{case}/survey")
        assert (nothing.status_code, "at least one question" in nothing.text) == (422, True)
        wrong = await sent(ahead, browser, f"{case}/survey", outcome="6", handling="5", text="Quick.")
        assert wrong.status_code == 422
        assert "from 1 to 5" in wrong.text
        assert "Quick." in wrong.text
        ticket = (await opened(browser, f"{case}/survey"))["ticket"]
        for _ in range(2):
            answer = await sent(
                ahead, browser, f"{case}/survey", ticket=ticket, outcome="2", handling="5", effort="4", solved="yes"
            )
            assert answer.headers["location"].endswith("?done=surveyed")
        seen = await ahead.until(reference, answers_of)
        assert answers_of(seen) == [
            {"scores": {"outcome": 2, "handling": 5, "effort": 4}, "solved": True, "closing": 1}
        ]
        page = (await browser.get(f"{case}?done=surveyed")).text
        assert "Your satisfaction with the result: 2 of 5." in page
        assert seen.status == "closed"


async def test_that_it_came_back_takes_words_and_opens_the_case_again(ahead):
    reference = await closed_case(ahead)
    case = f"/id/case/{ahead.token(reference)}"
    async with ahead.browser() as browser:
        without = await sent(ahead, browser, f"{case}/survey", solved="no")
        assert "Ceritakan apa yang muncul lagi" in without.text
        answer = await sent(ahead, browser, f"{case}/survey", solved="no", text="Bocor lagi.")
        assert answer.headers["location"].endswith("?done=came_back")
        seen = await ahead.until(reference, lambda seen: seen.status == "investigation")
        assert seen.reopenings == 1
        page = (await browser.get(case)).text
        assert "Bocor lagi." in page
        assert f"{case}/survey" not in page


async def test_stop_takes_a_button_and_the_survey_is_offered_no_more(ahead):
    reference = await closed_case(ahead)
    case = f"/en/case/{ahead.token(reference)}"
    async with ahead.browser() as browser:
        await browser.get(f"{case}/stop")
        assert not any(entry.kind == "surveys_stopped" for entry in (await ahead.tuntas.view(reference)).timeline)
        answer = await sent(ahead, browser, f"{case}/stop")
        assert answer.headers["location"].endswith("?done=stopped")
        await ahead.until(reference, lambda seen: any(entry.kind == "surveys_stopped" for entry in seen.timeline))
        assert f"{case}/survey" not in (await browser.get(case)).text
    await ahead.mail(lambda mail: reference in mail["Subject"] and "not ask you again" in mail["Subject"])


async def test_before_closing_there_is_nothing_to_survey(ahead):
    reference = await ahead.filed()
    case = f"/en/case/{ahead.token(reference)}"
    async with ahead.browser() as browser:
        assert f"{case}/survey" not in (await browser.get(case)).text
        answer = await browser.get(f"{case}/survey")
        assert (answer.status_code, answer.headers["location"]) == (303, case)
