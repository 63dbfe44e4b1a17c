"""A trace begins where a complaint comes in: with the request of a service or a browser, or with a mail."""

import base64
import json
from email.message import EmailMessage

import httpx2
import pytest
import pytest_asyncio
from opentelemetry.trace import SpanKind, StatusCode

from complaints.messages import workflow_id
from settings import Settings
from starter.client import Tuntas
from tests.fixtures.imap import ADDRESS, any_server
from tests.fixtures.tracing import by_name, chain, sent_to_complainant
from tests.fixtures.waiting import eventually
from tests.fixtures.web import ALL, BASE, Api, make_key, services_of
from web.app import create_app
from worker import _mail_worker

pytestmark = pytest.mark.services

MARK = "Zyzzogeton"  # a word that occurs nowhere but in what a complainant wrote or is called
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLER = {
    "traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": f"shop={MARK}", "baggage": f"customer={MARK}",
    "user-agent": MARK, "x-forwarded-for": MARK, "referer": f"http://shop.test/{MARK}",
}  # fmt: skip
AGENT = {"id": "budi", "role": "agent"}
TO_THE_MAIL = [
    "notice send", "postgresql transaction", "RunActivity:carry_out", "StartActivity:carry_out",
    "StartWorkflow:ComplaintWorkflow",
]  # fmt: skip


@pytest_asyncio.fixture
async def service(traced):
    """A service with every right, on an application that makes traces."""
    services = services_of(traced.tuntas)
    key, secret = await make_key(services, *ALL)
    async with Api(services, secret.token, key.id, create_app(services, traced.made.provider)) as api:
        yield api


def an_intake():
    person = {"name": f"Sari {MARK}", "email": f"{MARK.lower()}@example.co.id"}
    return {"text": f"Rusak {MARK}.", "subject": MARK, "category": "billing", "complainant": person}


async def traced_back(collected, number):
    """The ways from messages to complainants back to where they began, of so many cases, once all of them is over."""

    def found():
        spans = collected.get_finished_spans()
        return {of(sent): chain(sent, spans) for sent in sent_to_complainant(collected)}

    ways = await eventually(found, lambda ways: len(ways) == number and all(len(way) > 5 for way in ways.values()))
    return list(ways.values())


def of(span):
    return f"{span.context.trace_id:032x}"


def assert_nobodys_words(collected):
    for span in collected.get_finished_spans():
        assert MARK.lower() not in span.to_json().lower(), span.name
        assert MARK not in str(span.context.trace_state), span.name


async def test_a_request_is_part_of_its_callers_trace_and_the_case_of_it(traced, service, collected):
    said = {"idempotency-key": "traced-by-http"}
    answer = await service.post(f"/complaints?note={MARK}", json=an_intake(), headers=CALLER | said)
    assert answer.status_code == 201, answer.text
    (mailed,) = await traced_back(collected, 1)
    assert traced.mails.mails
    spans = collected.get_finished_spans()
    request = by_name(collected)["POST /api/v1/complaints"]
    assert (of(request), f"{request.parent.span_id:016x}", request.kind) == (TRACE, PARENT, SpanKind.SERVER)
    assert request.attributes == {
        "http.request.method": "POST", "http.route": "/api/v1/complaints", "http.response.status_code": 201,
    }  # fmt: skip
    assert mailed == [*TO_THE_MAIL, "POST /api/v1/complaints"]
    assert ["postgresql transaction", "POST /api/v1/complaints"] in [chain(span, spans) for span in spans]
    assert {of(span) for span in spans} == {TRACE}
    assert_nobodys_words(collected)
    handle = traced.client.get_workflow_handle(workflow_id(answer.json()["reference"]))
    begun = json.loads((await handle.fetch_history()).to_json())["events"][0]
    kept = begun["workflowExecutionStartedEventAttributes"]["header"]["fields"]["_tracer-data"]["data"]
    assert set(json.loads(base64.b64decode(kept))) == {"traceparent"}, "no more than the parent stays with the case"


async def test_commands_and_messages_are_parts_of_their_requests(service, collected):
    filed = (await service.file("traced-2", **an_intake())).json()["reference"]
    case = f"/complaints/{filed}"
    await traced_back(collected, 1)
    acted = await service.say(f"{case}/commands", act="note", text=f"Tentang {MARK}", actor=AGENT)
    told = await service.say(f"{case}/messages", text=f"Lekas, {MARK}")
    assert (acted.status_code, told.status_code) == (200, 202), (acted.text, told.text)
    handled = {"HandleUpdate:act", "HandleSignal:complainant_replied"}
    await eventually(lambda: handled <= set(by_name(collected)))
    spans, found = collected.get_finished_spans(), by_name(collected)
    for client, handled, route in (
        ("StartWorkflowUpdate:act", "HandleUpdate:act", "commands"),
        ("SignalWorkflow:complainant_replied", "HandleSignal:complainant_replied", "messages"),
    ):
        assert chain(found[client], spans) == [client, f"POST /api/v1/complaints/{{reference}}/{route}"]
        request = found[f"POST /api/v1/complaints/{{reference}}/{route}"]
        assert request.parent is None, "who names no trace begins one"
        assert [of(link) for link in found[handled].links] == [of(request)]
    assert filed not in {value for span in spans if span.kind is SpanKind.SERVER for value in span.attributes.values()}
    assert_nobodys_words(collected)


