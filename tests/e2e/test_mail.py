"""A whole conversation by mail, on a real stack: SMTP in and out, IMAP, Temporal, PostgreSQL, the deployed worker."""

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from email.utils import parseaddr

import pytest

import policies
from channels.signing import Signer
from commands.session import quiet_runtime
from commands.stack import Stack, StackOptions, erase
from complaints.policy import Verification
from database.pool import transaction
from starter.client import DEFAULT_POLICY, connect
from tests.e2e import closed_by_mail
from tests.fixtures.correspondent import Correspondent, mail_exchanger
from tests.fixtures.imap import ADDRESS, any_server
from tests.fixtures.waiting import eventually

pytestmark = pytest.mark.services

SECRET = "a secret for tests only"  # noqa: S105
AGENT = {"id": "siti", "role": "agent"}
PATIENCE = 60.0


@pytest.fixture
def home(tmp_path):
    yield tmp_path / "home"
    erase(tmp_path / "home")


@asynccontextmanager
async def mailed(home, imap, policy=DEFAULT_POLICY, **environment):
    told = {"TUNTAS_IMAP_URL": imap.url, "TUNTAS_SECRET": SECRET, "TUNTAS_MAIL_FROM": f"Tuntas <{ADDRESS}>"}
    options = StackOptions.model_validate(
        {"home": home, "prepare": "database.migrate:migrate", "worker_environment": told | environment}
    )
    async with Stack(options) as info, await connect(
        database_url=info.database_url, target_host=info.temporal_address, namespace=info.namespace,
        runtime=quiet_runtime(), policy=policy,
    ) as tuntas:  # fmt: skip
        yield info, tuntas


async def until(tuntas, reference, holds):
    return await eventually(lambda: tuntas.view(reference), holds, within=PATIENCE)


async def act(tuntas, reference, name, **fields):
    command = {"act": name, "key": name, "actor": AGENT, **fields}
    return await tuntas.act(reference, command)


def kinds(seen):
    return [str(entry.kind) for entry in seen.timeline]


async def test_a_conversation_from_the_first_mail_to_the_confirmed_closing(home):
    with any_server() as imap:
        async with mail_exchanger(imap).listening() as exchanger, mailed(home, imap) as (_, tuntas):
            rina = Correspondent("rina@mail.example", exchanger=exchanger, catcher=home / "mail")
            first = await rina.write("Blender rusak", "Selamat pagi,\n\nblender yang saya beli tidak mau menyala.")

            acknowledged = await rina.mail_of("acknowledgement")
            reference = acknowledged["X-Tuntas-Notice"].split("/")[0]
            assert acknowledged["In-Reply-To"] == first["Message-ID"]
            assert acknowledged["References"] == first["Message-ID"]
            assert acknowledged["Subject"] == f"Re: Blender rusak [{reference}]"
            assert acknowledged["Auto-Submitted"] == "auto-generated"
            tagged = f"care+{reference}.{Signer(SECRET).tag(reference)}@tuntas.example"
            assert parseaddr(acknowledged["Reply-To"])[1] == tagged

            await act(tuntas, reference, "assess", category="defective_product", severity="moderate")
            await act(tuntas, reference, "request_information", text="Kapan dan di toko mana Anda membelinya?")
            asked = await rina.mail_of("information_request")
            assert asked["Subject"] == acknowledged["Subject"]
            assert acknowledged["Message-ID"] in asked["References"]
            assert asked["Auto-Submitted"] is None
            await rina.answer(asked, "Ya, tanggal 20 November di toko Blok M.")
            seen = await until(tuntas, reference, lambda seen: "complainant_replied" in kinds(seen))
            replied = next(entry for entry in seen.timeline if entry.kind == "complainant_replied")
            assert replied.detail["text"] == "Ya, tanggal 20 November di toko Blok M."
            proven = next(entry for entry in seen.timeline if entry.kind == "fact_reported")
            assert proven.detail["given"] == {"channel": "email", "by": "reply"}

            await act(tuntas, reference, "decide", outcome="upheld", reasons="Motornya cacat.", remedies=[])
            decided = await rina.mail_of("decision")
            assert decided["In-Reply-To"] == rina.sent[-1]["Message-ID"]
            await rina.answer(decided, "Ya, sudah selesai.\n\nTerima kasih,\nRina")
            seen = await until(tuntas, reference, lambda seen: "satisfaction_confirmed" in kinds(seen))
            await act(tuntas, reference, "record_root_cause", category="product", cause="Segel cacat")
            seen = await until(tuntas, reference, lambda seen: seen.status == "closed")
            assert seen.closing_reason == "confirmed"
            assert seen.disputes == 0
            closed = await rina.mail_of("closed_confirmed")
            assert closed["Subject"] == acknowledged["Subject"]
            assert len(imap.lying_in("INBOX")) == 0
            assert len(imap.lying_in("Tuntas-Filed")) == 3


