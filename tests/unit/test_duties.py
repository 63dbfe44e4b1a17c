"""What workflows declare of activities is what activities implement: nothing else holds the two together."""

import typing
from collections import defaultdict

import pytest

import worker
from activities.calendars import Calendars
from activities.cases import Cases
from activities.customers import Customers
from activities.escalations import Escalations
from activities.mailbox import Mailboxes
from activities.moments import Moments
from activities.notices import Notices
from activities.records import Records
from channels.email.outbound import LONGEST
from complaints.messages import INBOX_QUEUE, RECORDS_QUEUE
from complaints.messages.duties import Notice
from settings import Settings
from workflows.duties import ACTIVITIES, notify_complainant

HOUSES = (
    Records(None, None), Moments(None, None), Notices(None, None), Escalations(None, None),
    Calendars(None), Customers(None), Cases(None, None), Mailboxes(None),
)  # fmt: skip
IMPLEMENTED = {
    definition.name: method
    for house in HOUSES
    for method in house.activities
    if (definition := getattr(method, "__temporal_activity_definition", None)) is not None
}


def test_every_declaration_is_implemented_and_nothing_else_is():
    assert set(IMPLEMENTED) == {declared.name for declared in ACTIVITIES}


def name_of(method):
    return method.__temporal_activity_definition.name


@pytest.fixture
def done_on(monkeypatch):
    """The names of the activities that each queue's worker implements."""
    monkeypatch.setattr("worker.Worker", lambda _client, **given: given)
    made = worker.workers(None, None, None, Settings())
    return {one["task_queue"]: {name_of(method) for method in one["activities"]} for one in made}


def test_what_is_asked_for_on_a_queue_is_done_by_the_worker_of_that_queue(done_on):
    """Asked for on another one, it would wait for ever."""
    asked = defaultdict(set)
    for declared in ACTIVITIES:
        asked[declared.queue].add(declared.name)
    assert asked.pop(INBOX_QUEUE) == {name_of(method) for method in Mailboxes(None).activities}  # a worker by itself
    asked[RECORDS_QUEUE] |= {"record", "carry_out"}  # where cases asked for them before
    assert done_on == asked


@pytest.mark.parametrize("declared", ACTIVITIES, ids=lambda declared: declared.name)
def test_the_types_are_the_same(declared):
    hints = typing.get_type_hints(IMPLEMENTED[declared.name])
    result = hints.pop("return")
    assert list(hints.values()) == [declared.payload]
    assert result == declared.result


@pytest.mark.parametrize("declared", ACTIVITIES, ids=lambda declared: declared.name)
def test_nothing_is_given_up_by_time_and_every_attempt_ends(declared):
    assert declared.schedule_to_close is None
    assert declared.retry.maximum_attempts == 0
    assert declared.retry.maximum_interval is not None
    assert declared.start_to_close.total_seconds() > LONGEST
    assert declared.heartbeat is not None


def test_a_worker_that_stops_waits_for_the_longest_notice():
    assert Settings().graceful_shutdown_seconds > LONGEST
    assert notify_complainant.payload.model_fields["notices"].annotation == tuple[Notice, ...]
