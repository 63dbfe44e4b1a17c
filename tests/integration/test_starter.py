"""The library for backend services against a real Temporal server, PostgreSQL and the records activities."""

import asyncio
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

import policies
from commands.stack import temporal
from complaints.errors import BadInput, NotFound, Refused, Unreachable
from complaints.messages import workflow_id
from complaints.messages.commands import Actor
from complaints.vocabulary import Status
from database import access, complaints
from database.complaints import Filters
from database.intakes import Claim
from database.intakes import claim as claim_in
from database.pool import transaction
from starter import claiming
from starter.client import connect
from starter.csv_files import read_csv
from starter.csv_mapping import read_mapping
from starter.importing import Importer, ImportOptions
from tests.fixtures.waiting import eventually
from tests.fixtures.workers import workers

pytestmark = pytest.mark.services

PATIENCE = 20.0
AGENT = {"id": "siti", "role": "agent"}


@pytest_asyncio.fixture(scope="module")
async def address():
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        async with temporal(Path(directory)) as found:
            yield found


@pytest_asyncio.fixture(scope="module")
async def forgetful():
    """Another server, which knows none of the cases: as Temporal after the retention."""
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        async with temporal(Path(directory)) as found:
            yield found


@pytest_asyncio.fixture
async def later(forgetful, database_url, pool):
    async with (
        await connect(database_url=database_url, target_host=forgetful, within=8, wait=8) as connected,
        workers(forgetful, pool),
    ):
        yield connected


@pytest_asyncio.fixture
async def tuntas(address, database_url):
    async with await connect(database_url=database_url, target_host=address, within=8, wait=8) as connected:
        yield connected


@pytest_asyncio.fixture
async def working(address, pool):
    async with workers(address, pool):
        yield


_numbers = iter(range(1, 1_000_000))


def an_intake(**over):
    key = f"form-{datetime.now(UTC):%H%M%S%f}-{next(_numbers)}"
    person = {"name": "Sari", "email": "sari@example.co.id"}
    return {"channel": "form", "key": key, "text": "Rusak.", "category": "billing", "complainant": person} | over


def command(act, **fields):
    return {"act": act, "key": f"key-{next(_numbers)}", "actor": AGENT, **fields}


async def archived(tuntas, **over):
    """A case that was withdrawn, and so is archived at once."""
    filed = await tuntas.file(an_intake(**over))
    await tuntas.withdraw(filed.reference, key="w-1")
    await tuntas.client.get_workflow_handle(workflow_id(filed.reference)).result()
    return filed


# filing


async def test_the_same_key_is_the_same_case_and_starts_once(tuntas):
    intake = an_intake()
    first, second = await tuntas.file(intake), await tuntas.file(json.dumps(intake))
    assert (first.created, second.created) == (True, False)
    assert first.reference == second.reference
    assert first.workflow_id == f"complaint-{first.reference}"
    found = await tuntas.client.get_workflow_handle(first.workflow_id).describe()
    shown = {pair.key.name: pair.value for pair in found.typed_search_attributes}
    assert shown["ComplaintCategory"] == "billing"
    assert shown["ComplaintPolicy"].startswith("id.default@")
    assert await found.static_summary() == "form · billing · moderate · id.default"
    assert found.raw_description.execution_config.workflow_execution_timeout.ToSeconds() == 0


async def test_twenty_at_once_with_one_key_make_one_case(tuntas):
    intake = an_intake()
    filed = await asyncio.gather(*(tuntas.file(intake) for _ in range(20)))
    assert len({one.reference for one in filed}) == 1
    assert sum(one.created for one in filed) == 1


async def test_a_key_replayed_with_another_body_is_refused(tuntas):
    intake = an_intake()
    await tuntas.file(intake)
    with pytest.raises(Refused) as caught:
        await tuntas.file(intake | {"text": "Something else."})
    assert caught.value.field == "key"


