"""Every call to a service is bounded in time, and what goes wrong there becomes an error that says what to do.

An RPC's own timeout is no bound: the SDK repeats a signal for ten seconds and more. So the bound lies around the call.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import PoolTimeout
from temporalio.client import RPCTimeoutOrCancelledError, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError, RPCStatusCode

from complaints.errors import BadInput, NotFound, Refused, TuntasError, Unreachable

log = logging.getLogger(__name__)

_LATER = "see that Temporal and a worker are running (`tuntas up`), then repeat: nothing is done twice"
_CREDENTIALS = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED)


class NoSuchRun(NotFound):
    """Temporal has no running workflow of this case: it never started, or it is archived."""


@asynccontextmanager
async def temporal(within: float) -> AsyncIterator[None]:
    """Bound a call to Temporal. Raises `NoSuchRun`, `Refused` or `Unreachable`."""
    try:
        async with asyncio.timeout(within):
            yield
    except RPCError as error:
        raise meaning(error) from error
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        if was_cancelled():
            raise asyncio.CancelledError from error
        raise Unreachable(f"no answer within {within:g} s", field="temporal", remedy=_LATER) from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        raise Refused("the case could not answer", field="query", remedy="see the worker's log") from error
    except (RuntimeError, ValueError) as error:
        raise unconnected(error) from error


@asynccontextmanager
async def postgres() -> AsyncIterator[None]:
    """Around every use of PostgreSQL; the pool bounds its connections and statements. Raises `Unreachable`."""
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout) as error:
        remedy = "see that PostgreSQL is running and DATABASE_URL is right, then repeat: nothing is done twice"
        raise Unreachable("PostgreSQL does not answer", field="database_url", remedy=remedy) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction) as error:
        raise Unreachable(
            "the database is not migrated", field="database_url", remedy="run `tuntas migrate`"
        ) from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        remedy = "see that DATABASE_URL leads to the server that takes writes, not to a standby of it, then repeat"
        raise Unreachable("PostgreSQL takes no writes", field="database_url", remedy=remedy) from error
    except psycopg.InternalError as error:
        if not _of_the_server(error):
            raise
        remedy = "see PostgreSQL's log, then repeat: nothing is done twice"
        raise Unreachable(f"PostgreSQL has failed ({error.sqlstate})", field="database_url", remedy=remedy) from error


def _of_the_server(error: psycopg.InternalError) -> bool:
    """Whether the server failed, not our statement: an internal error (class XX), or one that ends the connection.

    A log that cannot be written is such a one, if the reason is another than a full disk: a quota, a limit.
    """
    return (error.sqlstate or "").startswith("XX") or error.diag.severity_nonlocalized in ("FATAL", "PANIC")


def unconnected(error: RuntimeError | ValueError) -> Exception:
    """The SDK's bare errors of a first connection: it failed, or the address is none. Any other is a defect."""
    said = str(error).lower()
    if "client connect" in said:
        return Unreachable("Temporal cannot be reached", field="temporal", remedy=_LATER)
    if said.startswith("invalid target url"):
        return BadInput("is no address", field="TEMPORAL_ADDRESS", remedy="give host:port")
    return error


def was_cancelled() -> bool:
    """Whether somebody cancelled this task: the SDK hides a cancellation in an error of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def meaning(error: RPCError) -> TuntasError:
    if error.status is RPCStatusCode.NOT_FOUND:
        if "namespace" in error.message.lower():
            return Unreachable(
                "the namespace does not exist",
                field="namespace",
                remedy="set TEMPORAL_NAMESPACE, or make it: `tuntas namespace ensure`",
            )
        remedy = "check the reference; `tuntas list` shows those that are there"
        return NoSuchRun("there is no such case", field="reference", remedy=remedy)
    if error.status in _CREDENTIALS:
        return Unreachable("Temporal refuses us", field="temporal", remedy="check TEMPORAL_API_KEY or the certificate")
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        log.warning("Temporal refused a request: %s", error.message)
        remedy = "register its search attributes with `tuntas namespace ensure`; see that the message is not too large"
        return Unreachable("Temporal does not accept this request", field="temporal", remedy=remedy)
    return Unreachable(f"Temporal cannot be reached ({error.status.name})", field="temporal", remedy=_LATER)