async def test_pages_are_shown_by_their_routes_and_what_is_nobodys_request_not_at_all(service, collected, monkeypatch):
    def broken(*_, **__):
        raise ValueError(MARK)

    transport = httpx2.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as browser:
        for path in ("/health/live", "/health/ready", "/static/desk.css", "/desk/events"):
            await browser.get(path)
        assert collected.get_finished_spans() == ()
        assert (await browser.get(f"/en/case/{MARK}?done={MARK}")).status_code == 404
        assert (await browser.get(f"/en/{MARK}")).status_code == 404
        assert (await browser.get(f"/{MARK}")).status_code == 404
        assert (await browser.request(MARK.upper(), "/en/complaint")).status_code == 405
        ill = await browser.get("/en/privacy", headers={"traceparent": f"00-{MARK}-{PARENT}-01"})
        assert ill.status_code == 200
        monkeypatch.setattr(Tuntas, "file", broken)
        assert (await service.file(**an_intake())).status_code == 500
        monkeypatch.setattr("web.public.filing.forms.show", broken)
        assert (await browser.get("/en/complaint")).status_code == 500
    spans = [span for span in collected.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert [span.name for span in spans] == [
        "GET /en/case/{token}", "GET /en/{rest}", "GET", "HTTP /en/complaint", "GET /en/privacy",
        "POST /api/v1/complaints", "GET /en/complaint",
    ]  # fmt: skip
    assert [span.attributes["http.response.status_code"] for span in spans] == [404, 404, 404, 405, 200, 500, 500]
    assert [span.status.status_code is StatusCode.ERROR for span in spans] == [False] * 5 + [True] * 2
    assert spans[-1].attributes["error.type"] == "ValueError"
    assert_nobodys_words(collected)


def test_fastapi_sends_nothing_past_us(services_without_anything, monkeypatch):
    """Left to itself it exports addresses and quotes exceptions, if this variable of its own is set."""
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    app = create_app(services_without_anything)
    mounted = next(route.app for route in app.routes if getattr(route, "name", None) == "api")
    for one in (app, mounted):
        assert not one._telemetry["auto_configure"]
        assert not one._native_telemetry.enabled()


@pytest.fixture
def services_without_anything():
    from types import SimpleNamespace

    import policies

    return services_of(SimpleNamespace(policy=policies.load("id.default"), pool=None))


def a_mail(number):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Sari {MARK} <{MARK.lower()}{number}@mail.example>", ADDRESS, MARK
    mail["Message-ID"] = f"<{MARK}-{number}@mail.example>"
    mail.set_content(f"Rusak {MARK}, {number}.")
    return mail.as_bytes()


async def test_each_mail_begins_a_trace_from_which_its_case_follows(traced, collected):
    with any_server() as imap:
        imap.deliver(a_mail(1), a_mail(2), b"From: x\r\n\r\n")
        settings = Settings(imap_url=imap.url, mail_from=f"Tuntas <{ADDRESS}>", graceful_shutdown_seconds=5)
        reading = await _mail_worker(traced.client, traced.pool, settings, None, traced.made)
        async with reading:
            mailed = await traced_back(collected, 2)
            await eventually(lambda: len(came(collected)) == 3)
    spans, mails = collected.get_finished_spans(), came(collected)
    assert mailed == [[*TO_THE_MAIL, "mail process"]] * 2
    assert len({of(mail) for mail in mails}) == 3, "a trace for each"
    watch = by_name(collected)["StartWorkflow:MailboxWorkflow"]
    for mail in mails:
        assert (mail.parent, mail.kind) == (None, SpanKind.CONSUMER)
        assert [of(link) for link in mail.links] == [of(watch)]
        assert mail.attributes == {"messaging.operation.name": "process", "messaging.system": "email"}
        assert ["postgresql transaction", "mail process"] in [chain(one, spans) for one in spans if of(one) == of(mail)]
    assert_nobodys_words(collected)


def came(collected):
    return [span for span in collected.get_finished_spans() if span.name == "mail process"]
