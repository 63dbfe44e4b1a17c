"""Temporal's namespace as Tuntas needs it: there, with its retention, and with every search attribute.

`ensure` may be repeated at any time and by several at once; it adds what is missing and takes nothing away.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from complaints.errors import BadInput, Unreachable
from complaints.model import Frozen
from starter.rpc import temporal
from workflows.attributes import KEYS

T = TypeVar("T")

RETENTION = timedelta(days=30)  # how long the history of a case stays after it was archived
PATIENCE = 60.0  # seconds for a server that comes up, and for a new namespace to become known to all of it
PAUSE = 0.5  # seconds between attempts
WITHIN = 10.0  # seconds for one call
DESCRIPTION = "Complaints, one workflow each (Tuntas)"


class Ensured(Frozen):
    """What was done: nothing at all the second time."""

    namespace: str
    created: bool
    retention_seconds: int
    retention_changed: bool
    search_attributes_added: tuple[str, ...]


async def ensure(client: Client, retention: timedelta | None = None, *, patience: float = PATIENCE) -> Ensured:
    """Bring the client's namespace into being, or up to date. Without a retention, an existing one keeps its own.

    Raises `Unreachable` if the server does not come within the patience (seconds), and `BadInput` if a search
    attribute is there with another type, if there is no room for it, or if namespaces are not ours to manage.
    """
    deadline = time.monotonic() + patience
    found = await _persist(lambda: _retention(client), deadline)
    created = found is None and await _register(client, retention or RETENTION)
    if found is None:
        found = await _persist(lambda: _known_retention(client), deadline)
    wanted = retention or found
    if found != wanted:
        await _update(client, wanted)
    added = await _persist(lambda: _add_missing(client), deadline)
    await _persist(lambda: _see_all(client), deadline)
    return Ensured(
        namespace=client.namespace,
        created=created,
        retention_seconds=int(wanted.total_seconds()),
        retention_changed=found != wanted,
        search_attributes_added=added,
    )


async def _persist(attempt: Callable[[], Awaitable[T]], deadline: float) -> T:
    """Repeat what a server that is coming up, or does not know its new namespace everywhere, could not do yet."""
    while True:
        try:
            return await attempt()
        except Unreachable:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(PAUSE)


async def _retention(client: Client) -> timedelta | None:
    try:
        return await _known_retention(client)
    except _NotThere:
        return None


async def _known_retention(client: Client) -> timedelta:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    async with _call():
        described = await client.workflow_service.describe_namespace(request)
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def _register(client: Client, retention: timedelta) -> bool:
    """Tell whether it was us: another job may have been quicker."""
    request = RegisterNamespaceRequest(
        namespace=client.namespace,
        description=DESCRIPTION,
        workflow_execution_retention_period=_duration(retention),
    )
    try:
        async with _call():
            await client.workflow_service.register_namespace(request)
    except _AlreadyThere:
        return False
    return True


async def _update(client: Client, retention: timedelta) -> None:
    config = NamespaceConfig(workflow_execution_retention_ttl=_duration(retention))
    async with _call():
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=client.namespace, config=config)
        )


async def _add_missing(client: Client) -> tuple[str, ...]:
    missing = await _missing(client)
    if missing:
        kinds = {key.name: _kind(key) for key in KEYS if key.name in missing}
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
        async with _call():
            await client.operator_service.add_search_attributes(request)
    return missing


async def _see_all(client: Client) -> None:
    """A workflow that starts before the server knows an attribute would be refused."""
    if missing := await _missing(client):
        raise Unreachable(f"Temporal does not list {', '.join(missing)} yet", field="namespace", remedy="repeat it")


async def _missing(client: Client) -> tuple[str, ...]:
    """The server takes a known name with another type for added, so the types are compared here."""
    async with _call():
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    for key in KEYS:
        kind = listed.custom_attributes.get(key.name)
        if kind is not None and kind != _kind(key):
            raise BadInput(
                f"the search attribute is registered as {_said(kind)}, not as {_said(_kind(key))}",
                field=key.name,
                remedy=f"`temporal operator search-attribute remove --namespace {client.namespace} --name {key.name}` "
                "and repeat, or take another namespace",
            )
    return tuple(key.name for key in KEYS if key.name not in listed.custom_attributes)


def _kind(key: SearchAttributeKey[Any]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(key.indexed_value_type.value)


def _said(kind: IndexedValueType.ValueType) -> str:
    return IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_")


def _duration(of: timedelta) -> Duration:
    made = Duration()
    made.FromTimedelta(of)
    return made


class _NotThere(Unreachable):
    """There is no such namespace, or not everywhere yet."""


class _AlreadyThere(Exception):
    """Another one registered it in the meantime."""


@asynccontextmanager
async def _call() -> AsyncIterator[None]:
    async with temporal(WITHIN):
        try:
            yield
        except RPCError as error:
            raise _meaning(error) from error


def _meaning(error: RPCError) -> Exception:
    """What only here has a meaning of its own; the rest is as everywhere."""
    if error.status is RPCStatusCode.NOT_FOUND:
        remedy = "repeat it: a new namespace is not known at once"
        return _NotThere("Temporal does not know the namespace", field="namespace", remedy=remedy)
    if error.status is RPCStatusCode.ALREADY_EXISTS:
        return _AlreadyThere()
    if error.status is RPCStatusCode.INVALID_ARGUMENT:  # about names and numbers of ours: nothing of a case is in it
        return BadInput(error.message, field="namespace", remedy="free what is in the way, or take another namespace")
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        remedy = "make the namespace and its search attributes with the provider's own tools"
        return BadInput("this service does not let us manage namespaces", field="namespace", remedy=remedy)
    return error
