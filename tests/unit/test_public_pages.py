"""What the public pages say: complete in every language, and nothing left to chance."""

import re
from types import SimpleNamespace
from typing import get_args

import pytest
from jinja2 import Environment

import policies
from channels.outbound import link_mail
from complaints.vocabulary import HOUSE_LANGUAGES, Kind, Metric, OnReturn, Status
from tests.fixtures.records import NOW
from web.catalogue import DIRECTORY, Catalogue, catalogue, languages, preferred
from web.public.answers import Met
from web.public.following import DONE
from web.public.forms import _STATUS
from web.public.reading import Cut
from web.public.rendering import PART, environment
from web.public.story import PROMISES, SHOWN
from web.public.surveying import _met
from web.public.tickets import Fault

USED = re.compile(r'\bt(?:\.all)?\("([\w.]*\w)"')
HIDDEN = {
    Kind.VERIFIED, Kind.ASSIGNED, Kind.TRANSFERRED, Kind.NOTED, Kind.STEP_RECORDED, Kind.ATTACHED,
    Kind.DECISION_PROPOSED, Kind.DECISION_APPROVED, Kind.DECISION_DECLINED, Kind.ROOT_CAUSE_RECORDED,
    Kind.EVALUATION_RECORDED, Kind.REVIEW_WANTED, Kind.EVALUATION_ANSWERED,
    Kind.REPLANNED, Kind.LETTER_SENT, Kind.AMENDED, Kind.FACT_REPORTED,
    Kind.UNREADABLE_MESSAGE, Kind.WARNED, Kind.BREACHED, Kind.REMINDED, Kind.DE_ESCALATED, Kind.TOP_REMINDED,
    Kind.OWNER_CHANGED, Kind.NOTICE_HANDED_OVER, Kind.NOTICE_FAILED, Kind.NOTICE_DELAYED, Kind.NOTICE_UNDELIVERABLE,
    Kind.CLOSING_BEGAN, Kind.CLOSURE_RECORDED, Kind.CAUGHT_UP, Kind.CALENDARS_EXTENDED, Kind.REFUSED,
    Kind.CONSENT_RECORDED, Kind.DUPLICATES_FOUND, Kind.MERGE_ASKED, Kind.MERGE_REFUSED, Kind.MERGED_IN, Kind.TAKEN_OUT,
    Kind.SURVEY_ASKED, Kind.SURVEY_LEFT_OUT,
}  # fmt: skip


def templates() -> dict[str, str]:
    made: Environment = environment()
    return {name: made.loader.get_source(made, name)[0] for name in made.list_templates()}


@pytest.fixture(params=languages(PART))
def text(request) -> Catalogue:
    return catalogue(PART, request.param)


def test_every_house_language_is_there():
    assert set(HOUSE_LANGUAGES) <= set(languages(PART))


def test_every_text_that_a_page_names_is_there(text):
    named = {key for source in templates().values() for key in USED.findall(source)}
    assert len(named) > 80
    assert [key for key in named if key not in text and not text.all(key)] == []


def test_every_word_of_a_closed_set_has_its_text(text):
    wanted = (
        *(f"status.{status}" for status in Status), *(f"story.{kind}" for kind in SHOWN),
        *(f"promise.{late}{metric}" for metric in PROMISES for late in ("", "late_")), *_STATUS,
        *(f"done.{what}" for what in DONE), *(f"form.{one}" for one in (*Fault, *Cut)),
        *(f"language.{language}" for language in HOUSE_LANGUAGES),
    )  # fmt: skip
    assert [key for key in wanted if key not in text] == []


def test_whatever_was_done_is_said_on_the_page_that_follows(text):
    assert {key.removeprefix("done.") for key in text.texts if key.startswith("done.")} == set(DONE)
    assert set(get_args(Met)) <= set(DONE)


def test_every_kind_of_entry_is_told_or_kept_to_ourselves_on_purpose():
    assert not HIDDEN & set(SHOWN)
    assert HIDDEN | set(SHOWN) == set(Kind)
    assert set(PROMISES) <= set(Metric)


def test_no_page_needs_a_script_a_style_of_its_own_or_somebody_else():
    for name, source in templates().items():
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://|\|\s*safe\b|Markup", source), name


def test_what_is_put_into_a_text_is_never_read_as_one(text):
    assert "{when} {0.__class__}" in text("receipt.received", when="{when} {0.__class__}")
    with pytest.raises(KeyError):
        text("no.such")


def test_the_mail_with_links_is_there_in_every_language():
    case = link_mail.LinkedCase(reference="TTS-1", received_at=NOW, link="https://care.example/x")
    for language in HOUSE_LANGUAGES:
        mail = link_mail.compose("links/1", "a@b.id", language, [case], NOW, domain="b.id")
        assert "https://care.example/x" in mail.body
        assert "{" not in mail.body
    assert {path.name for path in DIRECTORY.iterdir() if (path / "public.yaml").exists()} <= {
        path.name for path in link_mail.TEXTS.iterdir()
    }


def test_the_language_is_the_one_the_browser_likes_best():
    assert [preferred(h, PART) for h in ("en", "fr, en;q=0.3, id;q=0.9", "", "x" * 9000)] == ["en", "id", "id", "id"]


@pytest.mark.parametrize(
    ("status", "returned", "solved", "word"),
    [
        (Status.CLOSED, OnReturn.REOPEN, False, "came_back"),
        (Status.CLOSED, OnReturn.REQUEST, False, "requested"),
        (Status.ARCHIVED, OnReturn.REOPEN, False, "requested"),  # nothing opens it again but a person
        (Status.INVESTIGATION, OnReturn.REQUEST, False, "came_back"),
        (Status.ARCHIVED, OnReturn.REOPEN, True, "surveyed"),
        (Status.CLOSED, OnReturn.REOPEN, None, "surveyed"),
    ],
)
def test_nobody_is_told_that_a_case_is_looked_into_again_that_only_may_be(status, returned, solved, word):
    policy = policies.load("id.default")
    survey = policy.aftercare.survey.model_copy(update={"returned": returned})
    policy = policy.model_copy(update={"aftercare": policy.aftercare.model_copy(update={"survey": survey})})
    assert _met(SimpleNamespace(voice=(policy, None)), SimpleNamespace(status=status), solved=solved) == word
