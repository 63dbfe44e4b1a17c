"""Looking at cases: one case from its workflow, also from its archive; listings and reports from PostgreSQL."""

from datetime import datetime

from temporalio.client import Client

from complaints.case import Case
from complaints.errors import BadInput
from complaints.messages import EXPLAIN, VIEW, ViewRequest, workflow_id
from complaints.messages.view import CaseView, Explanation
from complaints.vocabulary import Metric
from database import complaints
from database.complaints import Filters, Page, Sort
from database.pool import Pool, transaction
from database.report import Report
from database.report import report as report_of
from starter import archive, rpc
from starter.filing import needed


class Looking:
    def __init__(self, client: Client, pool: Pool | None, *, within: float) -> None:
        self._client = client
        self._pool = pool
        self._within = within

    async def view(self, reference: str, now: datetime) -> CaseView:
        handle = self._client.get_workflow_handle(workflow_id(reference))
        try:
            async with rpc.temporal(self._within):
                view: CaseView = await handle.query(VIEW, ViewRequest(at=now), result_type=CaseView)
                return view
        except rpc.NoSuchRun:
            return (await self._archived(reference)).view(now)

    async def explain(self, reference: str, metric: str | None, now: datetime) -> tuple[Explanation, ...]:
        if metric is not None and metric not in set(Metric):
            raise BadInput("not a metric", field="metric", remedy=f"use one of {', '.join(Metric)}")
        handle = self._client.get_workflow_handle(workflow_id(reference))
        request = ViewRequest(at=now, metric=metric)
        try:
            async with rpc.temporal(self._within):
                steps: tuple[Explanation, ...] = await handle.query(
                    EXPLAIN, request, result_type=tuple[Explanation, ...]
                )
                return steps
        except rpc.NoSuchRun:
            return tuple((await self._archived(reference)).explain(now, metric))

    async def page(self, filters: Filters, sort: Sort, limit: int, after: str | None) -> Page:
        async with rpc.postgres(), transaction(needed(self._pool)) as conn:
            return await complaints.fetch_page(conn, filters, sort=sort, limit=limit, after=after)

    async def report(self, now: datetime, received_from: datetime | None, received_before: datetime | None) -> Report:
        async with rpc.postgres(), transaction(needed(self._pool)) as conn:
            return await report_of(conn, now, received_from=received_from, received_before=received_before)

    async def _archived(self, reference: str) -> Case:
        return await archive.archived_case(self._pool, reference)
