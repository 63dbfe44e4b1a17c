"""Signing in at the desk with a password, sessions, and forms that come too late or from elsewhere."""

import asyncio
import re

import pytest

from complaints.vocabulary import Role
from database import accounts, kept_forms, sessions
from database.pool import transaction
from tests.fixtures.desk import PASSWORD, desk_on
from web.auth import throttle
from web.auth.entering import within

pytestmark = pytest.mark.services


async def state_of(browser):
    """Whether a browser is signed in."""
    return (await browser.get("/account")).status_code == 200


class TestPasswords:
    async def test_the_right_one_opens_a_session_and_goes_on(self, desk):
        await desk.account("siti")
        async with desk.browser() as browser:
            asked = await browser.get("/desk/policies?x=1")
            assert asked.headers["location"] == "/sign-in?to=%2Fdesk%2Fpolicies%3Fx%3D1"
            answer = await browser.sign_in("siti", to="/desk/policies?x=1")
            assert (answer.status_code, answer.headers["location"]) == (303, "/desk/policies?x=1")
            cookie = answer.headers.get_list("set-cookie")[0].lower()
            assert "httponly" in cookie
            assert "samesite=lax" in cookie
            assert "secure" not in cookie
            shown = await browser.get("/account")
            assert "Siti" in shown.text
            assert shown.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in shown.headers["content-security-policy"]
            assert (await browser.get("/sign-in?to=/account")).headers["location"] == "/account"

    async def test_over_https_the_cookie_belongs_to_this_host_alone(self, database_url):
        async with await desk_on(database_url, base_url="https://desk.test") as secure:
            await secure.account("siti")
            async with secure.browser() as browser:
                answer = await browser.sign_in("siti")
                cookie = answer.headers.get_list("set-cookie")[0]
                assert cookie.startswith("__Host-tuntas-session=")
                assert "; secure" in cookie.lower()
                assert "domain" not in cookie.lower()
                assert "path=/" in cookie.lower()
                assert "max-age" in answer.headers["strict-transport-security"]
                assert await state_of(browser)

    async def test_whatever_is_wrong_is_said_in_the_same_words(self, desk):
        await desk.account("siti")
        await desk.account("gone")
        await desk.account("elsewhere", password=None)
        async with transaction(desk.pool) as conn:
            await accounts.disable(conn, "gone", desk.now)
        async with desk.browser() as browser:
            answers = [
                await browser.sign_in(name, password)
                for name, password in (
                    ("siti", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD), ("elsewhere", ""), ("", ""),
                )
            ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {422}
        said = {re.sub(r'name="account" value="\w*"', "", answer.text) for answer in answers}
        assert len(said) == 1

    async def test_an_unknown_account_is_hashed_for_like_a_known_one(self, desk, monkeypatch):
        await desk.account("siti")
        hasher = desk.services.passwords._hasher
        hashed = []
        for name in ("verify", "verify_and_update"):
            real = getattr(hasher, name)
            monkeypatch.setattr(hasher, name, lambda *a, _real=real: (hashed.append(1), _real(*a))[1])
        async with desk.browser() as browser:
            await browser.sign_in("siti", "wrong")
            known = len(hashed)
            await browser.sign_in("nobody", "wrong")
        assert (known, len(hashed)) == (1, 2)

    async def test_what_is_typed_never_reaches_the_access_log(self, desk):
        async with desk.browser() as browser:
            await browser.sign_in("my secret in the wrong field", "x")
        async with transaction(desk.pool) as conn:
            rows = await (await conn.execute("SELECT * FROM access_log")).fetchall()
        assert len(rows) == 1
        assert "secret" not in repr(rows)


class TestThrottling:
    async def test_tries_are_limited_and_time_lifts_the_limit(self, desk):
        await desk.account("siti")
        async with desk.browser() as stranger:
            for _ in range(throttle.LIMITS["account"]):
                assert (await stranger.sign_in("siti", "wrong")).status_code == 422
            refused = await stranger.sign_in("siti", PASSWORD)
            assert refused.status_code == 429
            desk.later(seconds=throttle.WINDOW.total_seconds() + 1)
            assert (await stranger.sign_in("siti", PASSWORD)).status_code == 303

    async def test_an_unknown_account_is_throttled_as_a_known_one_is(self, desk):
        async with desk.browser() as stranger:
            codes = [(await stranger.sign_in("nobody", "wrong")).status_code for _ in range(12)]
        assert codes == [422] * 10 + [429] * 2

    async def test_its_owner_is_not_locked_out_where_they_have_signed_in_before(self, desk):
        await desk.account("siti")
        owner = await desk.signed_in("siti", address="192.0.2.7")
        await owner.submit("/sign-out")
        for number in range(30):  # from many addresses, all the time
            async with desk.browser(address=f"198.51.100.{number}") as stranger:
                await stranger.sign_in("siti", "wrong")
        async with desk.browser(address="203.0.113.1") as stranger:
            assert (await stranger.sign_in("siti", PASSWORD)).status_code == 429
        assert (await owner.sign_in("siti")).status_code == 303
        await owner.aclose()

    async def test_an_address_is_limited_over_all_accounts(self, desk):
        await desk.account("siti")
        async with desk.browser(address="198.51.100.9") as stranger:
            for number in range(throttle.LIMITS["address"]):
                await stranger.sign_in(f"name{number}", "wrong")
            assert (await stranger.sign_in("siti")).status_code == 429
        async with desk.browser(address="203.0.113.1") as other:
            assert (await other.sign_in("siti")).status_code == 303

    async def test_tries_at_once_are_counted_one_after_the_other(self, desk):
        await desk.account("siti")
        async with desk.browser() as stranger:
            answers = await asyncio.gather(*(stranger.sign_in("siti", "wrong") for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 10

    async def test_a_right_password_takes_its_try_back(self, desk):
        await desk.account("siti")
        for _ in range(throttle.LIMITS["address"] + 2):
            await (await desk.signed_in("siti")).aclose()


class TestSessions:
    async def test_idle_and_absolute_expiry(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        for _ in range(24):  # in use every half hour but a minute: it ends all the same after twelve hours
            desk.later(minutes=29)
            assert await state_of(browser)
        desk.later(minutes=29)
        assert not await state_of(browser)
        other = await desk.signed_in("siti")
        desk.later(minutes=31)
        assert not await state_of(other)
        for one in (browser, other):
            await one.aclose()

    async def test_signing_in_anew_ends_the_session_before_it(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        old = browser.cookies["tuntas-session"]
        await browser.sign_in("siti")
        assert browser.cookies["tuntas-session"] != old
        async with desk.browser(cookies={"tuntas-session": old}) as thief:
            assert not await state_of(thief)
        await browser.aclose()

    async def test_a_session_cannot_be_chosen_for_somebody(self, desk):
        await desk.account("siti")
        async with desk.browser(cookies={"tuntas-session": "chosen"}) as victim:
            await victim.sign_in("siti")
        async with desk.browser(cookies={"tuntas-session": "chosen"}) as thief:
            assert not await state_of(thief)

    async def test_signing_out_ends_it_for_whoever_has_the_cookie(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        copy = desk.browser(cookies={"tuntas-session": browser.cookies["tuntas-session"]})
        assert await state_of(copy)
        assert (await browser.submit("/sign-out")).headers["location"] == "/sign-in?out=1"
        assert not await state_of(copy)
        await copy.aclose()
        await browser.aclose()

    async def test_one_sees_ones_own_sessions_and_ends_them(self, desk):
        await desk.account("siti")
        await desk.account("andi")
        here, there, stranger = [await desk.signed_in(name) for name in ("siti", "siti", "andi")]
        async with transaction(desk.pool) as conn:
            idle = desk.services.terms.idle
            own = await sessions.listed(conn, desk.now, idle, account="siti")
            others = await sessions.listed(conn, desk.now, idle, account="andi")
        assert (await here.submit(f"/account/sessions/{others[0].number}/end")).status_code == 404
        assert await state_of(stranger)
        assert (await here.submit("/account/sign-out-everywhere")).status_code == 303
        assert len(own) == 2
        assert [await state_of(one) for one in (here, there, stranger)] == [False, False, True]
        for one in (here, there, stranger):
            await one.aclose()

    async def test_disabling_an_account_or_changing_its_role_ends_its_sessions(self, desk):
        account = await desk.account("siti")
        browser = await desk.signed_in("siti")
        async with transaction(desk.pool) as conn:
            await accounts.change(conn, account.model_copy(update={"name": "Siti Aminah"}), desk.now)
        assert await state_of(browser)
        async with transaction(desk.pool) as conn:
            await accounts.change(conn, account.model_copy(update={"role": Role.LEAD}), desk.now)
        assert not await state_of(browser)
        await browser.sign_in("siti")
        async with transaction(desk.pool) as conn:
            await accounts.disable(conn, "siti", desk.now)
        assert not await state_of(browser)
        assert (await browser.sign_in("siti")).status_code == 422
        await browser.aclose()

    async def test_a_new_password_ends_the_other_sessions(self, desk):
        await desk.account("siti")
        here, there = await desk.signed_in("siti"), await desk.signed_in("siti")
        for new, present in (("short", PASSWORD), ("siti siti siti", PASSWORD), ("quite another one", "wrong")):
            assert (await here.submit("/account/password", present=present, new=new)).status_code == 422
        assert await state_of(there)
        changed = await here.submit("/account/password", present=PASSWORD, new="quite another one")
        assert changed.status_code == 303
        assert [await state_of(one) for one in (here, there)] == [True, False]
        assert (await there.sign_in("siti")).status_code == 422
        assert (await there.sign_in("siti", "quite another one")).status_code == 303
        for one in (here, there):
            await one.aclose()

    async def test_what_is_stored_of_a_cookie_opens_nothing(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        async with transaction(desk.pool) as conn:
            stored = await (await conn.execute("SELECT * FROM sessions")).fetchall()
        assert browser.cookies["tuntas-session"] not in repr(stored)
        await browser.aclose()


class TestForms:
    async def test_a_forged_form_is_refused(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        token = await browser.token()
        path = "/account/sign-out-everywhere"
        assert (await browser.post(path)).status_code == 403
        assert (await browser.post(path, data={"csrf": "0" * 64})).status_code == 403
        for headers in (
            {"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"},
        ):  # fmt: skip
            assert (await browser.post(path, data={"csrf": token}, headers=headers)).status_code == 403
        assert await state_of(browser)
        own = {"origin": "http://desk.test", "sec-fetch-site": "same-origin"}
        assert (await browser.post(path, data={"csrf": token}, headers=own)).status_code == 303
        await browser.aclose()

    async def test_a_form_of_an_older_session_or_of_somebody_else_is_refused(self, desk):
        await desk.account("siti")
        await desk.account("andi")
        browser, other = await desk.signed_in("siti"), await desk.signed_in("andi")
        old, foreign = await browser.token(), await other.token()
        await browser.sign_in("siti")
        for token in (old, foreign):
            assert (await browser.post("/sign-out", data={"csrf": token})).status_code == 403
        assert await state_of(browser)
        for one in (browser, other):
            await one.aclose()

    async def test_nobody_is_signed_in_by_another_site(self, desk):
        await desk.account("siti")
        async with desk.browser() as browser:
            fields = {"account": "siti", "password": PASSWORD}
            forged = await browser.post("/sign-in", data=fields, headers={"origin": "https://evil.test"})
            assert forged.status_code == 403

    async def test_nobody_is_led_away_after_signing_in(self, desk):
        await desk.account("siti")
        for to in ("https://evil.test", "//evil.test", "/\\evil.test", "javascript:x", "/a\nb", "/" * 3000):
            assert within(to) == "/desk"
            async with desk.browser() as browser:
                assert (await browser.sign_in("siti", to=to)).headers["location"] == "/desk"

    async def test_a_script_is_told_and_not_redirected(self, desk):
        async with desk.browser() as browser:
            answer = await browser.get("/account", headers={"accept": "text/event-stream"})
            assert (answer.status_code, answer.json()["field"]) == (401, "session")


ANSWER = "Terima kasih. " * 400 + '<script>alert("x")</script>'


class TestTypedInAnEndedSession:
    async def test_what_was_typed_is_kept_and_shown_after_sign_in(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        fields = {"present": PASSWORD, "new": ANSWER, "csrf": await browser.token()}
        desk.later(hours=13)
        late = await browser.post("/account/password?x=1", data=fields)
        assert late.headers["location"] == "/sign-in?to=%2Fkept&kept=1"
        assert "What you typed is kept" in (await browser.get(late.headers["location"])).text
        onward = await browser.sign_in("siti", to="/account")
        assert onward.headers["location"] == "/kept?to=%2Faccount"
        page = await browser.get(onward.headers["location"])
        assert "&lt;script&gt;" in page.text
        assert "<script>" not in page.text
        assert page.text.count("Terima kasih") == 2 * 400  # to be read, and to be sent
        number = re.search(r"/kept/(\d+)/send", page.text)[1]
        sent = await browser.submit(f"/kept/{number}/send", present=PASSWORD, new=ANSWER)
        assert (sent.status_code, sent.headers["location"]) == (307, "/account/password?x=1")
        assert (await browser.get("/kept?to=/account")).headers["location"] == "/account"
        await browser.aclose()

    async def test_a_form_and_its_drafts_are_one_and_the_form_prevails(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        token = await browser.token()
        desk.later(hours=13)

        async def come(way, place, text, key="desk-1"):
            path = f"/desk/cases/TTS-7D3K9QX2M4R8V/{way}/{place}"
            await browser.post(path, data={"csrf": token, "key": key, "text": text})

        for way, text in (
            ("drafts", "Kami"),
            ("drafts", "Kami per"),
            ("acts", "Kami periksa."),
            ("drafts", "Kami per"),
        ):
            await come(way, "answer", text)
        await come("drafts", "note", "Lain.")  # the forms of a page have one key
        await come("acts", "answer", "Di halaman lain.", key="desk-2")
        async with transaction(desk.pool) as conn:
            kept = await kept_forms.of_account(conn, "siti")
        assert [(one.path.split("/", 4)[4], dict(one.fields)["text"]) for one in kept] == [
            ("acts/answer", "Kami periksa."), ("drafts/note", "Lain."), ("acts/answer", "Di halaman lain."),
        ]  # fmt: skip
        await browser.aclose()

    async def test_it_is_nobody_elses(self, desk):
        await desk.account("siti")
        await desk.account("andi")
        browser = await desk.signed_in("siti")
        fields = {"note": "only mine", "csrf": await browser.token()}
        desk.later(hours=13)
        await browser.post("/account/password", data=fields)
        onward = await browser.sign_in("andi")
        assert onward.headers["location"] == "/account"
        assert "only mine" not in (await browser.get("/kept")).text
        async with transaction(desk.pool) as conn:
            (kept,) = await kept_forms.of_account(conn, "siti")
        for what in ("send", "drop"):
            await browser.submit(f"/kept/{kept.number}/{what}")
        async with transaction(desk.pool) as conn:
            assert await kept_forms.of_account(conn, "siti") == (kept,)
        await browser.aclose()

    async def test_it_can_be_dropped(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        fields = {"note": "a note", "csrf": await browser.token()}
        desk.later(hours=13)
        await browser.post("/account/password", data=fields)
        await browser.sign_in("siti")
        async with transaction(desk.pool) as conn:
            (kept,) = await kept_forms.of_account(conn, "siti")
        assert (await browser.submit(f"/kept/{kept.number}/drop")).status_code == 303
        assert (await browser.get("/kept")).headers["location"] == "/desk"
        await browser.aclose()

    async def test_after_signing_out_in_another_tab_it_is_kept_too(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        fields = {"note": "from the other tab", "csrf": await browser.token()}
        await browser.submit("/sign-out")
        assert "kept=1" in (await browser.post("/account/password", data=fields)).headers["location"]
        await browser.aclose()

    @pytest.mark.parametrize("cookie", [{}, {"tuntas-session": "unknown"}])
    async def test_what_cannot_be_kept_is_shown_to_be_copied(self, desk, cookie):
        async with desk.browser(cookies=cookie) as browser:
            answer = await browser.post("/account/password", data={"note": ANSWER})
        assert answer.status_code == 401
        assert answer.text.count("Terima kasih") == 400
        assert "<script>" not in answer.text

    async def test_a_form_from_another_site_is_not_kept(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        desk.later(hours=13)
        await browser.post("/account/password", data={"note": "planted"}, headers={"origin": "https://evil.test"})
        async with transaction(desk.pool) as conn:
            assert await kept_forms.of_account(conn, "siti") == ()
        await browser.aclose()
