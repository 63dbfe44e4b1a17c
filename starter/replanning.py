"""Running cases put under another policy: looked at before, then one by one, never faster than asked for.

Both go through the read model page by page, so that a million cases need no more memory than a hundred; the cases
themselves say what would become of them, and record what did.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import policies
from complaints.errors import NotFound, Refused, TuntasError, Unreachable, first_of
from complaints.messages.replan import ReplanPreview
from complaints.model import Frozen
from complaints.plan import Plan
from complaints.policy import Policy
from database.complaints import Filters, Page, Sort
from starter.campaigns import Campaign, Progress, Trouble
from starter.client import Tuntas
from starter.pace import Pace

CONCURRENCY = 8
PAGE = 200
PATIENCE = 10  # cases in a row that do not answer, before all of them are given up

QUEUED = Unreachable(
    "no worker answered in time; the command is kept and will be carried out",
    field="workers",
    remedy="see `tuntas doctor`, then run the same again: it says what became of it",
)

SUPERSEDED = Refused(
    "this campaign re-planned the case before, and another has done so since",
    field="campaign",
    remedy="give --campaign another name to do it anew",
)

T = TypeVar("T")


class OfCase(Frozen):
    """A case to re-plan: what a plan for it depends on."""

    reference: str
    received_at: datetime


class Batch(Frozen):
    """Some cases, and the cursor after them: None where there is none."""

    cases: tuple[OfCase, ...]
    after: str | None = None


class Replanner:
    """Goes through the running cases that `filters` leave, or through those named."""

    def __init__(
        self, tuntas: Tuntas, policy: Policy, filters: Filters, references: Sequence[str] = (), *, per_second: float
    ) -> None:
        self._tuntas = tuntas
        self._policy = policy
        self.filters = filters.model_copy(update={"open": True, "imported": False})
        self._references = tuple(references)
        self._pace = Pace(per_second)
        self._silent = 0  # cases in a row

    async def count(self) -> int:
        return len(self._references) or await self._tuntas.count(self.filters)

    # looking

    async def preview(self, until: datetime | None) -> AsyncIterator[list[ReplanPreview | Trouble]]:
        """What would become of each case, a batch at a time; breaches as in `PreviewRequest`."""

        async def one(case: OfCase) -> ReplanPreview | Trouble:
            now = datetime.now(UTC)
            plan = policies.resolve_again(self._policy, case.received_at, now)
            try:
                return await self._heard(self._tuntas.preview_replan(case.reference, plan, until=until))
            except (Unreachable, NotFound, Refused) as error:
                self._give_up_after(error)
                return _trouble(case.reference, error)

        async for batch in self._batches(None):
            yield await self._several(batch.cases, one)

    # acting

    async def run(self, campaign: Campaign, progress: Progress, done: Callable[[], None]) -> list[Trouble]:
        """Re-plan every case and return those that could not be reached; `done` hears of each case.

        Raises `Unreachable` when it is no use to go on: begun again, it goes on from there.
        """
        failed: dict[str, Trouble] = {}

        async def one(case: OfCase) -> None:
            await self._act(case, campaign, progress, failed)
            done()

        if retried := progress.again:
            await self._several([await self._named(reference) for reference in retried], one)
            progress.again = list(failed)
            campaign.keep(progress)
        if not progress.listed:
            async for batch in self._batches(progress.after):
                await self._several(batch.cases, one)
                progress.after, progress.again = batch.after, list(failed)
                progress.listed = batch.after is None
                campaign.keep(progress)
        return list(failed.values())

    async def _act(self, case: OfCase, campaign: Campaign, progress: Progress, failed: dict[str, Trouble]) -> None:
        plan = policies.resolve_again(campaign.policy, case.received_at, datetime.now(UTC))
        command = campaign.command(case.reference, plan)
        try:
            answer = await self._heard(self._tuntas.act(case.reference, command))
            if answer.repeated and await self._superseded(case, plan):
                raise SUPERSEDED
        except (Refused, NotFound) as error:
            if error.field == "act":
                progress.ended += 1  # closed since it was listed
            else:
                progress.refuse(_trouble(case.reference, error))
            return
        except Unreachable as error:
            failed[case.reference] = _trouble(case.reference, error)
            self._give_up_after(error)
            return
        if answer.queued:
            failed[case.reference] = _trouble(case.reference, QUEUED)
            self._give_up_after(QUEUED)
        elif answer.unchanged:
            progress.unchanged += 1
        else:
            progress.replanned += 1

    async def _superseded(self, case: OfCase, plan: Plan) -> bool:
        """Whether a case that this campaign had put under its policy is under another one by now."""
        seen = await self._heard(self._tuntas.preview_replan(case.reference, plan))
        return seen.refused is None and not seen.unchanged

    # which cases, how many at a time, and when it is no use

    async def _batches(self, after: str | None) -> AsyncIterator[Batch]:
        if self._references:
            yield Batch(cases=tuple([await self._named(reference) for reference in self._references]))
            return
        while True:
            page: Page = await self._tuntas.list(self.filters, sort=Sort.OLDEST, limit=PAGE, after=after)
            cases = tuple(OfCase(reference=row.reference, received_at=row.received_at) for row in page.items)
            yield Batch(cases=cases, after=page.next)
            if (after := page.next) is None:
                return

    async def _named(self, reference: str) -> OfCase:
        return OfCase(reference=reference, received_at=await self._tuntas.received_at(reference))

    async def _several(self, cases: Sequence[OfCase], one: Callable[[OfCase], Awaitable[T]]) -> list[T]:
        """The results in the order of the cases."""
        room = asyncio.Semaphore(CONCURRENCY)

        async def paced(case: OfCase) -> T:
            async with room:
                await self._pace.wait()
                return await one(case)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(paced(case)) for case in cases]
        except ExceptionGroup as errors:
            raise first_of(errors, TuntasError) from None
        return [task.result() for task in tasks]

    async def _heard(self, answer: Awaitable[T]) -> T:
        try:
            found = await answer
        except Unreachable:
            self._silent += 1
            raise
        except TuntasError:
            self._silent = 0
            raise
        self._silent = self._silent + 1 if getattr(found, "queued", False) else 0
        return found

    def _give_up_after(self, error: TuntasError) -> None:
        if isinstance(error, Unreachable) and self._silent >= PATIENCE:
            raise Unreachable(error.problem, field=error.field, remedy=error.remedy)


def _trouble(reference: str, error: TuntasError) -> Trouble:
    return Trouble(reference=reference, field=error.field, problem=error.problem, remedy=error.remedy)
