"""Gauges: how things stand now. Read every half minute by each worker that shows metrics.

Those from PostgreSQL say the same on every worker, so they are looked at with `max`; those of lanes are of the cases
that a worker has in its memory and of the activities it tries, so they are looked at with `sum`. A gauge that cannot be
read keeps its last value, and `tuntas_gauges_read_timestamp_seconds` says how old that is.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio.common import MetricMeter

from complaints.vocabulary import Status
from database import health
from database.pool import Pool, transaction
from telemetry.attempts import IN_VAIN, End, InVain
from workflows import meters

log = logging.getLogger(__name__)

PAUSE = 30.0  # seconds
OVERDUE = timedelta(minutes=1)
AUDIENCES = ("complainant", "agent")


class Gauges:
    """`await watch()` in a task of its own."""

    def __init__(self, meter: MetricMeter, pool: Pool, now: Callable[[], datetime], in_vain: InVain = IN_VAIN) -> None:
        self._pool = pool
        self._now = now
        self._in_vain = in_vain
        self._cases = meter.create_gauge("tuntas_cases", "Cases by status, as recorded")
        self._overdue = meter.create_gauge("tuntas_overdue_cases", "Cases due over a minute ago that have not acted")
        self._most_overdue = meter.create_gauge_float(
            "tuntas_most_overdue_seconds", "How long the longest overdue case has been due"
        )
        self._notices = meter.create_gauge("tuntas_notices_waiting", "Messages written and not handed over yet")
        self._oldest = meter.create_gauge_float(
            "tuntas_notices_oldest_waiting_seconds", "How long the oldest of them has waited"
        )
        self._waiting = meter.create_gauge("tuntas_duties_waiting", "Duties not done yet, of the cases in memory")
        self._failing = meter.create_gauge(
            "tuntas_duties_failing", "Those that failed for good, and activities that failed three times (retry)"
        )
        self._read_at = meter.create_gauge_float(
            "tuntas_gauges_read_timestamp_seconds", "When the gauges were read from PostgreSQL last"
        )

    async def watch(self) -> None:
        """Read again and again, until cancelled."""
        while True:
            self.read_lanes()
            try:
                await self.read_database()
            except Exception:
                log.exception("gauges could not be read")
            await asyncio.sleep(PAUSE)

    def read_lanes(self) -> None:
        waiting, failed = meters.loads()
        in_vain = self._in_vain.by_lane()
        for lane in meters.LANES:
            self._waiting.set(waiting[lane], {"lane": lane})
            self._failing.set(failed[lane], {"lane": lane, "outcome": str(End.FAILED)})
            self._failing.set(in_vain[lane], {"lane": lane, "outcome": str(End.RETRY)})

    async def read_database(self) -> None:
        now = self._now()
        async with transaction(self._pool) as conn:
            cases = await health.cases_by_status(conn)
            late = await health.overdue_count(conn, now - OVERDUE)
            latest = await health.overdue(conn, now - OVERDUE, 1)
            notices = {row.audience: row for row in await health.waiting_notices(conn)}
        for status in map(str, Status):  # zeros too: a gauge that is not set keeps its last value
            self._cases.set(cases.get(status, 0), {"status": status})
        self._overdue.set(late)
        self._most_overdue.set(max((now - latest[0].due_at).total_seconds(), 0.0) if latest else 0.0)
        for audience in AUDIENCES:
            row = notices.get(audience)
            self._notices.set(row.notices if row else 0, {"audience": audience})
            waited = max((now - row.oldest_at).total_seconds(), 0.0) if row else 0.0
            self._oldest.set(waited, {"audience": audience})
        self._read_at.set(now.timestamp())
