"""What is taken from a caller who has a trace of their own: the W3C `traceparent`, and nothing else.

Their `baggage` and `tracestate` may hold anything, somebody's name too, and would go on with the trace into the headers
of a case's history, which nobody cleans.
"""

from opentelemetry.context import Context
from opentelemetry.propagators.textmap import CarrierT, Getter, default_getter
from opentelemetry.trace import NonRecordingSpan, SpanContext, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator


class ParentOnly(TraceContextTextMapPropagator):
    """Reads whose part a trace is. A header that cannot be read counts as none."""

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        context = context if context is not None else Context()
        found = get_current_span(super().extract(carrier, Context(), getter)).get_span_context()
        if not found.is_valid:
            return context
        parent = SpanContext(found.trace_id, found.span_id, is_remote=True, trace_flags=found.trace_flags)
        return set_span_in_context(NonRecordingSpan(parent), context)
