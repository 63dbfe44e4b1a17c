"""What complainants and services say, brought to a case as signals; an archived case is woken by them."""

from temporalio.client import Client

from complaints.messages import workflow_id
from complaints.messages.merging import Forwarded
from database.pool import Pool
from starter import archive, rpc


class Telling:
    def __init__(self, client: Client, pool: Pool | None, *, within: float) -> None:
        self._client = client
        self._pool = pool
        self._within = within

    async def tell(self, reference: str, name: str, message: Forwarded) -> None:
        """Return when the message is kept. Raises `NotFound` or `Unreachable`."""
        handle = self._client.get_workflow_handle(workflow_id(reference))
        try:
            async with rpc.temporal(self._within):
                await handle.signal(name, message)
        except rpc.NoSuchRun:
            async with archive.held(self._pool, reference) as case:
                await archive.wake_with_signal(self._client, case, name, message, within=self._within)
