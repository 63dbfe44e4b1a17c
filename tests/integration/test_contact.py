"""Codes that prove a contact: real PostgreSQL, real mail; and evidence kept before anything speaks of it."""

import asyncio
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from activities.leftovers import KEPT, purge_files
from activities.outbox import Outbox
from activities.records import write_record
from channels.email.outbound import EmailNotifier
from channels.files import checked_file
from channels.outbound import Router
from channels.outbound.console import ConsoleNotifier
from complaints.errors import BadInput, NotFound, Refused
from complaints.messages.commands import Actor
from complaints.vocabulary import Channel, Kind, Role
from database import access, attachments, notices, timeline
from database.pool import transaction
from starter.contact import ATTEMPTS, LIFE, MOST, PAUSE, Contact
from starter.evidence import keep, link
from tests.fixtures.records import NOW, REFERENCE, a_batch, an_intake, entries
from tests.fixtures.smtp import MailServer
from worker import render

pytestmark = pytest.mark.services

SITI = Actor(id="siti", role=Role.AGENT)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def house(pool):
    """A case of Sari, who has an e-mail address and a phone, and the outbox that sends to her."""
    async with transaction(pool) as conn:
        await write_record(conn, a_batch(intake=an_intake()))
    clock = SimpleNamespace(now=NOW)
    async with (
        MailServer().listening() as server,
        EmailNotifier(server.url, sender="care@tuntas.example", timeout=5) as email,
    ):
        outbox = Outbox(pool, Router(email=email, other=ConsoleNotifier()), render, lambda: clock.now)
        yield SimpleNamespace(pool=pool, server=server, outbox=outbox, clock=clock, contact=Contact(pool))


async def code_from_mail(house):
    await house.outbox.send_codes()
    body = house.server.mails[-1].get_body(("plain",)).get_content()
    return re.search(r"\b\d{6}\b", body).group()


async def rows(pool):
    async with transaction(pool) as conn:
        return await notices.fetch(conn, REFERENCE)


async def test_a_code_goes_to_the_address_and_proves_it(house):
    sent = await house.contact.send(REFERENCE, None, None, NOW)
    assert (sent.channel, sent.to, sent.code) == (Channel.EMAIL, "s…@example.co.id", None)
    code = await code_from_mail(house)
    assert house.server.recipients == ["sari@example.co.id"]
    assert REFERENCE in house.server.mails[0]["Subject"]
    proven = await house.contact.check(REFERENCE, f" {code[:3]} {code[3:]} ", NOW + LIFE - SECOND)
    assert (proven.channel, proven.number) == (Channel.EMAIL, 1)
    assert await house.contact.check(REFERENCE, code, NOW) == proven  # again is the same answer


async def test_no_code_stays_anywhere_once_it_is_sent(house):
    await house.contact.send(REFERENCE, None, None, NOW)
    code = await code_from_mail(house)
    (row,) = await rows(house.pool)
    assert (row.state, row.body) == ("sent", "")
    async with transaction(house.pool) as conn:
        kept = await (await conn.execute("SELECT row_to_json(c)::text FROM contact_codes AS c")).fetchone()
    assert code not in kept[0]


async def test_a_code_that_cannot_be_sent_in_time_is_dropped(house):
    await house.contact.send(REFERENCE, None, None, NOW)
    house.server.refuse_data = ["451 later"]
    await house.outbox.send_codes()
    house.clock.now = NOW + timedelta(minutes=16)
    await house.outbox.send_codes()
    (row,) = await rows(house.pool)
    assert (row.state, row.problem, row.body) == ("failed", "expired", "")
    assert house.server.mails == []


async def test_after_five_attempts_not_even_the_right_one_counts_however_many_come_at_once(house):
    await house.contact.send(REFERENCE, None, None, NOW)
    code = await code_from_mail(house)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    tried = await asyncio.gather(
        *(house.contact.check(REFERENCE, wrong, NOW) for _ in range(ATTEMPTS + 3)), return_exceptions=True
    )
    assert all(isinstance(one, BadInput) and one.field == "code" for one in tried)
    with pytest.raises(BadInput) as caught:
        await house.contact.check(REFERENCE, code, NOW)
    assert caught.value.remedy == "ask for a new code"


async def test_it_expires_and_a_new_one_takes_its_place(house):
    await house.contact.send(REFERENCE, None, None, NOW)
    first = await code_from_mail(house)
    with pytest.raises(BadInput):
        await house.contact.check(REFERENCE, first, NOW + LIFE)
    await house.contact.send(REFERENCE, None, None, NOW + PAUSE)
    second = await code_from_mail(house)
    assert (await house.contact.check(REFERENCE, second, NOW + PAUSE)).number == 2
    if first != second:
        with pytest.raises(BadInput):
            await house.contact.check(REFERENCE, first, NOW + PAUSE)


