"""Looking at cases: one case from its workflow, also from its archive; listings and reports from PostgreSQL."""

from datetime import datetime

from temporalio.client import Client

from complaints.case import Case
from complaints.errors import BadInput
from complaints.messages import (
    EXPLAIN,
    PREVIEW,
    REASONS,
    REHEARSE,
    VIEW,
    WORKBENCH,
    AgentCommand,
    ViewRequest,
    workflow_id,
)
from complaints.messages.reasons import Reasons
from complaints.messages.replan import PreviewRequest, ReplanPreview
from complaints.messages.view import CaseView, Explanation
from complaints.messages.workbench import Rehearsal, RehearsalRequest, Workbench
from complaints.plan import Plan
from complaints.vocabulary import Metric
from database import complaints, reviews
from database.complaints import Filters, Page, Sort
from database.pool import Pool, transaction
from database.report import Report
from database.report import report as report_of
from database.reviews import Reviews, Wanted
from starter import archive, rpc
from starter.filing import needed


def known_metric(metric: str | None) -> None:
    """Raise `BadInput` for what is no metric."""
    if metric is not None and metric not in set(Metric):
        raise BadInput("not a metric", field="metric", remedy=f"use one of {', '.join(Metric)}")


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
        known_metric(metric)
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

    async def reasons(self, reference: str, now: datetime) -> Reasons:
        handle = self._client.get_workflow_handle(workflow_id(reference))
        try:
            async with rpc.temporal(self._within):
                reasons: Reasons = await handle.query(REASONS, ViewRequest(at=now), result_type=Reasons)
                return reasons
        except rpc.NoSuchRun:
            return (await self._archived(reference)).reasons(now)

    async def workbench(self, reference: str, now: datetime) -> Workbench:
        handle = self._client.get_workflow_handle(workflow_id(reference))
        try:
            async with rpc.temporal(self._within):
                found: Workbench = await handle.query(WORKBENCH, ViewRequest(at=now), result_type=Workbench)
                return found
        except rpc.NoSuchRun:
            return (await self._archived(reference)).workbench(now)

    async def rehearse(self, reference: str, command: AgentCommand, now: datetime) -> Rehearsal:
        handle = self._client.get_workflow_handle(workflow_id(reference))
        request = RehearsalRequest(command=command, at=now)
        try:
            async with rpc.temporal(self._within):
                seen: Rehearsal = await handle.query(REHEARSE, request, result_type=Rehearsal)
                return seen
        except rpc.NoSuchRun:
            return (await self._archived(reference)).rehearse(command, now)

    async def preview(self, reference: str, plan: Plan, now: datetime, until: datetime | None) -> ReplanPreview:
        handle = self._client.get_workflow_handle(workflow_id(reference))
        request = PreviewRequest(plan=plan, at=now, until=until)
        try:
            async with rpc.temporal(self._within):
                seen: ReplanPreview = await handle.query(PREVIEW, request, result_type=ReplanPreview)
                return seen
        except rpc.NoSuchRun:
            return (await self._archived(reference)).preview(plan, now, until)

    async def received_at(self, reference: str, now: datetime) -> datetime:
        """From the read model; from the case itself as long as that has no record of it."""
        if self._pool is not None:
            async with rpc.postgres(), transaction(self._pool) as conn:
                row = await complaints.get(conn, reference)
            if row is not None:
                return row.received_at
        return (await self.view(reference, now)).timeline[0].at

    async def count(self, filters: Filters) -> int:
        async with rpc.postgres(), transaction(needed(self._pool)) as conn:
            return await complaints.count(conn, filters)

    async def page(self, filters: Filters, sort: Sort, limit: int, after: str | None) -> Page:
        async with rpc.postgres(), transaction(needed(self._pool)) as conn:
            return await complaints.fetch_page(conn, filters, sort=sort, limit=limit, after=after)

    async def report(self, now: datetime, received_from: datetime | None, received_before: datetime | None) -> Report:
        async with rpc.postgres(), transaction(needed(self._pool)) as conn:
            return await report_of(conn, now, received_from=received_from, received_before=received_before)

    async def reviews(self, wanted: Wanted, limit: int, after: str | None) -> Reviews:
        async with rpc.postgres(), transaction(needed(self._pool)) as conn:
            return await reviews.fetch(conn, wanted, limit=limit, after=after)

    async def _archived(self, reference: str) -> Case:
        return await archive.archived_case(self._pool, reference)
