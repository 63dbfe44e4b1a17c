"""Looking up customers over HTTP, against a real server: the contract of docs/verification.md."""

import asyncio
import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.customers import MOST, Customers
from channels.lookup import CustomerQuery, LookupFailed
from channels.lookup.console import ConsoleLookup
from channels.lookup.http import HttpLookup
from complaints.errors import BadInput
from complaints.messages.duties import CustomerDuty
from complaints.vocabulary import Customer

QUERY = CustomerQuery(reference="TTS-1", customer_number="C-1", email="sari@example.co.id")
DUTY = CustomerDuty(key="TTS-1/customer/1", **QUERY.model_dump())


class Service(ThreadingHTTPServer):
    """Answers what the test tells it to, and keeps what it was asked."""

    daemon_threads = True
    status, body, location = 200, b'{"customer": "yes"}', None
    gate: threading.Event | None = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/lookup"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.headers, json.loads(body)))
        if self.server.gate is not None:
            self.server.gate.wait(10)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


@pytest.fixture
def service():
    with serving() as found:
        yield found


async def ask(service, **options):
    async with HttpLookup(service.url, **options) as lookup:
        return await lookup.look_up(QUERY)


@pytest.mark.parametrize("customer", Customer)
async def test_it_asks_and_takes_the_answer(service, customer):
    service.body = json.dumps({"customer": customer, "since": "2021-03-01", "number": "C-1", "more": [1]}).encode()
    answer = await ask(service, token=f"token-{customer}")
    assert (answer.customer, answer.since.year, answer.number) == (customer, 2021, "C-1")
    ((headers, asked),) = service.asked
    assert asked == {"reference": "TTS-1", "customer_number": "C-1", "email": "sari@example.co.id"}
    assert headers["Authorization"] == f"Bearer token-{customer}"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(500, False), (503, False), (429, False), (408, False), (400, True), (401, True), (404, True), (204, True)],
)
async def test_a_status_is_permanent_or_passes(service, status, permanent):
    service.status = status
    with pytest.raises(LookupFailed, match=str(status)) as caught:
        await ask(service)
    assert caught.value.permanent is permanent


@pytest.mark.parametrize(
    "body", [b"", b"yes", b"[]", b'{"customer": "maybe"}', b'{"since": 1}', b"\xff\xfe", b'"' + b"x" * 20_000 + b'"']
)
async def test_an_answer_that_is_none_is_permanent_and_not_repeated_in_the_error(service, body):
    service.body = body
    with pytest.raises(LookupFailed) as caught:
        await ask(service)
    assert caught.value.permanent
    assert "maybe" not in str(caught.value)


async def test_a_redirect_is_not_followed(service):
    service.status, service.location = 307, service.url
    with pytest.raises(LookupFailed, match="307") as caught:
        await ask(service)
    assert caught.value.permanent
    assert len(service.asked) == 1


async def test_a_service_that_is_away_or_hangs_passes(service):
    service.gate = threading.Event()
    with pytest.raises(LookupFailed) as caught:
        await ask(service, timeout=0.2)
    assert not caught.value.permanent
    service.gate.set()
    with serving() as gone:
        pass
    with pytest.raises(LookupFailed) as caught:
        await ask(gone)
    assert not caught.value.permanent
    assert "sari" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "customers.example.com", "ftp://example.com", "https://user:pw@example.com/x"])
def test_what_is_no_address_is_told_with_its_setting(url):
    with pytest.raises(BadInput) as caught:
        HttpLookup(url)
    assert caught.value.field == "TUNTAS_CUSTOMER_LOOKUP_URL"
    assert "pw" not in caught.value.problem


async def test_the_console_asks_nobody_and_shows_nothing_of_the_person():
    shown = io.StringIO()
    assert (await ConsoleLookup(shown).look_up(QUERY)).customer is Customer.UNKNOWN
    assert "TTS-1" in shown.getvalue()
    assert "C-1" not in shown.getvalue()


async def test_the_activity_tells_permanent_from_passing_without_personal_data(service):
    async with HttpLookup(service.url) as lookup:
        customers = Customers(lookup)
        found = await ActivityEnvironment().run(customers.check_customer, DUTY)
        assert (found.key, found.customer) == (DUTY.key, Customer.YES)
        for service.status, permanent in ((503, False), (403, True)):
            with pytest.raises(ApplicationError) as caught:
                await ActivityEnvironment().run(customers.check_customer, DUTY)
            assert caught.value.non_retryable is permanent
            assert "C-1" not in str(caught.value)


async def test_one_that_hangs_takes_few_of_a_workers_places(service):
    service.gate = threading.Event()
    async with HttpLookup(service.url) as lookup:
        customers = Customers(lookup)
        asked = [asyncio.create_task(ActivityEnvironment().run(customers.check_customer, DUTY)) for _ in range(MOST)]
        while len(service.asked) < MOST:
            await asyncio.sleep(0.01)
        with pytest.raises(ApplicationError, match="others") as caught:
            await ActivityEnvironment().run(customers.check_customer, DUTY)
        assert not caught.value.non_retryable
        service.gate.set()
        assert [found.customer for found in await asyncio.gather(*asked)] == [Customer.YES] * MOST
