import asyncio
import contextlib
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

import worker
from activities.calendars import Calendars
from activities.errors import mapped
from activities.escalations import Escalations
from activities.notices import Notices
from activities.outbox import Outbox
from activities.records import Records
from channels.email.outbound import EmailNotifier
from channels.outbound import Router, TransportError
from channels.outbound.console import ConsoleNotifier
from complaints.assignment import Agent
from complaints.errors import Refused, Unreachable
from complaints.messages.duties import AgentNoticeBatch, ArchiveDuty, CalendarDuty, ClosureDuty, NoticeBatch
from complaints.plan import PinnedCalendar
from complaints.vocabulary import Kind, Language
from database import agents, archive, clocks, closures, complaints, notices, timeline
from database.pool import open_pool, transaction
from tests.fixtures.records import (
    NOW,
    REFERENCE,
    a_batch,
    a_clock,
    a_closure,
    a_notice,
    an_action,
    an_agent_notice,
    an_escalation,
    an_intake,
    entries,
)
from tests.fixtures.smtp import MailServer

pytestmark = pytest.mark.services


def render(notice, language):
    return SimpleNamespace(subject=f"{notice.occasion} {language}", body=f"words about {notice.reference}\n")


class Moment:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
async def server():
    async with MailServer().listening() as listening:
        yield listening


@pytest.fixture
async def house(pool, server):
    """The collaborators as a worker puts them together."""
    console, moment = ConsoleNotifier(), Moment()
    async with EmailNotifier(server.url, sender="care@tuntas.example", timeout=5) as email:
        outbox = Outbox(pool, Router(email=email, other=console), render, moment, domain="tuntas.example")
        yield SimpleNamespace(
            pool=pool, server=server, console=console, moment=moment, outbox=outbox, email=email,
            notices=Notices(pool, outbox), escalations=Escalations(pool, outbox), records=Records(pool, outbox),
        )  # fmt: skip


def batch_of(*notices_):
    return NoticeBatch(notices=notices_)


async def states(pool):
    async with transaction(pool) as conn:
        return {row.key.removeprefix(REFERENCE + "/"): row.state.value for row in await notices.fetch(conn, REFERENCE)}


# records


async def test_a_batch_is_recorded_whole_and_twice_is_once(house):
    chain = entries(Kind.RECEIVED, Kind.NOTED)
    batch = a_batch(2, entries=chain, clocks=(a_clock(),), actions=(an_action(),), intake=an_intake())
    for _ in range(2):
        await ActivityEnvironment().run(house.records.record, batch)
    async with transaction(house.pool) as conn:
        assert await timeline.fetch(conn, REFERENCE) == chain
        assert await clocks.fetch(conn, REFERENCE) == (a_clock(),)
        stored = await complaints.get(conn, REFERENCE)
        assert stored is not None
        assert stored.contact_email == "sari@example.co.id"


async def test_a_batch_that_cannot_be_recorded_leaves_nothing_behind(house):
    await house.records.record(a_batch(2, entries=entries(Kind.RECEIVED, Kind.NOTED)))
    with pytest.raises(ApplicationError) as caught:
        await house.records.record(
            a_batch(3, standing={"owner": "agent:x"}, entries=entries(Kind.RECEIVED, Kind.DECIDED))
        )
    assert caught.value.non_retryable
    assert caught.value.type == "Refused"
    async with transaction(house.pool) as conn:
        stored = await complaints.get(conn, REFERENCE)
        assert stored is not None
        assert (stored.through, stored.owner) == (2, "team:frontline")


async def test_closures_and_archived_cases_are_kept_once(house):
    duty = ClosureDuty(key="c", record=a_closure())
    kept = ArchiveDuty(key="a", reference=REFERENCE, at=NOW, state={"x": 1})
    for _ in range(2):
        assert (await house.records.record_closure(duty)).key == "c"
        assert (await house.records.archive(kept)).key == "a"
    async with transaction(house.pool) as conn:
        assert len(await closures.fetch(conn, REFERENCE)) == 1
        assert await archive.get(conn, REFERENCE) is not None


async def test_calendars_are_extended_by_the_policies():
    pinned = PinnedCalendar(name="office", version="1", hours={}, offsets=((NOW, 25200),), until=NOW)
    asked = []
    calendars = Calendars(lambda *args: asked.append(args) or {"office": pinned})
    found = await calendars.extend_calendars(CalendarDuty(key="k", pack="p", names=("office",), since=NOW, until=NOW))
    assert found.calendars == {"office": pinned}
    assert asked == [("p", ("office",), NOW, NOW)]


