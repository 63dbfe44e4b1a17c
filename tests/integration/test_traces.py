"""One trace from the client that files a complaint to the mail and the record, with nobody's words in it."""

import asyncio
import gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.worker import Replayer

from complaints.errors import BadInput
from complaints.messages import workflow_id
from telemetry import traces
from telemetry.traces import NoTraces, exporting
from tests.fixtures.tracing import by_name, chain, sent_to_complainant
from tests.fixtures.waiting import eventually
from workflows.runner import WORKFLOWS, plugin

pytestmark = pytest.mark.services

MARK = "Zyzzogeton"  # a word that occurs nowhere but in what a complainant wrote or is called


def an_intake(**over):
    person = {"name": f"Sari {MARK}", "email": f"{MARK.lower()}@example.co.id"}
    given = {"channel": "email", "key": "traced-1", "text": f"Rusak {MARK}.", "subject": MARK, "category": "billing"}
    return given | {"complainant": person} | over


async def test_one_trace_from_the_client_to_the_mail_and_the_record(traced, collected):
    tuntas, mails = traced.tuntas, traced.mails
    filed = await tuntas.file(an_intake())
    done = {"notice send", "RunActivity:carry_out"}
    await eventually(lambda: done <= set(by_name(collected)) and sent_to_complainant(collected))
    assert mails.mails
    spans = collected.get_finished_spans()
    sent = sent_to_complainant(collected)[0]
    assert chain(sent, spans) == [
        "notice send", "postgresql transaction", "RunActivity:carry_out", "StartActivity:carry_out",
        "StartWorkflow:ComplaintWorkflow",
    ]  # fmt: skip
    assert chain(by_name(collected)["RunWorkflow:ComplaintWorkflow"], spans)[1:] == ["StartWorkflow:ComplaintWorkflow"]
    stored = [chain(span, spans) for span in spans if span.name == "postgresql transaction"]
    assert ["RunActivity:carry_out", "StartWorkflow:ComplaintWorkflow"] in [[c[1], c[-1]] for c in stored]
    assert sent.attributes == {
        "messaging.operation.name": "send", "messaging.system": "email", "tuntas.audience": "complainant",
    }  # fmt: skip
    assert by_name(collected)["StartWorkflow:ComplaintWorkflow"].attributes["temporalWorkflowID"] == workflow_id(
        filed.reference
    )
    root = by_name(collected)["StartWorkflow:ComplaintWorkflow"].context.trace_id
    assert {span.context.trace_id for span in spans if span.name.startswith("RunActivity")} == {root}


async def test_nobodys_words_are_in_a_trace_also_when_things_fail(traced, collected):
    tuntas, mails = traced.tuntas, traced.mails
    mails.refuse_recipient = [f"450 no {MARK} here", f"550 no {MARK} here"]
    filed = await tuntas.file(an_intake(key="traced-2"))
    agent = {"actor": {"id": "budi", "role": "agent"}}
    await tuntas.act(filed.reference, {"act": "respond", "key": "a", "text": f"Kami periksa, {MARK}.", **agent})
    await tuntas.reply(filed.reference, key="r-1", text=f"Lekas, {MARK}")
    handle = tuntas.client.get_workflow_handle(workflow_id(filed.reference))
    await handle.signal(f"unheard {MARK}", {"words": MARK})
    await eventually(lambda: len(mails.mails) >= 2)
    await eventually(lambda: "HandleSignal:complainant_replied" in by_name(collected))
    spans = collected.get_finished_spans()
    failed = [span for span in spans if span.events]
    assert failed, "the refused recipient shows"
    assert {event.attributes.get("exception.type") for span in failed for event in span.events} >= {
        "channels.outbound.TransportError"
    }
    for span in spans:
        assert MARK not in span.to_json(), span.name
        assert MARK.lower() not in span.to_json(), span.name


async def at_rest(handle):
    """Wait until nothing of a case is under way but its timer."""
    async with asyncio.timeout(30):
        while True:
            found = (await handle.describe()).raw_description
            if not found.pending_activities and not found.HasField("pending_workflow_task"):
                return
            await asyncio.sleep(0.05)


async def test_a_history_replays_with_and_without_traces(traced, collected):
    tuntas = traced.tuntas
    filed = await tuntas.file(an_intake(key="traced-3"))
    handle = tuntas.client.get_workflow_handle(workflow_id(filed.reference))
    await eventually(lambda: "RunActivity:carry_out" in by_name(collected))
    await at_rest(handle)  # a task that is under way would be no replay
    with_headers = await handle.fetch_history()
    assert "_tracer-data" in with_headers.to_json()
    replayed = InMemorySpanExporter()
    made = exporting(replayed, "test", at_once=True)
    for interceptors in ([], list(made.interceptors)):
        replayer = Replayer(workflows=WORKFLOWS, plugins=[plugin()], interceptors=interceptors)
        await replayer.replay_workflow(with_headers)
    assert replayed.get_finished_spans() == (), "what happened before is told once"


# deciding by the environment, and a real collector


class Collector(BaseHTTPRequestHandler):
    received: list[ExportTraceServiceRequest]

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.received.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_what_is_configured_goes_to_the_collector_by_otlp(monkeypatch):
    received = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("One", (Collector,), {"received": received}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        with traces.tracing("tuntas-test") as made, made.span("one step"):
            pass
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    (resource,) = received[0].resource_spans
    assert [span.name for scope in resource.scope_spans for span in scope.spans] == ["one step"]
    names = {a.key: a.value.string_value for a in resource.resource.attributes}
    assert names["service.name"] == "tuntas-test"


def test_nothing_is_made_nor_imported_unless_it_is_wanted(monkeypatch):
    for name in traces.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    with traces.tracing("x") as made:
        assert isinstance(made, NoTraces)
        assert made.interceptors == ()
        assert made.pool(pool := object()) is pool
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    assert traces.wanted()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert not traces.wanted()


def test_wanted_but_not_installed_is_said(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(traces, "find_spec", lambda _: None)
    with pytest.raises(BadInput, match="not installed"), traces.tracing("x"):
        pass
