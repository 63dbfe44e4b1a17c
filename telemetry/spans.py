"""Spans as they may leave the process: ids, names and types, no message of an exception."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

SAFE_ATTRIBUTES = frozenset((
    "temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID", "temporalActivityType",
    "messaging.system", "messaging.operation.name", "tuntas.audience", "db.system.name", "exception.type",
    "http.request.method", "http.route", "http.response.status_code", "error.type",
))  # fmt: skip
# What happens, and the type of what it happens to; or a method, and the pattern of addresses that it was asked of.
_NAME = re.compile(r"[\w ]{1,40}(:[\w.-]{1,40})?|[A-Z]{3,7} /[\w/{}.-]{0,120}")


class Clean(SpanExporter):
    """Hands spans on without what is not known to be safe."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([cleaned(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def cleaned(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name if _NAME.fullmatch(span.name) else span.name.partition(":")[0][:40],
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_safe(span.attributes),
        events=[Event(event.name, _safe(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _safe(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in SAFE_ATTRIBUTES}
