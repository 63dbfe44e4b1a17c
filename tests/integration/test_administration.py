"""The administration, the access log and the policies: what each page does, for whom, and what it leaves behind."""

import csv
import io
import re
from datetime import timedelta

import psycopg
import pytest

from complaints.vocabulary import Language, Occasion, Role
from database import access, accounts, agents
from database.access import Access, Search
from database.pool import transaction
from policies import load, packs, texts
from tests.fixtures.desk import PASSWORD
from web.desk.sample_notices import sample

pytestmark = pytest.mark.services

ADMIN_PAGES = (
    "/desk/admin/agents", "/desk/admin/agents/new", "/desk/admin/agents/siti", "/desk/admin/teams",
    "/desk/admin/accounts", "/desk/admin/accounts/new", "/desk/admin/accounts/boss", "/desk/admin/sessions",
    "/desk/admin/keys", "/desk/admin/keys/new",
)  # fmt: skip


async def log_of(desk, **wanted):
    async with transaction(desk.pool) as conn:
        return await access.search(conn, Search(**wanted))


@pytest.fixture
async def admin(desk):
    await desk.agent("siti")
    await desk.account("boss", Role.ADMIN)
    browser = await desk.signed_in("boss")
    yield browser
    await browser.aclose()


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.AUDITOR])
    async def test_only_an_administrator_sees_and_changes(self, desk, role):
        await desk.agent("siti")
        await desk.account("siti", role)
        await desk.account("boss", Role.ADMIN)
        browser = await desk.signed_in("siti")
        for path in ADMIN_PAGES:
            assert (await browser.get(path)).status_code == 403, path
        for path in (
            "accounts/siti",
            "accounts/boss/disable",
            "accounts/boss/password",
            "agents/siti/away",
            "keys/new",
        ):
            assert (await browser.submit(f"/desk/admin/{path}", role="admin")).status_code == 403, path
        async with transaction(desk.pool) as conn:
            found = {one.id: (one.role, one.disabled_at) for one in await accounts.fetch(conn)}
        assert found == {"siti": (role, None), "boss": (Role.ADMIN, None)}
        await browser.aclose()

    async def test_only_an_auditor_reads_the_access_log(self, desk, admin):
        await desk.account("audit", Role.AUDITOR)
        auditor = await desk.signed_in("audit")
        for path in ("/desk/access", "/desk/access/export.csv"):
            assert (await admin.get(path)).status_code == 403
            assert (await auditor.get(path)).status_code == 200
        await auditor.aclose()

    async def test_every_page_is_there_in_both_languages(self, desk, admin):
        for language, word in ((Language.EN, "Administration"), (Language.ID, "Administrasi")):
            await admin.submit("/language", language=language, to="/account")
            for path in ADMIN_PAGES:
                page = await admin.get(path)
                assert page.status_code == 200, path
                assert f'lang="{language}"' in page.text
                assert word in page.text
                assert not re.search(r"<script|style=|\son\w+=", page.text), path


class TestAgents:
    async def test_one_is_added_corrected_and_cannot_be_added_twice(self, desk, admin):
        fields = {
            "id": "budi", "name": "Budi <b>", "email": "budi@example.com", "role": "lead", "tier": "specialist",
            "skills": "billing, defective_product", "languages": ["id", "en"],
        }  # fmt: skip
        assert (await admin.submit("/desk/admin/agents/new", **fields)).status_code == 303
        async with transaction(desk.pool) as conn:
            (budi,) = await agents.fetch(conn, desk.now, agent_id="budi")
        assert (budi.role, budi.tier, budi.skills) == (Role.LEAD, "specialist", ("billing", "defective_product"))
        assert budi.team == {tier.name: tier.team for tier in desk.services.tuntas.policy.tiers}["specialist"]
        assert "Budi &lt;b&gt;" in (await admin.get("/desk/admin/agents")).text
        taken = await admin.submit("/desk/admin/agents/new", **fields)
        assert (taken.status_code, "of this id already" in taken.text) == (422, True)
        assert (await admin.submit("/desk/admin/agents/budi", tier="frontline", role="agent")).status_code == 303
        assert [row.what for row in await log_of(desk, actor_id="boss")][:2] == ["save_agent", "save_agent"]

    @pytest.mark.parametrize(
        "wrong", [{"id": "not an id"}, {"tier": "nowhere"}, {"role": "admin"}, {"languages": ["xx"]}, {"id": ""}]
    )  # fmt: skip
    async def test_what_cannot_be_used_is_refused_and_kept_in_the_form(self, desk, admin, wrong):
        fields = {"id": "budi", "name": "Somebody new", "role": "agent", "tier": "frontline"} | wrong
        answer = await admin.submit("/desk/admin/agents/new", **fields)
        assert answer.status_code == 422
        assert "Somebody new" in answer.text
        assert 'role="alert"' in answer.text

    async def test_away_with_a_substitute_and_back(self, desk, admin):
        await desk.agent("andi")
        until = (desk.now + timedelta(days=5)).date().isoformat()
        path = "/desk/admin/agents/siti/away"
        for wrong in ({"substitute": "nobody"}, {"substitute": "siti"}, {"until": "2020-01-01"}, {"until": "soon"}):
            assert (await admin.submit(path, **wrong)).status_code == 422
        assert (await admin.submit(path, until=until, substitute="andi")).status_code == 303
        shown = (await admin.get("/desk/admin/agents")).text
        assert "away until" in shown
        assert "Substitute: andi" in shown
        assert (await admin.submit("/desk/admin/agents/siti/back")).status_code == 303
        assert "away until" not in (await admin.get("/desk/admin/agents")).text
        assert (await admin.submit("/desk/admin/agents/nobody/back")).status_code == 404


