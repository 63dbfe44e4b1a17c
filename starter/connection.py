"""Connecting to Temporal by its own environment configuration (`TEMPORAL_*`, profiles), or to a given address."""

import os
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime

from complaints.errors import BadInput


async def connect_temporal(
    *, target_host: str | None = None, namespace: str | None = None, runtime: Runtime | None = None
) -> Client:
    """Return a client that connects with its first call. An address that is given leaves the environment aside."""
    options: dict[str, Any] = {"target_host": target_host} if target_host else _from_environment()
    options.setdefault("target_host", "localhost:7233")
    if namespace:
        options["namespace"] = namespace
    try:
        return await Client.connect(**options, data_converter=pydantic_data_converter, lazy=True, runtime=runtime)
    except (RuntimeError, ValueError) as error:
        raise BadInput(f"cannot be used: {error}", field="TEMPORAL_ADDRESS", remedy="give host:port") from error


def _from_environment() -> dict[str, Any]:
    try:
        return dict(ClientConfig.load_client_connect_config(override_env_vars=dict(os.environ)))
    except (RuntimeError, ValueError) as error:
        remedy = "check TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE"
        raise BadInput(
            f"Temporal's configuration cannot be read: {error}", field="TEMPORAL_PROFILE", remedy=remedy
        ) from error
