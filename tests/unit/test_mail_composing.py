from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.conversation import conversation, written_by_person
from channels.email.composing import compose, reply_address
from channels.email.kinds import MailKind
from channels.email.reading import read_mail
from channels.outbound import Message, message_id
from channels.signing import Signer
from complaints.messages.duties import Notice
from complaints.model import Personal
from complaints.vocabulary import Occasion
from database.mails import Written

REFERENCE = "TTS-7D3K9QX2M4R8V"
SENDER = "Tuntas Peduli <care@tuntas.example>"
SIGNER = Signer("a secret for tests only")
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-Tuntas-Notice", "MIME-Version", "Content-Type", "Content-Language",
}  # fmt: skip
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.sampled_from(
    [
        "a\r\nBcc: thief@x.example",
        "a\nX: y\n\nbody",
        "\r\n\r\n<script>",
        "a\u2028Bcc: x@y.example",
        "=?utf-8?q?=0ABcc?=",
        "\0",
    ]
)


def a_message(**over):
    values = {
        "key": f"{REFERENCE}/decision/1/complainant", "message_id": message_id("k", "tuntas.example"),
        "recipient": "complainant", "address": "sari@example.co.id", "channel": "email", "language": "id",
        "subject": "Keputusan", "body": "Yth. Sari,\n\nlihat https://tuntas.example/f/abc.\nSalam", "written_at": NOW,
        "reference": REFERENCE,
    }  # fmt: skip
    return Message.model_validate(values | over)


def composed(message, **options):
    return message_from_bytes(compose(message, sender=SENDER, **options).as_bytes(), policy=default)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_no_words_can_bring_a_header_or_a_recipient(subject, body, answered, thread):
    message = a_message(
        subject=subject, body=body or "x", in_reply_to=answered, refers_to=(answered, thread), thread_subject=thread
    )
    mail = composed(message, reply_to=reply_address("care@tuntas.example", REFERENCE, SIGNER))
    assert set(mail.keys()) <= HEADERS
    assert len(set(mail.keys())) == len(mail.keys())
    assert mail["To"] == "sari@example.co.id"
    assert mail["From"] == SENDER
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@given(ANYTHING)
def test_the_page_shows_words_and_runs_none(words):
    page = composed(a_message(body=f"x\n\n{words}")).get_body(("html",)).get_content()
    assert page.count("<script") == 0
    assert page.count("<p>") <= 3 + words.count("\n") + words.count("\r")
    assert "src=" not in page.replace(words, "")


def test_a_link_is_a_link_and_its_full_stop_is_not():
    page = composed(a_message()).get_body(("html",)).get_content()
    assert '<a href="https://tuntas.example/f/abc">https://tuntas.example/f/abc</a>.<br>' in page
    assert '<html lang="id">' in page
    evil = composed(a_message(body='https://x.example/"onclick=alert(1) javascript:alert(1)'))
    assert "onclick=alert(1)<" not in evil.get_body(("html",)).get_content().replace("&#34;", '"').split("</a>")[0]


def test_what_no_person_wrote_says_so_and_the_rest_does_not():
    assert composed(a_message())["Auto-Submitted"] == "auto-generated"
    assert composed(a_message(automatic=False))["Auto-Submitted"] is None


def test_our_own_mail_starts_nothing_when_it_comes_back():
    raw = compose(a_message(automatic=False), sender=SENDER).as_bytes()
    assert read_mail(raw, own=frozenset({"care@tuntas.example"})).kind is MailKind.LOOP


def test_an_answer_goes_to_an_address_that_names_the_case():
    address = reply_address("care@tuntas.example", REFERENCE, SIGNER)
    mail = composed(a_message(), reply_to=address)
    found = read_mail(f"From: sari@example.co.id\nTo: {mail['Reply-To']}\n\nYa".encode())
    assert [SIGNER.is_tag(tag.reference, tag.tag) for tag in found.tags] == [True]
    assert reply_address("care@tuntas.example", None, SIGNER) is None
    assert reply_address("care@tuntas.example", REFERENCE, None) is None
    assert reply_address(f"{'long' * 10}@tuntas.example", REFERENCE, SIGNER) is None


def written(number, *, theirs, subject=None):
    return Written(message_id=f"<{number}@x>", theirs=theirs, subject=subject and Personal(subject))


def test_a_notice_answers_the_last_mail_and_names_the_whole_conversation():
    talk = conversation(
        [written(1, theirs=True, subject="Re: Blender rusak"), written(2, theirs=False), written(3, theirs=True)],
        REFERENCE,
    )
    assert talk.in_reply_to == "<3@x>"
    assert talk.refers_to == ("<1@x>", "<2@x>", "<3@x>")
    assert talk.subject == f"Re: Blender rusak [{REFERENCE}]"


def test_without_a_mail_of_theirs_each_notice_has_its_own_subject():
    talk = conversation([written(1, theirs=False), written(2, theirs=False)], REFERENCE)
    assert (talk.in_reply_to, talk.subject) == ("<1@x>", None)
    assert conversation([], REFERENCE).in_reply_to is None


def test_a_long_conversation_keeps_its_beginning_and_its_end():
    talk = conversation([written(n, theirs=False) for n in range(50)], REFERENCE)
    assert (len(talk.refers_to), talk.refers_to[0], talk.refers_to[-1]) == (20, "<0@x>", "<49@x>")


@pytest.mark.parametrize(
    ("occasion", "words", "by_person"),
    [
        (Occasion.RESPONSE, "Halo", True), (Occasion.DECISION, "Karena", True),
        (Occasion.INFORMATION_REQUEST, "Kapan?", True), (Occasion.INFORMATION_REQUEST, None, False),
        (Occasion.ACKNOWLEDGEMENT, None, False), (Occasion.CONFIRMATION_REMINDER, "Karena", False),
        (Occasion.PROGRESS_UPDATE, None, False),
    ],
)  # fmt: skip
def test_a_person_wrote_what_brings_a_persons_words(occasion, words, by_person):
    notice = Notice.model_validate({
        "key": "k", "reference": REFERENCE, "occasion": occasion, "occurrence": 1, "channel": "email", "language": "id",
        "address": "a@b.id", "at": NOW, "pack": "id.default", "texts": "id.default", "texts_version": "1",
        "timezone": "Asia/Jakarta", "facts": {"words": words},
    })  # fmt: skip
    assert written_by_person(notice) is by_person
