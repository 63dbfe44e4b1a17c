"""Nobody is asked twice within the quiet period, nor after a stop: in a real PostgreSQL, from two connections."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from temporalio.exceptions import ApplicationError

import policies
from activities.again import carry_out_again
from activities.notices import Notices
from activities.outbox import Outbox
from activities.records import Records
from channels.case_links import CaseLinks
from channels.outbound import TransportError
from channels.signing import Signer
from complaints.messages.duties import NoticeBatch, NoticePart, Surveyed
from complaints.messages.feedback import Deliveries, Delivery
from complaints.model import Personal
from complaints.vocabulary import Kind, Occasion, Surveying
from database import complaints, notices, surveys
from database.pool import transaction
from database.report import report
from tests.fixtures.records import NOW, a_batch, a_notice, an_intake, entries

pytestmark = pytest.mark.services

QUIET = timedelta(days=90)
EMAIL, PHONE = "Sari@Example.co.id", "+6281234567890"
LINKS = CaseLinks(Signer("a secret for tests only"), "https://care.example")


def who(email=EMAIL, phone=None, company=None, **more):
    return Surveyed(company=company, email=email, phone=phone, quiet=QUIET, **more)


async def asks(pool, key, person=None, at=NOW, **more):
    async with transaction(pool) as conn:
        reference = key.partition("/")[0]
        return await surveys.ask(conn, person or who(), key=key, reference=reference, at=at, **more)


async def test_one_person_is_asked_once_in_whichever_case(pool):
    assert await asks(pool, "A/follow_up/1") is Surveying.ASKED
    assert await asks(pool, "B/follow_up/1") is Surveying.QUIET_PERIOD
    assert await asks(pool, "B/follow_up/1", who(EMAIL.lower())) is Surveying.QUIET_PERIOD
    assert await asks(pool, "B/follow_up/1", at=NOW + QUIET - timedelta(seconds=1)) is Surveying.QUIET_PERIOD
    assert await asks(pool, "B/follow_up/1", at=NOW + QUIET) is Surveying.ASKED
    assert await asks(pool, "C/follow_up/1", at=NOW + QUIET) is Surveying.QUIET_PERIOD


async def test_by_either_address_and_within_a_company_only(pool):
    assert await asks(pool, "A/follow_up/1", who(EMAIL, PHONE)) is Surveying.ASKED
    assert await asks(pool, "B/follow_up/1", who(None, PHONE)) is Surveying.QUIET_PERIOD
    assert await asks(pool, "B/follow_up/1", who(EMAIL, None)) is Surveying.QUIET_PERIOD
    assert await asks(pool, "C/follow_up/1", who(EMAIL, PHONE, "other")) is Surveying.ASKED
    assert await asks(pool, "D/follow_up/1", who("budi@example.co.id", None)) is Surveying.ASKED


async def test_written_again_after_a_crash_it_asks_as_before(pool):
    assert await asks(pool, "A/follow_up/1") is Surveying.ASKED
    assert await asks(pool, "A/follow_up/1", at=NOW + timedelta(days=1)) is Surveying.ASKED


async def test_a_crash_before_the_commit_has_asked_nobody(pool):
    async def crash():
        async with transaction(pool) as conn:
            assert await surveys.ask(conn, who(), key="A/f/1", reference="A", at=NOW) is Surveying.ASKED
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await crash()
    assert await asks(pool, "B/f/1") is Surveying.ASKED


async def test_of_two_that_close_in_the_same_second_exactly_one_asks(pool):
    """The second connection is at the lock while the first has not committed; by both addresses, in either order."""
    async with transaction(pool) as first:
        assert await surveys.ask(first, who(EMAIL, PHONE), key="A/f/1", reference="A", at=NOW) is Surveying.ASKED
        second = asyncio.create_task(asks(pool, "B/f/1", who(EMAIL, PHONE)))
        async with transaction(pool) as looking:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while (await (await looking.execute(waiting)).fetchone())[0] == 0:
                assert not second.done(), "it did not wait for the first"
                await asyncio.sleep(0.01)
    assert await second is Surveying.QUIET_PERIOD


async def test_twenty_at_once_are_one_survey(pool):
    people = [who(EMAIL, PHONE), who(EMAIL), who(EMAIL.upper(), PHONE)]
    found = await asyncio.gather(*(asks(pool, f"C{number}/f/1", people[number % 3]) for number in range(20)))
    assert sorted(found).count(Surveying.ASKED) == 1
    assert set(found) == {Surveying.ASKED, Surveying.QUIET_PERIOD}


async def test_a_table_holds_no_address_and_a_person_can_be_erased(pool):
    await asks(pool, "A/f/1", who(EMAIL, PHONE))
    async with transaction(pool) as conn:
        rows = await (await conn.execute("SELECT surveyed::text FROM surveyed")).fetchall()
        assert len(rows) == 2
        assert not any("sari" in row[0].lower() or PHONE[3:] in row[0] for row in rows)
        assert await surveys.forget(conn, company=None, email=EMAIL, phone=PHONE) == 2
    assert await asks(pool, "B/f/1") is Surveying.ASKED


async def test_without_pages_nobody_is_asked(pool):
    assert await asks(pool, "A/f/1", pages=False) is Surveying.NO_PAGE
    assert await asks(pool, "B/f/1") is Surveying.ASKED


# the outbox


class Takes:
    """Hands over, or refuses: for good, or for now (`away`)."""

    def __init__(self):
        self.sent, self.refuses, self.away = [], False, False

    async def send(self, message):
        if self.refuses or self.away:
            raise TransportError("5.1.1 unknown", permanent=self.refuses)
        self.sent.append(message)


@pytest.fixture
def house(pool):
    takes = Takes()
    outbox = Outbox(
        pool, takes, lambda notice, language: policies.texts_for(notice).render(notice, language), lambda: NOW,
        links=LINKS,
    )  # fmt: skip
    return SimpleNamespace(
        pool=pool, takes=takes, outbox=outbox, notices=Notices(pool, outbox), records=Records(pool, outbox)
    )


def a_follow_up(reference="A", number=1, **more):
    key = f"{reference}/follow_up/{number}/complainant"
    given = {"key": key, "reference": reference, "occasion": "follow_up", "language": "en", "survey": who()}
    return a_notice(number, **given | more)


async def tell(house, *following):
    return (await house.notices.notify_complainant(NoticeBatch(notices=following))).deliveries


async def recorded(house, reference, *kinds, details=None, through=9, **standing):
    chain = entries(Kind.RECEIVED, *kinds, reference=reference, details=details)
    person = {"email": EMAIL, "phone": PHONE, "name": "Sari", "language": "en"}
    intake = an_intake(key=reference, complainant=person)
    await house.records.record(
        a_batch(through, reference=reference, entries=chain, intake=intake, standing={"status": "closed", **standing})
    )


async def test_the_first_follow_up_asks_and_the_second_does_not(house):
    (first,), (second,) = await tell(house, a_follow_up("A")), await tell(house, a_follow_up("B"))
    assert (first.survey, first.handed_over) == (Surveying.ASKED, True)
    assert (second.survey, second.handed_over) == (Surveying.QUIET_PERIOD, True)
    one, two = (message.body for message in house.takes.sent)
    assert "/survey" in one
    assert "/survey" not in two
    assert "/stop" in one
    assert "/stop" in two


async def test_a_batch_that_is_repeated_answers_the_same(house):
    first = await tell(house, a_follow_up("A"))
    assert await tell(house, a_follow_up("A")) == first
    assert len(house.takes.sent) == 1


async def test_one_that_can_never_be_delivered_has_asked_nobody(house):
    house.takes.refuses = True
    (lost,) = await tell(house, a_follow_up("A"))
    assert (lost.handed_over, lost.problem) == (False, "5.1.1 unknown")
    house.takes.refuses = False
    (next_one,) = await tell(house, a_follow_up("B"))
    assert next_one.survey is Surveying.ASKED


async def test_after_a_stop_nothing_goes_out_to_the_person_and_notices_go_on(house):
    await recorded(house, "A", Kind.SURVEYS_STOPPED)
    (left,) = await tell(house, a_follow_up("B"))
    assert (left.survey, left.handed_over, left.problem) == (Surveying.STOPPED, False, None)
    assert await tell(house, a_follow_up("B")) == (left,)
    (by_phone,) = await tell(house, a_follow_up("C", survey=who("else@example.co.id", PHONE)))
    assert by_phone.survey is Surveying.STOPPED
    assert house.takes.sent == []
    async with transaction(house.pool) as conn:
        assert [row.state for row in await notices.fetch(conn, "B")] == ["withheld"]
    (closing,) = await tell(house, a_follow_up("B", 2, occasion="closed_confirmed", survey=None))
    assert closing.handed_over
    assert len(house.takes.sent) == 1


@pytest.mark.parametrize("stopped_in", ["A", "B"])
async def test_a_stop_that_comes_while_the_channel_is_down_holds_for_what_was_written_before(house, stopped_in):
    for reference in ("A", "B"):
        await recorded(house, reference)
    house.takes.away = True
    with pytest.raises(ApplicationError):
        await tell(house, a_follow_up("B"))
    await recorded(house, stopped_in, Kind.SURVEYS_STOPPED)
    house.takes.away = False
    (left,) = await tell(house, a_follow_up("B"))
    assert (left.survey, left.handed_over, left.problem) == (Surveying.STOPPED, False, None)
    assert await tell(house, a_follow_up("B")) == (left,)
    assert house.takes.sent == []
    async with transaction(house.pool) as conn:
        (row,) = await notices.fetch(conn, "B")
        assert (row.state, row.survey) == ("withheld", Surveying.STOPPED)
        asked = await (await conn.execute("SELECT count(asked_at) FROM surveyed")).fetchone()
        assert asked == (0,)


async def test_a_stop_is_confirmed_in_its_own_case_once(house):
    await recorded(house, "A", Kind.SURVEYS_STOPPED)
    person = who(ask=False)
    (own,) = await tell(house, a_follow_up("A", occasion="surveys_stopped", survey=person))
    (other,) = await tell(house, a_follow_up("B", occasion="surveys_stopped", survey=person))
    assert (own.handed_over, own.survey) == (True, None)
    assert (other.handed_over, other.survey) == (False, Surveying.STOPPED)


async def test_of_a_combined_notice_only_the_follow_up_is_left_out(house):
    await recorded(house, "A", Kind.SURVEYS_STOPPED)
    parts = tuple(
        NoticePart(key=f"B/{one}/1/complainant", occasion=one, occurrence=1, at=NOW)
        for one in (Occasion.PROGRESS_UPDATE, Occasion.FOLLOW_UP)
    )
    (told,) = await tell(house, a_follow_up("B", occasion="caught_up", parts=parts))
    assert (told.handed_over, told.survey) == (True, Surveying.STOPPED)
    assert "all is still well" not in house.takes.sent[0].body


async def test_a_combined_notice_brings_the_survey_of_its_follow_up(house):
    parts = tuple(
        NoticePart(key=f"B/{one}/1/complainant", occasion=one, occurrence=1, at=NOW)
        for one in (Occasion.PROGRESS_UPDATE, Occasion.FOLLOW_UP)
    )
    (told,) = await tell(house, a_follow_up("B", occasion="caught_up", parts=parts))
    assert told.survey is Surveying.ASKED
    assert house.takes.sent[0].body.count("/survey") == 1


async def test_made_again_from_a_history_a_notice_is_what_it_was(house):
    """After a restore the cases come in any order: what their histories say counts, not who comes first."""
    later, first = a_follow_up("B"), a_follow_up("A")
    for notice, became in ((later, Surveying.QUIET_PERIOD), (first, Surveying.ASKED)):
        delivery = Delivery(key=notice.key, handed_over=True, at=NOW, survey=became)
        for _ in range(2):
            async with transaction(house.pool) as conn:
                batch, result = NoticeBatch(notices=(notice,)), Deliveries(deliveries=(delivery,))
                await carry_out_again(conn, house.outbox, batch, result, NOW)
    async with transaction(house.pool) as conn:
        rows = [*await notices.fetch(conn, "A"), *await notices.fetch(conn, "B")]
    assert [(row.survey, row.state) for row in rows] == [("asked", "sent"), ("quiet_period", "sent")]
    assert await asks(house.pool, "C/f/1") is Surveying.QUIET_PERIOD
    assert house.takes.sent == []


# answers and the report


def said(closing=1, late=False, solved=None, **scores):
    detail = {"scores": scores, "closing": closing, "solved": solved}
    return detail | ({"late": True} if late else {})


async def answer(house, reference, number, detail):
    kinds = [Kind.RECEIVED] + [Kind.NOTED] * (number - 2) + [Kind.SURVEY_ANSWERED]
    chain = entries(*kinds, reference=reference, details={Kind.SURVEY_ANSWERED: detail})
    async with transaction(house.pool) as conn:
        await surveys.answer(conn, reference, chain[-1])


async def test_answers_are_corrected_question_by_question_and_late_ones_only_add(house):
    await answer(house, "A", 3, said(outcome=2, handling=5))
    await answer(house, "A", 4, said(outcome=4))
    await answer(house, "A", 3, said(outcome=2, handling=5))  # recorded once more
    await answer(house, "A", 5, said(late=True, outcome=1, effort=3, solved=True))
    await answer(house, "A", 6, said(closing=2, outcome=5))
    await answer(house, "A", 7, {"scores": {"outcome": 1}, "applied": False})
    async with transaction(house.pool) as conn:
        first, second = await surveys.answers(conn, "A")
    assert (first.outcome, first.handling, first.effort, first.solved, first.sequence) == (4, 5, 3, True, 5)
    assert (second.closing, second.outcome, second.handling) == (2, 5, None)


async def test_the_report_counts_who_was_asked_and_who_answered(house):
    for reference, more in {"A": {}, "B": {"category": "privacy"}, "C": {"owner": "agent:siti"}, "D": {}}.items():
        await recorded(house, reference, **more)
    for reference in "ABC":
        await tell(house, a_follow_up(reference, survey=who(f"{reference}@example.co.id")))
    await answer(house, "A", 3, said(outcome=5, handling=2, effort=4, solved=True))
    await answer(house, "B", 3, said(outcome=3, handling=4, effort=1, solved=False))
    await answer(house, "D", 3, said(outcome=4))  # nobody had asked
    async with transaction(house.pool) as conn:
        found = await report(conn, NOW)
        none = await report(conn, NOW, received_before=NOW - timedelta(days=900))
    every = found.surveys[0]
    assert (every.dimension, every.asked, every.answered, every.response_rate) == ("all", 3, 2, 0.6667)
    assert (every.outcome_number, every.outcome_csat) == (3, 0.6667)
    assert (every.handling_number, every.handling_csat) == (2, 0.5)
    assert (every.effort_number, every.effort_mean, every.came_back) == (2, 2.5, 1)
    by = {(row.dimension, row.value): row for row in found.surveys}
    assert (by["category", "privacy"].asked, by["category", "privacy"].outcome_csat) == (1, 0.0)
    siti = by["owner", "agent:siti"]
    assert (siti.asked, siti.answered, siti.outcome_csat, siti.effort_mean) == (1, 0, None, None)
    assert by["team", "frontline"].asked == 3
    assert (none.surveys[0].asked, none.surveys[0].response_rate) == (0, None)


async def test_only_people_who_write_are_stopped_by_the_addresses_on_file(house):
    await recorded(house, "A", Kind.SURVEYS_STOPPED)
    async with transaction(house.pool) as conn:
        stored = await complaints.get(conn, "A")
        assert stored is not None
        assert stored.contact_phone == Personal(PHONE)
    (other,) = await tell(house, a_follow_up("B", survey=who("budi@example.co.id")))
    assert other.survey is Surveying.ASKED