async def test_a_database_that_is_away_is_transient_and_told_without_its_address(database_url, tmp_path):
    away = database_url.replace("host=", f"host={tmp_path}")
    async with open_pool(away, wait=0.05) as closed:
        outbox = Outbox(closed, ConsoleNotifier(), render, Moment())
        with pytest.raises(ApplicationError) as caught:
            await Records(closed, outbox).record(a_batch())
    assert not caught.value.non_retryable
    assert caught.value.message == "PostgreSQL: PoolTimeout"


def test_errors_are_permanent_or_transient_and_never_quote():
    words = "Sari, sari@example.co.id"
    permanent = (
        psycopg.errors.UniqueViolation(words),
        TransportError("smtp 550", permanent=True),
        Refused("no", field="x"),
    )
    transient = (
        psycopg.OperationalError(words),
        TransportError("smtp 450", permanent=False),
        Unreachable("no"),
        KeyError(words),
    )
    for error in permanent + transient:
        found = mapped(error)
        assert found.non_retryable is (error in permanent)
        assert "ari" not in found.message


# notices to the complainant


async def test_a_notice_is_written_sent_and_marked(house):
    result = await ActivityEnvironment().run(house.notices.notify_complainant, batch_of(a_notice(1), a_notice(2)))
    assert [(d.key, d.handed_over, d.at) for d in result.deliveries] == [(a_notice(n).key, True, NOW) for n in (1, 2)]
    assert [mail["X-Tuntas-Notice"] for mail in house.server.mails] == [a_notice(1).key, a_notice(2).key]
    assert house.server.connections == 1
    async with transaction(house.pool) as conn:
        row = await notices.get(conn, a_notice().key)
    assert row is not None
    assert (row.state, row.sent_at, row.subject) == ("sent", NOW, "acknowledgement id")


async def test_what_is_marked_sent_is_never_sent_again(house):
    first = await house.notices.notify_complainant(batch_of(a_notice()))
    house.moment.now += timedelta(hours=1)
    assert await house.notices.notify_complainant(batch_of(a_notice())) == first
    assert len(house.server.mails) == 1


async def test_a_transient_failure_raises_and_the_retry_sends_only_the_rest(house):
    batch = batch_of(a_notice(1), a_notice(2), a_notice(3))
    house.server.after_data = lambda: house.server.refuse_data.append("451 later")
    with pytest.raises(ApplicationError) as caught:
        await house.notices.notify_complainant(batch)
    assert (caught.value.message, caught.value.non_retryable) == ("smtp 451 SMTPDataError", False)
    assert list((await states(house.pool)).values()) == ["sent", "written", "written"]
    house.server.after_data = lambda: None
    house.server.refuse_data = []
    result = await house.notices.notify_complainant(batch)
    assert all(delivery.handed_over for delivery in result.deliveries)
    assert len(house.server.mails) == len(set(house.server.message_ids)) == 3


async def test_a_permanent_failure_is_marked_and_told_and_stays(house):
    house.server.refuse_recipient = ["550 sari@example.co.id unknown"]
    batch = batch_of(a_notice(1), a_notice(2), a_notice(3, address="not an address"))
    result = await house.notices.notify_complainant(batch)
    assert [d.handed_over for d in result.deliveries] == [False, True, True]  # the third goes to a person
    assert result.deliveries[0].problem == "smtp 550 SMTPRecipientRefused"
    assert await house.notices.notify_complainant(batch) == result
    assert len(house.server.mails) == 1
    assert len(house.console.sent) == 1


async def test_a_refused_connection_is_retried(house, pool):
    async with EmailNotifier("smtp://127.0.0.1:1", sender="care@tuntas.example", timeout=2) as nowhere:
        down = Notices(pool, Outbox(pool, nowhere, render, house.moment))
        with pytest.raises(ApplicationError) as caught:
            await down.notify_complainant(batch_of(a_notice()))
    assert not caught.value.non_retryable
    assert list((await states(pool)).values()) == ["written"]
    assert (await house.notices.notify_complainant(batch_of(a_notice()))).deliveries[0].handed_over


