"""Filing: check the intake, claim its reference, start its case. Repeating it completes what was interrupted.

The claim is on PostgreSQL's disk before Temporal is asked, never beside it: a start whose claim is still open could
take the reference of another key, or open once more a case that Temporal has forgotten after its retention; and of two
complaints under one key Temporal could keep the one that PostgreSQL refuses. What waits for neither is done meanwhile.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from temporalio.client import Client

import policies
from complaints.errors import BadInput
from complaints.messages import workflow_id
from complaints.messages.intake import Intake
from complaints.model import Frozen
from complaints.policy import Policy
from complaints.reference import reference_for
from database import complaints
from database.complaints import ComplaintRecord
from database.intakes import Claim
from database.pool import Pool, connection
from starter import rpc
from starter.claiming import claim
from starter.evidence import link
from starter.intake import read_intake
from starter.starting import Prepared, prepare, start


class Filed(Frozen):
    """A complaint that is being handled. `created`: by this very call."""

    reference: str
    workflow_id: str
    created: bool


class Filing:
    """Files complaints under one policy."""

    def __init__(self, client: Client, pool: Pool | None, policy: Policy, *, within: float) -> None:
        self._client = client
        self._pool = pool
        self.policy = policy
        self._within = within

    async def file(self, raw: Intake | Mapping[str, Any] | str | bytes, now: datetime) -> Filed:
        """Raises `BadInput` for what cannot be used, `Refused` for a key that belongs to another complaint."""
        intake = read_intake(raw, self.policy, now)
        pool = needed(self._pool)
        async with rpc.postgres():
            claimed, prepared = await self._claim(pool, intake, now)
            known = None if claimed.created_at == now else await self._known(pool, claimed.reference)
        # Temporal forgets a case after its retention; the read model does not, nor does an import's history row.
        created = known is None and await start(self._client, prepared, within=self._within)
        consent = intake.complainant.consent
        await link(pool, claimed.reference, (*intake.evidence, *(consent.evidence if consent else ())), now)
        return Filed(reference=claimed.reference, workflow_id=workflow_id(claimed.reference), created=created)

    async def _known(self, pool: Pool, reference: str) -> ComplaintRecord | None:
        """Only a claim that was taken before can have a record."""
        async with connection(pool) as conn:
            return await complaints.get(conn, reference)

    async def _claim(self, pool: Pool, intake: Intake, now: datetime) -> tuple[Claim, Prepared]:
        """Take the reference, and while PostgreSQL writes it, prepare the start that nearly always follows."""
        claiming = asyncio.create_task(claim(pool, intake, now))
        try:
            await asyncio.sleep(0)  # it goes its way first
            prepared = self._prepare(reference_for(intake.channel, intake.key), intake, now, now)
            claimed = await claiming
        finally:
            claiming.cancel()
        if (claimed.reference, claimed.created_at) != (prepared.argument.reference, now):
            # After an interrupted filing the complaint arrived when it was claimed, not when it is repeated.
            prepared = self._prepare(claimed.reference, intake, claimed.created_at, now)
        return claimed, prepared

    def _prepare(self, reference: str, intake: Intake, claimed_at: datetime, now: datetime) -> Prepared:
        received_at = intake.received_at or claimed_at
        whole = intake.model_copy(update={"received_at": received_at})
        return prepare(reference, whole, policies.resolve(self.policy, received_at), now)


def needed(pool: Pool | None) -> Pool:
    """Return the pool of those who cannot do without one."""
    if pool is None:
        remedy = "set DATABASE_URL, or start the local stack with `tuntas up`"
        raise BadInput("no database is given", field="database_url", remedy=remedy)
    return pool