async def test_a_case_closed_by_a_mail_that_says_yes_with_its_follow_up(home):
    played = await closed_by_mail.play(home)
    seen = played.seen
    assert (seen.status, seen.closing_reason) == ("closed", "confirmed")
    (confirmed,) = [entry for entry in seen.timeline if entry.kind == "satisfaction_confirmed"]
    assert confirmed.detail["decision"] == 1, "the mail names the decision it answers"
    assert confirmed.detail["text"] == "Ya, sudah selesai. Terima kasih"
    assert confirmed.actor.role == "complainant"
    assert [entry.sequence for entry in seen.timeline] == list(range(1, len(seen.timeline) + 1))
    assert "followed_up" in kinds(seen)
    subjects = {mail["Subject"].removeprefix("Re: ") for who, mail in played.mails if who == "Tuntas"}
    assert subjects == {f"Tagihan ganda [{seen.reference}]"}, "one conversation"
    closing = next(mail for who, mail in played.mails if "closed_confirmed" in (mail["X-Tuntas-Notice"] or ""))
    assert "Bila bukan Anda yang memberi tahu kami" in " ".join(closed_by_mail.written(closing).split())


async def test_a_reply_completes_the_verification_and_a_bounce_stops_the_silence(home):
    """A case whose policy wants the contact proven waits for no more than an answer to our own mail."""
    wanted = policies.load("id.default").model_copy(update={"verification": Verification(contact="required")})
    with any_server() as imap:
        async with mail_exchanger(imap).listening() as exchanger, mailed(home, imap, policy=wanted) as (_, tuntas):
            rina = Correspondent("rina@mail.example", exchanger=exchanger, catcher=home / "mail")
            filed = await tuntas.file({
                "channel": "form", "key": "form-1", "text": "Blender rusak.", "category": "billing",
                "complainant": {"name": "Rina", "email": rina.address},
            })  # fmt: skip
            asked = await rina.mail_of("information_request")
            assert (await tuntas.view(filed.reference)).status == "awaiting_complainant"
            assert asked.get_body(("html",)) is not None
            await rina.answer(asked, "Ya, ini saya.")
            seen = await until(tuntas, filed.reference, lambda seen: seen.status == "investigation")
            (proven,) = [entry.detail for entry in seen.timeline if entry.kind == "fact_reported"]
            assert (proven["fact"], proven["given"]) == ("contact_proven", {"channel": "email", "by": "reply"})

            await act(tuntas, filed.reference, "decide", outcome="upheld", reasons="Motornya cacat.", remedies=[])
            decided = await rina.mail_of("decision")
            await until(tuntas, filed.reference, lambda seen: running(seen, "confirmation"))
            imap.deliver(_bounce_of(decided))
            seen = await until(tuntas, filed.reference, lambda seen: "notice_failed" in kinds(seen))
            (failed,) = [entry.detail for entry in seen.timeline if entry.kind == "notice_failed"]
            assert (failed["occasion"], failed["problem"]) == ("decision", "bounced 5.1.1")
            (task,) = [entry.detail for entry in seen.timeline if entry.kind == "action_added"]
            assert "reach_complainant" in task.values(), "its owner has something to do"
            assert not running(seen, "confirmation"), "no silence counts any more"
            assert seen.status == "resolved"


def running(seen, metric):
    return any(clock.metric == metric and clock.state == "running" for clock in seen.clocks)


def _bounce_of(mail):
    """What a mail server says of a mail that it could not deliver (RFC 3464)."""
    head = "".join(f"{name}: {mail[name]}\n" for name in ("Message-ID", "X-Tuntas-Notice", "Reply-To", "Auto-Submitted")
                   if mail[name])  # fmt: skip
    return (
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nMessage-ID: <b1@mx.example>\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {mail['To']}\nAction: failed\nStatus: 5.1.1\n\n--b\n"
        f"Content-Type: message/rfc822\n\n{head}\nx\n--b--\n"
    ).encode()


async def test_a_worker_killed_between_reading_and_marking_makes_one_case_of_a_mail(home):
    """The mailbox is slow to take mails away: the worker dies with all of them filed and none marked."""
    count = 6
    with any_server() as imap:
        async with mailed(home, imap) as (info, tuntas):
            imap.deliver(*(_mail(number) for number in range(count)))
            async with asyncio.timeout(PATIENCE):
                while not await _filed(tuntas):
                    await asyncio.sleep(0.005)
            os.kill(info.processes["worker"], signal.SIGKILL)
            async with asyncio.timeout(PATIENCE):
                while len(imap.lying_in("Tuntas-Filed")) < count:
                    await asyncio.sleep(0.2)
            page = await tuntas.list()
            async with asyncio.timeout(PATIENCE):
                while len((page := await tuntas.list()).items) < count:
                    await asyncio.sleep(0.1)
            assert len(page.items) == count
            assert {row.subject for row in page.items} == {f"Rusak {n}" for n in range(count)}
            assert imap.lying_in("INBOX") == []


def _mail(n):
    head = f"From: p{n}@mail.example\r\nMessage-ID: <{n}@mail.example>\r\nSubject: Rusak {n}\r\n"
    return f"{head}\r\nIsi {n}\r\n".encode()


async def _filed(tuntas):
    async with transaction(tuntas.pool) as conn:
        return (await (await conn.execute("SELECT count(*) FROM intakes")).fetchone())[0]
