"""Waiting for new mail: what was told already is not waited for, and silence is not believed for long."""

from types import SimpleNamespace

import pytest

from channels.email import imap
from channels.email.imap import QUIET, ImapMailbox


class Server:
    """What a client has heard, as `imaplib` keeps it. While it is searched, a mail comes in and the server says so."""

    capabilities = ("IMAP4REV1", "IDLE")

    def __init__(self, *, told: bool) -> None:
        self.told = told
        self.heard = {"EXISTS": [b"3"]}  # since the folder was opened
        self.polled = 0
        self.now = 0.0
        self.silent = False

    @property
    def client(self):
        return self

    def noop(self):
        self.heard["EXISTS"] = [b"4"]

    def uids(self, *_, **__):
        if self.told:
            self.heard["EXISTS"] = [b"5"]
        return ["4", "3"]

    def response(self, code):
        return code, self.heard.pop(code, [None])

    @property
    def idle(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def poll(self, *, timeout):
        self.now += timeout
        self.polled += 1
        return [] if self.silent else [b"* 6 EXISTS"]


@pytest.mark.parametrize("told", [True, False])
def test_a_mail_told_of_beside_an_answer_is_not_waited_for(told):
    server = Server(told=told)
    box = ImapMailbox(server)
    assert box.waiting() == ["3", "4"]
    assert box.wait(60, lambda: False)
    assert server.polled == (0 if told else 1)


@pytest.mark.parametrize(("wanted", "waited"), [(600, QUIET), (20, 20)])
def test_a_server_that_tells_nothing_is_looked_at_after_a_while(monkeypatch, wanted, waited):
    server = Server(told=False)
    server.silent = True
    monkeypatch.setattr(imap, "time", SimpleNamespace(monotonic=lambda: server.now))
    box = ImapMailbox(server)
    box.waiting()
    assert box.wait(wanted, lambda: False)
    assert server.now == waited