class TestAccounts:
    async def test_a_password_is_made_shown_once_and_opens(self, desk, admin):
        fields = {"id": "siti", "name": "Siti", "role": "lead", "with_password": "yes"}
        shown = await admin.submit("/desk/admin/accounts/new", **fields)
        password = re.search(r'<pre tabindex="0">([^<]+)</pre>', shown.text)[1]
        async with desk.browser() as browser:
            assert (await browser.sign_in("siti", password)).status_code == 303
        assert password not in (await admin.get("/desk/admin/accounts/siti")).text
        anew = await admin.submit("/desk/admin/accounts/siti/password")
        other = re.search(r'<pre tabindex="0">([^<]+)</pre>', anew.text)[1]
        async with desk.browser() as browser:
            assert (await browser.sign_in("siti", password)).status_code == 422
            assert (await browser.sign_in("siti", other)).status_code == 303

    async def test_whoever_handles_cases_is_an_agent_first(self, desk, admin):
        refused = await admin.submit("/desk/admin/accounts/new", id="nobody", role="agent")
        assert (refused.status_code, "no agent of this id" in refused.text) == (422, True)
        assert (await admin.submit("/desk/admin/accounts/new", id="audit", role="auditor")).status_code == 303

    async def test_another_role_or_being_disabled_ends_the_sessions(self, desk, admin):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        await admin.submit("/desk/admin/accounts/siti", role="lead", name="Siti", language="en")
        assert (await browser.get("/account")).status_code == 303
        await browser.sign_in("siti")
        assert (await admin.submit("/desk/admin/accounts/siti/disable")).status_code == 303
        assert (await browser.get("/account")).status_code == 303
        assert (await browser.sign_in("siti")).status_code == 422
        await admin.submit("/desk/admin/accounts/siti/enable")
        assert (await browser.sign_in("siti")).status_code == 303
        await browser.aclose()

    async def test_an_administrator_ends_a_session(self, desk, admin):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        page = (await admin.get("/desk/admin/sessions")).text
        number = re.search(r"/desk/admin/sessions/(\d+)/end[^>]*>(?:(?!</form>).)*of siti", page, re.DOTALL)[1]
        await admin.submit(f"/desk/admin/sessions/{number}/end")
        assert (await browser.get("/account")).status_code == 303
        assert (await log_of(desk, what="end_session"))[0].about == "siti"
        await browser.aclose()

    @pytest.mark.parametrize("path", ["", "/disable"])
    async def test_nobody_takes_the_administration_from_themselves(self, desk, admin, path):
        answer = await admin.submit(f"/desk/admin/accounts/boss{path}", role="auditor")
        assert answer.status_code == 422
        async with transaction(desk.pool) as conn:
            boss = await accounts.get(conn, "boss")
        assert (boss.role, boss.disabled_at) == (Role.ADMIN, None)


