"""Traces: one for each complaint, from the request or mail that brings it through the workflow to SMTP and PostgreSQL.

On only if `OTEL_EXPORTER_OTLP_ENDPOINT` (or its `…_TRACES_…` form) names a collector, which is spoken to by
OTLP over HTTP; the other `OTEL_*` variables count as for every OpenTelemetry program. Off, no SDK is imported. The
SDK's older interceptor is used on purpose: the newer plugin shows the spans of a workflow when it has ended, and a
case lasts for weeks.

Spans hold ids, names and types. An exception's message is taken out before anything is sent: it might quote somebody.
"""

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from channels.outbound import Message, Notifier
from complaints.errors import BadInput
from database.pool import Pool

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from temporalio.client import Interceptor

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Traces:
    """What a program that makes traces gives to its clients, notifiers and pools. Close it, or the last are lost."""

    def __init__(self, provider: "TracerProvider") -> None:
        from temporalio.contrib.opentelemetry import TracingInterceptor

        self.provider = provider
        self._tracer = provider.get_tracer("tuntas")
        self.interceptors: Sequence[Interceptor] = [TracingInterceptor(provider.get_tracer("tuntas.temporal"))]

    def span(self, name: str, attributes: Mapping[str, str] | None = None) -> AbstractContextManager[Any]:
        return self._tracer.start_as_current_span(name, attributes=attributes)

    def part(self, name: str, attributes: Mapping[str, str]) -> AbstractContextManager[Any]:
        """Make a span within the present one; what nobody traces (a sweep, a gauge) makes none."""
        from opentelemetry.trace import get_current_span

        return self.span(name, attributes) if get_current_span().get_span_context().is_valid else nullcontext()

    @contextmanager
    def mail(self) -> Iterator[None]:
        """Begin the trace of a mail that came: its own, with a link to the watch over its mailbox, which never ends."""
        from opentelemetry.context import Context
        from opentelemetry.trace import Link, SpanKind, get_current_span

        about = {"messaging.operation.name": "process", "messaging.system": "email"}
        watch = get_current_span().get_span_context()
        links = [Link(watch)] if watch.is_valid else []
        with self._tracer.start_as_current_span("mail process", Context(), SpanKind.CONSUMER, about, links):
            yield

    def notifier(self, notifier: Notifier) -> Notifier:
        return _TracedNotifier(notifier, self)

    def pool(self, pool: Pool) -> Pool:
        return cast("Pool", _TracedPool(pool, self))

    def close(self) -> None:
        self.provider.shutdown()


class NoTraces:
    """The same, when none are wanted."""

    interceptors: "Sequence[Interceptor]" = ()
    provider: None = None

    def span(self, name: str, attributes: Mapping[str, str] | None = None) -> AbstractContextManager[Any]:
        del name, attributes
        return nullcontext()

    def mail(self) -> AbstractContextManager[None]:
        return nullcontext()

    def notifier(self, notifier: Notifier) -> Notifier:
        return notifier

    def pool(self, pool: Pool) -> Pool:
        return pool

    def close(self) -> None:
        """Nothing is kept."""


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    return any(environment.get(name) for name in ENDPOINTS) and environment.get("OTEL_SDK_DISABLED") != "true"


@contextmanager
def tracing(service: str) -> Iterator[Traces | NoTraces]:
    """Make traces under this service's name for as long as the block lasts, if they are wanted. Raises `BadInput`."""
    traces = configured(service)
    try:
        yield traces
    finally:
        traces.close()


def configured(service: str) -> Traces | NoTraces:
    if not wanted():
        return NoTraces()
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
        raise BadInput(
            "a collector of traces is named, but OpenTelemetry is not installed", field=ENDPOINTS[0],
            remedy="pip install 'tuntas[telemetry]', or leave the variable out",
        )  # fmt: skip
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return exporting(OTLPSpanExporter(), service)


def exporting(exporter: "SpanExporter", service: str, *, at_once: bool = False) -> Traces:
    """Return traces that go to this exporter, cleaned; `at_once` is for tests.

    They continue those of callers: for the whole process, since that is how instrumentation asks.
    """
    from opentelemetry.propagate import set_global_textmap
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    from telemetry.callers import ParentOnly
    from telemetry.spans import Clean

    set_global_textmap(ParentOnly())
    name = os.environ.get("OTEL_SERVICE_NAME") or service
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}), shutdown_on_exit=False)
    processor = SimpleSpanProcessor if at_once else BatchSpanProcessor
    provider.add_span_processor(processor(Clean(exporter)))
    return Traces(provider)


class _TracedNotifier:
    def __init__(self, notifier: Notifier, traces: Traces) -> None:
        self._notifier = notifier
        self._traces = traces

    async def send(self, message: Message) -> None:
        audience = message.recipient.partition(":")[0]
        about = {"messaging.operation.name": "send", "messaging.system": str(message.channel)}
        with self._traces.part("notice send", about | {"tuntas.audience": audience}):
            await self._notifier.send(message)


class _TracedPool:
    """A pool whose transactions show, from the wait for a connection to the commit."""

    def __init__(self, pool: Pool, traces: Traces) -> None:
        self._pool = pool
        self._traces = traces

    @property
    def conninfo(self) -> str:
        return str(self._pool.conninfo)

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[Any]:  # noqa: ASYNC109  the pool's own
        with self._traces.part("postgresql transaction", {"db.system.name": "postgresql"}):
            async with self._pool.connection(timeout) as connection:
                yield connection
