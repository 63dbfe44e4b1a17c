"""Mails with lost links, sent through a real mail server that refuses, goes away, and comes back."""

from datetime import timedelta

import psycopg
import pytest

from activities.link_mails import PATIENCE, LinkMails
from channels.case_links import CaseLinks
from channels.email.outbound import EmailNotifier
from channels.signing import Signer
from database import complaints, link_requests
from database.pool import transaction
from tests.fixtures.records import NOW, REFERENCE, a_batch, an_intake
from tests.fixtures.smtp import MailServer

pytestmark = pytest.mark.services

ADDRESS = "sari@example.co.id"


class House:
    """A case, and whoever answers requests for its link."""

    def __init__(self, pool, url):
        self.pool = pool
        self.now = NOW
        self.notifier = EmailNotifier(url, sender="care@tuntas.example", timeout=5)
        links = CaseLinks(Signer("of this test, and long enough"), "http://care.example.test")
        self.mails = LinkMails(pool, self.notifier, links, lambda: self.now)

    async def ask(self):
        async with transaction(self.pool) as conn:
            await link_requests.ask(conn, self.now, "id", address=ADDRESS)

    async def waiting(self):
        async with transaction(self.pool) as conn:
            return len(await link_requests.waiting(conn))


@pytest.fixture
async def server():
    async with MailServer().listening() as listening:
        yield listening


@pytest.fixture
async def house(pool, server):
    async with transaction(pool) as conn:
        await complaints.upsert(conn, a_batch(1, intake=an_intake()))
    opened = House(pool, server.url)
    async with opened.notifier:
        yield opened


@pytest.mark.parametrize("refusals", ["refuse_recipient", "refuse_data"])
async def test_what_is_refused_for_now_waits_and_goes_out_once(house, server, refusals):
    await house.ask()
    getattr(server, refusals).extend(["451 later", "451 later"])
    assert [await house.mails.send_waiting() for _ in range(4)] == [0, 0, 1, 0]
    (mail,) = server.mails
    assert mail["To"] == ADDRESS
    assert REFERENCE in mail.get_body(("plain",)).get_content()
    assert await house.waiting() == 0


@pytest.mark.parametrize("refusals", ["refuse_recipient", "refuse_data"])
async def test_what_is_refused_for_good_is_not_tried_again(house, server, refusals, caplog):
    await house.ask()
    getattr(server, refusals).append("550 no such user")
    assert [await house.mails.send_waiting() for _ in range(2)] == [0, 0]
    assert (await house.waiting(), server.mails) == (0, [])
    assert "was refused" in caplog.text
    assert ADDRESS not in caplog.text


async def test_a_server_that_is_away_is_waited_for_and_one_mail_answers_all_requests(house, server):
    away = House(house.pool, "smtp://127.0.0.1:9")
    for _ in range(3):
        await house.ask()
    assert await away.mails.send_waiting() == 0
    assert await house.waiting() == 3
    assert await house.mails.send_waiting() == 1
    assert (await house.waiting(), len(server.mails)) == (0, 1)


async def test_nobody_is_sent_a_link_a_day_after_they_asked(house, server):
    await house.ask()
    house.now += PATIENCE + timedelta(seconds=1)
    assert await house.mails.send_waiting() == 0
    assert (await house.waiting(), server.mails) == (0, [])


async def test_a_crash_between_sending_and_forgetting_repeats_the_same_mail(house, server, database_url):
    """Mail programs show two mails of one Message-ID as one."""
    await house.ask()

    def crash():
        """Our connection to PostgreSQL ends while the mail server has just taken the mail."""
        server.after_data = lambda: None
        with psycopg.connect(database_url, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND state = 'idle in transaction'"
            )

    server.after_data = crash
    with pytest.raises(psycopg.OperationalError):
        await house.mails.send_waiting()
    assert await house.waiting() == 1
    assert await house.mails.send_waiting() == 1
    assert len(server.mails) == 2
    assert len(set(server.message_ids)) == 1
    assert await house.waiting() == 0