async def test_a_reference_that_belongs_to_another_key_is_salted(tuntas, pool):
    intake = an_intake()
    taken = claiming.reference_for("form", intake["key"])
    async with transaction(pool) as conn:
        now = datetime.now(UTC)
        await claim_in(conn, Claim(channel="email", key="other", reference=taken, digest="d", created_at=now))
    first, second = await tuntas.file(intake), await tuntas.file(intake)
    assert first.reference == second.reference == claiming.reference_for("form", intake["key"], salt=1)
    assert (first.created, second.created) == (True, False)


async def test_filing_again_completes_what_was_interrupted_with_its_first_receipt(tuntas, pool):
    intake = an_intake()
    before = datetime.now(UTC) - timedelta(hours=3)
    read_one = claiming.Intake.model_validate(intake)
    claimed = await claiming.claim(pool, read_one, before)  # and then we crashed
    with pytest.raises(NotFound, match="not completed"):
        await tuntas.view(claimed.reference)
    filed = await tuntas.file(intake)
    assert filed.created
    history = await tuntas.client.get_workflow_handle(filed.workflow_id).fetch_history()
    payload = history.events[0].workflow_execution_started_event_attributes.input.payloads[0]
    assert datetime.fromisoformat(json.loads(payload.data)["intake"]["received_at"]) == before


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"category": "pigeons"}, "category"),
        ({"severity": "awful"}, "severity"),
        ({"text": "  \n"}, "text"),
        ({"text": "x" * 100_000}, "text"),
        ({"received_at": "2026-01-01T10:00:00"}, "received_at"),
        ({"received_at": "2999-01-01T10:00:00Z"}, "received_at"),
        ({"received_at": "0001-01-01T10:00:00Z"}, "received_at"),
        ({"complainant": {"email": "nobody"}}, "complainant.email"),
        ({"complainant": {"phone": "12"}}, "complainant.phone"),
        ({"key": ""}, "key"),
        ({"colour": "red"}, "colour"),
        ({"details": {"all": "x" * 300_000}}, "details"),
    ],
)
async def test_bad_intakes_name_the_field_and_leave_nothing(tuntas, pool, over, field):
    with pytest.raises(BadInput) as caught:
        await tuntas.file(an_intake(**over))
    assert caught.value.field == field
    assert caught.value.remedy
    async with pool.connection() as conn:
        assert (await (await conn.execute("SELECT count(*) FROM intakes")).fetchone())[0] == 0


async def test_a_complaint_without_an_address_is_accepted(tuntas):
    assert (await tuntas.file(an_intake(complainant={}))).created


# imports from CSV files

TABLE = "id,what,when\n1,Rusak,2026-11-20\n2,Hilang,2026-11-20\n3,Lama,2019-05-01\n"


async def test_an_import_that_lost_temporal_goes_on_where_it_was(tuntas, database_url, tmp_path):
    file = tmp_path / "given.csv"
    file.write_text(TABLE)
    mapping = read_mapping(["key=id", "text=what", "received_at=when"], ["channel=form"], [], "Z")
    options = ImportOptions(mapping=mapping, history_before=datetime(2020, 1, 1, tzinfo=UTC))
    async with await connect(database_url=database_url, target_host="127.0.0.1:9", within=2) as lost:
        with pytest.raises(Unreachable, match="reached") as caught:
            await Importer(lost, read_csv(file), options).run()
    assert "goes on" in caught.value.remedy
    steps = []
    done = await Importer(tuntas, read_csv(file), options).run(lambda: steps.append(1))
    assert (done.filed, done.rows, len(steps), done.refused) == (2, 3, 3, ())
    assert done.history + done.skipped == 1
    again = await Importer(tuntas, read_csv(file), options).run()
    assert again.skipped == 3
    (old,) = (await tuntas.list(Filters(imported=True))).items
    with pytest.raises(NotFound, match="history"):
        await tuntas.reply(old.reference, key="k", text="hello")
    filed = await tuntas.file({"channel": "form", "key": "3", "text": "Lama"})
    assert (filed.reference, filed.created) == (old.reference, False)


