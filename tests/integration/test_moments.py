"""A record and what goes along with it, on a real PostgreSQL and a real mail server."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from activities import moments
from activities.moments import Moments
from activities.notices import Notices
from activities.outbox import Outbox
from activities.pace import Pace
from channels.email.outbound import EmailNotifier
from channels.outbound import Router
from channels.outbound.console import ConsoleNotifier
from complaints.assignment import Agent
from complaints.messages.duties import Moment, NoticeBatch
from complaints.vocabulary import Kind
from database import agents, closures, complaints, notices, timeline
from database.pool import transaction
from tests.fixtures.records import NOW, REFERENCE, a_batch, a_closure, a_notice, an_agent_notice, an_escalation, entries
from tests.fixtures.smtp import MailServer

pytestmark = pytest.mark.services

RINA = Agent(id="rina", tier="specialist", team="specialists", email="rina@house.example")


def render(notice, language):
    return SimpleNamespace(subject=f"{notice.occasion} {language}", body=f"words about {notice.reference}\n")


@pytest.fixture
async def house(pool):
    async with (
        MailServer().listening() as server,
        EmailNotifier(server.url, sender="care@tuntas.example", timeout=5) as email,
    ):
        router = Router(email=email, other=ConsoleNotifier())
        outbox = Outbox(pool, router, render, lambda: datetime.now(UTC), domain="tuntas.example", per_second=8)
        async with transaction(pool) as conn:
            await agents.save(conn, RINA)
        yield SimpleNamespace(
            pool=pool, server=server, outbox=outbox, moments=Moments(pool, outbox), notices=Notices(pool, outbox)
        )
        await outbox.settle()


def a_moment(**over):
    record = a_batch(2, entries=entries(Kind.RECEIVED, Kind.NOTED), tell=(an_agent_notice("agent:rina"),))
    return Moment(**{"record": record, "notices": (a_notice(1), a_notice(2))} | over)


def occasions(house):
    return sorted(mail["X-Tuntas-Notice"].split("/")[1] for mail in house.server.mails)


async def stored(house):
    async with transaction(house.pool) as conn:
        return await complaints.get(conn, REFERENCE), await timeline.fetch(conn, REFERENCE)


async def test_everything_of_a_moment_is_done_and_twice_is_once(house):
    moment = a_moment(closures=(a_closure(),), escalation=an_escalation())
    first = await house.moments.carry_out(moment)
    await house.outbox.settle()
    assert await house.moments.carry_out(moment) == first
    await house.outbox.settle()
    assert first.recorded
    assert first.owner is not None
    assert first.owner.owner == "agent:rina"
    assert [d.key for d in first.deliveries] == [notice.key for notice in moment.notices]
    assert occasions(house) == ["acknowledgement", "acknowledgement", "agent_breach", "escalation"]
    row, chain = await stored(house)
    assert (row.through, row.owner, len(chain)) == (2, "agent:rina", 2)
    async with transaction(house.pool) as conn:
        assert len(await closures.fetch(conn, REFERENCE)) == 1


async def test_an_owner_is_not_written_over_what_has_become_of_the_case_since(house):
    await house.moments.carry_out(a_moment(record=a_batch(5, standing={"owner": "agent:budi"})))
    outcome = await house.moments.carry_out(a_moment(escalation=an_escalation(), notices=()))
    row, _ = await stored(house)
    assert outcome.owner.owner == "agent:rina"
    assert (row.through, row.owner) == (5, "agent:budi")


async def test_a_record_that_is_refused_leaves_nothing_and_says_so(house):
    await house.moments.carry_out(a_moment(notices=()))
    await house.outbox.settle()
    other = a_batch(3, entries=entries(Kind.RECEIVED, Kind.DECIDED))
    outcome = await house.moments.carry_out(a_moment(record=other, closures=(a_closure(),), escalation=an_escalation()))
    await house.outbox.settle()
    assert (outcome.recorded, outcome.owner, outcome.deliveries) == (False, None, ())
    assert occasions(house) == ["agent_breach"], "of the first moment"
    async with transaction(house.pool) as conn:
        assert await closures.fetch(conn, REFERENCE) == ()
        assert await agents.owner_found(conn, an_escalation().key) is None
    assert (await stored(house))[0].through == 2


async def test_a_mail_that_is_refused_for_now_holds_up_no_record_and_goes_by_itself(house):
    house.server.refuse_data.append("451 later")
    outcome = await house.moments.carry_out(a_moment(record=a_batch(1)))
    assert outcome.recorded
    assert outcome.deliveries == (), "the second waits for the first"
    assert (await stored(house))[0].through == 1
    again = await house.notices.notify_complainant(NoticeBatch(notices=(a_notice(1), a_notice(2))))
    assert all(delivery.handed_over for delivery in again.deliveries)
    assert len(house.server.mails) == len(set(house.server.message_ids)) == 2


async def test_a_mail_server_that_takes_its_time_is_not_waited_for(house, monkeypatch):
    monkeypatch.setattr(moments, "PATIENCE", 0.05)
    taken = asyncio.Event()
    answer = house.server.handle_DATA

    async def slowly(*given):
        await taken.wait()
        return await answer(*given)

    monkeypatch.setattr(house.server, "handle_DATA", slowly)
    outcome = await house.moments.carry_out(a_moment(record=a_batch(1), notices=(a_notice(1),)))
    assert (outcome.recorded, outcome.deliveries) == (True, ())
    assert (await stored(house))[0].through == 1
    taken.set()
    await house.outbox.settle()
    (delivery,) = (await house.notices.notify_complainant(NoticeBatch(notices=(a_notice(1),)))).deliveries
    assert delivery.handed_over
    assert len(house.server.mails) == 1, "it went on beside, and was not sent again"


async def test_what_the_mail_provider_does_not_take_in_a_second_is_left_to_the_queue(house):
    many = tuple(a_notice(number) for number in range(1, 11))
    outcome = await house.moments.carry_out(a_moment(record=a_batch(1), notices=many))
    assert [d.key for d in outcome.deliveries] == [notice.key for notice in many[:8]]
    async with transaction(house.pool) as conn:
        states = [row.state.value for row in await notices.fetch(conn, REFERENCE)]
    assert sorted(states) == ["sent"] * 8 + ["written"] * 2


def test_the_pace_forgets_after_a_second():
    pace = Pace(2)
    for moment in (0.0, 0.5):
        assert pace.room(NOW + timedelta(seconds=moment))
        pace.count(NOW + timedelta(seconds=moment))
    assert not pace.room(NOW + timedelta(seconds=0.9))
    assert pace.room(NOW + timedelta(seconds=1.1))
