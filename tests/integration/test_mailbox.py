"""What becomes of mails, with a real PostgreSQL and real IMAP servers; a stand-in takes what would go to Temporal."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

import policies
from channels.email.imap import place_of
from channels.signing import Signer
from complaints.errors import BadInput, NotFound, Unreachable
from complaints.messages.intake import Intake
from complaints.model import Personal
from complaints.vocabulary import Channel, Language, Occasion
from database import actions, attachments, complaints, mails, notices
from database.notices import Audience, Written
from database.pool import transaction
from starter.claiming import claim
from starter.mailbox.making import reader_of
from tests.fixtures.imap import ADDRESS, ImapServer, any_server, imap  # noqa: F401  (a fixture)
from tests.fixtures.records import a_batch, an_action

pytestmark = pytest.mark.services

SIGNER = Signer("a secret for tests only")
RINA = "rina@mail.example"
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


class House:
    """Takes what a client would bring to Temporal; claims references as it does."""

    def __init__(self, pool):
        self.pool = pool
        self.policy = policies.load("id.default")
        self.filed: dict[str, Intake] = {}
        self.said: list[tuple] = []
        self.away = False
        self.unknown = False

    async def file(self, intake):
        self._reach()
        claimed = await claim(self.pool, intake, NOW)
        self.filed.setdefault(claimed.reference, intake)
        return SimpleNamespace(reference=claimed.reference)

    async def reply(self, reference, *, key, text, **more):
        self._tell("reply", reference, key, str(text), [file.name for file in more["evidence"]])

    async def confirm(self, reference, *, key, satisfied, text, at, decision=None, action=None):
        self._tell("confirm", reference, key, satisfied, str(text), decision, *([] if action is None else [action]))

    async def survey(self, reference, *, key, text, at, **answers):
        self._tell("survey", reference, key, text, answers)

    async def report_fact(self, reference, *, key, fact, details, **more):
        self._tell(str(fact), reference, key, details)

    def _tell(self, *said):
        self._reach()
        if said not in self.said:
            self.said.append(said)

    def _reach(self):
        if self.away:
            raise Unreachable("away", field="temporal", remedy="later")
        if self.unknown:
            raise NotFound("no such case", field="reference", remedy="look")

    @property
    def facts(self):
        return [said[0] for said in self.said]


@pytest.fixture
def house(pool):
    return House(pool)


@pytest.fixture
def bringing(house):
    place = place_of("imap://care%40tuntas.example:x@127.0.0.1:1/INBOX")
    return reader_of(place, house, SIGNER, lambda: NOW, mail_from=f"Tuntas <{ADDRESS}>").bringing


def a_mail(text="Barang rusak.", *, sender=RINA, to=ADDRESS, subject="Rusak", number=1, answers=None, **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Rina <{sender}>", to, subject
    mail["Message-ID"] = f"<{number}@mail.example>"
    if answers:
        mail["In-Reply-To"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


async def a_case(bringing):
    return (await bringing.bring(a_mail(number="first").as_bytes(), NOW)).reference


async def a_notice(pool, reference, occasion=Occasion.DECISION, number=1, at=NOW):
    async with transaction(pool) as conn:
        key = f"{reference}/{occasion}/{number}/complainant"
        await notices.write(conn, Written(
            key=key, duty=key, reference=reference, audience=Audience.COMPLAINANT, recipient="complainant",
            occasion=occasion, occurrence=number, channel=Channel.EMAIL, language=Language.ID, address=Personal(RINA),
            subject=Personal("x"), body=Personal("y"), message_id=f"<{occasion}{number}@tuntas.example>", written_at=at,
            decision=number if occasion is Occasion.DECISION else None,
        ))  # fmt: skip
        await notices.mark_sent(conn, key, at)
    return f"<{occasion}{number}@tuntas.example>"


def tagged(reference, tag=None):
    return f"care+{reference}.{tag or SIGNER.tag(reference)}@tuntas.example"


async def test_a_first_mail_is_a_case_with_its_files_as_of_its_arrival(bringing, house):
    mail = a_mail()
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="foto.png")
    mail.add_attachment(b"MZ\0\0", maintype="application", subtype="x-msdownload", filename="x.exe")
    arrived = NOW - timedelta(hours=3)
    brought = await bringing.bring(mail.as_bytes(), arrived)
    intake = house.filed[brought.reference]
    assert (intake.text, intake.subject, intake.complainant.email, intake.received_at) == (
        "Barang rusak.", "Rusak", RINA, arrived,
    )  # fmt: skip
    assert [file.name for file in intake.evidence] == ["foto.png"]
    async with transaction(house.pool) as conn:
        assert [file.name for file in await attachments.of_case(conn, brought.reference)] == ["foto.png"]
    ((fact, _, _, details),) = house.said
    assert (fact, details["count"], details["reasons"]) == ("files_refused", 1, ["a file of a kind that is not taken"])


async def promised(pool, reference, message_number=1):
    """A promise that is said to be kept; the Message-ID of the mail that asks."""
    asked = await a_notice(pool, reference, Occasion.PROMISE_DONE, message_number)
    key = f"{reference}/promise_done/{message_number}/complainant"
    row = an_action(number=3, completed_at=NOW, asked=key, answer="not_answered")
    async with transaction(pool) as conn:
        await actions.upsert(conn, reference, message_number, (row,))
    return asked


@pytest.mark.parametrize(("text", "kept"), [("Ya, sudah.", True), ("BELUM\n\nNotanya tidak ada.", False)])
async def test_a_plain_answer_to_the_mail_about_a_promise_answers_that_promise(bringing, house, text, kept):
    reference = await a_case(bringing)
    await a_notice(house.pool, reference)  # a decision, which it does not answer
    asked = await promised(house.pool, reference)
    raw = a_mail(text, number=2, answers=asked).as_bytes()
    first, again = await bringing.bring(raw, NOW), await bringing.bring(raw, NOW)
    assert (first.outcome, again.again) == ("promise_kept" if kept else "promise_not_kept", True)
    ((what, _, _, satisfied, _, decision, action),) = house.said
    assert (what, satisfied, decision, action) == ("confirm", kept, None, 3)


async def test_an_answer_to_a_promise_that_was_asked_about_anew_is_for_a_person(bringing, house):
    reference = await a_case(bringing)
    asked = await promised(house.pool, reference)
    await promised(house.pool, reference, 2)
    brought = await bringing.bring(a_mail("Belum", number=2, answers=asked).as_bytes(), NOW)
    assert brought.outcome == "reply"


async def test_a_yes_to_a_promise_from_another_address_or_by_tag_alone_is_none(bringing, house):
    reference = await a_case(bringing)
    asked = await promised(house.pool, reference)
    other = await bringing.bring(a_mail("Ya", number=2, sender="x@mail.example", answers=asked).as_bytes(), NOW)
    assert other.outcome == "other_sender"
    tag = await bringing.bring(a_mail("Ya", number=3, to=tagged(reference)).as_bytes(), NOW)
    assert tag.outcome == "reply"


async def test_the_same_mail_is_one_case_however_often_it_is_read(bringing, house):
    raw = a_mail().as_bytes()
    first, second = await asyncio.gather(bringing.bring(raw, NOW), bringing.bring(raw, NOW))
    third = await bringing.bring(b"Received: by another way\n" + raw, NOW + timedelta(hours=1))
    assert first.reference == second.reference == third.reference
    assert len(house.filed) == 1
    assert third.again


async def test_mails_that_are_lost_are_read_again_with_their_files_and_nothing_is_done_twice(bringing, house):
    first, reply = a_mail(number="first"), a_mail("satu", number=2, answers="<first@mail.example>")
    for mail in (first, reply):
        mail.add_attachment(PNG, maintype="image", subtype="png", filename="foto.png")
    arrived = [mail.as_bytes() for mail in (first, reply)]
    before = [await bringing.bring(raw, NOW) for raw in arrived]
    async with transaction(house.pool) as conn:  # a backup is restored that is older than they are
        await conn.execute("DELETE FROM mails")
        await conn.execute("DELETE FROM case_attachments")
        await conn.execute("DELETE FROM attachments")
    later = NOW + timedelta(hours=1)
    assert [await bringing.bring(raw, later) for raw in arrived] == before
    assert (len(house.filed), house.facts) == (1, ["reply"])
    async with transaction(house.pool) as conn:
        assert len(await attachments.of_case(conn, before[0].reference)) == 1


async def test_a_crash_between_filing_and_marking_is_made_good(bringing, house, monkeypatch):
    async def dies(*_):
        raise Unreachable("gone", field="database_url", remedy="later")

    with monkeypatch.context() as patched:
        patched.setattr(bringing, "_finish", dies)
        with pytest.raises(Unreachable):
            await bringing.bring(a_mail().as_bytes(), NOW)
    brought = await bringing.bring(a_mail().as_bytes(), NOW)
    assert list(house.filed) == [brought.reference]
    assert not brought.again


async def test_a_reply_is_found_by_its_thread_by_its_tag_and_by_its_subject(bringing, house):
    reference = await a_case(bringing)
    message_id = await a_notice(house.pool, reference, Occasion.ACKNOWLEDGEMENT)
    for number, mail in enumerate((
        a_mail("satu", number=11, answers=message_id),
        a_mail("dua", number=12, answers="<first@mail.example>"),
        a_mail("tiga", number=13, to=tagged(reference)),
        a_mail("empat", number=14, subject=f"Re: keluhan {reference.lower()}"),
    )):  # fmt: skip
        brought = await bringing.bring(mail.as_bytes(), NOW)
        assert (brought.outcome, brought.reference) == ("reply", reference), number
    assert [said[3] for said in house.said if said[0] == "reply"] == ["satu", "dua", "tiga", "empat"]
    # Only the tag proves an address: it stood nowhere but in our mail.
    assert house.facts.count("contact_proven") == 1
    assert len(house.filed) == 1


async def test_a_stranger_speaks_for_nobody(bringing, house):
    reference = await a_case(bringing)
    message_id = await a_notice(house.pool, reference)
    thief = "thief@mail.example"
    for mail in (
        a_mail("Ya", sender=thief, number=21, answers=message_id),
        a_mail("Ya", sender=thief, number=22, to=tagged(reference)),
    ):
        brought = await bringing.bring(mail.as_bytes(), NOW)
        assert (brought.outcome, brought.reference) == ("other_sender", reference)
    own = await bringing.bring(a_mail("Ya", sender=thief, number=23, subject=f"Re: {reference}").as_bytes(), NOW)
    guessed = await bringing.bring(
        a_mail("Ya", sender=thief, number=24, to=tagged(reference, "a" * 16)).as_bytes(), NOW
    )
    assert reference not in {own.reference, guessed.reference}
    assert house.filed[own.reference].details == {"mentioned_reference": reference}
    assert house.facts == ["mail_from_another_address"] * 2
    # Answering their own mail does not make them the complainant either.
    again = await bringing.bring(a_mail("Ya", sender=thief, number=25, answers="<22@mail.example>").as_bytes(), NOW)
    assert again.reference != reference


async def test_the_address_on_file_counts_once_it_is_recorded(bringing, house):
    reference = await a_case(bringing)
    async with transaction(house.pool) as conn:
        person = {"name": "Rina", "email": "new@mail.example", "language": "id"}
        await complaints.upsert(conn, a_batch(reference=reference, complainant=person))
    old = await bringing.bring(a_mail("a", number=31, to=tagged(reference)).as_bytes(), NOW)
    new = await bringing.bring(a_mail("b", number=32, to=tagged(reference), sender="New@mail.example").as_bytes(), NOW)
    assert (old.outcome, new.outcome) == ("other_sender", "reply")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("Ya, sudah selesai.\n\nRina", "confirmed"), ("Belum\nmasih bocor", "disputed"), ("Ya tapi masih bocor", "reply")],
)
async def test_a_plain_answer_to_a_decision_is_the_answer(bringing, house, text, outcome):
    reference = await a_case(bringing)
    message_id = await a_notice(house.pool, reference)
    assert (await bringing.bring(a_mail(text, number=41, answers=message_id).as_bytes(), NOW)).outcome == outcome
    assert (await bringing.bring(a_mail(text, number=42, to=tagged(reference)).as_bytes(), NOW)).outcome == outcome


async def test_a_yes_to_another_question_is_a_reply(bringing, house):
    reference = await a_case(bringing)
    question = await a_notice(house.pool, reference, Occasion.INFORMATION_REQUEST)
    assert (await bringing.bring(a_mail("Ya", number=51, answers=question).as_bytes(), NOW)).outcome == "reply"
    by_subject = a_mail("Ya", number=53, subject=f"Re: {reference}")
    assert (await bringing.bring(by_subject.as_bytes(), NOW)).outcome == "reply"


async def test_an_answer_names_the_decision_that_it_answers_whatever_came_since(bringing, house):
    """Their mail and our second decision cross, or the case was reopened: it must not count for the second."""
    reference = await a_case(bringing)
    first = await a_notice(house.pool, reference, at=NOW)
    reminder = await a_notice(house.pool, reference, Occasion.CONFIRMATION_REMINDER, at=NOW + timedelta(hours=1))
    closed = await a_notice(house.pool, reference, Occasion.CLOSED_CONFIRMED, at=NOW + timedelta(hours=2))
    second = await a_notice(house.pool, reference, number=2, at=NOW + timedelta(days=1))
    later = await a_notice(house.pool, reference, Occasion.CONFIRMATION_REMINDER, 2, at=NOW + timedelta(days=2))
    for number, answered in enumerate((first, reminder, closed, second, later, None)):
        mail = a_mail("Tidak", number=f"n{number}", answers=answered, to=tagged(reference))
        assert (await bringing.bring(mail.as_bytes(), NOW)).outcome == "disputed"
    assert [said[-1] for said in house.said if said[0] == "confirm"] == [1, 1, 1, 2, 2, 2]


async def test_what_an_answer_answers_stays_decided_over_a_crash(bringing, house):
    """It names no notice, so the last one counts: the one at its arrival, not the one after the crash."""
    reference = await a_case(bringing)
    await a_notice(house.pool, reference, at=NOW)
    mail = a_mail("Ya", number=54, to=tagged(reference)).as_bytes()
    house.away = True
    with pytest.raises(Unreachable):
        await bringing.bring(mail, NOW)
    house.away = False
    await a_notice(house.pool, reference, number=2, at=NOW + timedelta(days=1))
    assert (await bringing.bring(mail, NOW)).outcome == "confirmed"
    assert house.said[-1][-1] == 1


async def test_a_yes_from_another_address_is_told_and_never_the_complainants(bringing, house):
    reference = await a_case(bringing)
    decision = await a_notice(house.pool, reference)
    for number, text in enumerate(("Ya", "Tidak")):
        mail = a_mail(text, number=f"o{number}", answers=decision, to=tagged(reference), sender="budi@other.example")
        assert (await bringing.bring(mail.as_bytes(), NOW)).outcome == "other_sender"
    assert house.facts == ["mail_from_another_address"] * 2


@pytest.mark.parametrize(
    "header", [{"Auto_Submitted": "auto-replied"}, {"List_Id": "<l.example>"}, {"Precedence": "bulk"}]
)
async def test_a_machine_starts_and_answers_nothing(bringing, house, header):
    reference = await a_case(bringing)
    message_id = await a_notice(house.pool, reference)
    for answers in (None, message_id):
        brought = await bringing.bring(a_mail("Ya", number=f"6{answers}", answers=answers, **header).as_bytes(), NOW)
        assert (brought.outcome, brought.reference) == ("ignored", None)
    assert house.said == []
    assert len(house.filed) == 1


def a_bounce(key, *, recipient, reply_to="x@y.example"):
    return (
        "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\n--b\n"
        f"Content-Type: message/rfc822\n\nX-Tuntas-Notice: {key}\nReply-To: {reply_to}\n\nx\n--b--\n"
    ).encode()


async def test_a_bounce_is_a_fact_about_its_notice_if_it_can_be_believed(bringing, house):
    reference = await a_case(bringing)
    await a_notice(house.pool, reference)
    key = f"{reference}/decision/1/complainant"
    forged = await bringing.bring(a_bounce(key, recipient="other@mail.example"), NOW)
    assert (forged.outcome, house.said) == ("ignored", [])
    for number, raw in enumerate((
        a_bounce(key, recipient=RINA), a_bounce(key, recipient="elsewhere@mail.example", reply_to=tagged(reference)),
    )):  # fmt: skip
        brought = await bringing.bring(b"Message-ID: <b%d@mx>\n" % number + raw, NOW)
        assert (brought.outcome, brought.reference) == ("bounced", reference)
    assert [said[3] for said in house.said] == [{"key": key, "status": "5.1.1"}] * 2


async def test_what_cannot_be_brought_is_set_aside_with_its_reason_and_can_be_tried_again(bringing, house):
    house.unknown = True
    brought = await bringing.bring(a_mail().as_bytes(), NOW - timedelta(days=1))
    assert brought.outcome == "set_aside"
    async with transaction(house.pool) as conn:
        (row,) = await mails.list_aside(conn)
        assert (row.problem, row.remedy) == ("no such case", "look")
        assert (await mails.get_aside(conn, row.key[:10])).raw == a_mail().as_bytes()
    with pytest.raises(NotFound):
        await bringing.retry(row.key)
    house.unknown = False
    again = await bringing.retry(row.key[:10])
    assert house.filed[again.reference].received_at == NOW - timedelta(days=1)
    async with transaction(house.pool) as conn:
        assert await mails.count_aside(conn) == 0


async def test_a_mail_without_words_or_files_is_set_aside_and_one_of_files_alone_is_not(bringing, house):
    assert (await bringing.bring(b"From: a@b.example\r\n\r\n", NOW)).outcome == "set_aside"
    mail = a_mail("", subject="")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="foto.png")
    brought = await bringing.bring(mail.as_bytes(), NOW)
    assert house.filed[brought.reference].text == "(tanpa kata-kata)"


async def test_nobody_is_lost_while_a_service_is_away(bringing, house):
    house.away = True
    with pytest.raises(Unreachable):
        await bringing.bring(a_mail().as_bytes(), NOW)
    house.away = False
    assert (await bringing.bring(a_mail().as_bytes(), NOW)).outcome == "case"


# with a mailbox


def reader(server: ImapServer, house):
    return reader_of(place_of(server.url), house, SIGNER, lambda: datetime.now(UTC), mail_from=f"Tuntas <{ADDRESS}>")


async def test_a_mailbox_is_emptied_in_order_and_everything_is_put_where_it_belongs(imap, house):  # noqa: F811
    mailed = [
        a_mail(number=1).as_bytes(), a_mail("lagi", number=2, answers="<1@mail.example>").as_bytes(),
        a_mail(number=3, sender="adi@mail.example").as_bytes(), b"From: a@b.example\r\n\r\n",
    ]  # fmt: skip
    imap.deliver(*mailed)
    reading = reader(imap, house)
    looked = await reading.check(dry_run=True)
    assert Counter(one.outcome for one in looked) == {"case": 4}  # the first of a thread is not there yet
    assert len(imap.lying_in("INBOX")) == len(mailed)
    found = Counter(one.outcome for one in await reading.check())
    assert found == {"case": 2, "reply": 1, "set_aside": 1}
    assert imap.lying_in("INBOX") == []
    assert len(imap.lying_in("Tuntas-Filed")) == 3
    assert imap.lying_in("Tuntas-Aside") == [mailed[-1]]
    assert await reading.check() == []


async def test_a_mail_that_comes_while_we_listen_is_read_and_listening_ends_when_it_is_told(imap, house):  # noqa: F811
    ended = False
    listening = asyncio.create_task(reader(imap, house).listen(60, lambda: ended))
    await asyncio.to_thread(imap.deliver, a_mail().as_bytes())
    async with asyncio.timeout(60):
        while not house.filed:
            await asyncio.sleep(0.05)
        ended = True
        assert await listening == {"case": 1}


async def test_what_is_wrong_with_a_mailbox_is_said_in_words(house):
    with any_server() as server:
        for url, said in (
            (server.url.replace("secret", "other"), "refuses the login"),
            (server.url.replace("INBOX", "Nowhere"), "no such folder"),
        ):
            with pytest.raises(BadInput, match=said):
                await reader(SimpleNamespace(url=url), house).check()
    with pytest.raises(Unreachable, match="cannot be reached"):
        await reader(server, house).check()


@pytest.mark.parametrize(
    "url",
    ["imap.example", "http://a:b@c/", "imaps://host/INBOX", "imaps://a:b@host:x/", "imap://a:b@c/?starttls=maybe"],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(url):
    with pytest.raises(BadInput) as refused:
        place_of(url)
    assert "b@" not in f"{refused.value} {refused.value.remedy}".replace("password@host", "")


@pytest.mark.parametrize(
    ("said", "text", "answers"),
    [
        ("Ya", None, {"solved": True}),
        ("kembali lagi", "kembali lagi", {"solved": False}),
        ("muncul lagi\nSejak kemarin.", "muncul lagi\nSejak kemarin.", {"solved": False}),
        ("berhenti", None, {"stop": True}),
        ("Stop\n\nRina", "Stop\n\nRina", {"stop": True}),
    ],
)
async def test_a_plain_answer_to_a_follow_up_answers_the_survey(bringing, house, said, text, answers):
    reference = await a_case(bringing)
    follow_up = await a_notice(house.pool, reference, Occasion.FOLLOW_UP)
    brought = await bringing.bring(a_mail(said, to=tagged(reference), number=2, answers=follow_up).as_bytes(), NOW)
    told = [one for one in house.said if one[0] in ("survey", "reply", "confirm")]
    assert told == [("survey", reference, brought.key, text, answers)]


async def test_a_stop_is_only_one_where_we_asked_after_closing(bringing, house, pool):
    reference = await a_case(bringing)
    decision = await a_notice(pool, reference)
    await bringing.bring(a_mail("berhenti", to=tagged(reference), number=2, answers=decision).as_bytes(), NOW)
    await a_notice(pool, reference, Occasion.FOLLOW_UP, at=NOW + timedelta(days=1))
    more = "Terima kasih, tapi kapan uangnya?"
    await bringing.bring(a_mail(more, to=tagged(reference), number=3).as_bytes(), NOW)
    assert [one[3] for one in house.said if one[0] == "reply"] == ["berhenti", more]
    assert "survey" not in house.facts


async def test_a_plain_answer_without_a_thread_goes_to_what_was_sent_last(bringing, house, pool):
    reference = await a_case(bringing)
    await a_notice(pool, reference)
    await a_notice(pool, reference, Occasion.FOLLOW_UP, at=NOW + timedelta(days=1))
    await bringing.bring(a_mail("stop", to=tagged(reference), number=2).as_bytes(), NOW)
    assert [one[4] for one in house.said if one[0] == "survey"] == [{"stop": True}]


@pytest.mark.parametrize("text", ["stop", "muncul lagi", "Ya"])
async def test_whatever_they_wrote_belongs_to_the_conversation(bringing, house, pool, text):
    reference = await a_case(bringing)
    asked = await (promised(pool, reference) if text == "Ya" else a_notice(pool, reference, Occasion.FOLLOW_UP))
    brought = await bringing.bring(a_mail(text, number=2, answers=asked).as_bytes(), NOW)
    assert brought.outcome in ("surveys_stopped", "came_back", "promise_kept")
    async with transaction(pool) as conn:
        written = await mails.thread(conn, reference)
    assert "<2@mail.example>" in [mail.message_id for mail in written if mail.theirs]
