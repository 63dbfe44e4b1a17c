import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.answers import plain_answer
from channels.email.bounds import LARGEST
from channels.email.kinds import MailKind
from channels.email.quoting import unquoted
from channels.email.reading import read_mail
from channels.email.speech import language_of
from complaints.errors import BadInput
from complaints.messages.intake import MAX_TEXT
from complaints.vocabulary import Language

OWN = frozenset({"care@tuntas.example"})
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
ZIP = b"PK\x03\x04" + b"\0" * 40


def raw(headers: str = "", body: bytes = b"Barang rusak.\r\n") -> bytes:
    head = "From: Rina <rina@mail.example>\nSubject: Rusak\nMessage-ID: <1@mail.example>\n" + headers
    return head.strip("\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def read(headers: str = "", body: bytes = b"Barang rusak.\r\n"):
    return read_mail(raw(headers, body), own=OWN)


def test_who_wrote_what_to_whom():
    mail = read('To: care@tuntas.example, "Bu, Ani" <ani@X.example>\nReferences: <a@x> <b@x>\nIn-Reply-To: <b@x>\n'
                "Date: Mon, 30 Nov 2026 09:00:00 +0700\n")  # fmt: skip
    assert (mail.sender, mail.sender_name, mail.subject, mail.text) == (
        "rina@mail.example",
        "Rina",
        "Rusak",
        "Barang rusak.",
    )
    assert mail.recipients == ("care@tuntas.example", "ani@x.example")
    assert mail.references == ("<a@x>", "<b@x>")
    assert mail.sent_at.isoformat() == "2026-11-30T02:00:00+00:00"
    assert mail.kind is MailKind.PERSON


def test_a_mail_is_the_same_by_whichever_way_it_comes_and_another_under_its_id_is_not():
    once, again = read("Received: from a\n"), read("Received: from b\nDelivered-To: x@y.example\n")
    assert once.key == again.key
    assert read(body=b"Lain.").key != once.key


def test_a_tag_and_a_reference_are_found():
    mail = read("To: Tuntas <care+tts-7d3k9qx2m4r8v.abcdefghijklmnop@tuntas.example>\n")
    assert [(tag.reference, tag.tag) for tag in mail.tags] == [("TTS-7D3K9QX2M4R8V", "abcdefghijklmnop")]
    assert mail.is_answer


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", "Terima kasih é 😀".encode()),
        ("windows-1252", "Terima kasih é “ya”".encode("cp1252")),
        ("gb18030", "谢谢".encode("gb18030")),
        ("x-never-heard-of", "Terima kasih é".encode()),
        ("x-never-heard-of", "Terima kasih é".encode("latin-1")),
        ("undefined", b"Terima kasih"),
        ("idna", b"Terima kasih"),
        ("utf-8", b"Terima kasih \xff\xfe"),
        ("us-ascii", "Terima kasih é".encode()),
        ("\x00", b"Terima kasih"),
    ],
)
def test_every_charset_is_read_and_none_raises(charset, content):
    mail = read(f'Content-Type: text/plain; charset="{charset}"\n', content)
    assert mail.text.startswith("谢谢" if charset == "gb18030" else "Terima kasih")
    if charset == "windows-1252":
        assert mail.text.endswith("é “ya”")


def test_html_alone_becomes_text_without_what_runs():
    mail = read("Content-Type: text/html\n", b"<p>Halo <b>Ibu</b><script>alert(1)</script></p><ul><li>satu<li>dua</ul>")
    assert "Halo Ibu" in mail.text
    assert "satu" in mail.text
    assert "alert" not in mail.text


def test_flowed_lines_are_one():
    mail = read("Content-Type: text/plain; format=flowed; delsp=no\n", b"satu \r\ndua\r\ntiga\r\n-- \r\nRina")
    assert mail.text.split("\n")[:2] == ["satu dua", "tiga"]


def test_of_alternatives_the_plain_one_counts_and_a_forwarded_mail_is_part_of_the_words():
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "toko@shop.example", "Nota"
    inner.set_content("Nota nomor 12")
    mail = EmailMessage()
    mail["From"] = "rina@mail.example"
    mail.set_content("Lihat terlampir")
    mail.add_alternative("<p>Lihat <i>terlampir</i> (HTML)</p>", subtype="html")
    mail.add_attachment(inner)
    found = read_mail(mail.as_bytes())
    assert found.text.startswith("Lihat terlampir")
    assert "HTML" not in found.text
    assert "Nota nomor 12" in found.text


