"""The library for backend services: file complaints, speak to cases, look at them.

    async with await connect(database_url=…) as tuntas:
        filed = await tuntas.file({"channel": "form", "key": "order-4711-complaint", "text": "…"})
        await tuntas.report_fact(filed.reference, key="parcel-4711-returned", fact="returned", source="logistics")

Every call may be repeated: the caller's key makes doing it twice the same as doing it once. Every call is bounded in
time and raises an error of `complaints.errors`, whose `field`, `problem` and `remedy` can be shown to people:
`BadInput`, `NotFound`, `Refused`, or `Unreachable`, after which the same call can simply be repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from temporalio.client import Client, Interceptor
from temporalio.runtime import Runtime

import policies
from channels.files import CheckedFile
from complaints.messages import ActAnswer, AgentCommand
from complaints.messages.commands import Actor, RecordReply, Reopen, Replan, read_command
from complaints.messages.intake import Evidence, Intake
from complaints.messages.reasons import Reasons
from complaints.messages.replan import ReplanPreview
from complaints.messages.view import CaseView, EntryView, Explanation
from complaints.messages.workbench import Rehearsal, Workbench
from complaints.model import read
from complaints.plan import Plan
from complaints.policy import Policy
from complaints.vocabulary import Channel, Proof, ReopeningReason
from database.complaints import Filters, Page, Sort
from database.duplicates import PossibleDuplicate
from database.past_records import EVERYTHING, PastPage, PastRecord, Sight, Sought
from database.pool import Pool, open_pool
from database.report import Report
from database.reviews import Reviews, Wanted
from starter import past_records
from starter.acting import Acting
from starter.connection import connect_temporal
from starter.contact import CodeSent, Contact, Proven
from starter.duplicates import possible_duplicates
from starter.evidence import keep, link
from starter.filing import Filed, Filing, needed
from starter.looking import Looking
from starter.plans import replan_of
from starter.references import one_of, read_reference
from starter.saying import Saying

__all__ = ["Filed", "PossibleDuplicate", "Tuntas", "connect"]

DEFAULT_POLICY = "id.default"
WITHIN = 10.0  # seconds for one call to Temporal
POOL_WAIT = 5.0  # seconds for a connection to PostgreSQL
WAIT = 5.0  # seconds for a worker to answer a command before it is queued
_EVERYTHING = Filters()
_WAITING = Wanted()


async def connect(
    *,
    database_url: str | None = None,
    policy: str | Policy = DEFAULT_POLICY,
    target_host: str | None = None,
    namespace: str | None = None,
    runtime: Runtime | None = None,
    interceptors: Sequence[Interceptor] = (),
    through: Callable[[Pool], Pool] | None = None,
    within: float = WITHIN,
    wait: float = WAIT,
) -> "Tuntas":
    """Connect to Temporal, by `TEMPORAL_*` unless an address is given, and to PostgreSQL.

    `interceptors` are for every call to Temporal: temporalio's `TracingInterceptor` makes a case part of your trace.
    `through` is given the pool and returns the one that is used, for whoever wants to see its transactions.
    Nothing is reached before the first call. Without a database, filing, listing and archived cases are out of reach.
    """
    client = await connect_temporal(
        target_host=target_host, namespace=namespace, runtime=runtime, interceptors=interceptors
    )
    stack = AsyncExitStack()
    pool = (
        await stack.enter_async_context(open_pool(database_url, wait=min(within, POOL_WAIT), name="starter"))
        if database_url
        else None
    )
    if pool is not None and through is not None:
        pool = through(pool)
    return Tuntas(client, pool, policy, within=within, wait=wait, stack=stack)


class Tuntas(Saying):
    """A connection to the service; one per process, shared by its tasks, closed by `async with` or `close`."""

    def __init__(
        self, client: Client, pool: Pool | None = None, policy: str | Policy = DEFAULT_POLICY, *,
        within: float = WITHIN, wait: float = WAIT, stack: AsyncExitStack | None = None,
    ) -> None:  # fmt: skip
        super().__init__(client, pool, within=within)
        self._policy = policy
        self._within = within
        self._stack = stack or AsyncExitStack()
        self._filing: Filing | None = None
        self._acting = Acting(client, pool, wait=wait, within=within)
        self._looking = Looking(client, pool, within=within)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._stack.aclose()

    @property
    def pool(self) -> Pool:
        """The database. Raises `BadInput` if none was given."""
        return needed(self._pool)

    @property
    def policy(self) -> Policy:
        """The policy under which complaints are filed; loaded once, when first needed."""
        return self._files.policy

    async def file(self, intake: Intake | Mapping[str, Any] | str | bytes) -> Filed:
        """File a complaint. The same (channel, key) is the same case for ever, also after it was archived."""
        return await self._files.file(intake, _now())

    async def keep(self, files: Sequence[CheckedFile]) -> tuple[Evidence, ...]:
        """Keep the bytes of files (`channels.files.checked_file`): before anything speaks of them as evidence."""
        return await keep(self.pool, files, _now())

    async def send_contact_code(
        self, reference: str, channel: Channel | str | None = None, *, told_by: Actor | None = None
    ) -> CodeSent:
        """Send a code to the complainant's address; `told_by` an agent who calls, who then finds it in the answer."""
        on = one_of(Channel, channel, "channel") if channel is not None else None
        return await Contact(self.pool).send(read_reference(reference), on, told_by, _now())

    async def prove_contact(self, reference: str, code: str) -> Proven:
        """Check the code that the complainant gives back; a right one is told to the case. Raises `BadInput`."""
        contact = Contact(self.pool)
        found = await contact.check(read_reference(reference), code, _now())
        key = f"contact-code-{found.number}"
        await self.contact_proven(found.reference, found.channel, by=Proof.CODE, key=key)
        await contact.proven(found, _now())
        return found

    async def act(self, reference: str, command: AgentCommand | Mapping[str, Any] | str | bytes) -> ActAnswer:
        """Carry out an agent's command. `queued` says that no worker answered in time: it is kept and will be done.

        Raises `Refused` if the case does not allow it; that is noted in the access log.
        """
        read_one = read_command(command) if isinstance(command, (Mapping, str, bytes)) else command
        reference = read_reference(reference)
        if isinstance(read_one, Replan) and read_one.plan is None:
            read_one = replan_of(read_one, await self._looking.received_at(reference, _now()), _now())
        answer = await self._acting.act(reference, read_one, _now(), teams=self._teams)
        if isinstance(read_one, RecordReply):
            await link(self._pool, reference, read_one.evidence, _now())
        return answer

    async def reopen(
        self, reference: str, *, key: str, reason: ReopeningReason | str, text: str, actor: Actor
    ) -> ActAnswer:
        """Reopen a closed or archived case; it keeps its reference and its timeline."""
        said = {"key": key, "actor": actor, "reason": reason, "text": text}
        return await self.act(reference, read(Reopen, said))

    async def view(self, reference: str) -> CaseView:
        """Return the case as it stands now, running or archived."""
        return await self._looking.view(read_reference(reference), _now())

    async def workbench(self, reference: str) -> Workbench:
        """Return all that a handler needs to work on the case, and which commands it would accept now."""
        return await self._looking.workbench(read_reference(reference), _now())

    async def rehearse(self, reference: str, command: AgentCommand | Mapping[str, Any]) -> Rehearsal:
        """Say what a command would send to the complainant, and do nothing."""
        read_one = read_command(command) if isinstance(command, Mapping) else command
        return await self._looking.rehearse(read_reference(reference), read_one, _now())

    async def explain(self, reference: str, metric: str | None = None) -> tuple[Explanation, ...]:
        """Say why each clock, or those of one metric, is due when it is."""
        return await self._looking.explain(read_reference(reference), metric, _now())

    async def reasons(self, reference: str) -> Reasons:
        """Return why its clocks are due, why it was escalated, why it was closed: `policies.reasons` says it."""
        return await self._looking.reasons(read_reference(reference), _now())

    async def preview_replan(self, reference: str, plan: Plan, *, until: datetime | None = None) -> ReplanPreview:
        """Say what a re-plan to this plan (`policies.resolve_again`) would do to a case now, and do nothing."""
        return await self._looking.preview(read_reference(reference), plan, _now(), until)

    async def received_at(self, reference: str) -> datetime:
        return await self._looking.received_at(read_reference(reference), _now())

    async def timeline(self, reference: str) -> tuple[EntryView, ...]:
        return (await self.view(reference)).timeline

    async def list(
        self, filters: Filters = _EVERYTHING, *, sort: Sort = Sort.DUE, limit: int = 50, after: str | None = None
    ) -> Page:
        """List complaints from PostgreSQL; `after` is the `next` of the page before."""
        return await self._looking.page(filters, sort, limit, after)

    async def count(self, filters: Filters = _EVERYTHING) -> int:
        return await self._looking.count(filters)

    async def possible_duplicates(
        self, what: Intake | Mapping[str, Any] | str, *, limit: int = 5
    ) -> tuple[PossibleDuplicate, ...]:
        """Find what may be the same matter as an intake, or as the complaint of a reference, likeliest first."""
        return await possible_duplicates(self.pool, self.policy, what, limit, _now())

    async def similar(
        self, reference: str | None = None, *, text: str | None = None, category: str | None = None, limit: int = 5,
        sight: Sight = EVERYTHING,
    ) -> tuple[PastRecord, ...]:  # fmt: skip
        """Find the closed cases most like a case, or like a text: of the same category first, then by likeness."""
        return await past_records.similar(self.pool, reference, text, category=category, sight=sight, limit=limit)

    async def search(
        self, sought: Sought, *, limit: int = 20, after: str | None = None, sight: Sight = EVERYTHING
    ) -> PastPage:
        """Search closure records for words, the last closed first; `after` is the `next` of the page before."""
        return await past_records.search(self.pool, sought, sight=sight, after=after, limit=limit)

    async def report(self, *, received_from: datetime | None = None, received_before: datetime | None = None) -> Report:
        return await self._looking.report(_now(), received_from, received_before)

    async def reviews(self, wanted: Wanted = _WAITING, *, limit: int = 50, after: str | None = None) -> Reviews:
        """List closings that wait for a reviewer, or that were reviewed; `after` is the `next` of the page before."""
        return await self._looking.reviews(wanted, limit, after)

    def _teams(self) -> frozenset[str]:
        return frozenset(tier.team for tier in self.policy.tiers)

    @property
    def _files(self) -> Filing:
        if self._filing is None:
            policy = policies.load(self._policy) if isinstance(self._policy, str) else self._policy
            self._filing = Filing(self.client, self._pool, policy, within=self._within)
        return self._filing


def _now() -> datetime:
    return datetime.now(UTC)
