"""The command line without any service: help, schemas, bad input, exit codes, and errors as JSON."""

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest

from commands import main, session, verbs
from complaints.errors import NotFound, Refused, Unreachable
from complaints.messages import ActAnswer
from complaints.messages.commands import COMMANDS
from database.reviews import Reviews, Wanted
from policies.reasons import why_scored
from tests.unit.cases import closed

ROOT = Path(__file__).parents[2]
REFERENCE = "TTS-0000000000000"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No service is to be found."""
    monkeypatch.setenv("TUNTAS_HOME", str(tmp_path))
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "TUNTAS_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def asked(monkeypatch):
    """What a command asked of the client; `answer` is what it gets, or what is raised."""
    calls = SimpleNamespace(made=[], answer=None)

    class Client:
        def __getattr__(self, name):
            async def call(*arguments, **named):
                calls.made.append((name, arguments, named))
                if isinstance(calls.answer, Exception):
                    raise calls.answer
                return calls.answer

            return call

    async def with_client(work, _policy, *, temporal):
        del temporal
        return await work(Client())

    monkeypatch.setattr(session, "_with_tuntas", with_client)
    calls.answer = ActAnswer(reference=REFERENCE, status="investigation", sequence=7)
    return calls


def tuntas(*arguments, given=None, monkeypatch=None):
    if given is not None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given)))
    return main.run(arguments)


def error(capsys):
    found = capsys.readouterr()
    assert found.out == ""
    lines = found.err.strip().splitlines()
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert list(said) == ["field", "problem", "remedy"]
    return said


@pytest.mark.parametrize("address", ["::bad::", "", "127.0.0.1:9"])
def test_an_address_that_is_wrong_or_dead(address, capsys, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    assert tuntas("show", REFERENCE, "--json") == (2 if ":bad" in address else 5)
    assert error(capsys)["remedy"]


def test_a_profile_that_is_not_there(capsys, monkeypatch):
    monkeypatch.setenv("TEMPORAL_PROFILE", "nowhere")
    assert tuntas("show", REFERENCE, "--json") == 2
    assert "nowhere" in error(capsys)["problem"]


def test_services_are_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "there:7233")
    assert session.find() == {"database_url": None}  # starter reads the rest itself
    monkeypatch.setenv("DATABASE_URL", "postgresql://there/tuntas")
    assert session.database_url() == "postgresql://there/tuntas"


def test_help_names_every_command(capsys):
    assert tuntas("--help") == 0
    shown = capsys.readouterr().out
    for name in ("file", "list", "show", "import", "agents", "policy", "schema", "simulate", "up", "down", "worker"):
        assert f"\n  {name} " in shown
    for model in verbs.models():
        assert f"\n  {model.model_fields['act'].default.replace('_', '-')} " in shown


@pytest.mark.parametrize("subject", ["scenario", "simulation", "intake", "command", "explain", "why", "policy"])
def test_schemas_are_json_schema_2020_12(subject, capsys):
    assert tuntas("schema", subject) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_schema_of_commands_accepts_what_is_accepted(capsys):
    tuntas("schema", "command")
    validator = jsonschema.Draft202012Validator(json.loads(capsys.readouterr().out))
    given = {"act": "respond", "key": "k", "actor": {"id": "siti"}, "text": "x"}
    assert validator.is_valid(given)
    assert not validator.is_valid(given | {"act": "obey"})
    COMMANDS.validate_python(given)


def test_the_table_of_transitions(capsys):
    assert tuntas("schema", "transitions") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"source": "received", "on": "logged", "to": "verification"} in rows


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        (["list", "--bogus", "--json"], 2, "--bogus"),
        (["nope", "--json"], 2, ""),
        (["show", "--json"], 2, "reference"),
        (["schema", "pigeon", "--json"], 2, "subject"),
        (["list", "--limit", "x", "--json"], 2, "limit"),
        (["list", "--sort", "colour", "--json"], 2, "--sort"),
        (["list", "--status", "lost", "--json"], 2, "--status"),
        (["list", "--breached", "lost", "--json"], 2, "--breached"),
        (["list", "--due-before", "2026-01-01T00:00", "--json"], 2, "--due-before"),
        (["file", "--channel", "pigeon", "--text", "x", "--json"], 2, "channel"),
        (["file", "--channel", "form", "--text", "\u202e", "--json"], 2, "text"),
        (["file", "--from", "/nowhere.json", "--json"], 2, "--from"),
        (["file", "--channel", "form", "--text", "x", "--json"], 5, "stack"),
        (["respond", REFERENCE, "--json"], 2, "text"),
        (["respond", REFERENCE, "--text", "x", "--role", "king", "--json"], 2, "actor.role"),
        (["decide", REFERENCE, "--outcome", "won", "--reasons", "x", "--json"], 2, "outcome"),
        (["hold", REFERENCE, "--reason", "x", "--review-at", "2026-01-01T00:00", "--json"], 2, "review_at"),
        (["reply", REFERENCE, "--text", "x", "--at", "yesterday", "--json"], 2, "--at"),
        (["fact", REFERENCE, "lost", "--detail", "x", "--json"], 2, "--detail"),
        (["show", REFERENCE, "--json"], 5, "stack"),
        (["explain", REFERENCE, "--json"], 5, "stack"),
        (["explain", REFERENCE, "colour", "--json"], 2, "metric"),
        (["explain", REFERENCE, "hold", "--why", "closed", "--json"], 2, "metric"),
        (["explain", REFERENCE, "--language", "de", "--json"], 2, "language"),
        (["show", REFERENCE, "--watch", "--json"], 2, "--watch"),
        (["agents", "list", "--json"], 5, "stack"),
        (["down", "--json"], 5, "stack"),
        (["simulate", "/nowhere.json", "--json"], 3, "scenario"),
        (["import", "/nowhere.csv", "--map", "text=a", "--json"], 2, "/nowhere.csv"),
    ],
)
def test_errors_are_one_json_object_on_stderr(arguments, code, field, capsys):
    assert tuntas(*arguments) == code
    said = error(capsys)
    assert said["remedy"]
    assert said["field"] == field


@pytest.mark.parametrize("given", [b"[]", b"{", b"\xff\xfe", b'"x"', b"", b"[" * 100_000])
def test_what_is_no_json_object_is_bad_input(given, capsys, monkeypatch):
    assert tuntas("act", REFERENCE, "--from", "-", "--json", given=given, monkeypatch=monkeypatch) == 2
    assert error(capsys)["field"] == "--from"


def test_errors_for_people_have_no_traceback(capsys):
    assert tuntas("show", REFERENCE) == 5
    said = capsys.readouterr().err
    assert "tuntas up" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("raised", "code"),
    [(NotFound("none"), 3), (Refused("no"), 4), (Unreachable("gone"), 5), (KeyError("Sari's words"), 1)],
)
def test_exit_codes(asked, capsys, raised, code):
    asked.answer = raised
    assert tuntas("respond", REFERENCE, "--text", "x", "--json") == code
    assert "Sari" not in json.dumps(error(capsys))


def test_explain_of_an_unknown_reference(asked, capsys):
    asked.answer = NotFound("there is no such case", field="reference", remedy="check the reference")
    assert tuntas("explain", REFERENCE, "--json") == 3
    assert error(capsys)["field"] == "reference"
    assert [name for name, _, _ in asked.made] == ["reasons"]


def test_a_command_without_a_key_that_did_not_arrive_says_how_to_repeat_it(asked, capsys):
    asked.answer = Unreachable("gone", remedy="repeat")
    tuntas("note", REFERENCE, "--text", "x", "--json")
    assert "--key cli-" in error(capsys)["remedy"]


def test_act_reads_json(asked, capsys, monkeypatch):
    given = json.dumps({"act": "de-escalate", "actor": {"id": "siti"}, "reason": "calm", "key": "own"}).encode()
    assert tuntas("act", "tts-0", "--json", given=given, monkeypatch=monkeypatch) == 0
    ((name, (reference, command), _),) = asked.made
    assert (name, reference, command.act, command.key) == ("act", "tts-0", "de_escalate", "own")
    assert json.loads(capsys.readouterr().out)["sequence"] == 7


def test_confirm_no_is_the_dispute(asked):
    assert tuntas("confirm", REFERENCE, "--no", "--text", "missing", "--decision", "2", "--key", "c") == 0
    ((name, _, named),) = asked.made
    assert name == "confirm"
    assert named == {
        "key": "c",
        "satisfied": False,
        "rating": None,
        "text": "missing",
        "decision": 2,
        "at": None,
        "action": None,
    }


def test_simulate_strict_tells_a_refused_act(capsys, tmp_path):
    complaint = {"channel": "form", "key": "s", "text": "x", "category": "billing"}
    scenario = {
        "policy": "id.default",
        "complaint": complaint | {"received_at": "2026-11-23T02:00:00Z"},
        "events": [{"at": "+1h", "act": "approve", "actor": {"id": "siti", "role": "lead"}}],
        "until": "+2h",
    }
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(scenario))
    assert tuntas("simulate", str(file), "--json") == 0
    view = json.loads(capsys.readouterr().out)
    tuntas("schema", "simulation")
    jsonschema.Draft202012Validator(json.loads(capsys.readouterr().out)).validate(view)
    assert "refused" in [entry["kind"] for entry in view["timeline"]]
    assert tuntas("simulate", str(file), "--json", "--strict") == 4
    said = capsys.readouterr()
    assert json.loads(said.out) == view
    assert json.loads(said.err)["field"] == "events"


def test_reviews_are_asked_for_as_wanted(asked, capsys):
    asked.answer = Reviews(items=())
    arguments = ("--team", "frontline", "--cause", "breached", "--handler", "siti", "--done", "--limit", "7", "--json")
    assert tuntas("reviews", "list", *arguments) == 0
    assert json.loads(capsys.readouterr().out) == {"items": [], "next": None}
    ((name, (wanted,), named),) = asked.made
    assert (name, named) == ("reviews", {"limit": 7, "after": None})
    assert wanted == Wanted(team="frontline", cause="breached", handler="siti", done=True)
    assert tuntas("reviews", "list", "--cause", "boredom") == 2


@pytest.mark.parametrize("language", ["id", "en"])
def test_scores_are_shown_with_what_led_to_each(asked, capsys, language):
    player = closed()
    asked.answer = player.case.workbench(player.now)
    assert tuntas("reviews", "show", REFERENCE, "--language", language) == 0
    out = capsys.readouterr().out
    for told in why_scored(asked.answer.scores, "id.default", language):
        assert told.title in out
        assert all(row.cells[0] in out for row in told.rows)
    assert tuntas("reviews", "show", REFERENCE, "--json") == 0
    assert json.loads(capsys.readouterr().out)["speed"]["score"] == 5


def test_a_reader_that_has_seen_enough_is_no_error():
    """As `tuntas simulate … | head` reads."""
    scenario = ROOT / "docs/examples/scenarios/outage.yaml"
    command = [sys.executable, "-m", "commands.main", "simulate", str(scenario), "--explain"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as asked:
        assert asked.stdout.read(10)
        asked.stdout.close()
        assert (asked.wait(), asked.stderr.read()) == (0, b"")
