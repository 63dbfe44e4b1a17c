"""Metrics for Prometheus: the SDK's own, and ours beside them on the same port.

Ours begin with `tuntas_`, carry their unit in their name, and have closed words as labels: never a reference, a name or
an owner. Without an address nothing is kept and nothing is computed.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from temporalio import activity
from temporalio.common import MetricMeter
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from telemetry import logs
from workflows.meters import LATENESS

Clock = Callable[[], datetime]
# Seconds: a timer takes some tenths of one, an outage hours, and a weekend of silence days.
_LATENESS_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0)
LANES = {  # which lane of a case calls an activity
    "record": "records",
    "record_closure": "records",
    "archive": "records",
    "extend_calendars": "records",
    "escalate": "escalations",
    "notify_complainant": "notices",
    "notify_agents": "agents",
    "check_customer": "lookups",
    "merge": "cases",
    "forward": "cases",
}


def runtime(address: str | None) -> Runtime:
    """The SDK's runtime: its log through ours, and metrics on `address` (host:port) if one is given."""
    metrics = None
    if address:
        metrics = PrometheusConfig(
            bind_address=address,
            counters_total_suffix=True,
            unit_suffix=True,
            durations_as_seconds=True,
            histogram_bucket_overrides={LATENESS: _LATENESS_BUCKETS},
        )
    return Runtime(telemetry=TelemetryConfig(logging=logs.core(), metrics=metrics, attach_service_name=False))


class DutyAttempts(Interceptor):
    """Counts how attempts at duties end. Give it to a worker."""

    def __init__(self, meter: MetricMeter) -> None:
        self._attempts = meter.create_counter(
            "tuntas_duty_attempts", "Attempts at duties by lane: done, retry (will be tried again), failed for good"
        )

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Counting(next, self._count)

    def _count(self, outcome: str) -> None:
        name = activity.info().activity_type
        self._attempts.add(1, {"lane": LANES.get(name, "other"), "activity": name, "outcome": outcome})


class _Counting(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, count: Callable[[str], None]) -> None:
        super().__init__(following)
        self._count = count

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            result = await super().execute_activity(input)
        except CancelledError:
            raise
        except Exception as error:
            final = isinstance(error, ApplicationError) and error.non_retryable
            self._count("failed" if final else "retry")
            raise
        self._count("done")
        return result
