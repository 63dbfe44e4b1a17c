"""A complaint through the HTTP interface, from filing to its closure record, on real servers."""

import asyncio

import psycopg
import pytest

from complaints.messages import workflow_id
from database import access, api_keys, intakes
from database.api_keys import Scope
from database.pool import transaction
from starter.client import connect
from tests.fixtures.waiting import eventually
from tests.fixtures.web import Api, a_key, services_of

pytestmark = pytest.mark.services

AGENT = {"id": "sari", "role": "agent"}
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(200)


async def test_from_filing_to_the_closure_record(api):
    filed = await api.file(complainant={"name": "Rina", "email": "rina@example.test", "language": "en"})
    assert filed.status_code == 201
    reference = filed.json()["reference"]
    assert filed.headers["location"].endswith(f"/api/v1/complaints/{reference}")
    assert (
        filed.headers["link"] == f'<{filed.headers["location"]}/duplicates>; rel="related"; title="possible duplicates"'
    )
    case = f"/complaints/{reference}"

    status = (await api.get(case)).json()
    assert (status["reference"], status["status"]) == (reference, "investigation")
    assert (await api.get(f"{case}/closure")).status_code == 404

    said = await api.say(f"{case}/messages", text="It leaks.")
    assert (said.status_code, said.json()["accepted"]) == (202, True)
    assert (await api.say(f"{case}/facts", fact="returned", details={"parcel": "88"})).status_code == 202
    for act in (
        {"act": "respond", "text": "We look."},
        {"act": "decide", "outcome": "upheld", "reasons": "Faulty."},
    ):
        answer = await api.say(f"{case}/commands", actor=AGENT, **act)
        assert (answer.status_code, answer.json()["reference"]) == (200, reference), answer.text
    assert (await api.say(f"{case}/answers", satisfied=True, rating=5)).status_code == 202

    for survey in ({"outcome": 4, "handling": 5}, {"solved": True, "effort": 2, "text": "Well done."}):
        assert (await api.say(f"{case}/survey", **survey)).status_code == 202
    for field, wrong in {"outcome": 0, "handling": 6, "effort": "good"}.items():
        refused = await api.say(f"{case}/survey", **{field: wrong})
        assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text
    nothing = await api.say(f"{case}/survey")
    assert (nothing.status_code, "nothing is answered" in nothing.text) == (422, True)

    async def closure():
        return await api.get(f"{case}/closure")

    record = (await eventually(closure, lambda found: found.status_code == 200)).json()
    assert (record["reason"], record["rating"], record["outcome"]) == ("confirmed", 5, "upheld")

    first = (await api.get(f"{case}/timeline", params={"limit": 3})).json()
    rest = (await api.get(f"{case}/timeline", params={"after": first["next"]})).json()
    entries = [*first["items"], *rest["items"]]
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    kinds = [entry["kind"] for entry in entries]
    assert {"received", "complainant_replied", "fact_reported", "responded", "decided", "closed"} <= set(kinds)
    told = next(entry for entry in entries if entry["kind"] == "fact_reported")
    assert told["actor"] == {"id": "shop", "role": "service"}

    clocks = (await api.get(f"{case}/clocks", params={"metric": "resolution"})).json()
    assert [clock["metric"] for clock in clocks] == ["resolution"]
    async with transaction(api.services.pool) as conn:
        noted = await access.fetch(conn, reference=reference)
    assert {entry.actor_id for entry in noted} == {f"apikey:{api.key_id}"}
    assert {"status", "closure", "timeline", "clocks", "respond"} <= {entry.what for entry in noted}


async def test_accepted_means_that_temporal_has_the_case(api):
    filed = (await api.file()).json()
    described = await api.services.tuntas.client.get_workflow_handle(filed["workflow_id"]).describe()
    assert described.id == workflow_id(filed["reference"])


async def test_whoever_may_not_read_is_told_of_no_duplicates(api):
    filed = await (await api.another(Scope.FILE)).file()
    assert filed.status_code == 201
    assert "link" not in filed.headers


async def test_accepting_takes_two_statements_each_kept_by_itself(api, web_database_url, temporal_address, monkeypatch):
    """The key with its allowance, and the claim: no round trip more, of which each would be waited for."""
    said = []
    execute, begin = psycopg.AsyncCursor.execute, psycopg.AsyncConnection.transaction

    def ours(conn):
        return conn.info.parameter_status("application_name") == "starter" and conn.info.dbname == "web"

    async def executed(self, query, *args, **options):
        if query and ours(self.connection):  # an empty one tries a connection that has lain idle
            said.append(query)
        return await execute(self, query, *args, **options)

    def begun(self, *args, **options):
        if ours(self):
            said.append("BEGIN")
        return begin(self, *args, **options)

    async with await connect(database_url=web_database_url, target_host=temporal_address, within=20) as alone:
        service = Api(services_of(alone), api.token)
        assert (await service.file()).status_code == 201  # the pool is open, and the key's last use is noted
        monkeypatch.setattr(psycopg.AsyncCursor, "execute", executed)
        monkeypatch.setattr(psycopg.AsyncConnection, "transaction", begun)
        assert (await service.file()).status_code == 201
    assert said == [api_keys.QUERIES["admit"], intakes.QUERIES["claim"]]


async def test_double_submits_side_by_side_are_one_case(api):
    key = a_key()
    answers = await asyncio.gather(*(api.file(key, text="Twice?") for _ in range(12)))
    assert {answer.json()["reference"] for answer in answers} == {answers[0].json()["reference"]}
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]


