"""What attempts at duties are counted as, and which are known to be made in vain."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ExecuteActivityInput

from complaints.messages.duties import AgentNoticeBatch, Moment, NoticeBatch
from complaints.messages.feedback import Deliveries, Delivery, DutyDone, MomentOutcome, OwnerFound
from telemetry.attempts import InVain
from telemetry.metrics import DutyAttempts, runtime
from tests.fixtures.records import NOW, a_batch, a_closure, a_notice, an_agent_notice, an_escalation

REFUSED = ApplicationError("no", non_retryable=True)
AWAY = ApplicationError("away")
OWNER = OwnerFound(key="k", owner="agent:rina")
FIRST, SECOND = a_notice(1), a_notice(2)
LONGEST = timedelta(minutes=5)


def told(notice, **over):
    return Delivery(**{"key": notice.key, "handed_over": True, "at": NOW} | over)


def refused(notice):
    return told(notice, handed_over=False, problem="smtp 550")


def unwanted(notice):
    return told(notice, handed_over=False, survey="stopped")


def a_moment(*notices, **over):
    return Moment(record=a_batch(tell=(an_agent_notice(),)), notices=notices, **over)


def recorded(*deliveries):
    return MomentOutcome(recorded=True, owner=OWNER, deliveries=deliveries)


class Work:
    """The activity itself: answers, or fails."""

    def __init__(self, result, during=None):
        self.result, self.during = result, during

    async def execute_activity(self, input):  # noqa: A002
        del input
        if self.during is not None:
            self.during()
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


class House:
    """A worker with the interceptor; seconds pass when a test says so."""

    def __init__(self):
        self.seconds = 0.0
        self.in_vain = InVain(lambda: self.seconds)
        self.buffer = MetricBuffer(1_000)
        meter = Runtime(telemetry=TelemetryConfig(logging=None, metrics=self.buffer)).metric_meter
        self.attempts = DutyAttempts(meter, self.in_vain)

    async def attempt(self, name, payload, result, number=1, *, activity_id="1", during=None):
        environment = ActivityEnvironment()
        policy = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=LONGEST)
        environment.info = dataclasses.replace(
            environment.info, activity_type=name, attempt=number, activity_id=activity_id, retry_policy=policy
        )
        given = ExecuteActivityInput(fn=lambda: None, args=[payload], executor=None, headers={})

        async def run():
            return await self.attempts.intercept_activity(Work(result, during)).execute_activity(given)

        try:
            assert await environment.run(run) is result
        except (ApplicationError, asyncio.CancelledError) as error:
            assert error is result  # noqa: PT017 (what it answers is passed on as it is)

    def counted(self):
        return {
            update.attributes["lane"]: update.attributes["outcome"]
            for update in self.buffer.retrieve_updates()
            if update.metric.name == "tuntas_duty_attempts"
        }


ENDS = {
    "a record": ("record", a_batch(), None, {"records": "done"}),
    "a record, and messages to agents": (
        "record", a_batch(tell=(an_agent_notice(),)), None, {"records": "done", "agents": "done"},
    ),
    "a record that PostgreSQL is not there for": (
        "record", a_batch(tell=(an_agent_notice(),)), AWAY, {"records": "retry", "agents": "retry"},
    ),
    "a moment": (
        "carry_out", a_moment(FIRST, SECOND, escalation=an_escalation(), closures=(a_closure(),)),
        recorded(told(FIRST), told(SECOND)),
        {"records": "done", "notices": "done", "escalations": "done", "agents": "done"},
    ),
    "a moment while PostgreSQL is away": (
        "carry_out", a_moment(FIRST, escalation=an_escalation()), MomentOutcome(recorded=False),
        {"records": "apart", "notices": "apart", "escalations": "apart", "agents": "apart"},
    ),
    "a moment while mail is refused": (
        "carry_out", a_moment(FIRST, SECOND, escalation=an_escalation()), recorded(),
        {"records": "done", "notices": "apart", "escalations": "done", "agents": "done"},
    ),
    "a moment of which one message went out": (
        "carry_out", a_moment(FIRST, SECOND), recorded(told(FIRST)),
        {"records": "done", "notices": "apart", "agents": "done"},
    ),
    "a moment with a message that will never arrive": (
        "carry_out", a_moment(FIRST), recorded(refused(FIRST)),
        {"records": "done", "notices": "failed", "agents": "done"},
    ),
    "a moment that breaks": (
        "carry_out", a_moment(FIRST), AWAY, {"records": "retry", "notices": "retry", "agents": "retry"},
    ),
    "messages": ("notify_complainant", NoticeBatch(notices=(FIRST,)), Deliveries(deliveries=(told(FIRST),)),
                 {"notices": "done"}),
    "messages while mail is refused": ("notify_complainant", NoticeBatch(notices=(FIRST,)), AWAY, {"notices": "retry"}),
    "messages of which one will never arrive": (
        "notify_complainant", NoticeBatch(notices=(FIRST, SECOND)),
        Deliveries(deliveries=(refused(FIRST), told(SECOND))), {"notices": "failed"},
    ),
    "a message that its person does not want": (
        "notify_complainant", NoticeBatch(notices=(FIRST,)), Deliveries(deliveries=(unwanted(FIRST),)),
        {"notices": "done"},
    ),
    "messages to agents": ("notify_agents", AgentNoticeBatch(notices=(an_agent_notice(),)), None, {"agents": "done"}),
    "an escalation": ("escalate", an_escalation(), OWNER, {"escalations": "done"}),
    "an escalation that fails for good": ("escalate", an_escalation(), REFUSED, {"escalations": "failed"}),
    "a closure record": ("record_closure", a_closure(), DutyDone(key="k"), {"records": "done"}),
    "what a case is not asked for": ("read_mailbox", "a mailbox", None, {"other": "done"}),
    "what is cancelled": ("escalate", an_escalation(), asyncio.CancelledError(), {}),
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
async def test_what_an_attempt_truly_did_is_counted_by_lane(end):
    name, payload, result, counted = ENDS[end]
    house = House()
    await house.attempt(name, payload, result)
    assert house.counted() == counted


class TestInVain:
    async def test_a_hiccup_is_none_and_the_third_failure_is(self):
        house = House()
        for number in (1, 2):
            await house.attempt("escalate", an_escalation(), AWAY, number)
        assert not house.in_vain.by_lane()
        await house.attempt("escalate", an_escalation(), AWAY, 3)
        await house.attempt("notify_complainant", NoticeBatch(notices=(FIRST,)), AWAY, 3, activity_id="2")
        assert house.in_vain.by_lane() == {"escalations": 1, "notices": 1}

    @pytest.mark.parametrize("end", [OWNER, REFUSED, asyncio.CancelledError()], ids=["done", "for good", "cancelled"])
    async def test_it_is_over_when_it_is_not_tried_again(self, end):
        house = House()
        for number, result in enumerate((AWAY, AWAY, AWAY, AWAY, end), 1):
            await house.attempt("escalate", an_escalation(), result, number)
        assert not house.in_vain.by_lane()

    async def test_it_is_known_until_the_next_attempt_must_have_begun_somewhere(self):
        house = House()
        await house.attempt("escalate", an_escalation(), AWAY, 1_500)  # days of an outage, and the longest pause
        house.seconds += LONGEST.total_seconds()
        assert house.in_vain.by_lane() == {"escalations": 1}
        house.seconds += 61
        assert not house.in_vain.by_lane(), "another worker tries it"

    async def test_it_is_known_while_an_attempt_goes_on(self):
        house, seen = House(), []

        def hour_after():
            house.seconds += 3_600
            seen.append(house.in_vain.by_lane()["escalations"])

        await house.attempt("escalate", an_escalation(), AWAY, 3)
        await house.attempt("escalate", an_escalation(), OWNER, 4, during=hour_after)
        assert seen == [1]
        assert not house.in_vain.by_lane()


def test_without_metrics_nothing_is_kept():
    work = Work(None)
    assert DutyAttempts(runtime(None).metric_meter).intercept_activity(work) is work
