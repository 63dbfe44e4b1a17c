"""Filing: check the intake, claim its reference, start its case. Repeating it completes what was interrupted."""

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
from database import complaints
from database.pool import Pool, transaction
from starter import rpc
from starter.claiming import claim
from starter.evidence import link
from starter.intake import read_intake
from starter.starting import start, start_argument


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
            claimed = await claim(pool, intake, now)
            async with transaction(pool) as conn:
                known = await complaints.get(conn, claimed.reference)
        # Temporal forgets a case after its retention; the read model does not, nor does an import's history row.
        created = known is None and await self._start(claimed.reference, intake, claimed.created_at)
        consent = intake.complainant.consent
        await link(pool, claimed.reference, (*intake.evidence, *(consent.evidence if consent else ())), now)
        return Filed(reference=claimed.reference, workflow_id=workflow_id(claimed.reference), created=created)

    async def _start(self, reference: str, intake: Intake, claimed_at: datetime) -> bool:
        # After an interrupted filing the complaint arrived when it was claimed, not when it is repeated.
        intake = intake.model_copy(update={"received_at": intake.received_at or claimed_at})
        plan = policies.resolve(self.policy, intake.received_at or claimed_at)
        return await start(self._client, start_argument(reference, intake, plan), within=self._within)


def needed(pool: Pool | None) -> Pool:
    """Return the pool of those who cannot do without one."""
    if pool is None:
        remedy = "set DATABASE_URL, or start the local stack with `tuntas up`"
        raise BadInput("no database is given", field="database_url", remedy=remedy)
    return pool
