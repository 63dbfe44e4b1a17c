"""Signing in at an OpenID Connect provider: a real one, in a thread."""

import base64
import hashlib
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import flask
import httpx2
import oidc_provider_mock
import pytest
from oidc_provider_mock import User
from pydantic import SecretStr
from werkzeug.serving import make_server

from complaints.vocabulary import Role
from database import accounts
from database.pool import transaction
from tests.fixtures.desk import desk_on
from web.auth.terms import Provider, Terms

pytestmark = pytest.mark.services

BASE = "http://desk.test"


def person(sub, **claims):
    return User(sub=sub, claims={"preferred_username": sub, "name": sub.title(), **claims})


PEOPLE = (
    person("rina", roles=["care-lead"], teams=["frontline", "specialist"], locale="en-GB"),
    person("adi", roles="agent admin", teams="frontline"),
    person("both", roles=["auditor", "admin", "agent"]),
    person("guest", roles=["visitor"]),
    person("odd", preferred_username="no spaces, please", roles=["agent"]),
)


TOKEN_REQUESTS: list[dict[str, str]] = []


@pytest.fixture(scope="module")
def server():
    """The provider's address. What was asked of its token endpoint stands in `TOKEN_REQUESTS`."""
    provider = oidc_provider_mock.app(require_nonce=True, user_claims=PEOPLE)

    @provider.before_request
    def note():
        if flask.request.path == "/oauth2/token":
            TOKEN_REQUESTS.append(flask.request.form.to_dict())

    running = make_server("localhost", 0, provider, threaded=True)
    thread = Thread(target=running.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://localhost:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def terms(server):
    provider = Provider(
        issuer=server, client_id="tuntas", client_secret=SecretStr("a secret"), name="Kantor",
        roles={"care-lead": Role.LEAD},
    )  # fmt: skip
    return Terms(provider=provider)


async def leave(browser, to="/account"):
    """The address at the provider to which the browser is sent."""
    answer = await browser.get(f"/sign-in/provider?to={to}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def authorized(address, sub):
    """Where the provider sends the browser back to, after its user has said yes."""
    async with httpx2.AsyncClient() as there:
        answer = await there.post(address, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(f"{BASE}/sign-in/return?")
    return answer.headers["location"].removeprefix(BASE)


async def signed_in(browser, sub):
    return await browser.get(await authorized(await leave(browser), sub))


async def account(desk, name):
    async with transaction(desk.pool) as conn:
        return await accounts.get(conn, name)


async def test_role_and_teams_come_from_the_claims(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        assert "Sign in with Kantor" in (await browser.get("/sign-in")).text
        asked = parse_qs(urlsplit(await leave(browser)).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert {"state", "nonce", "code_challenge"} <= set(asked)
        answer = await signed_in(browser, "rina")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        page = (await browser.get("/account")).text
        assert "frontline, specialist" in page
        assert "New password" not in page
        rina = await account(desk, "rina")
        assert (rina.role, rina.teams, rina.language, rina.has_password) == (
            Role.LEAD, ("frontline", "specialist"), "en", False,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("sub", "role", "administers"), [("adi", Role.AGENT, True), ("both", Role.AUDITOR, False)]
)  # fmt: skip
async def test_several_roles_are_one_and_an_auditor_is_nothing_else(database_url, terms, sub, role, administers):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        assert (await signed_in(browser, sub)).status_code == 303
        found = await account(desk, sub)
        assert (found.role, found.administers) == (role, administers)
        allowed = (await browser.get("/desk/admin/accounts")).status_code
        assert allowed == (200 if administers else 403)


@pytest.mark.parametrize(("sub", "said"), [("guest", "no role"), ("odd", "does not fit")])
async def test_who_has_no_role_or_no_name_is_told_so_and_gets_no_account(database_url, terms, sub, said):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        answer = await signed_in(browser, sub)
        assert answer.status_code == 403
        assert said in answer.text
        async with transaction(desk.pool) as conn:
            assert await accounts.fetch(conn) == ()


async def test_rights_are_those_that_the_provider_gives_at_each_sign_in(database_url, terms, server):
    claims = {"preferred_username": "dewi", "roles": ["admin"]}
    async with (
        await desk_on(database_url, terms=terms) as desk,
        desk.browser() as browser,
        desk.browser() as elsewhere,
        httpx2.AsyncClient(base_url=server) as there,
    ):
        await there.put("/users/dewi", json=claims)
        await signed_in(browser, "dewi")
        assert (await browser.get("/desk/admin/accounts")).status_code == 200
        await there.put("/users/dewi", json=claims | {"roles": ["agent"]})
        await signed_in(elsewhere, "dewi")
        assert (await elsewhere.get("/desk/admin/accounts")).status_code == 403
        assert (await browser.get("/account")).status_code == 303  # the session with the old rights has ended


async def test_coming_back_works_once_and_only_in_the_browser_that_left(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser, desk.browser() as other:
        back = await authorized(await leave(browser), "rina")
        assert (await other.get(back)).status_code == 403
        assert (await browser.get(back)).status_code == 303
        assert (await browser.get(back)).status_code == 403
        await other.get(f"/sign-in/return?{urlsplit(back).query}")
        assert (await other.get("/account")).status_code == 303


async def test_another_code_state_or_nonce_does_not_fit(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        back = await authorized(await leave(browser), "rina")
        assert (await browser.get(re.sub("code=[^&]*", "code=guessed", back))).status_code == 403
        back = await authorized(await leave(browser), "rina")
        assert (await browser.get(re.sub("state=[^&]*", "state=guessed", back))).status_code == 403
        address = re.sub("nonce=[^&]*", "nonce=planted", await leave(browser))
        assert (await browser.get(await authorized(address, "rina"))).status_code == 403
        assert (await browser.get("/account")).status_code == 303


async def test_the_code_is_redeemed_with_the_verifier_of_its_challenge(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        address = await leave(browser)
        await browser.get(await authorized(address, "rina"))
        sent = TOKEN_REQUESTS[-1]
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        assert parse_qs(urlsplit(address).query)["code_challenge"] == [challenge]
        assert sent["redirect_uri"] == f"{BASE}/sign-in/return"


async def test_a_sign_in_that_took_too_long_is_begun_anew(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        back = await authorized(await leave(browser), "rina")
        desk.later(minutes=16)
        assert (await browser.get(back)).status_code == 403


async def test_who_says_no_at_the_provider_is_not_let_in(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        state = parse_qs(urlsplit(await leave(browser)).query)["state"][0]
        assert (await browser.get(f"/sign-in/return?error=access_denied&state={state}")).status_code == 403


async def test_a_name_at_the_provider_takes_over_no_account_here(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        await desk.account("rina", Role.ADMIN)
        assert (await signed_in(browser, "rina")).status_code == 403
        assert (await account(desk, "rina")).role is Role.ADMIN


async def test_an_account_prepared_without_a_password_is_theirs(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        await desk.account("rina", Role.AGENT, password=None)
        assert (await signed_in(browser, "rina")).status_code == 303
        found = await account(desk, "rina")
        assert (found.role, found.subject) == (Role.LEAD, "rina")


async def test_a_disabled_account_stays_out(database_url, terms):
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        await signed_in(browser, "rina")
        async with transaction(desk.pool) as conn:
            await accounts.disable(conn, "rina", desk.now)
        assert (await signed_in(browser, "rina")).status_code == 403


@pytest.fixture
def impostor():
    """A provider whose discovery document names another issuer."""

    class Discovery(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"issuer": "https://real.example", "authorization_endpoint": "https://evil.test/"}')

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Discovery) as running:
        thread = Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", ["away", "impostor"])
async def test_a_provider_that_is_away_or_names_another_issuer_is_not_gone_to(database_url, impostor, kind):
    issuer = impostor if kind == "impostor" else "http://127.0.0.1:9"
    terms = Terms(provider=Provider(issuer=issuer, client_id="tuntas"))
    async with await desk_on(database_url, terms=terms) as desk, desk.browser() as browser:
        answer = await browser.get("/sign-in/provider")
        assert answer.status_code == 503
        assert "does not answer" in answer.text


async def test_without_a_provider_there_is_none(desk):
    async with desk.browser() as browser:
        assert (await browser.get("/sign-in/provider")).status_code == 404
        assert (await browser.get("/sign-in/return?state=x&code=y")).status_code == 404


async def test_local_accounts_can_be_left_out(database_url, terms):
    only = terms.model_copy(update={"local_accounts": False})
    async with await desk_on(database_url, terms=only) as desk, desk.browser() as browser:
        await desk.account("siti")
        assert 'type="password"' not in (await browser.get("/sign-in")).text
        assert (await browser.sign_in("siti")).status_code == 404
