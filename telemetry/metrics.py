"""Metrics for Prometheus: the SDK's own, and ours beside them on the same port.

Ours begin with `tuntas_`, carry their unit in their name, and have closed words as labels: never a reference, a name or
an owner. Without an address nothing is kept and nothing is computed.
"""

from collections.abc import Mapping
from typing import Any

from temporalio import activity
from temporalio.common import MetricMeter
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from telemetry import logs
from telemetry.attempts import IN_VAIN, End, InVain, ends, lanes_of
from workflows.meters import LATENESS

# Seconds: a timer takes some tenths of one, an outage hours, and a weekend of silence days.
_LATENESS_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0)


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
    """Counts how attempts at duties end, and remembers which are made in vain. Give it to a worker."""

    def __init__(self, meter: MetricMeter, in_vain: InVain = IN_VAIN) -> None:
        self._wanted = meter is not MetricMeter.noop
        self._in_vain = in_vain
        self._attempts = meter.create_counter(
            "tuntas_duty_attempts",
            "Attempts at duties by lane: done, apart (not along with the record, but by itself), retry (will be tried "
            "again), failed for good",
        )

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Counting(next, self) if self._wanted else next

    def began(self, info: activity.Info, lanes: tuple[str, ...]) -> None:
        self._in_vain.began(info, lanes)

    def answered(self, info: activity.Info, ended: Mapping[str, End]) -> None:
        self._in_vain.over(info)
        self._count(info, ended)

    def failed(self, info: activity.Info, lanes: tuple[str, ...], error: BaseException) -> None:
        if isinstance(error, CancelledError) or not isinstance(error, Exception):
            self._in_vain.over(info)
        elif isinstance(error, ApplicationError) and error.non_retryable:
            self.answered(info, dict.fromkeys(lanes, End.FAILED))
        else:
            self._in_vain.failed(info, lanes, error)
            self._count(info, dict.fromkeys(lanes, End.RETRY))

    def _count(self, info: activity.Info, ended: Mapping[str, End]) -> None:
        for lane, outcome in ended.items():
            self._attempts.add(1, {"lane": lane, "activity": info.activity_type, "outcome": str(outcome)})


class _Counting(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, attempts: DutyAttempts) -> None:
        super().__init__(following)
        self._attempts = attempts

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info, payload = activity.info(), next(iter(input.args), None)
        lanes = lanes_of(info.activity_type, payload)
        self._attempts.began(info, lanes)
        try:
            result = await super().execute_activity(input)
        except BaseException as error:
            self._attempts.failed(info, lanes, error)
            raise
        self._attempts.answered(info, ends(info.activity_type, payload, result))
        return result