async def test_a_message_sent_again_is_said_once_and_with_another_body_refused(api):
    case, key = f"/complaints/{(await api.file()).json()['reference']}", a_key()
    answers = [await api.say(f"{case}/messages", key, text="Once.") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    other = await api.say(f"{case}/messages", key, text="Something else.")
    assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")
    command, name = {"act": "note", "actor": AGENT, "text": "Seen."}, a_key()
    first = await api.say(f"{case}/commands", name, **command)
    again = await api.say(f"{case}/commands", name, **command)
    assert first.json()["sequence"] == again.json()["sequence"]
    assert (await api.say(f"{case}/commands", name, **command | {"text": "Other."})).status_code == 409
    kinds = [entry["kind"] for entry in (await api.get(f"{case}/timeline")).json()["items"]]
    assert (kinds.count("complainant_replied"), kinds.count("noted")) == (1, 1)


async def test_a_complaints_key_with_another_body_is_refused(api):
    key = a_key()
    assert (await api.file(key)).status_code == 201
    other = await api.file(key, text="Another one.")
    assert (other.status_code, other.json()["type"].rpartition("#")[2]) == (409, "refused")


async def test_evidence_is_sent_first_and_seen_through_its_case_only(api):
    sent = await api.post("/files", files={"file": ("../../etc/passwd\\my kettle.svg", JPEG, "image/svg+xml")})
    evidence = sent.json()
    assert (sent.status_code, evidence["name"], evidence["media_type"]) == (201, "my kettle.jpg", "image/jpeg")
    filed = (await api.file(evidence=[evidence])).json()
    other = (await api.file()).json()
    files = (await api.get(f"/complaints/{filed['reference']}/files")).json()["items"]
    assert [one["sha256"] for one in files] == [evidence["sha256"]]
    got = await api.get(f"/complaints/{filed['reference']}/files/{evidence['sha256']}")
    assert (got.content, got.headers["content-type"]) == (JPEG, "image/jpeg")
    assert got.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in got.headers["content-security-policy"]
    assert (await api.get(f"/complaints/{other['reference']}/files/{evidence['sha256']}")).status_code == 404
    stranger = await api.another()
    guessed = await stranger.file(evidence=[evidence])
    assert (guessed.status_code, guessed.json()["field"]) == (422, "evidence.0.sha256")
    recorded = await stranger.say(
        f"/complaints/{other['reference']}/commands", act="record_reply", actor=AGENT, text="x", how="phone",
        evidence=[evidence],
    )  # fmt: skip
    assert (recorded.status_code, recorded.json()["field"]) == (422, "evidence.0.sha256")
    shown = {"represented_by": "B", "consent": {"how": "By a letter", "evidence": [evidence]}}
    letter = await stranger.file(complainant=shown)
    assert (letter.status_code, letter.json()["field"]) == (422, "complainant.consent.evidence.0.sha256")
    own = (await api.file(complainant=shown)).json()["reference"]
    assert (await api.get(f"/complaints/{own}/files/{evidence['sha256']}")).status_code == 200
    later = await api.say(f"/complaints/{other['reference']}/messages", text="The picture.", evidence=[evidence])
    assert later.status_code == 202
    assert (await api.get(f"/complaints/{other['reference']}/files/{evidence['sha256']}")).status_code == 200


async def test_duplicates_are_shown_merged_and_parted(api):
    service = await api.another(companies=(a_key(),))
    person = {"email": "kembar@example.test"}
    text = "Ketel yang saya beli minggu lalu bocor di bagian bawah dan tidak mau menyala."
    first = (await service.file(text=text, complainant=person)).json()["reference"]
    second = (await service.file(text=text + " Mohon dijawab.", complainant=person)).json()["reference"]
    case = f"/complaints/{second}"

    async def duplicates():
        return await service.get(f"{case}/duplicates")

    found = await eventually(duplicates, lambda answer: answer.status_code == 200 and answer.json()["items"])
    (one,) = found.json()["items"]
    assert (one["reference"], one["same_complainant"]) == (first, True)
    assert one["similarity"] > 0.7
    other = await api.another(companies=(a_key(),))
    assert (await other.get(f"{case}/duplicates")).status_code == 404

    async def status():
        return (await service.get(case)).json()

    assert (await service.say(f"{case}/commands", act="merge", actor=AGENT, into=first)).status_code == 200
    await eventually(status, lambda seen: seen["closing_reason"] == "duplicate")
    assert (await service.say(f"{case}/messages", text="Masih bocor.")).status_code == 202

    async def said():
        entries = (await service.get(f"/complaints/{first}/timeline")).json()["items"]
        return [entry["detail"]["text"] for entry in entries if entry["kind"] == "complainant_replied"]

    await eventually(said, lambda words: words == ["Masih bocor."])
    parted = await service.say(f"{case}/commands", act="unmerge", actor=AGENT, reason="Another kettle.")
    assert (parted.status_code, parted.json()["status"]) == (200, "investigation")


async def test_a_listing_goes_on_where_its_page_ended(api):
    service = await api.another(companies=("lister",))
    references = [(await service.file()).json()["reference"] for _ in range(5)]

    async def listed():
        found, after = [], None
        while True:
            about = {"sort": "oldest", "limit": 2, "channel": "app"} | ({"after": after} if after else {})
            page = (await service.get("/complaints", params=about)).json()
            found += [row["reference"] for row in page["items"]]
            after = page["next"]
            if after is None:
                return found

    assert await eventually(listed, lambda found: len(found) == 5) == references
    wrong = await service.get("/complaints", params={"after": "nonsense"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "after")