class Severing:
    """Hands a message over, and then cuts the connection on which it would be marked."""

    def __init__(self, notifier, database_url):
        self.notifier, self.database_url, self.cuts = notifier, database_url, 1

    async def send(self, message):
        await self.notifier.send(message)
        if self.cuts:
            self.cuts -= 1
            async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as conn:
                await conn.execute("""
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE application_name = 'tuntas' AND datname = current_database() AND state = 'idle in transaction'
                """)


async def test_a_crash_between_sending_and_marking_repeats_the_same_message(house, database_url):
    severing = Severing(house.email, database_url)
    crashing = Notices(house.pool, Outbox(house.pool, severing, render, house.moment, domain="tuntas.example"))
    with pytest.raises(ApplicationError) as caught:
        await crashing.notify_complainant(batch_of(a_notice()))
    assert caught.value.type == "DatabaseError"
    assert not caught.value.non_retryable
    assert await states(house.pool) == {"acknowledgement/1/complainant": "written"}
    house.moment.now += timedelta(hours=2)
    for _ in range(2):
        await crashing.notify_complainant(batch_of(a_notice()))
    assert len(house.server.mails) == 2
    assert len(set(house.server.message_ids)) == 1
    assert house.server.mails[0].as_bytes() == house.server.mails[1].as_bytes()  # the date too


async def test_a_database_that_cannot_take_the_mark_sends_nothing(house):
    """A full disk lets nobody mark: a message that was sent first would be sent again with every retry."""
    async with house.pool.connection() as conn:
        await conn.execute("""
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$
        """)
        await conn.execute("CREATE TRIGGER full_disk BEFORE UPDATE ON notices EXECUTE FUNCTION full_disk()")
    for _ in range(2):
        with pytest.raises(ApplicationError) as caught:
            await house.notices.notify_complainant(batch_of(a_notice()))
        assert (caught.value.message, caught.value.non_retryable) == ("PostgreSQL: DiskFull 53100", False)
    assert house.server.mails == []
    async with house.pool.connection() as conn:
        await conn.execute("DROP TRIGGER full_disk ON notices")
    await house.notices.notify_complainant(batch_of(a_notice()))
    assert len(house.server.mails) == 1


async def test_two_workers_never_send_the_same_message_at_once(house):
    entered, release = asyncio.Event(), asyncio.Event()

    class Slow:
        async def send(self, message):
            entered.set()
            await release.wait()
            await house.email.send(message)

    slow = Notices(house.pool, Outbox(house.pool, Slow(), render, house.moment, domain="tuntas.example"))
    first = asyncio.create_task(slow.notify_complainant(batch_of(a_notice())))
    await entered.wait()
    with pytest.raises(ApplicationError) as caught:
        await house.notices.notify_complainant(batch_of(a_notice()))
    assert (caught.value.type, caught.value.non_retryable) == ("Busy", False)
    assert house.server.mails == []
    release.set()
    assert await first == await house.notices.notify_complainant(batch_of(a_notice()))
    assert len(house.server.mails) == 1


async def test_a_cancelled_sender_lets_go_of_its_message(house):
    entered = asyncio.Event()

    class Stuck:
        async def send(self, _message):
            entered.set()
            await asyncio.Event().wait()

    stuck = Notices(house.pool, Outbox(house.pool, Stuck(), render, house.moment, domain="tuntas.example"))
    task = asyncio.create_task(stuck.notify_complainant(batch_of(a_notice())))
    await entered.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await house.notices.notify_complainant(batch_of(a_notice()))
    assert len(house.server.mails) == 1


async def test_a_text_that_cannot_be_rendered_is_a_defect_that_waits_for_a_correction(house):
    def broken(notice, _language):
        raise KeyError(str(notice.address))

    failing = Notices(house.pool, Outbox(house.pool, house.email, broken, house.moment))
    with pytest.raises(ApplicationError) as caught:
        await failing.notify_complainant(batch_of(a_notice()))
    assert (caught.value.type, caught.value.non_retryable) == ("Defect", False)
    assert "sari" not in caught.value.message
    assert await states(house.pool) == {}


# agents


AGENTS = (
    Agent(id="ani", tier="frontline", team="frontline", email="ani@house.example", languages=(Language.EN,)),
    Agent(id="budi", tier="specialist", team="specialists", email="budi@house.example", skills=("billing",)),
    Agent(id="citra", tier="specialist", team="specialists", email="citra@house.example", skills=("billing",)),
    Agent(id="dewi", tier="specialist", team="specialists"),
)