async def test_a_row_that_was_closed_before_it_was_received_is_refused(tuntas, tmp_path):
    file = tmp_path / "given.csv"
    file.write_text("id,what,when,end\n1,Lama,2019-05-01,2019-04-30\n2,Lama,2019-05-01,2019-05-02\n")
    mapping = read_mapping(["key=id", "text=what", "received_at=when", "closed_at=end"], ["channel=form"], [], "Z")
    options = ImportOptions(mapping=mapping, history_before=datetime(2020, 1, 1, tzinfo=UTC))
    done = await Importer(tuntas, read_csv(file), options).run()
    assert [(row.line, row.field) for row in done.refused] == [(2, "closed_at")]
    assert done.history == 1


# messages and commands


@pytest.mark.usefixtures("working")
async def test_a_case_is_heard_and_answers(tuntas):
    filed = await tuntas.file(an_intake())
    answer = await tuntas.act(filed.reference, command("respond", text="Kami periksa."))
    assert answer.status == Status.INVESTIGATION
    await tuntas.reply(filed.reference, key="r-1", text="Terima kasih")
    await tuntas.reply(filed.reference, key="r-1", text="Terima kasih")
    await tuntas.report_fact(filed.reference, key="f-1", fact="returned", source="logistics")
    found = await tuntas.view(f"complaint-{filed.reference.lower()}")
    kinds = [entry.kind for entry in found.timeline]
    assert kinds.count("complainant_replied") == 1
    assert "fact_reported" in kinds
    assert [one.metric for one in await tuntas.explain(filed.reference, "resolution")] == ["resolution"]

    def listed(page):
        return filed.reference in [row.reference for row in page.items]  # the worker records older cases here too

    assert await eventually(lambda: tuntas.list(Filters(category="billing"), limit=1000), listed)


@pytest.mark.usefixtures("working")
async def test_a_command_twice_is_done_once(tuntas):
    filed = await tuntas.file(an_intake())
    once = command("note", text="once")
    first, second = await tuntas.act(filed.reference, once), await tuntas.act(filed.reference, once)
    assert first.sequence == second.sequence
    kinds = [entry.kind for entry in await tuntas.timeline(filed.reference)]
    assert kinds.count("noted") == 1


@pytest.mark.usefixtures("working")
async def test_a_refusal_names_the_field_and_is_in_the_access_log(tuntas, pool):
    filed = await tuntas.file(an_intake())
    with pytest.raises(Refused) as caught:
        await tuntas.act(filed.reference, command("approve"))
    assert caught.value.remedy
    async with transaction(pool) as conn:
        (noted,) = await access.fetch(conn, reference=filed.reference)
    assert (noted.actor_id, noted.what, noted.result) == ("siti", "approve", "refused")


async def test_a_command_without_a_worker_is_queued_and_done_later(address, pool, tuntas, database_url):
    filed = await tuntas.file(an_intake())
    async with await connect(database_url=database_url, target_host=address, wait=0.3) as hasty:
        asked = command("note", text="later")
        answer = await hasty.act(filed.reference, asked)
        assert answer.queued
    async with workers(address, pool):
        entries = await eventually(
            lambda: tuntas.timeline(filed.reference), lambda e: any(x.kind == "noted" for x in e)
        )
        again = await tuntas.act(filed.reference, asked)
    assert [entry.kind for entry in entries].count("noted") == 1
    assert again.repeated or again.sequence


async def test_unknown_references(tuntas):
    with pytest.raises(NotFound):
        await tuntas.reply("TTS-0000000000000", key="k", text="hello")
    with pytest.raises(NotFound):
        await tuntas.act("TTS-0000000000000", command("note", text="x"))
    with pytest.raises(NotFound):
        await tuntas.view("TTS-0000000000000")
    with pytest.raises(BadInput):
        await tuntas.view("TTS-0000000000001")


async def test_services_that_do_not_answer_are_unreachable(database_url):
    async with await connect(database_url=database_url, target_host="127.0.0.1:9", within=2) as lost:
        with pytest.raises(Unreachable):
            await lost.file(an_intake())
        with pytest.raises(Unreachable):
            await lost.act("TTS-0000000000000", command("note", text="x"))
    async with await connect(database_url="postgresql://localhost:9/x", target_host="127.0.0.1:9", within=1) as lost:
        with pytest.raises(Unreachable):
            await lost.list()
    async with await connect(target_host="127.0.0.1:9") as without:
        with pytest.raises(BadInput):
            await without.file(an_intake())


