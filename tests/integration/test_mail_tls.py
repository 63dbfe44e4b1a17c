"""Mail over TLS with real servers and an authority of a company's own: believed if it is named, never otherwise."""

import asyncio

import pytest
import uvloop

from channels.email.imap import open_mailbox, place_of
from channels.email.outbound import EmailNotifier
from channels.outbound import TransportError
from complaints.errors import Unreachable
from tests.fixtures.authority import certified
from tests.fixtures.imap import dovecot
from tests.fixtures.smtp import MailServer
from tests.integration.test_email import SENDER, a_message

pytestmark = pytest.mark.services

MAIL = b"From: sari@example.co.id\r\nTo: care@tuntas.example\r\nSubject: Ketel\r\n\r\nBocor.\r\n"


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return certified(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Of the same authority, for another address."""
    return certified(tmp_path_factory.mktemp("elsewhere"), address="127.0.0.2")


@pytest.fixture(scope="module")
def mailbox(ours):
    with dovecot(ours) as server:
        server.deliver(MAIL)
        yield server


def encrypted(server):
    """Both ways to its mailbox."""
    return server.tls_url, f"{server.url}?starttls=always", server.url  # offered, it is used


def entered(url):
    with open_mailbox(place_of(url), timeout=10) as box:
        return box._box.client.sock.version(), len(box.waiting())


class TestMailbox:
    def test_with_the_authority_named_it_is_read_encrypted(self, mailbox, ours, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(ours.authority))
        for url in encrypted(mailbox):
            version, waiting = entered(url)
            assert version.startswith("TLSv1.")
            assert waiting == 1

    def test_without_it_no_password_is_sent(self, mailbox):
        for url in encrypted(mailbox):
            with pytest.raises(Unreachable, match="cannot be reached"):
                entered(url)

    def test_a_certificate_for_another_host_is_not_believed(self, elsewhere, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(elsewhere.authority))
        with dovecot(elsewhere) as server:
            for url in encrypted(server):
                with pytest.raises(Unreachable, match="cannot be reached"):
                    entered(url)

    def test_what_is_always_encrypted_never_goes_in_the_clear(self):
        with dovecot() as server, pytest.raises(Unreachable):
            entered(f"{server.url}?starttls=always")


WAYS = {
    "smtps": (True, lambda server: server.url.replace("smtp://", "smtps://")),
    "starttls": (False, lambda server: f"{server.url}?starttls=always"),
    "offered": (False, lambda server: server.url),
}


LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}  # each has a TLS of its own


def sent(loop, way, certificate):
    """The mails that a server has after one was sent, both on a loop of this kind."""
    at_once, url = WAYS[way]

    async def send():
        server = MailServer(certificate.for_server(), from_the_start=at_once)
        async with server.listening(), EmailNotifier(url(server), sender=SENDER, timeout=10) as notifier:
            await notifier.send(a_message())
            return server.mails

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(send())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loop", LOOPS)
class TestSending:
    def test_with_the_authority_named_it_goes_out_encrypted(self, loop, way, ours, monkeypatch):
        """The server takes nothing in the clear: what it has came over TLS."""
        monkeypatch.setenv("SSL_CERT_FILE", str(ours.authority))
        assert len(sent(loop, way, ours)) == 1

    def test_without_it_the_mail_waits(self, loop, way, ours):
        with pytest.raises(TransportError) as refused:
            sent(loop, way, ours)
        assert not refused.value.permanent

    def test_a_certificate_for_another_host_is_not_believed(self, loop, way, elsewhere, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(elsewhere.authority))
        with pytest.raises(TransportError) as refused:
            sent(loop, way, elsewhere)
        assert not refused.value.permanent


async def test_what_is_always_encrypted_never_goes_in_the_clear():
    async with MailServer().listening() as server:
        async with EmailNotifier(f"{server.url}?starttls=always", sender=SENDER, timeout=10) as notifier:
            with pytest.raises(TransportError) as refused:
                await notifier.send(a_message())
        assert not refused.value.permanent
        assert server.mails == []
