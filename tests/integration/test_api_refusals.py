"""What must not work: wrong and stolen keys, other companies' cases, broken and oversized bodies, floods, outages."""

import json
import time
from datetime import timedelta

import httpx2
import pytest

from channels.files import LARGEST as LARGEST_FILE
from database import access, api_keys
from database.api_keys import Scope
from database.pool import connection, transaction
from starter.client import connect
from telemetry.logs import JsonLines
from tests.fixtures.web import Api, a_key, services_of
from web.api import evidence
from web.api import keys as api_keys_web
from web.api.bodies import LARGEST
from web.api.keys import new_secret
from web.limits import TooMany

pytestmark = pytest.mark.services

WORDS = "Budi Santoso dari Jalan Mawar"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF_AND_ZIP = b"GIF89a" + bytes(40) + b"PK\x05\x06" + bytes(18)


def kind(response):
    """The name of a problem; its form is that of every problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    found = response.json()
    assert found.keys() == {"type", "title", "status", "field", "problem", "remedy"}
    assert found["status"] == response.status_code
    assert WORDS not in response.text
    return found["type"].rpartition("#")[2]


class TestKeys:
    async def test_no_key_and_wrong_ones_are_answered_alike(self, api):
        gone, expired = await api.another(), await api.another()
        now = api.services.now()
        async with transaction(api.services.pool) as conn:
            await api_keys.revoke(conn, gone.key_id, now)
            await conn.execute("UPDATE api_secrets SET expires_at = now() WHERE key_id = %s", (expired.key_id,))
        mine, other = api.token.rpartition("_")[0], new_secret(api.key_id).token
        tokens = (None, "x", gone.token, expired.token, other, f"tuntas_{'a' * 12}_{'b' * 43}", mine)
        answers = [await api.stranger(token).get("/complaints") for token in tokens]
        assert {kind(answer) for answer in answers} == {"unauthorised"}
        assert len({answer.text for answer in answers}) == 1
        assert {answer.headers["www-authenticate"] for answer in answers} == {'Bearer realm="tuntas"'}
        assert (await api.get("/complaints")).status_code == 200

    async def test_a_rotated_key_has_two_secrets_until_the_old_one_ends(self, api):
        service = await api.another()
        secret, now = new_secret(service.key_id), api.services.now()
        async with transaction(api.services.pool) as conn:
            until = now + timedelta(hours=1)
            assert await api_keys.rotate(conn, service.key_id, secret.digest, now=now, until=until)
        for token in (service.token, secret.token):
            assert (await api.stranger(token).get("/complaints")).status_code == 200
        later = services_of(api.services.tuntas)
        object.__setattr__(later, "now", lambda: now + timedelta(hours=2))
        for token, status in ((service.token, 401), (secret.token, 200)):
            assert (await Api(later, token).get("/complaints")).status_code == status

    async def test_only_digests_are_kept_and_the_last_use(self, api):
        await api.get("/complaints")
        async with transaction(api.services.pool) as conn:
            rows = await (await conn.execute("SELECT row_to_json(s)::text FROM api_secrets AS s")).fetchall()
            listed = await api_keys.fetch(conn, api.services.now(), api.key_id)
        secret = api.token.split("_", 2)[2]  # it may hold one itself
        assert not any(secret in row[0] or secret.encode().hex() in row[0] for row in rows)
        assert listed[0].last_used_at is not None

    @pytest.mark.parametrize(
        ("scope", "method", "path", "body"),
        [
            (Scope.READ, "POST", "/complaints", {"text": "x"}),
            (Scope.FILE, "GET", "/complaints", None),
            (Scope.FILE, "POST", "/complaints/{}/messages", {"text": "x"}),
            (Scope.MESSAGE, "POST", "/complaints/{}/facts", {"fact": "x"}),
            (Scope.FACT, "POST", "/complaints/{}/commands", {"act": "resume", "actor": {"id": "x"}}),
            (Scope.FACT, "POST", "/files", None),
        ],
    )
    async def test_a_key_does_what_it_is_for(self, api, scope, method, path, body):
        service = await api.another(scope)
        answer = await service.request(
            method, path.format("TTS-7D3K9QX2M4R8V"), json=body, headers={"idempotency-key": a_key()}
        )
        assert (answer.status_code, kind(answer)) == (403, "forbidden")

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("/complaints", {"text": "x", "proof": "login"}, "proof"),
            ("/complaints", {"text": "x", "complainant": {"represented_by": "B", "consent": {"how": "so"}}},
             "complainant.consent"),
            ("/complaints/{}/messages", {"text": "x", "proof": "reply"}, "proof"),
            ("/complaints/{}/messages", {"text": "x", "consent": "so"}, "consent"),
            ("/complaints/{}/facts", {"fact": "contact_proven", "details": {"channel": "email", "by": "link"}}, "fact"),
            ("/complaints/{}/facts", {"fact": "customer_checked", "details": {"customer": "yes"}}, "fact"),
        ],
    )  # fmt: skip
    async def test_only_a_key_that_vouches_says_what_is_proven(self, api, path, body, field):
        case = (await api.file()).json()["reference"]
        service = await api.another(*(scope for scope in Scope if scope is not Scope.VOUCH))
        refused = await service.say(path.format(case), **body)
        assert (refused.status_code, kind(refused), refused.json()["field"]) == (403, "forbidden", field)
        assert (await api.say(path.format(case), **body)).status_code in (201, 202)

    async def test_nobody_says_that_another_case_passed_it_on(self, api):
        case = (await api.file()).json()["reference"]
        for path, body in (("messages", {"text": "x"}), ("answers", {"satisfied": True}), ("facts", {"fact": "x"})):
            refused = await api.say(f"/complaints/{case}/{path}", **body, via="TTS-7D3K9QX2M4R8V")
            assert (refused.status_code, refused.json()["field"]) == (422, "via")

    async def test_an_agents_key_is_no_leads(self, api):
        service = await api.another(Scope.ACT, Scope.FILE)
        case = f"/complaints/{(await service.file()).json()['reference']}/commands"
        for role, status in (("lead", 403), ("admin", 403), ("system", 403), ("agent", 200)):
            answer = await service.say(case, act="note", actor={"id": "sari", "role": role}, text="Seen.")
            assert answer.status_code == status, answer.text


class TestCompanies:
    async def test_another_companys_case_is_not_there(self, api):
        ours, theirs = [await api.another(companies=(name,)) for name in ("ours", "theirs")]
        reference = (await theirs.file(text=WORDS)).json()["reference"]
        path = f"/complaints/{reference}"
        never = "/complaints/TTS-7D3K9QX2M4R8V"
        reads = ["", "/timeline", "/clocks", "/closure", "/files", f"/files/{'0' * 64}"]
        for end in reads:
            guessed, nothing = await ours.get(path + end), await ours.get(never + end)
            assert (guessed.status_code, guessed.text) == (404, nothing.text)
        for end, body in (
            ("messages", {"text": "x"}), ("facts", {"fact": "x"}), ("answers", {"satisfied": True}),
            ("withdrawals", {}), ("survey", {"outcome": 4}), ("commands", {"act": "resume", "actor": {"id": "x"}}),
        ):  # fmt: skip
            assert (await ours.say(f"{path}/{end}", **body)).status_code == 404, end
        assert (await theirs.get(path)).status_code == 200
        async with transaction(api.services.pool) as conn:
            noted = await access.fetch(conn, reference=reference, actor_id=f"apikey:{ours.key_id}")
        assert {entry.result for entry in noted} == {"not_found"}
        assert len(noted) == len(reads) + 1  # the command too
        rows = (await ours.get("/complaints")).json()["items"]
        assert rows == []
        assert kind(await ours.get("/complaints", params={"company": "theirs"})) == "forbidden"

    async def test_nothing_is_merged_into_a_case_that_the_key_may_not_see(self, api):
        one, two = await api.another(companies=("one",)), await api.another(companies=("two",))
        mine, theirs = (await one.file()).json()["reference"], (await two.file()).json()["reference"]
        for into in (theirs, "TTS-7D3K9QX2M4R8V", "nothing"):
            refused = await one.say(f"/complaints/{mine}/commands", act="merge", actor={"id": "a"}, into=into)
            assert (refused.status_code, refused.json()["field"]) == (422, "into"), refused.text

    async def test_a_key_files_for_its_company_and_no_other(self, api):
        service = await api.another(companies=("ours",))
        assert kind(await service.file(company="theirs")) == "forbidden"
        several = await api.another(companies=("ours", "theirs"))
        assert (await several.file()).json()["field"] == "company"
        assert (await several.file(company="theirs")).status_code == 201

    async def test_two_companies_may_use_the_same_key(self, api):
        key = a_key()
        ours, theirs = [await api.another(companies=(name,)) for name in ("ours", "theirs")]
        first, second = await ours.file(key, text="Ours."), await theirs.file(key, text="Theirs.")
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["reference"] != second.json()["reference"]

    @pytest.mark.parametrize("typed", ["TTS-7D3K9QX2M4R8W", "nonsense", "%2e%2e%2fadmin", "complaint-", "%00", "🦊"])
    async def test_what_is_no_reference_is_no_case(self, api, typed):
        assert kind(await api.get(f"/complaints/{typed}")) in ("not-found", "no-such-address")


class TestBodies:
    @pytest.mark.parametrize(
        ("content", "wanted"),
        [
            (b'{"text": "\xff\xfe"}', "not-json"),
            (b'{"text": "x"', "not-json"),
            (b'{"text": "\\ud800"}', "not-json"),
            (b"[" * 100_000, "not-json"),
            (b'{"details": {"a": NaN}, "text": "x"}', "not-json"),
            (b"", "not-json"),
            (b"[]", "bad-input"),
            (b'"text"', "bad-input"),
            (json.dumps({"text": "x", "typo": 1}).encode(), "bad-input"),
            (json.dumps({"text": "x", "key": "mine"}).encode(), "bad-input"),
            (json.dumps({"text": "x", "complainant": {"nickname": "x"}}).encode(), "bad-input"),
            (json.dumps({"text": "x", "severity": WORDS}).encode(), "bad-input"),
            (json.dumps({"text": "x", "complainant": {"email": WORDS}}).encode(), "bad-input"),
            (json.dumps({"text": "x", "category": WORDS}).encode(), "bad-input"),
            (json.dumps({"text": ""}).encode(), "bad-input"),
            (json.dumps({"text": 5}).encode(), "bad-input"),
            (json.dumps({"text": "x" * 20_001}).encode(), "bad-input"),
            (json.dumps({"text": "x", "received_at": "2999-01-01T00:00:00Z"}).encode(), "bad-input"),
            (json.dumps({"text": "x", "details": {"a": "x" * 300_000}}).encode(), "bad-input"),
            (json.dumps({"text": "x" * LARGEST}).encode(), "too-large"),
        ],
    )
    async def test_what_cannot_be_used_is_said_by_field_and_never_repeated(self, api, content, wanted):
        headers = {"idempotency-key": a_key(), "content-type": "application/json"}
        answer = await api.post("/complaints", content=content, headers=headers)
        assert kind(answer) == wanted
        assert answer.json()["field"]
        assert answer.json()["remedy"]

    async def test_a_body_is_read_no_further_than_its_limit(self, api):
        sent = 0

        async def endless():
            nonlocal sent
            while True:
                sent += 65_536
                yield bytes(65_536)

        headers = {"idempotency-key": a_key(), "content-type": "application/json"}
        assert kind(await api.post("/complaints", content=endless(), headers=headers)) == "too-large"
        assert sent < 2 * LARGEST
        file = {"content-type": "application/octet-stream"}
        assert kind(await api.post("/files", content=bytes(LARGEST_FILE + 1), headers=file)) == "too-large"

    async def test_other_media_types_methods_and_addresses(self, api):
        form = await api.post("/complaints", data={"text": "x"}, headers={"idempotency-key": a_key()})
        assert (form.status_code, kind(form)) == (415, "unsupported-media-type")
        wrong = await api.put("/complaints")
        assert (wrong.status_code, kind(wrong), wrong.headers["allow"]) == (405, "method-not-allowed", "GET, POST")
        assert kind(await api.get("/complaint")) == "no-such-address"
        assert kind(await api.post("/complaints", json={"text": "x"})) == "bad-input"
        assert kind(await api.say("/complaints", "k" * 181, text="x")) == "bad-input"
        assert kind(await api.get("/complaints", params={"limit": 0})) == "bad-input"
        assert kind(await api.get("/complaints", params={"statuses": "open"})) == "bad-input"
        assert kind(await api.get("/complaints", params={"owner": "\0"})) == "bad-input"

    @pytest.mark.parametrize("content", [SVG, GIF_AND_ZIP, b"", b"MZ" + bytes(100), b"PK\x03\x04" + bytes(100)])
    async def test_files_that_are_not_taken(self, api, content):
        answer = await api.post("/files", files={"file": (f"{WORDS}.png", content, "image/png")})
        assert (answer.status_code, answer.json()["field"]) == (422, "file")
        assert kind(answer) == "bad-input"

    async def test_a_form_without_a_file(self, api):
        broken = {"content-type": "multipart/form-data; boundary=x"}
        assert kind(await api.post("/files", content=b"--x\r\nnothing", headers=broken)) in ("not-json", "bad-input")
        assert (await api.post("/files", files={"document": b"text"})).json()["field"] == "file"

    async def test_a_defect_of_ours_tells_nothing(self, api, caplog):
        def fails():
            raise LookupError(WORDS)

        broken = services_of(api.services.tuntas)
        object.__setattr__(broken, "now", fails)
        answer = await Api(broken, api.token).get("/complaints")
        assert (answer.status_code, kind(answer)) == (500, "defect")
        lines = "\n".join(map(JsonLines().format, caplog.records))  # as the web process writes them
        assert "LookupError" in lines
        assert WORDS not in lines


class TestFloods:
    async def test_a_key_has_its_allowance_over_all_processes(self, api):
        service = await api.another(per_minute=60)
        side_by_side = [Api(services_of(api.services.tuntas), service.token) for _ in range(2)]
        answers = [await side_by_side[number % 2].get("/complaints") for number in range(24)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert 1 <= len(refused) <= 4
        assert {kind(answer) for answer in refused} == {"too-many-requests"}
        assert 1 <= int(refused[-1].headers["retry-after"]) <= 2
        assert (await api.get("/complaints")).status_code == 200  # another key's is its own

    @pytest.mark.parametrize("per_minute", [1, 60, 100, 240])
    async def test_a_key_is_admitted_by_the_rule_of_its_bucket(self, api, per_minute):
        """Twice the same numbers: what `admit` takes at once is the bucket's burst, and then the bucket is empty."""
        service = await api.another(per_minute=per_minute)
        digest = api_keys_web.digest(service.token.split("_", 2)[2])
        taken, began = 0, time.monotonic()
        async with connection(api.services.pool) as conn:
            while (key := await api_keys.admit(conn, service.key_id, digest, api.services.now())).admitted:
                taken += 1
            bucket = api_keys_web.bucket_of(key)
            refilled = (time.monotonic() - began) / bucket.seconds
            assert bucket.burst <= taken <= bucket.burst + refilled + 1
            with pytest.raises(TooMany):
                await api.services.limiter.allow(bucket, cost=bucket.burst, conn=conn)
            wrong = await api_keys.admit(conn, service.key_id, b"\0" * 32, api.services.now())
            assert not wrong.admitted

    async def test_strangers_are_held_off_by_address_and_keys_are_not(self, api):
        here = httpx2.ASGITransport(app=api.app, client=("198.51.100.9", 1))
        async with httpx2.AsyncClient(transport=here, base_url=api.base_url) as stranger:
            answers = [(await stranger.get("/complaints")).status_code for _ in range(35)]
            assert answers[:30] == [401] * 30
            assert 429 in answers[30:]
            valid = {"authorization": f"Bearer {api.token}"}
            assert (await stranger.get("/complaints", headers=valid)).status_code == 200
        assert (await api.stranger().get("/complaints")).status_code in (401, 429)

    async def test_files_are_limited_by_their_size(self, api, monkeypatch):
        monkeypatch.setattr(evidence, "MEGABYTES", {"per_minute": 0.1, "burst": 1.0})
        text = {"files": {"file": ("log.txt", b"text " * 180_000)}}
        assert (await api.post("/files", **text)).status_code == 201
        assert kind(await api.post("/files", **text)) == "too-many-requests"