async def test_codes_are_made_at_a_bounded_rate_however_many_ask(house):
    asked = await asyncio.gather(
        *(house.contact.send(REFERENCE, None, None, NOW) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, Refused) for one in asked) == 3
    for number in range(1, MOST):
        await house.contact.send(REFERENCE, None, None, NOW + number * PAUSE)
    with pytest.raises(Refused, match="too many"):
        await house.contact.send(REFERENCE, None, None, NOW + MOST * PAUSE)
    assert await house.contact.send(REFERENCE, None, None, NOW + timedelta(hours=2))


async def test_after_the_address_was_corrected_it_proves_nothing(house):
    await house.contact.send(REFERENCE, None, None, NOW)
    code = await code_from_mail(house)
    person = an_intake().complainant.model_copy(update={"email": "lain@example.co.id"})
    async with transaction(house.pool) as conn:
        await write_record(conn, a_batch(2, complainant=person))
    with pytest.raises(BadInput):
        await house.contact.check(REFERENCE, code, NOW)


async def test_what_no_channel_of_ours_reaches_is_told_by_an_agent_and_noted(house):
    with pytest.raises(BadInput) as caught:
        await house.contact.send(REFERENCE, Channel.PHONE, None, NOW)
    assert caught.value.field == "channel"
    told = await house.contact.send(REFERENCE, Channel.PHONE, SITI, NOW)
    assert (await house.contact.check(REFERENCE, told.code, NOW)).channel is Channel.PHONE
    assert await rows(house.pool) == ()
    async with transaction(house.pool) as conn:
        (noted,) = await access.fetch(conn, reference=REFERENCE)
    assert (noted.actor_id, noted.what) == ("siti", "contact_code")


async def test_nobody_is_shown_the_code_of_an_e_mail_address(house):
    with pytest.raises(BadInput) as caught:
        await house.contact.send(REFERENCE, Channel.EMAIL, SITI, NOW)
    assert caught.value.field == "channel"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "123456; DROP"])
async def test_what_is_no_code_costs_no_attempt(house, code):
    await house.contact.send(REFERENCE, None, None, NOW)
    right = await code_from_mail(house)
    for _ in range(ATTEMPTS + 1):
        with pytest.raises(BadInput, match="digits"):
            await house.contact.check(REFERENCE, code, NOW)
    assert await house.contact.check(REFERENCE, right, NOW)


async def test_without_a_code_and_without_a_case(house):
    with pytest.raises(BadInput):
        await house.contact.check(REFERENCE, "123456", NOW)
    for ask in (house.contact.send("TTS-1", None, None, NOW), house.contact.check("TTS-1", "123456", NOW)):
        with pytest.raises(NotFound):
            await ask


async def test_files_are_kept_and_then_belong_to_their_case(pool):
    files = (checked_file("nota.txt", b"nota"), checked_file("nota.txt", b"nota"))
    one, again = await keep(pool, files, NOW)
    elsewhere = one.model_copy(update={"sha256": "0" * 64})
    await link(pool, REFERENCE, (one, again, elsewhere), NOW)
    async with transaction(pool) as conn:
        assert [found.name for found in await attachments.of_case(conn, REFERENCE)] == ["nota.txt"]
        assert (await attachments.fetch(conn, REFERENCE, one.sha256)).content == b"nota"


async def test_files_that_no_case_names_are_kept_a_week_and_no_longer(pool):
    named, lost, again, left, young = (checked_file(f"{n}.txt", f"file {n}".encode()) for n in range(5))
    await keep(pool, (named, lost, again, left), NOW)
    await keep(pool, (again, young), NOW + timedelta(days=3))
    await link(pool, REFERENCE, (named.evidence,), NOW)
    details = {Kind.ATTACHED: {"sha256": lost.evidence.sha256}}
    async with transaction(pool) as conn:
        await timeline.append(conn, REFERENCE, entries(Kind.RECEIVED, Kind.ATTACHED, details=details))
    assert await purge_files(pool, NOW + KEPT) == 0, "a week is not over"
    assert await purge_files(pool, NOW + KEPT + timedelta(seconds=1)) == 1
    async with transaction(pool) as conn:
        rows = await (await conn.execute("SELECT sha256 FROM attachments")).fetchall()
        assert {row[0] for row in rows} == {file.evidence.sha256 for file in (named, lost, again, young)}
        held = [file.name for file in await attachments.of_case(conn, REFERENCE)]
    assert sorted(held) == ["0.txt", "words 1"], "what its case names is linked to it"
    assert await purge_files(pool, NOW + KEPT + timedelta(days=4)) == 2