def test_files_are_kept_and_those_not_taken_are_counted_without_their_names():
    mail = EmailMessage()
    mail["From"] = "rina@mail.example"
    mail.set_content("Lihat foto")
    for content, subtype, name in ((PNG, "png", "../../etc/foto.png"), (PNG, "png", "lagi.png"), (ZIP, "zip", "x.zip")):
        mail.add_attachment(content, maintype="image", subtype=subtype, filename=name)
    mail.add_attachment("<svg onload=alert(1)>", subtype="plain", filename="gambar.svg")
    found = read_mail(mail.as_bytes())
    assert [(file.evidence.name, file.evidence.media_type) for file in found.files] == [("foto.png", "image/png")]
    assert found.refused == {"a file of a kind that is not taken": 2}


def test_too_many_words_come_along_as_a_file():
    words = "kata " * (MAX_TEXT // 4)
    mail = read(body=words.encode())
    assert len(mail.text) <= MAX_TEXT
    assert mail.files[0].content.decode() == words.strip()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ya.\n\nPada Sen, 2 Nov 2026 pukul 10.00 Tuntas <care@x.id> menulis:\n> apa?", "Ya."),
        ("Ya.\n\nPada Sen, 2 Nov 2026 pukul 10.00 Tuntas\n<care@x.id>\nmenulis:\n\n> apa?", "Ya."),
        ("Yes.\n\nOn Mon, 2 Nov 2026 at 10:00, Tuntas <care@x.id> wrote:\n\nWhat?", "Yes."),
        ("Ya.\n\nDari: Tuntas\nDikirim: Senin 2 November\nKepada: Rina\nSubjek: Keluhan\n\nIsi", "Ya."),
        ("Yes.\n________________________________\nFrom: Tuntas\nSent: Monday\nTo: Rina\nSubject: X\n\nBody", "Yes."),
        ("Ya.\n\n-----Pesan Asli-----\nIsi", "Ya."),
        ("Yes.\n\n----- Original Message -----\nBody", "Yes."),
        ("> apa?\nYa, benar.\n> dan?\nTidak.", "Ya, benar.\nTidak."),
        ("On 2 Nov Tuntas <c@x> wrote:\n> apa?\n\nJawaban di bawah.", "Jawaban di bawah."),
        ("Ya.\n-- \nRina\nToko", "Ya."),
        ("Ya.\n\nDikirim dari iPhone saya", "Ya."),
        ("> hanya kutipan", "> hanya kutipan"),
        ("Pada hari itu saya menunggu 3 jam.\nTidak ada yang datang.", None),
        ("From: the start it was broken.\nNobody came.", None),
    ],
)
def test_what_is_quoted_is_left_out(text, kept):
    assert unquoted(text) == (text if kept is None else kept)


def test_a_first_mail_keeps_what_it_quotes():
    assert "isi surat" in read(body=b"Lihat ini:\n\nPada 2 Nov toko <a@b.id> menulis:\nisi surat").text


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied\n", MailKind.AUTOMATIC),
        ("Auto-Submitted: no\n", MailKind.PERSON),
        ("X-Auto-Response-Suppress: All\n", MailKind.AUTOMATIC),
        ("Precedence: auto_reply\n", MailKind.AUTOMATIC),
        ("Return-Path: <>\n", MailKind.AUTOMATIC),
        ("Return-Path: <rina@mail.example>\n", MailKind.PERSON),
        ("Precedence: bulk\n", MailKind.LIST),
        ("List-Id: <l.example>\n", MailKind.LIST),
        ("X-Tuntas-Notice: TTS-1/decision/1/complainant\n", MailKind.LOOP),
        ("Content-Type: multipart/report; report-type=feedback-report; boundary=b\n", MailKind.REPORT),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", MailKind.BOUNCE),
    ],
)
def test_what_a_machine_sends_is_told_from_what_a_person_writes(headers, kind):
    assert read(headers).kind is kind


def test_our_own_mails_are_known_by_their_sender_and_by_their_id():
    assert read_mail(raw().replace(b"rina@mail.example", b"care@TUNTAS.example"), own=OWN).kind is MailKind.LOOP
    ours = b"<" + b"a" * 40 + b"@tuntas.example>"
    assert read_mail(raw().replace(b"<1@mail.example>", ours), own=OWN).kind is MailKind.LOOP