class TestApiKeys:
    async def test_one_is_made_shown_once_given_a_new_secret_and_revoked(self, desk, admin):
        made = await admin.submit("/desk/admin/keys/new", service="shop", scopes=["file", "read"], companies="A, B")
        first = re.search(r"tuntas_([a-z0-9]{12})_[\w-]+", made.text)
        assert await self.opens(desk, first[0])
        listed = (await admin.get("/desk/admin/keys")).text
        assert all(word in listed for word in ("shop", "file complaints, see cases", "A, B", "1200", first[1]))
        assert first[0] not in listed
        second = re.search(r"tuntas_\w{12}_[\w-]+", (await admin.submit(f"/desk/admin/keys/{first[1]}/rotate")).text)[0]
        assert second != first[0]
        assert await self.opens(desk, first[0])  # for a day, so that the service can change over
        assert await self.opens(desk, second)
        desk.later(hours=25)
        assert (await admin.sign_in("boss")).status_code == 303
        assert not await self.opens(desk, first[0])
        revoked = await admin.submit(f"/desk/admin/keys/{first[1]}/revoke")
        assert revoked.headers["location"] == "/desk/admin/keys?done=revoked"
        assert not await self.opens(desk, second)
        assert f"/{first[1]}/rotate" not in (await admin.get("/desk/admin/keys")).text
        for change in ("rotate", "revoke"):
            assert (await admin.submit(f"/desk/admin/keys/{first[1]}/{change}")).status_code == 404
        logged = [(entry.what, entry.about) for entry in await log_of(desk, actor_id="boss") if "api_key" in entry.what]
        assert logged == [(f"{what}_api_key", first[1]) for what in ("revoke", "rotate", "create")]

    async def opens(self, desk, token):
        async with desk.browser() as service:
            answer = await service.get("/api/v1/complaints", headers={"authorization": f"Bearer {token}"})
        return answer.status_code != 401  # whatever else it may say of the request

    @pytest.mark.parametrize("wrong", [{"service": "Shop!"}, {"scopes": []}, {"scopes": ["all"]}, {"per_minute": "x"}])
    async def test_what_cannot_be_used_is_refused_and_kept_in_the_form(self, desk, admin, wrong):
        answer = await admin.submit("/desk/admin/keys/new", **{"service": "shop", "scopes": ["file"], **wrong})
        assert answer.status_code == 422
        assert f'value="{wrong.get("service", "shop")}"' in answer.text
        assert "tuntas_" not in answer.text