@pytest.fixture
async def people(house):
    async with transaction(house.pool) as conn:
        for agent in AGENTS:
            await agents.save(conn, agent)
    return house


async def test_agents_are_told_once_each_a_team_as_its_members(people):
    batch = AgentNoticeBatch(
        notices=(an_agent_notice("agent:budi", "team:specialists", "agent:unknown", "team:empty"),)
    )
    for _ in range(2):
        await people.notices.notify_agents(batch)
    assert sorted(people.server.recipients) == ["budi@house.example", "citra@house.example"]
    assert sorted(m.recipient for m in people.console.sent) == ["agent:dewi", "agent:unknown", "team:empty"]


async def test_one_agent_who_cannot_be_reached_keeps_nobody_else_waiting(people):
    people.server.refuse_recipient = ["451 later"]
    batch = AgentNoticeBatch(notices=(an_agent_notice("agent:budi", "agent:citra"),))
    with pytest.raises(ApplicationError):
        await people.notices.notify_agents(batch)
    assert people.server.recipients == ["citra@house.example"]
    await people.notices.notify_agents(batch)
    assert people.server.recipients == ["citra@house.example", "budi@house.example"]


async def test_an_escalation_finds_its_owner_tells_everybody_and_finds_the_same_again(people):
    found = await ActivityEnvironment().run(people.escalations.escalate, an_escalation(skill="billing"))
    assert found.owner == "agent:budi"
    people.moment.now += timedelta(minutes=5)
    async with transaction(people.pool) as conn:
        assert await agents.away(conn, "budi")
    assert await people.escalations.escalate(an_escalation(skill="billing")) == found
    await people.outbox.settle()
    assert len(people.server.mails) == 3
    assert await states(people.pool) == {
        "escalation/1/agent_assigned/agent:budi": "sent",
        "escalation/1/agent_relieved/agent:ani": "sent",
        "escalation/1/agent_escalated/agent:citra": "sent",
        "escalation/1/agent_escalated/agent:dewi": "sent",
    }
    relieved = next(mail for mail in people.server.mails if mail["To"] == "ani@house.example")
    assert relieved["Subject"] == "agent_relieved en"


async def test_ties_go_to_the_longest_unassigned_and_load_counts_what_is_not_yet_recorded(people):
    owners = []
    for number in range(1, 5):
        people.moment.now += timedelta(minutes=1)
        owners.append(
            (await people.escalations.escalate(an_escalation(reference=f"TTS-{number}", skill="billing"))).owner
        )
    assert owners == ["agent:budi", "agent:citra"] * 2
    # Five recorded open cases weigh more than any turn; closed ones weigh nothing.
    for number in range(5):
        await people.records.record(a_batch(reference=f"OPEN-{number}", standing={"owner": "agent:budi"}))
        await people.records.record(
            a_batch(reference=f"DONE-{number}", standing={"owner": "agent:citra", "status": "closed"})
        )
    for number in (6, 7):
        people.moment.now += timedelta(minutes=1)
        found = await people.escalations.escalate(an_escalation(reference=f"TTS-{number}", skill="billing"))
        assert found.owner == "agent:citra"


async def test_escalations_at_once_are_shared_out(people):
    at_once = [an_escalation(reference=f"TTS-{number}", skill="billing") for number in range(6)]
    found = await asyncio.gather(*[people.escalations.escalate(escalation) for escalation in at_once])
    owners = [owner.owner for owner in found]
    assert sorted(owners) == ["agent:budi"] * 3 + ["agent:citra"] * 3


async def test_the_same_escalation_at_once_finds_one_owner(people):
    found = await asyncio.gather(*[people.escalations.escalate(an_escalation(skill="billing")) for _ in range(4)])
    assert len({owner.owner for owner in found}) == 1
    await people.outbox.settle()
    assert len(people.server.mails) == len(set(people.server.message_ids))


async def test_nobody_fitting_means_the_team_and_an_absent_one_their_substitute(people):
    found = await people.escalations.escalate(an_escalation(1, skill="privacy"))
    assert found.owner == "team:specialists"
    async with transaction(people.pool) as conn:
        await agents.away(conn, "budi", substitute="ani")
        await agents.away(conn, "citra")
    found = await people.escalations.escalate(an_escalation(2, skill="billing", previous_owner="team:frontline"))
    assert found.owner == "agent:ani"


