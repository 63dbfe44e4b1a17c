"""Waiting for new mail: what the server has told of already is not waited for."""

import pytest

from channels.email.imap import ImapMailbox


class Server:
    """What a client has heard, as `imaplib` keeps it. While it is searched, a mail comes in and the server says so."""

    capabilities = ("IMAP4REV1", "IDLE")

    def __init__(self, *, told: bool) -> None:
        self.told = told
        self.heard = {"EXISTS": [b"3"]}  # since the folder was opened
        self.polled = 0

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
        del timeout
        self.polled += 1
        return [b"* 6 EXISTS"]


@pytest.mark.parametrize("told", [True, False])
def test_a_mail_told_of_beside_an_answer_is_not_waited_for(told):
    server = Server(told=told)
    box = ImapMailbox(server)
    assert box.waiting() == ["3", "4"]
    assert box.wait(60, lambda: False)
    assert server.polled == (0 if told else 1)
