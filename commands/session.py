"""Where the services are: the environment (`TEMPORAL_*`, `DATABASE_URL`), else the running local stack."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from complaints.errors import Unreachable

if TYPE_CHECKING:
    from temporalio.client import Client

    from commands.stack.info import StackInfo
    from starter.client import Tuntas

T = TypeVar("T")


def with_tuntas(work: "Callable[[Tuntas], Awaitable[T]]", *, policy: str | None = None, temporal: bool = True) -> T:
    """Run some work with a connected client. `temporal=False`: the work needs PostgreSQL only."""
    return asyncio.run(_with_tuntas(work, policy, temporal=temporal))


async def _with_tuntas(work: "Callable[[Tuntas], Awaitable[T]]", policy: str | None, *, temporal: bool) -> T:
    from settings import Settings
    from starter.client import connect
    from telemetry.traces import tracing

    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # we say it ourselves, once
    settings = Settings()
    places = find(temporal=temporal)
    options = {"policy": policy or settings.policy, "runtime": quiet_runtime()}
    with tracing("tuntas") as traces:
        async with await connect(**places, **options, interceptors=traces.interceptors) as tuntas:
            return await work(tuntas)


def find(*, temporal: bool = True) -> dict[str, Any]:
    """Return the arguments of `starter.client.connect` that say where the services are. Raises `Unreachable`."""
    from commands.stack.surroundings import Surroundings
    from starter.connection import readable_configuration

    with readable_configuration():
        around = Surroundings.of(os.environ)
    places: dict[str, Any] = {"database_url": around.database_url}
    missing = (temporal and around.temporal is None) or (not temporal and around.database_url is None)
    info = _stack(required=missing)
    if info is not None:
        places["database_url"] = places["database_url"] or info.database_url
        if around.temporal is None:
            places |= {"target_host": info.temporal_address, "namespace": info.namespace}
    return places


async def temporal_client() -> "Client":
    """Return a client of Temporal alone, which connects with its first call. Raises `Unreachable`."""
    from starter.connection import connect_temporal

    places = find()
    return await connect_temporal(
        target_host=places.get("target_host"), namespace=places.get("namespace"), runtime=quiet_runtime()
    )


def database_url() -> str:
    """Return where PostgreSQL is. Raises `Unreachable`."""
    return str(find(temporal=False)["database_url"])


def _stack(*, required: bool) -> "StackInfo | None":
    from commands.stack import StackError, read_info

    try:
        return read_info()
    except StackError as error:
        if not required:
            return None
        remedy = "start the local stack with `tuntas up`, or set TEMPORAL_ADDRESS and DATABASE_URL"
        raise Unreachable(error.problem, field="stack", remedy=remedy) from error


def quiet_runtime() -> Any:
    """Return a runtime whose core is silent: it would write its warnings to stdout, among our JSON."""
    from temporalio.runtime import Runtime, TelemetryConfig

    return Runtime(telemetry=TelemetryConfig(logging=None))
