"""What lines of a log hold and leave out, and when a worker counts as silent."""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueResponse
from temporalio.service import RPCError, RPCStatusCode

from complaints.vocabulary import Metric
from telemetry import context, polling
from telemetry.attempts import LANES
from telemetry.logs import JsonLines, LogStream
from workflows import meters
from workflows.duties import ACTIVITIES, read_mailbox
from workflows.lanes import Lanes
from workflows.pending import Pending

RUN = "01a204c7-09e8-7123-90a1-e5aab598579d"
CASE = "complaint-TTS-7D3K9QX2M4R8V"


def line(name, text, *arguments, path="x.py", exc_info=None, **extra):
    record = logging.LogRecord(name, logging.WARNING, path, 1, text, arguments, exc_info)
    record.__dict__.update(extra)
    return json.loads(JsonLines().format(record))


class TestLines:
    def test_our_own_words_are_kept(self):
        assert (
            line("activities.outbox", "notice %s waits: %s", "K", "smtp 450")["message"] == "notice K waits: smtp 450"
        )

    @pytest.mark.parametrize(
        ("text", "arguments", "shown"),
        [
            ("error connecting in %r: %s", ("pool", ValueError("Sari")), "error connecting in '…': ValueError"),
            ("Failed handling activation on workflow with run ID %s", (RUN,), f"Failed handling … run ID {RUN}"),
            ("refused %s of %d", ("Sari", 7), "refused … of 7"),
            ("%d of it", ("Sari",), "… of it"),
            ("%.3f s for %-10s!", (1.5, "Sari"), "1.500 s for …         !"),
            ("Task exception was never retrieved\nfuture: <Sari>", (), "Task exception was never retrieved"),
            ("Exception handling failed, original error: Sari", (), "Exception handling failed, original error"),
            ("wait 0:01:10 before", (), "wait 0:01:10 before"),
            ("%(name)s wrote", ({"name": "Sari"},), "… wrote"),
        ],
    )
    def test_what_libraries_say_is_guarded(self, text, arguments, shown):
        said = line("somelib", text, *arguments)["message"]
        assert "Sari" not in said
        assert said == shown.replace("Failed handling … run", "Failed handling activation on workflow with run")

    def test_an_exception_is_its_type_and_place(self):
        try:
            int("Sari")
        except ValueError:
            found = line("tuntas", "it failed", exc_info=sys.exc_info())
        assert found["exception"] == "ValueError"
        assert "test_telemetry.py" in found["where"][-1]
        assert "Sari" not in json.dumps(found)

    def test_the_case_is_named_by_what_the_sdk_knows(self):
        of_workflow = line("x", "y", temporal_workflow={"workflow_id": CASE, "run_id": RUN, "namespace": "n"})
        assert (of_workflow["reference"], of_workflow["run_id"]) == (CASE.removeprefix("complaint-"), RUN)
        assert "namespace" not in of_workflow
        of_activity = line("x", "y", temporal_activity={"workflow_id": CASE, "activity_type": "record", "attempt": 2})
        assert (of_activity["reference"], of_activity["activity"], of_activity["attempt"]) == (
            *("TTS-7D3K9QX2M4R8V", "record", 2),
        )
        assert line("x", "y", reference="TTS-1")["reference"] == "TTS-1"
        assert "reference" not in line("x", "y", temporal_workflow={"workflow_id": "another"})

    def test_a_run_of_which_only_the_id_is_told_is_known(self):
        inner = SimpleNamespace(create_instance=lambda det: "made")
        runner = context.KnownRuns(inner)
        made = runner.create_instance(SimpleNamespace(info=SimpleNamespace(run_id=RUN, workflow_id=CASE)))
        assert made == "made"
        assert line("temporalio.worker", "Failed handling activation on workflow with run ID %s", RUN)["reference"]
        core = SimpleNamespace(fields={"run_id": RUN, "failure": "Sari"})
        found = line("temporalio.core", "Failing workflow task", temporal_log=core)
        assert found["reference"] == CASE.removeprefix("complaint-")
        assert "Sari" not in json.dumps(found)

    def test_what_is_printed_is_a_line(self, caplog):
        with caplog.at_level(logging.INFO):
            print("notice K: told", file=LogStream(logging.getLogger("tuntas.worker")), flush=True)
        assert [record.getMessage() for record in caplog.records] == ["notice K: told"]


