"""The desk has a word for everything that a case can say, in both languages, and knows what a case was merged with."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import policies
from complaints.case.commands import HANDLERS
from complaints.case.workbench import _WANTED, ACTS
from complaints.messages.view import EntryView
from complaints.timeline import SYSTEM
from complaints.vocabulary import Kind, Language
from web import catalogue
from web.desk.alike import Family, family
from web.desk.refusals import in_words
from web.desk.stream import said
from web.desk.voice import Voice

# What a row of the access log says was done: the first word given to whatever notes it.
_NOTED = re.compile(r"""\b(?:noted?|note_each|note_stranger|seen)\(\s*(?:[\w.]+,\s*)+"(\w+)\"""")
_NOTES = ("web/auth", "web/desk", "web/api", "starter")
OTHER = "TTS-7D3K9QX2M4R8V"


def entry(kind, **detail):
    return EntryView(sequence=1, at=datetime(2026, 11, 3, tzinfo=UTC), kind=kind, actor=SYSTEM, detail=detail)


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
class TestWords:
    def test_every_kind_of_entry_is_said(self, language):
        said = set(catalogue.words(language, "desk")["entries"]) - {"update_sent_automatic", "survey_came_back"}
        assert said == {str(kind) for kind in Kind}

    def test_every_command_and_every_reason_against_it_has_a_word(self, language):
        words = catalogue.words(language, "desk")
        assert set(ACTS) <= set(words["acts"])
        assert {why for why, _ in _WANTED.values()} | {"status", "merged", "nothing_to_extend"} <= set(words["why_not"])
        assert set(ACTS) == set(HANDLERS)  # none is there that no case carries out

    def test_everything_that_is_noted_in_the_access_log_has_a_word(self, language):
        root = Path(catalogue.__file__).parent.parent
        sources = [
            path.read_text(encoding="utf-8") for folder in _NOTES for path in root.joinpath(folder).rglob("*.py")
        ]
        noted = {name for text in sources for name in _NOTED.findall(text)} - {*ACTS}
        assert {"sign_in", "my_work", "duplicates", "closure", "list", "similar"} <= noted
        named = {"case", "why", "evidence", "preview", "form", "contact_code"}  # by a parameter
        assert all(any(f'"{name}"' in text for text in sources) for name in named)
        assert noted | named == set(catalogue.words(language, "auth")["access"]["did"])
        assert not noted & {*catalogue.words(language, "desk")["acts"]}

    def test_a_merge_is_said_with_the_other_case(self, language):
        voice = Voice(Language(language), policies.load("demo"))
        for kind, detail in (
            (Kind.MERGED, {"into": OTHER}), (Kind.MERGED_IN, {"reference": OTHER, "same_complainant": True}),
            (Kind.DUPLICATES_FOUND, {"found": [{"reference": OTHER, "similarity": 0.9, "same_complainant": True}]}),
        ):  # fmt: skip
            sentence = said(entry(kind, **detail), voice)
            assert OTHER in sentence
            assert "similarity" not in sentence

    def test_a_refused_merge_is_said_in_words(self, language):
        assert OTHER in in_words(f"the case is merged into {OTHER}", Language(language))
        assert in_words("is no reference", Language(language)) != "is no reference"


def test_what_a_case_was_merged_with_follows_its_entries():
    asked = [entry(Kind.MERGE_ASKED, into="A")]
    assert family(asked) == Family(asked="A")
    assert family([*asked, entry(Kind.MERGE_REFUSED, into="A")]) == Family()
    merged = [*asked, entry(Kind.MERGED, into="A")]
    assert family(merged) == Family(into="A")
    assert family([*merged, entry(Kind.UNMERGED, into="A")]) == Family()
    taken = [entry(Kind.MERGED_IN, reference="B"), entry(Kind.MERGED_IN, reference="C")]
    assert family([*taken, entry(Kind.TAKEN_OUT, reference="B")]) == Family(taken_in=("C",))
