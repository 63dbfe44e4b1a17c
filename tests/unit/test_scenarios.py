"""A scenario that cannot be played says where and what to do; and what `--explain` says of one that can."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commands.main import run

STORY: dict[str, Any] = {
    "complaint": {
        "channel": "email", "text": "Tagihan saya salah", "category": "billing",
        "complainant": {"email": "sari@example.co.id"}, "received_at": "2026-07-06T09:00:00+07:00",
    },
    "events": [
        {"at": "+1h", "act": "respond", "text": "Kami cek"},
        {"at": "+1d", "message": "complainant_replied", "text": "Bagaimana?"},
    ],
    "until": "+2d",
}  # fmt: skip
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def played(tmp_path: Path, capsys: Captured) -> Any:
    """Play a story and return the exit code and what was printed: JSON, from stdout or as an error."""

    def play(story: dict[str, Any], *options: str) -> tuple[int, Any]:
        file = tmp_path / "story.json"
        file.write_text(json.dumps(story), encoding="utf-8")
        code = run(["simulate", str(file), "--json", *options])
        printed = capsys.readouterr()
        return code, json.loads(printed.out or printed.err)

    return play


def at(*instants: str) -> dict[str, Any]:
    return {**STORY, "events": [{"at": instant, "act": "note", "text": "x"} for instant in instants]}


@pytest.mark.parametrize(
    ("story", "field", "problem", "remedy"),
    [
        (at("+2h", "+1h"), "events.1.at", "before the event above it, which is at +2h", "order the events"),
        (at("+1h", "+3h", "+2h59m59s"), "events.2.at", "before", "order the events by time"),
        (at("+1d", "2026-07-06T10:00:00+07:00"), "events.1.at", "before", "order the events by time"),
        (at("2026-07-06T08:59:59+07:00"), "events.0.at", "before the receipt", "give a later instant, or an earlier"),
        (
            {**STORY, "events": [{"at": "+2h", "channel_down_until": "+1h"}]},
            "events.0.channel_down_until", "ends before it begins", "give a later end",
        ),
        (
            {**STORY, "events": [{"at": "+2h", "outage_until": "+1h"}]},
            "events.0.outage_until", "ends before it begins", "give a later end",
        ),
        (at("tomorrow"), "events.0.at", "not an instant", "write it as"),
        (at("2026-07-06T10:00:00"), "events.0.at", "not an instant", "write it as"),
        ({**STORY, "events": [{"at": "+1h", "akt": "note"}]}, "events.0", "an event is", "tuntas schema"),
        ({**STORY, "until": "+1w"}, "until", "not an instant", "write it as"),
    ],
)  # fmt: skip
def test_what_is_out_of_order_names_its_place_and_a_remedy(
    played: Any, story: dict[str, Any], field: str, problem: str, remedy: str
) -> None:
    code, said = played(story)
    assert (code, said["field"]) == (2, field)
    assert problem in said["problem"]
    assert remedy in said["remedy"]


def test_events_of_one_instant_are_in_order(played: Any) -> None:
    code, view = played(at("+1h", "+1h", "2026-07-06T10:00:00+07:00"))
    assert code == 0
    assert [entry["kind"] for entry in view["timeline"]].count("noted") == 3


def test_what_comes_after_until_does_not_happen(played: Any) -> None:
    code, view = played({**STORY, "until": "+23h"})
    assert code == 0
    assert "complainant_replied" not in [entry["kind"] for entry in view["timeline"]]


class TestExplain:
    def test_as_json_it_is_what_explain_prints(self, played: Any, capsys: Captured) -> None:
        code, found = played(STORY, "--explain")
        assert code == 0
        assert {one["metric"] for one in found} >= {"resolution", "first_response", "next_response"}
        jsonschema.Draft202012Validator(schema("explain", capsys)).validate(found)
        keys = ["metric", "occurrence", "sentence", "start", "target", "calendar", "version", "steps", "due_at"]
        assert all(list(one) == keys for one in found)
        assert all(list(s) == ["kind", "from", "to", "counted_seconds", "note"] for one in found for s in one["steps"])
        assert played(STORY, "--explain", "--metric", "resolution")[1] == [
            one for one in found if one["metric"] == "resolution"
        ]

    @pytest.mark.parametrize("why", ["escalated", "closed"])
    def test_why_is_a_document_of_its_own(self, played: Any, capsys: Captured, why: str) -> None:
        code, found = played({**STORY, "events": [], "until": "+30d"}, "--explain", "--why", why)
        assert code == 0
        jsonschema.Draft202012Validator(schema("why", capsys)).validate(found)
        assert found["steps" if why == "escalated" else "closings"] is not None

    def test_in_words_all_three_are_told_in_the_policys_first_language(self, tmp_path: Path, capsys: Captured) -> None:
        file = tmp_path / "story.json"
        file.write_text(json.dumps(STORY), encoding="utf-8")
        assert run(["simulate", str(file), "--explain"]) == 0
        said = capsys.readouterr().out
        assert (
            said.index("Keputusan (resolution 1)") < said.index("Mengapa pengaduan ini") < said.index("Belum ditutup")
        )
        assert run(["simulate", str(file), "--explain", "--language", "en", "--metric", "resolution"]) == 0
        said = capsys.readouterr().out
        assert "Decision (resolution 1)" in said
        assert "Why this case" not in said

    @pytest.mark.parametrize(
        ("options", "field"),
        [
            (["--explain", "--metric", "colour"], "metric"),
            (["--explain", "--metric", "hold", "--why", "closed"], "metric"),
            (["--metric", "resolution"], "--metric"),
            (["--language", "en"], "--language"),
            (["--why", "due"], "--why"),
            (["--explain", "--language", "de"], "language"),
            (["--explain", "--why", "late"], "why"),
        ],
    )
    def test_a_question_that_makes_no_sense_is_bad_input(self, played: Any, options: list[str], field: str) -> None:
        code, said = played(STORY, *options)
        assert (code, said["field"]) == (2, field)
        assert said["remedy"]


def schema(subject: str, capsys: Captured) -> Any:
    assert run(["schema", subject]) == 0
    return json.loads(capsys.readouterr().out)
