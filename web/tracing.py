"""Requests as spans: FastAPI's own instrumentation, told to make these and nothing besides.

Left to itself it also sends logs, which quote exceptions, and by an environment variable of its own it exports past
`telemetry.spans`, links and queries included. So both applications are told: the outer one makes the span of a request
where traces are wanted, within it the mounted one only adds its route.
"""

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from fastapi.telemetry import TelemetryConfig

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

ASIDE = ("/health/", "/static/", "/desk/events")
"""What is nobody's request: checks of our health, files of ours, and a stream that stays open for as long as a page."""


def request_spans(provider: "TracerProvider | None") -> TelemetryConfig:
    """Return the setting of an application whose requests are shown to this provider, or to nobody."""
    return {
        "tracing": provider is not None,
        "tracer_provider": provider,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
        "exclude": _aside,
    }


def _aside(scope: MutableMapping[str, Any]) -> bool:
    return str(scope["path"]).startswith(ASIDE)
