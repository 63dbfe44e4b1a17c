"""Whether this process answers (`/health/live`), and whether what it stands on does too (`/health/ready`)."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status

from complaints.errors import TuntasError
from database.pool import transaction
from starter import rpc
from web.services import Services, serving

router = APIRouter(prefix="/health", include_in_schema=False)
_WITHIN = 3.0  # seconds


@router.get("/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready")
async def ready(here: Annotated[Services, Depends(serving)], response: Response) -> dict[str, str]:
    """PostgreSQL and Temporal, each `ok` or `away`: without both nothing can be accepted."""
    found = {"postgres": await _state(_postgres(here)), "temporal": await _state(_temporal(here))}
    if "away" in found.values():
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return found


async def _state(asking: Awaitable[None]) -> str:
    try:
        await asking
    except TuntasError:
        return "away"
    return "ok"


async def _postgres(here: Services) -> None:
    async with rpc.postgres(), transaction(here.pool) as conn:
        await conn.execute("SELECT 1")


async def _temporal(here: Services) -> None:
    client = here.tuntas.client
    async with rpc.temporal(_WITHIN):
        await client.service_client.check_health()