async def test_an_owner_who_does_not_change_is_told_all_the_same(people):
    found = await people.escalations.escalate(an_escalation(owner_changes=False))
    assert found.owner == "agent:ani"
    assert "escalation/1/agent_escalated/agent:ani" in await states(people.pool)
    assert not [key for key in await states(people.pool) if "assigned" in key or "relieved" in key]


async def test_a_mail_server_that_is_down_delays_no_owner_and_loses_no_notice(people):
    async with EmailNotifier("smtp://127.0.0.1:1", sender="care@tuntas.example", timeout=2) as nowhere:
        outbox = Outbox(people.pool, nowhere, render, people.moment, domain="tuntas.example")
        found = await Escalations(people.pool, outbox).escalate(an_escalation(skill="billing", tell=()))
        await outbox.settle()
    assert found.owner == "agent:budi"
    assert set((await states(people.pool)).values()) == {"written"}
    assert await people.outbox.send_waiting() == 0  # its own retry comes first
    people.moment.now += timedelta(minutes=2)
    assert await people.outbox.send_waiting() == 2
    assert sorted(people.server.recipients) == ["ani@house.example", "budi@house.example"]
    assert await people.outbox.send_waiting() == 0


# what is caught up with after an outage


SPOKEN = {
    "id": ("Pengaduan Anda kami terima pada", "Langkah yang akan kami lakukan"),
    "en": ("We received your complaint on", "These are the steps we will take"),
}


@pytest.fixture
async def spoken(people):
    """The same house, which says what the policies say."""
    outbox = Outbox(people.pool, people.email, worker.render, people.moment, domain="tuntas.example")
    people.notices, people.escalations = Notices(people.pool, outbox), Escalations(people.pool, outbox)
    people.outbox = outbox
    return people


def told(mails):
    """Subjects and bodies by recipient; everybody has one."""
    assert len({mail["To"] for mail in mails}) == len(mails)
    return {mail["To"].partition("@")[0]: (mail["Subject"], mail.get_content()) for mail in mails}


def part(occasion, *to, number=1, **facts):
    return {
        "key": f"{REFERENCE}/{occasion}/{number}", "occasion": occasion, "occurrence": number, "at": NOW, "to": to,
        "facts": {"metric": "resolution", "due_at": NOW, "tier": "specialist", **facts},
    }  # fmt: skip


@pytest.mark.parametrize("language", SPOKEN)
async def test_a_combined_notice_to_the_complainant_is_one_mail_in_their_language(spoken, language):
    parts = [part("acknowledgement"), part("assessment", steps=("check_bill",))]
    key = f"{REFERENCE}/caught_up/1/complainant"
    notice = a_notice(1, key=key, occasion="caught_up", language=language, parts=parts)
    for _ in range(2):
        result = await spoken.notices.notify_complainant(batch_of(notice))
    assert [(d.key, d.handed_over) for d in result.deliveries] == [(key, True)]
    (mail,) = spoken.server.mails
    assert REFERENCE in mail["Subject"]
    plain = mail.get_body(("plain",)).get_content()
    assert all(words in plain for words in SPOKEN[language])


async def test_each_agent_finds_in_one_mail_what_is_for_them(spoken):
    notice = an_agent_notice(
        "team:specialists", "agent:budi", "agent:ani", occasion="agent_caught_up",
        key=f"{REFERENCE}/agent_caught_up/1",
        parts=[
            part("agent_warning", "agent:budi", "agent:ani", fraction=0.75),
            part("agent_breach", "team:specialists", "agent:ani"),
        ],
    )  # fmt: skip
    for _ in range(2):
        await spoken.notices.notify_agents(AgentNoticeBatch(notices=(notice,)))
    mails = told(spoken.server.mails)
    assert mails["budi"][0] == f"[{REFERENCE}] Yang terjadi sementara itu"  # by their name and by their team's
    assert "- 75% waktu untuk keputusan" in mails["budi"][1]
    assert f"- Tenggat keputusan pada pengaduan {REFERENCE} terlewat." in mails["budi"][1]
    assert mails["ani"][0] == f"[{REFERENCE}] What happened meanwhile"
    assert f"- The deadline for decision on complaint {REFERENCE} was missed." in mails["ani"][1]
    assert mails["citra"][0] == f"[{REFERENCE}] Tenggat terlewat"  # the only one for them, as it ever was
    assert set(await states(spoken.pool)) == {
        "agent_caught_up/1/agent:budi", "agent_caught_up/1/agent:ani", "agent_breach/1/agent:citra",
        "agent_breach/1/agent:dewi",
    }  # fmt: skip