class TestAccessLog:
    @pytest.fixture
    async def auditor(self, desk):
        await desk.account("audit", Role.AUDITOR)
        browser = await desk.signed_in("audit")
        yield browser
        await browser.aclose()

    async def fill(self, desk, count=1, **more):
        entry = {"at": desk.now, "actor_id": "siti", "actor_role": Role.AGENT, "what": "view_case"} | more
        async with transaction(desk.pool) as conn:
            for _ in range(count):
                await access.note(conn, Access(**entry))

    async def test_it_cannot_be_changed(self, desk):
        await self.fill(desk)
        for change in ("UPDATE access_log SET what = 'x'", "DELETE FROM access_log", "TRUNCATE access_log"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                async with transaction(desk.pool) as conn:
                    await conn.execute(change)

    async def test_it_is_searched_by_person_complaint_action_result_and_day(self, desk, auditor):
        await self.fill(desk, reference="TTS-A", what="respond")
        await self.fill(desk, reference="TTS-B", what="decide", actor_id="andi", result="refused", problem="no <b>")
        await self.fill(desk, reference="TTS-C", what="note", at=desk.now - timedelta(days=40))
        old = (desk.now - timedelta(days=40)).date()
        for query, seen in (
            ("actor_id=andi", "B"), ("reference=tts-a", "A"), ("what=decide", "B"), ("result=refused", "B"),
            ("actor_id=siti&what=respond", "A"), (f"from={desk.now.date() - timedelta(days=2)}", "AB"),
            (f"until={old + timedelta(days=2)}", "C"), (f"from={old - timedelta(days=2)}", "ABC"),
            ("actor_id=nobody", ""),
        ):  # fmt: skip
            page = (await auditor.get(f"/desk/access?{query}")).text
            rows = page.partition("<tbody>")[2]
            assert {name for name in "ABC" if f">TTS-{name}<" in rows} == set(seen), query
        assert "no &lt;b&gt;" in (await auditor.get("/desk/access")).text
        assert (await auditor.get("/desk/access?actor_id=%00")).status_code == 404
        wrong = await auditor.get("/desk/access?from=soon&until=9999-12-31&before=x")
        assert (wrong.status_code, "This is no day." in wrong.text) == (200, True)

    async def test_what_happened_is_said_in_words_in_the_readers_language(self, desk, auditor):
        for what in ("case", "respond", "unheard_of"):
            await self.fill(desk, what=what)
        page = (await auditor.get("/desk/access?what=respond")).text
        assert '<option value="respond" selected>Answer</option>' in page
        rows = (await auditor.get("/desk/access")).text.partition("<tbody>")[2]
        assert all(f"<td>{one}</td>" in rows for one in ("Looked at the case", "Answer", "unheard_of"))
        await desk.account("pemeriksa", Role.AUDITOR, language=Language.ID)
        other = await desk.signed_in("pemeriksa")
        assert "<td>Melihat pengaduan</td>" in (await other.get("/desk/access")).text
        assert '<option value="unheard_of" selected>' in (await other.get("/desk/access?what=unheard_of")).text
        await other.aclose()

    async def test_paging_shows_every_row_once_and_stands_still(self, desk, auditor):
        await self.fill(desk, 250, actor_id="many")
        seen, address = [], "/desk/access?actor_id=many"
        while address:
            page = (await auditor.get(address)).text
            seen.append(page.count("<td>many</td>"))
            await self.fill(desk, 5, actor_id="many")  # what comes meanwhile moves nothing
            older = re.search(r'href="(\?[^"]*before=[^"]*)"', page)
            address = f"/desk/access{older[1].replace('&amp;', '&')}" if older else None
        assert seen == [100, 100, 50]
        newer = re.search(r'href="(\?[^"]*after=[^"]*)"', page)[1].replace("&amp;", "&")
        assert (await auditor.get(f"/desk/access{newer}")).text.count("<td>many</td>") == 100

    async def test_it_is_taken_out_as_csv_with_the_same_filters(self, desk, auditor):
        await self.fill(desk, 3, reference="TTS-A")
        await self.fill(desk, problem="=HYPERLINK(1)", actor_id="andi")
        whole = await auditor.get("/desk/access/export.csv")
        assert whole.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(whole.text)))
        assert {"'=HYPERLINK(1)"} <= {row["problem"] for row in rows}
        some = list(csv.DictReader(io.StringIO((await auditor.get("/desk/access/export.csv?reference=TTS-A")).text)))
        assert [row["reference"] for row in some] == ["TTS-A"] * 3
        assert (await log_of(desk, what="export_access_log"))[0].actor_id == "audit"

    async def test_signing_in_and_out_and_failing_to_is_in_it(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        await browser.submit("/sign-out")
        await browser.sign_in("siti", "wrong")
        found = [(row.what, row.result, row.actor_id) for row in await log_of(desk)]
        assert found == [("sign_in", "refused", "siti"), ("sign_out", "ok", "siti"), ("sign_in", "ok", "siti")]
        await browser.aclose()

    @pytest.mark.parametrize("column", ["actor_id", "reference", "what"])
    async def test_a_search_uses_an_index(self, desk, column):
        async with transaction(desk.pool) as conn:
            await conn.execute(
                "INSERT INTO access_log (at, actor_id, actor_role, what, reference, result) SELECT"
                " now() - n * interval '1 minute', 'a' || n % 500, 'agent', 'w' || n % 500, 'TTS-' || n % 500, 'ok'"
                " FROM generate_series(1, 20000) AS n"
            )
            await conn.execute("ANALYZE access_log")
            params = access._params(Search(**{column: "TTS-7" if column == "reference" else column[0] + "7"}), 100)
            plan = await conn.execute(f"EXPLAIN {access.QUERIES['search_before']}", params | {"number": None})
            text = "\n".join(row[0] for row in await plan.fetchall())
        assert "Seq Scan" not in text


class TestPolicies:
    @pytest.fixture
    async def reader(self, desk):
        await desk.account("siti")
        browser = await desk.signed_in("siti")
        yield browser
        await browser.aclose()

    async def test_they_are_listed_shown_and_compared(self, desk, reader):
        listed = (await reader.get("/desk/policies")).text
        for pack in packs():
            assert f'href="/desk/policies/{pack}"' in listed
        shown = (await reader.get("/desk/policies/uk.fca.disp")).text
        assert "# unconfirmed" in shown or "uk.fca.disp" in shown
        compared = (await reader.get("/desk/policies/compare?before=id.default&after=demo")).text
        assert "clocks" in compared
        same = (await reader.get("/desk/policies/compare?before=demo&after=demo")).text
        assert "The two are the same." in same

    @pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc", "%2Fetc%2Fpasswd", "../../settings.py"])
    async def test_nothing_is_read_by_its_path(self, desk, reader, name):
        assert (await reader.get(f"/desk/policies/{name}/texts")).status_code == 404
        assert (await reader.get(f"/desk/policies/compare?before={name}&after=demo")).status_code == 404

    async def test_a_notice_is_shown_as_its_texts_render_it(self, desk, reader):
        policy = load("id.default")
        for language in policy.languages:
            query = f"language={language}&occasion={Occasion.DECISION}"
            shown = (await reader.get(f"/desk/policies/id.default/texts?{query}")).text
            said = texts("id.default").render(sample(policy, Occasion.DECISION, language, desk.now), language)
            assert said.subject in shown
            assert said.body.split("\n\n")[0].split("\n")[0] in shown


@pytest.mark.parametrize("pack", packs())
def test_every_text_of_every_pack_can_be_previewed(pack):
    policy = load(pack)
    at = Access(at="2026-11-22T09:00:00Z", actor_id="x", actor_role=Role.AGENT, what="x").at
    for language in policy.languages:
        for occasion in Occasion:
            said = texts(pack).render(sample(policy, occasion, language, at), language)
            assert said.subject.strip()
            assert "None" not in said.body


def test_the_password_of_these_tests_may_be_set():
    assert len(PASSWORD) > 12