class TestLabels:
    def test_every_activity_has_its_lane(self):
        of_cases = {activity.name for activity in ACTIVITIES} - {read_mailbox.name}  # a mailbox's own workflow calls it
        assert set(LANES) == of_cases
        assert set(LANES.values()) == set(meters.LANES)

    def test_every_lane_of_a_case_is_counted(self):
        assert {lane.name for lane in Lanes(Pending(), timedelta(0)).all} == set(meters.LANES)

    def test_what_effects_are_instants_of_are_clocks_or_what_a_case_calls_them(self):
        assert {metric for metric in meters.EFFECTS.values() if metric} <= {*Metric, "delivery", "aftercare"}


LOOKED_AT = sum(len(kinds) for kinds in polling.QUEUES.values())  # questions of one look


class Server:
    """Answers with the polls it is told of, look by look; None: it does not answer."""

    def __init__(self, polls):
        self.polls = polls
        self.asked = 0
        self.namespace, self.identity = "default", "us"
        self.workflow_service = self

    async def describe_task_queue(self, request, timeout):  # noqa: ASYNC109
        del request, timeout
        look = min(self.asked // LOOKED_AT, len(self.polls) - 1)
        polled_at = self.polls[look]
        if polled_at is None:
            self.asked = (look + 1) * LOOKED_AT
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        self.asked += 1
        at = Timestamp()
        at.FromDatetime(datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=polled_at))
        return DescribeTaskQueueResponse(
            pollers=[PollerInfo(identity="us", last_access_time=at), PollerInfo(identity="they", last_access_time=at)]
        )


async def silent_after(polls, looks=3):
    server = Server(polls)
    async with asyncio.timeout(5):
        await polling.until_silent(server, pause=0, looks=looks)
    return server.asked // LOOKED_AT


class Halves:
    """A server that "all" asks for every task, and "half" for workflow tasks only."""

    namespace = "default"

    @property
    def workflow_service(self):
        return self

    async def describe_task_queue(self, request, timeout):  # noqa: ASYNC109
        del timeout
        names = ("all", "half") if request.task_queue_type == polling.WORKFLOW else ("all",)
        answer = DescribeTaskQueueResponse(pollers=[PollerInfo(identity=name) for name in names])
        answer.stats.approximate_backlog_count = 2
        return answer


class Enough(Exception):
    """Looked at often enough."""


class Busy:
    """A server that is asked for workflow tasks again and again, while all activities wait for something."""

    namespace, identity = "default", "us"

    def __init__(self):
        self.looks = 0

    @property
    def workflow_service(self):
        return self

    async def describe_task_queue(self, request, timeout):  # noqa: ASYNC109
        del timeout
        at = Timestamp(seconds=1)
        if request.task_queue_type == polling.WORKFLOW:
            self.looks += 1
            if self.looks > 10:
                raise Enough
            at = Timestamp(seconds=self.looks)
        return DescribeTaskQueueResponse(pollers=[PollerInfo(identity="us", last_access_time=at)])


class TestPolling:
    async def test_a_worker_whose_activities_all_wait_is_not_silent(self):
        with pytest.raises(Enough):
            await polling.until_silent(Busy(), pause=0, looks=3)

    async def test_who_asks_for_a_part_of_a_queue_does_not_work_on_it(self):
        state = await polling.look(Halves(), polling.CASES_QUEUE)
        assert (set(state.polled_at), state.backlog) == ({"all"}, 4)

    async def test_a_worker_that_stops_polling_is_silent_after_so_many_looks(self):
        assert await silent_after([0, 60, 120, 120, 120, 120]) == 6

    async def test_an_idle_poll_that_is_renewed_is_none(self):
        assert await silent_after([0, 0, 0, 60, 60, 60, 120, 120, 120, 120]) == 10

    async def test_a_server_that_is_away_accuses_nobody(self):
        assert await silent_after([0, 0, None, None, None, None, None, 0, 0]) == 9

    async def test_one_who_never_polled_is_silent_too(self):
        server = Server([0])
        server.identity = "nobody"
        async with asyncio.timeout(5):
            await polling.until_silent(server, pause=0, looks=4)
        assert server.asked == 4 * LOOKED_AT