async def test_an_escalation_tells_what_happened_meanwhile_in_the_same_mail(spoken):
    async with transaction(spoken.pool) as conn:
        await agents.save(conn, Agent(id="eka", tier="supervisor", team="supervisors", email="eka@house.example"))
    escalation = an_escalation(skill="billing", facts={"cause": "breach", "tier": "specialist"})
    itself = {**part("agent_escalated", cause="breach"), "key": escalation.key}
    meanwhile = an_agent_notice(
        "team:supervisors", "agent:ani", "team:frontline", "team:specialists", occasion="agent_caught_up",
        key=f"{REFERENCE}/agent_caught_up/1",
        parts=[
            part("agent_breach", "team:supervisors"),
            part("agent_warning", "agent:ani", fraction=0.75),
            part("agent_hold_ended", "team:frontline"),
            itself,
            part("agent_breach", "team:specialists", number=2),
        ],
    )  # fmt: skip
    escalation = escalation.model_copy(update={"meanwhile": meanwhile})
    for _ in range(2):
        assert (await spoken.escalations.escalate(escalation)).owner == "agent:budi"
        await spoken.outbox.settle()
    mails = told(spoken.server.mails)
    assert set(mails) == {"eka", "ani", "budi", "citra"}
    assert mails["eka"][0] == f"[{REFERENCE}] Tenggat terlewat"
    relieved = mails["ani"][1]
    assert relieved.index("75% of the time") < relieved.index("The review date has come")  # her team was told that
    assert relieved.index("The review date has come") < relieved.index("is now handled by someone else")
    assert "The deadline for" not in relieved
    owner = mails["budi"][1]
    assert owner.index("kini tanggung jawab Anda") < owner.index("terlewat.")
    raised = mails["citra"][1]
    assert raised.index("naik ke tingkat") < raised.index("terlewat.")
    assert "tanggung jawab Anda" not in raised
    assert set(await states(spoken.pool)) == {
        "agent_caught_up/1/agent:ani", "agent_caught_up/1/agent:budi", "agent_caught_up/1/agent:citra",
        "agent_caught_up/1/agent:dewi", "agent_breach/1/agent:eka",
    }  # fmt: skip


async def test_an_owner_from_elsewhere_is_told_what_their_team_was(spoken):
    """A substitute stands in for the team's members without being one."""
    async with transaction(spoken.pool) as conn:
        await agents.away(conn, "budi", substitute="ani")
        await agents.away(conn, "citra")
    escalation = an_escalation(skill="billing", previous_owner="team:frontline", tell=())
    meanwhile = an_agent_notice(
        "team:specialists", occasion="agent_caught_up", key=f"{REFERENCE}/agent_caught_up/1",
        parts=[{**part("agent_escalated"), "key": escalation.key}, part("agent_breach", "team:specialists")],
    )  # fmt: skip
    found = await spoken.escalations.escalate(escalation.model_copy(update={"meanwhile": meanwhile}))
    await spoken.outbox.settle()
    assert found.owner == "agent:ani"
    body = told(spoken.server.mails)["ani"][1]
    assert body.index("is now yours") < body.index("was missed")


async def test_a_record_that_cannot_be_written_holds_up_nobody_who_is_told_with_it(people):
    async with transaction(people.pool) as conn:
        await conn.execute("ALTER TABLE clocks RENAME TO elsewhere")
    batch = a_batch(tell=(an_agent_notice("agent:budi"),), clocks=(a_clock(),))
    try:
        for _ in range(2):
            with pytest.raises(ApplicationError):
                await people.records.record(batch)
        await people.outbox.settle()
        assert people.server.recipients == ["budi@house.example"]
    finally:
        async with transaction(people.pool) as conn:
            await conn.execute("ALTER TABLE elsewhere RENAME TO clocks")
    await people.records.record(batch)
    await people.outbox.settle()
    assert people.server.recipients == ["budi@house.example"]
