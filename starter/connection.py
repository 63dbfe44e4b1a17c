"""Connecting to Temporal by its own environment configuration (`TEMPORAL_*`, profiles), or to a given address."""

import asyncio
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from temporalio.client import Client, Interceptor, Plugin
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime

from complaints.errors import BadInput

log = logging.getLogger(__name__)

_LOCAL = "localhost:7233"  # where no address is configured


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
        options.setdefault("target_host", _LOCAL)
        if namespace:
            options["namespace"] = namespace
        return await Client.connect(
            **options, data_converter=pydantic_data_converter, lazy=True, runtime=runtime, interceptors=interceptors
        )


async def temporal_once_there(
    *, runtime: Runtime, plugins: Sequence[Plugin], interceptors: Sequence[Interceptor], again: float
) -> Client:
    """Return a client of the configured server once it answers: it may come up after us.

    `again` is the pause between attempts, in seconds.
    """
    options = _from_environment()
    options.setdefault("target_host", _LOCAL)
    options |= {"plugins": list(plugins), "interceptors": list(interceptors)}
    while True:
        try:
            return await Client.connect(**options, runtime=runtime)
        except RuntimeError as error:
            log.warning("Temporal at %s does not answer: %s", options["target_host"], type(error).__name__)
            await asyncio.sleep(again)


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
