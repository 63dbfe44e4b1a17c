import asyncio
import io
import socket
from email.utils import parsedate_to_datetime

import pytest

from channels.email.composing import compose
from channels.email.outbound import EmailNotifier, message_domain
from channels.outbound import Message, Router, TransportError, message_id
from channels.outbound.console import ConsoleNotifier
from complaints.errors import BadInput
from tests.fixtures.records import NOW
from tests.fixtures.smtp import MailServer

SENDER = "Tuntas Peduli <care@tuntas.example>"


def a_message(**over):
    values = {
        "key": "TTS-1/acknowledgement/1/complainant", "message_id": message_id("k", "tuntas.example"),
        "recipient": "complainant", "address": "sari@example.co.id", "channel": "email", "language": "id",
        "subject": "Keluhan Anda (TTS-1) é", "body": "Yth. Sari 😀,\n\nkami menerima keluhan Anda.\n",
        "written_at": NOW,
    }  # fmt: skip
    return Message.model_validate(values | over)


@pytest.fixture
async def server():
    async with MailServer().listening() as listening:
        yield listening


@pytest.fixture
async def notifier(server):
    async with EmailNotifier(server.url, sender=SENDER, timeout=5) as email:
        yield email


async def test_a_mail_says_who_when_and_that_a_machine_wrote_it(server, notifier):
    message = a_message()
    await notifier.send(message)
    (mail,) = server.mails
    plain, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain.get_content().replace("\r\n", "\n") == message.body
    assert '<html lang="id">' in page.get_content()
    assert "kami menerima keluhan Anda." in page.get_content()
    assert mail["Subject"] == message.subject
    assert mail["From"] == SENDER
    assert server.recipients == ["sari@example.co.id"]
    assert mail["Message-ID"] == message.message_id
    assert parsedate_to_datetime(mail["Date"]) == NOW.replace(microsecond=0)
    assert (mail["Auto-Submitted"], mail["Content-Language"], mail["X-Tuntas-Notice"]) == (
        "auto-generated",
        "id",
        message.key,
    )
    assert mail.get_content_type() == "multipart/alternative"
    assert message_domain(server.url, SENDER) == "tuntas.example"


async def test_the_same_message_is_the_same_mail():
    assert compose(a_message(), sender=SENDER).as_bytes() == compose(a_message(), sender=SENDER).as_bytes()
    assert message_id("a", "d") != message_id("b", "d")


async def test_one_connection_serves_many_and_a_dropped_one_is_replaced(server, notifier):
    for _ in range(3):
        await notifier.send(a_message())
    assert server.connections == 1
    notifier._idle[0].connection.close()
    await notifier.send(a_message())
    assert (len(server.mails), server.connections) == (4, 2)


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("550 no such user sari@example.co.id", True), ("553 no", True), ("450 try later", False), ("421 closing", False)],
)
async def test_a_refused_recipient_is_permanent_or_not_by_its_code(server, notifier, answer, permanent):
    server.refuse_recipient = [answer]
    with pytest.raises(TransportError) as caught:
        await notifier.send(a_message())
    assert caught.value.permanent is permanent
    assert answer[:3] in caught.value.problem
    assert "sari" not in str(caught.value)
    assert caught.value.__cause__ is None
    await notifier.send(a_message())
    assert len(server.mails) == 1


@pytest.mark.parametrize(("answer", "permanent"), [("554 spam", True), ("451 later", False)])
async def test_a_refused_content_likewise(server, notifier, answer, permanent):
    server.refuse_data = [answer]
    with pytest.raises(TransportError) as caught:
        await notifier.send(a_message())
    assert caught.value.permanent is permanent


async def test_a_refused_connection_is_transient():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with EmailNotifier(f"smtp://127.0.0.1:{port}", sender=SENDER) as email:
        with pytest.raises(TransportError) as caught:
            await email.send(a_message())
    assert not caught.value.permanent


async def test_a_server_that_says_nothing_is_transient():
    silent = await asyncio.start_server(lambda _reader, writer: writers.append(writer), "127.0.0.1", 0)
    writers = []
    port = silent.sockets[0].getsockname()[1]
    try:
        async with EmailNotifier(f"smtp://127.0.0.1:{port}", sender=SENDER, timeout=0.05) as email:
            with pytest.raises(TransportError) as caught:
                await email.send(a_message())
        assert not caught.value.permanent
    finally:
        for writer in writers:
            writer.transport.abort()
        silent.close()
        await silent.wait_closed()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.id, c@d.id",
        "a@b.id\nBcc: x@y.id",
        "<a@b.id>",
        "Sari <a@b.id>",
        "a@b.id\r\n\r\nhello",
        "@",
        "a@",
    ],
)
async def test_only_one_plain_address_is_ever_written_to(server, notifier, address):
    with pytest.raises(TransportError) as caught:
        await notifier.send(a_message(address=address))
    assert caught.value.permanent
    assert server.mails == []


async def test_a_subject_cannot_bring_headers(server, notifier):
    await notifier.send(a_message(subject="Halo\r\nBcc: thief@example.com\n\nbody", body="x" * 3000 + "\n.\nend"))
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Halo Bcc: thief@example.com body"
    assert mail.get_body(("plain",)).get_content().split("\r\n") == ["x" * 3000, ".", "end", ""]


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://h?starttls=perhaps"])
def test_a_wrong_url_is_bad_input(url):
    with pytest.raises(BadInput):
        EmailNotifier(url, sender=SENDER)


@pytest.mark.parametrize("sender", ["", "nobody", "a@b.id, c@d.id", "a@b.id\nX: y"])
def test_a_wrong_sender_is_bad_input(sender):
    with pytest.raises(BadInput):
        EmailNotifier("smtp://h", sender=sender)


async def test_what_has_no_mail_address_goes_to_a_person(server, notifier):
    lines = io.StringIO()
    console = ConsoleNotifier(lines)
    router = Router(email=notifier, other=console)
    await router.send(a_message(channel="phone"))
    await router.send(a_message(channel="phone", address="+6281234567890"))
    await router.send(a_message(recipient="team:frontline", address=None))
    assert len(server.mails) == 1
    assert [message.address for message in console.sent] == ["+6281234567890", None]
    assert lines.getvalue().count("\n") == 2
    assert "+62" not in lines.getvalue()
    assert "Yth" not in lines.getvalue()