# archived cases


@pytest.mark.usefixtures("working")
async def test_an_archived_case_is_the_same_case_and_can_be_looked_at(tuntas):
    intake = an_intake()
    filed = await archived(tuntas, **intake)
    assert not (await tuntas.file(intake)).created
    assert (await tuntas.view(filed.reference)).status == Status.ARCHIVED
    with pytest.raises(Refused):
        await tuntas.act(filed.reference, command("respond", text="too late"))


@pytest.mark.usefixtures("working")
async def test_after_retention_the_archive_answers(tuntas, later):
    intake = an_intake()
    filed = await archived(tuntas, **intake)
    found = await later.view(filed.reference)
    assert (found.status, found.closing_reason) == (Status.ARCHIVED, "withdrawn")
    assert await later.explain(filed.reference)
    assert not (await later.file(intake)).created
    with pytest.raises(Refused):
        await later.act(filed.reference, command("respond", text="too late"))


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize("forgotten", [False, True])
async def test_an_archived_case_is_reopened_and_goes_on(tuntas, later, pool, forgotten):
    filed = await archived(tuntas)
    place = later if forgotten else tuntas
    again = {"key": "reopen-1", "reason": "new_facts", "text": "The parcel came back.", "actor": Actor(id="siti")}
    answer = await place.reopen(filed.reference, **again)
    assert (answer.status, answer.queued) == (Status.INVESTIGATION, False)
    assert (await place.reopen(filed.reference, **again)).sequence == answer.sequence
    found = await place.view(filed.reference)
    assert found.reopenings == 1
    assert [entry.sequence for entry in found.timeline] == list(range(1, len(found.timeline) + 1))

    async def row():
        async with transaction(pool) as conn:
            return await complaints.get(conn, filed.reference)

    assert (await eventually(row, lambda r: r.status == Status.INVESTIGATION)).reopenings == 1


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize("forgotten", [False, True])
async def test_a_message_to_an_archived_case_is_kept_and_archived_with_it(tuntas, later, forgotten):
    filed = await archived(tuntas)
    place = later if forgotten else tuntas
    for _ in range(2):
        await place.reply(filed.reference, key="late-1", text="It broke again.")
        await place.client.get_workflow_handle(filed.workflow_id).result()
    found = await place.view(filed.reference)
    kinds = [entry.kind for entry in found.timeline]
    assert found.status == Status.ARCHIVED
    assert kinds.count("complainant_replied") == kinds.count("reopening_requested") == 1


async def test_without_a_worker_what_is_said_to_an_archived_case_waits_and_nothing_is_lost(
    address, tuntas, database_url, pool
):
    """The worker dies after the archive; the case is woken all the same, and what woke it comes with its start."""
    async with workers(address, pool):
        filed = await archived(tuntas)
    again = command("reopen", reason="problem_returned", text="It came back.")
    async with await connect(database_url=database_url, target_host=address, within=8, wait=0.5) as hasty:
        await hasty.reply(filed.reference, key="first", text="It broke again.")
        answers = [await hasty.act(filed.reference, one) for one in (again, again, command("reopen", **_LATE))]
    assert all(answer.queued for answer in answers)
    async with workers(address, pool):
        found = await eventually(lambda: tuntas.view(filed.reference), lambda seen: seen.timeline[-1].kind == "refused")
        kinds = [entry.kind for entry in found.timeline]
        assert (kinds.count("complainant_replied"), kinds.count("reopened"), kinds.count("refused")) == (1, 1, 1)
        assert found.status == Status.INVESTIGATION
        assert found.timeline[-1].detail["explanation"] == _LATE["text"], "what was new is kept"


_LATE = {"reason": "new_facts", "text": "The second one leaks too."}


def test_policies_are_loaded_once_and_plans_shared():
    policy = policies.load("id.default")
    now = datetime.now(UTC)
    assert policies.resolve(policy, now) is policies.resolve(policy, now)