class TestOutages:
    async def test_without_temporal_nothing_is_accepted_and_a_repetition_is_the_same_case(
        self, api, web_database_url, monkeypatch
    ):
        key = a_key()
        async with await connect(database_url=web_database_url, target_host="127.0.0.1:9", within=1) as cut:
            away = Api(services_of(cut), api.token)
            first = await away.file(key, text="While Temporal is away.")
            assert (first.status_code, kind(first)) == (503, "unavailable")
            assert int(first.headers["retry-after"]) >= 1
        again = [await api.file(key, text="While Temporal is away.") for _ in range(2)]
        assert [answer.status_code for answer in again] == [201, 200]
        message = a_key()
        case = f"/complaints/{again[0].json()['reference']}"
        async with await connect(database_url=web_database_url, target_host="127.0.0.1:9", within=1) as cut:
            away = Api(services_of(cut), api.token)
            assert (await away.say(f"{case}/messages", message, text="Lost?")).status_code == 503
            assert (await away.get(case)).status_code == 503
        assert (await api.say(f"{case}/messages", message, text="Lost?")).status_code == 202

    async def test_without_postgresql_nothing_is_accepted(self, api, temporal_address):
        nowhere = "postgresql://tuntas@127.0.0.1:9/tuntas"
        async with await connect(database_url=nowhere, target_host=temporal_address, within=1) as cut:
            away = Api(services_of(cut), api.token)
            for answer in (await away.file(), await away.get("/complaints")):
                assert (answer.status_code, kind(answer)) == (503, "unavailable")
                assert "retry-after" in answer.headers
                assert "PostgreSQL" not in answer.text