BOUNCE = """\
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Tidak terkirim.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; rina@mail.example
Action: {action}
Status: {status}

--b
Content-Type: {kind}

Message-ID: <0123@tuntas.example>
X-Tuntas-Notice: TTS-1/decision/1/complainant
Reply-To: care+TTS-1.tag@tuntas.example
Subject: x

--b--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_names_the_notice_that_came_back(kind):
    text = BOUNCE.format(action="failed", status="5.1.1", kind=kind)
    found = read_mail(f"From: MAILER-DAEMON@mx.example\nReturn-Path: <>\n{text}".encode()).returned
    assert (found.notice, found.message_id) == ("TTS-1/decision/1/complainant", "<0123@tuntas.example>")
    assert (found.status, found.recipient) == ("5.1.1", "rina@mail.example")


def test_a_delay_is_no_bounce():
    text = BOUNCE.format(action="delayed", status="4.4.1", kind="message/rfc822")
    assert read_mail(f"From: MAILER-DAEMON@mx.example\n{text}".encode()).returned is None


@pytest.mark.parametrize(
    "text",
    ["Ya", "ya, sudah selesai.", "Puas!\n\nTerima kasih,\nRina", "YES", "I\u2019m satisfied.",
     "Ya, sudah selesai. Terima kasih", "Terima kasih, sudah selesai!", "Yes, thank you very much."],
)  # fmt: skip
def test_a_plain_yes(text):
    assert plain_answer(text) is True


@pytest.mark.parametrize("text", ["Belum", "tidak.", "No", "Not yet!\nIt still leaks.", "Tidak puas\nmasih bocor"])
def test_a_plain_no(text):
    assert plain_answer(text) is False


@pytest.mark.parametrize(
    "text",
    ["Ya tapi masih bocor", "Ya\ntapi masih bocor", "Yes\nBut when?", "Ya?", "Mungkin", "Tidak ada yang datang", "",
     "Sudah selesai\nkenapa lama?", "Ok", "Yes\nHowever it leaks",
     "Tidak, terima kasih", "Terima kasih", "Ya, terima kasih\ntapi masih bocor"],
)  # fmt: skip
def test_everything_else_is_for_a_person(text):
    assert plain_answer(text) is None


def test_the_language_is_that_of_the_everyday_words():
    assert language_of("Barang yang saya beli tidak bisa dipakai, tolong") is Language.ID
    assert language_of("The kettle that I bought is leaking, please help") is Language.EN
    assert language_of("4711", Language.EN) is Language.EN


HOSTILE = {
    "empty": b"",
    "only spaces": b" \r\n",
    "too large": b"From: a@b.id\r\n\r\n" + b"x" * LARGEST,
    "headers": b"From: a@b.id\r\nX: " + b"x" * 300_000,
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
    "messages in messages": b"Content-Type: message/rfc822\r\n\r\n" * 2000,
    "parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_too_much_is_refused_before_it_is_parsed(name):
    began = time.monotonic()
    with pytest.raises(BadInput):
        read_mail(HOSTILE[name])
    assert time.monotonic() - began < 2


SLOW = {
    "elements in each other": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 190_000 + b"hai",
    "marks that every paragraph repeats": b"Content-Type: text/html\r\n\r\n"
    + b"".join(b"<b id=%d>" % n for n in range(300)) + b"<p>x" * 100_000,
    "unread brackets": b"Content-Type: text/html\r\n\r\n" + b"<" * 900_000,
    "beginnings of quotes": b"In-Reply-To: <a@b>\r\n\r\n" + b"On 1 aaaaaa\r\n" * 90_000,
    "comments": b"From: " + b"(" * 90_000 + b"\r\nSubject: " + b"=?x?q?a?= " * 10_000 + b"\r\n\r\nx",
    "parameters": b"Content-Type: text/plain; " + b"; ".join(b"a*%d=b" % n for n in range(9000)) + b"\r\n\r\nx",
    "a thousand recipients": b"To: "
    + b",\r\n ".join(b'"N, %d" <u%d@x.example>' % (n, n) for n in range(1000)) + b"\r\n\r\nx",
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_nothing_takes_long(name):
    began = time.monotonic()
    mail = read_mail(SLOW[name])
    assert time.monotonic() - began < 10
    if name == "a thousand recipients":
        assert len(mail.recipients) == 1000


LINES = st.lists(
    st.one_of(
        st.sampled_from([
            b"Content-Type: multipart/mixed; boundary=b", b"--b", b"--b--", b"Content-Type: text/html; charset=\xff",
            b"From: =?utf-8?b?!!!?= <a@b", b"Subject: \xe9 =?q?", b"Content-Transfer-Encoding: base64", b"",
            b"Content-Disposition: attachment; filename*=x''%ff%", b"Date: Mon, 99 Foo 2026", b"=?utf-8?q?x",
            b"Content-Type: message/delivery-status", b"References: <<>> <a@b", b"To: a@b, , ;:@",
            b"Content-Type: multipart/report; report-type", b"\x00", b"Message-ID: <\xff>",
        ]),
        st.binary(max_size=40),
    ),
    max_size=25,
)  # fmt: skip


@given(LINES)
def test_whatever_comes_is_read_or_refused_in_words(lines):
    try:
        mail = read_mail(b"\r\n".join(lines), own=OWN)
    except BadInput as error:
        said = error.problem
    else:
        said = mail.key
    assert said.isascii()
