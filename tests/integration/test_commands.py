"""The `tuntas` command as people and scripts run it, against the local stack with its worker."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import pytest

from commands.schema import Subject, schema_of
from commands.stack import erase
from tests.fixtures.waiting import until

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
OURS = ("TEMPORAL_", "DATABASE_URL", "TUNTAS_")
CSV = """id,via,what,when,kind
1,Web,Tagihan dua kali,2026-11-02,Billing
2,Web,"Barang ""rusak"" lagi",2026-11-20,Goods
3,Pigeon,Not a channel,2026-11-20,Goods
4,Web,,2026-11-20,Goods
5,Web,Old one,2020-01-31,Goods
"""
MAPPING = (
    "--map", "key=id", "--map", "channel=via", "--map", "text=what", "--map", "received_at=when",
    "--map", "category=kind",
    "--value", "channel:Web=form", "--value", "category:Billing=billing", "--value", "category:Goods=defective_product",
    "--timezone", "Asia/Jakarta", "--history-before", "2026-01-01",
)  # fmt: skip


def environment(home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {"TUNTAS_HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def home():
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        place = Path(directory) / "home"
        done = run(place, "up", "--detach", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["database_url"]
        try:
            yield place
        finally:
            assert run(place, "down").returncode == 0
            erase(place)


def run(home, *arguments, given=None):
    return subprocess.run(
        [sys.executable, "-m", "commands.main", *arguments],
        input=given, capture_output=True, text=True, timeout=120, env=environment(home), check=False,
    )  # fmt: skip


@pytest.fixture
def tuntas(home):
    """Run a command with --json; its result, after the expected exit code."""

    def call(*arguments, code=0, given=None):
        done = run(home, *arguments, "--json", given=given)
        assert done.returncode == code, done.stdout + done.stderr
        if code not in (0, 6):
            assert done.stdout == ""
            said = json.loads(done.stderr)
            assert list(said) == ["field", "problem", "remedy"]
            return said
        return json.loads(done.stdout)

    return call


def test_a_complaint_from_filing_to_the_decision(tuntas):
    person = {"language": "en"}
    intake = json.dumps({"channel": "email", "text": "Rusak.", "category": "billing", "complainant": person})
    filed = tuntas("file", "--from", "-", "--key", "mail-1", given=intake)
    assert list(filed) == ["reference", "workflow_id", "created"]
    assert tuntas("file", "--from", "-", "--key", "mail-1", given=intake) == filed | {"created": False}
    reference = filed["reference"]

    answer = tuntas("respond", reference.lower(), "--text", "We look into it.", "--as", "siti", "--key", "a-1")
    assert tuntas("respond", reference, "--text", "We look into it.", "--as", "siti", "--key", "a-1") == answer
    asked = {"act": "request-information", "actor": {"id": "siti"}, "text": "Which one?", "key": "a-2"}
    assert tuntas("act", reference, "--from", "-", given=json.dumps(asked))["status"] == "awaiting_complainant"
    tuntas("reply", f"complaint-{reference}", "--text", "The blue one", "--key", "r-1")
    tuntas("fact", reference, "returned", "--source", "logistics", "--detail", "parcel=4711", "--key", "f-1")
    assert tuntas("approve", reference, code=4)["remedy"]
    decided = tuntas("decide", reference, "--outcome", "upheld", "--reasons", "x", "--as", "siti")
    assert decided["status"] == "resolved"

    view = tuntas("show", reference)
    jsonschema.Draft202012Validator(schema_of(Subject.SIMULATION)).validate(view)
    kinds = [entry["kind"] for entry in view["timeline"]]
    assert [kinds.count(kind) for kind in ("responded", "complainant_replied", "fact_reported")] == [1, 1, 1]
    assert tuntas("timeline", reference)[: len(kinds)] == view["timeline"]
    explained = tuntas("explain", reference, "resolution")
    jsonschema.Draft202012Validator(schema_of(Subject.EXPLAIN)).validate(explained)
    assert explained[0]["metric"] == "resolution"
    assert {"from", "to", "kind"} <= set(explained[0]["steps"][0])
    assert tuntas("explain", reference, "colour", code=2)["field"] == "metric"
    assert explained == [one for one in tuntas("explain", reference) if one["metric"] == "resolution"]
    for why in ("escalated", "closed"):
        found = tuntas("explain", reference, "--why", why)
        jsonschema.Draft202012Validator(schema_of(Subject.WHY)).validate(found)
        assert found["reference"] == reference

    rows = until(lambda: tuntas("list", "--channel", "email", "--status", "resolved")["items"], bool)
    assert [row["reference"] for row in rows] == [reference]
    assert tuntas("list", "--owner", "nobody")["items"] == []


def test_what_people_see(home, tuntas):
    filed = tuntas("file", "--channel", "phone", "--text", "[bold]x[/bold]", "--key", "phone-1")
    for arguments in (["show"], ["explain"], ["explain", "--language", "en"], ["timeline"]):
        done = run(home, *arguments, filed["reference"])
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
    shown = run(home, "show", filed["reference"]).stdout
    assert "[bold]x[/bold]" in shown
    assert "Tenggat" in run(home, "explain", filed["reference"], "resolution").stdout
    assert "Never raised" in run(home, "explain", filed["reference"], "--language", "en").stdout
    assert run(home, "list").returncode == run(home, "report").returncode == run(home, "agents", "list").returncode == 0


def test_errors(tuntas):
    assert tuntas("show", "TTS-0000000000000", code=3)["field"] == "reference"
    assert tuntas("show", "TTS-0000000000001", code=2)["field"] == "reference"
    assert tuntas("explain", "TTS-0000000000000", code=3)["field"] == "reference"
    assert tuntas("explain", "TTS-0000000000001", code=2)["field"] == "reference"
    assert tuntas("file", "--channel", "form", "--text", "x", "--category", "pigeons", code=2)["field"] == "category"
    tuntas("file", "--channel", "form", "--text", "x", "--key", "once")
    assert tuntas("file", "--channel", "form", "--text", "y", "--key", "once", code=4)["field"] == "key"


def test_an_import_is_partly_done_resumed_and_corrected(tuntas, tmp_path):
    file = tmp_path / "given.csv"
    file.write_text(CSV)
    assert [row["line"] for row in tuntas("import", str(file), *MAPPING, "--check", code=6)["refused"]] == [4, 5]
    first = tuntas("import", str(file), *MAPPING, code=6)
    assert (first["filed"], first["history"], len(first["refused"])) == (2, 1, 2)
    assert [(row["line"], row["field"]) for row in first["refused"]] == [(4, "channel"), (5, "text")]
    again = tuntas("import", str(file), *MAPPING, code=6)
    assert (again["filed"], again["history"], again["skipped"]) == (0, 0, 3)

    file.write_text(CSV.replace("Pigeon", "Web").replace("4,Web,,", "4,Web,Now with text,"))
    corrected = tuntas("import", str(file), *MAPPING)
    assert (corrected["filed"], corrected["repeated"], corrected["refused"]) == (2, 3, [])

    (old,) = tuntas("list", "--imported")["items"]
    assert (old["status"], old["received_at"]) == ("closed", "2020-01-30T17:00:00Z")
    assert "history" in tuntas("show", old["reference"], code=3)["problem"]
    rows = until(lambda: tuntas("list", "--category", "billing", "--channel", "form")["items"], bool)
    assert rows[0]["received_at"] == "2026-11-01T17:00:00Z"  # its true receipt


def test_agents(tuntas, tmp_path):
    file = tmp_path / "agents.csv"
    file.write_text("id,tier,skills\nsiti,frontline,billing\nbudi,attic,\n")
    assert tuntas("agents", "import", str(file), code=2)["field"] == "line 3: tier"
    assert tuntas("agents", "list") == []
    file.write_text("id,tier,skills\nsiti,frontline,billing\nbudi,specialist,\n")
    assert tuntas("agents", "import", str(file)) == {"imported": 2}
    tuntas("agents", "away", "siti", "--until", "2999-01-01T00:00:00Z")
    assert {agent["id"]: agent["present"] for agent in tuntas("agents", "list")} == {"siti": False, "budi": True}
    tuntas("agents", "back", "siti")
    assert all(agent["present"] for agent in tuntas("agents", "list"))
    assert tuntas("agents", "away", "nobody", code=3)["field"] == "id"


def test_report_and_migrate(tuntas):
    report = tuntas("report")
    assert report["totals"]["received"] >= 0
    assert tuntas("migrate") == {"applied": []}


def test_a_worker_of_its_own_stops_when_asked(home):
    program = [sys.executable, "-m", "commands.main", "worker"]
    worker = subprocess.Popen(program, stderr=subprocess.PIPE, env=environment(home))
    try:
        for line in worker.stderr:
            if b"working" in line:
                break
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
    finally:
        worker.kill()
        worker.wait()
        worker.stderr.close()


def test_a_second_stack_in_the_same_home_is_refused(home):
    done = run(home, "up", "--json")
    assert done.returncode == 5
    assert json.loads(done.stderr.splitlines()[-1])["problem"]
