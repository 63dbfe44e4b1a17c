"""A third language takes a folder of texts and the names that the pack itself gives; no code names what is offered."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

import policies
from complaints.errors import BadInput, BadPolicy
from complaints.messages.commands import read_command
from complaints.messages.intake import Intake
from complaints.model import read
from complaints.vocabulary import Language
from starter.intake import read_intake
from tests.unit.cases import Player

JAVANESE = Language("jv")
FOLDER = Path(policies.__file__).parent / "id.default"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack with a third folder of texts, and one line in its policy."""
    copy = tmp_path / "jawa"
    shutil.copytree(FOLDER, copy)
    shutil.copytree(copy / "texts" / "id", copy / "texts" / "jv")
    words = _words(copy)
    words["greeting_named"] = "Kagem Panjenengan {name},"
    (copy / "texts/jv/words.yaml").write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
    for file in (copy / "policy.yaml", *(copy / "calendars").glob("*.yaml")):
        text = _named(yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader))  # noqa: S506 (it makes strings only)
        file.write_text(yaml.safe_dump(text, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return copy


def _named(value: Any) -> Any:
    """What has a name in Indonesian has one in Javanese too, and the policy offers it."""
    if isinstance(value, list):
        return [*value, "jv"] if value == ["id", "en"] else [_named(item) for item in value]
    if not isinstance(value, dict):
        return value
    more = {"jv": value["id"]} if {"id", "en"} == set(value) else {}
    return {key: _named(item) for key, item in value.items()} | more


def _words(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "texts/jv/words.yaml").read_text(encoding="utf-8"))
    return found


def an_intake(language: str) -> dict[str, Any]:
    person = {"name": "Sri", "email": "sri@example.co.id", "language": language}
    return {"channel": "form", "key": "k", "text": "Rusak", "complainant": person}


def test_a_complaint_in_it_is_answered_in_it(pack: Path) -> None:
    policy = policies.load(str(pack))
    intake = read_intake(an_intake("jv"), policy, datetime.now(UTC))
    assert intake.complainant.language == JAVANESE
    player = Player(policy=policy, complainant=intake.complainant)
    player.restore()  # the tag survives the way through JSON
    player.respond()
    notice = player.notices("response")[-1]
    said = policies.texts(policy).render(notice, notice.language)
    assert said.body.startswith("Kagem Panjenengan Sri,")
    assert policies.texts(policy).when(player.now, JAVANESE)
    assert policies.texts(policy).money(350_000, JAVANESE)


def test_an_agent_may_amend_to_it() -> None:
    command = read_command({"act": "amend", "key": "k", "actor": {"id": "siti"}, "language": "en_GB"})
    player = Player()
    player.say(command)
    assert player.state.complainant.language == "en_GB"


@pytest.mark.parametrize("part", ["notices", "words"])
def test_what_is_missing_in_it_is_named(pack: Path, part: str) -> None:
    file = pack / f"texts/jv/{part}.yaml"
    texts = yaml.safe_load(file.read_text(encoding="utf-8"))
    gone = {"notices": "decision", "words": "greeting"}[part]
    del texts[gone]
    file.write_text(yaml.safe_dump(texts, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadPolicy) as caught:
        policies.load(str(pack))
    assert f"texts.jv.{part}.{gone}" in str(caught.value)
    assert caught.value.remedy


def test_a_policy_without_it_answers_in_its_first_language() -> None:
    intake = read_intake(an_intake("jv"), policies.load("id.default"), datetime.now(UTC))
    assert intake.complainant.language == Language.ID


@pytest.mark.parametrize("tag", ["", "Jawa", "j", "en-GB", "../id", "id/en", "id\n", "x" * 300])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(Intake, an_intake(tag))
    assert caught.value.field == "complainant.language"
    assert caught.value.remedy == "write its tag, such as id, en or en_GB"
