"""Connecting to Temporal by its own environment configuration (`TEMPORAL_*`, profiles), or to a given address."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime

from complaints.errors import BadInput


async def connect_temporal(
    *,
    target_host: str | None = None,
    namespace: str | None = None,
    runtime: Runtime | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Return a client that connects with its first call. An address that is given leaves the environment aside."""
    with readable_configuration():
        options: dict[str, Any] = {"target_host": target_host} if target_host else _from_environment()
        options.setdefault("target_host", "localhost:7233")
        if namespace:
            options["namespace"] = namespace
        return await Client.connect(
            **options, data_converter=pydantic_data_converter, lazy=True, runtime=runtime, interceptors=interceptors
        )


@contextmanager
def readable_configuration() -> Iterator[None]:
    """Around every reading of Temporal's configuration. Raises `BadInput`."""
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        remedy = "check TEMPORAL_ADDRESS (host:port), TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and the certificates"
        raise BadInput(
            f"Temporal's configuration cannot be used: {error}", field="TEMPORAL_*", remedy=remedy
        ) from error


def _from_environment() -> dict[str, Any]:
    return dict(ClientConfig.load_client_connect_config(override_env_vars=dict(os.environ)))
