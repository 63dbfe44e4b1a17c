"""The worker: composition root of everything that Temporal runs. `python worker.py`, several side by side if wanted.

Three workers in one process, one a queue: `cases` runs workflows and records what becomes of them, `notices` is
rate-limited, `records` does what is asked for less often. SIGTERM lets what is under way finish, and begins no more.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import uvloop
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Interceptor, PollerBehaviorSimpleMaximum, Worker, WorkerDeploymentConfig

import policies
from activities.beside import chores
from activities.calendars import Calendars
from activities.cases import Cases
from activities.customers import Customers
from activities.escalations import Escalations
from activities.heartbeats import Heartbeats
from activities.link_mails import LinkMails
from activities.mailbox import Mailboxes
from activities.moments import Moments
from activities.notices import Notices
from activities.outbox import Outbox
from activities.records import Records
from activities.slots import after_cases
from channels.case_links import case_links
from channels.email.imap import place_of
from channels.email.outbound import LONGEST, EmailNotifier, message_domain
from channels.lookup import CustomerLookup
from channels.lookup.console import ConsoleLookup
from channels.lookup.http import HttpLookup
from channels.outbound import Notifier, Router, UntilStopped
from channels.outbound.console import ConsoleNotifier
from channels.signing import Signer
from complaints.errors import BadInput
from complaints.messages import CASES_QUEUE, NOTICES_QUEUE, RECORDS_QUEUE, inbox_queue
from complaints.messages.duties import AgentNotice, Notice
from complaints.vocabulary import Language
from database.migrate import until_migrated
from database.pool import Pool, open_pool
from policies import Rendered, texts_for
from settings import Settings
from starter.acting import Acting
from starter.client import WAIT, WITHIN, Tuntas
from starter.connection import temporal_once_there
from starter.mailbox.making import reader_of
from starter.mailbox.watching import watch_once_reached
from starter.telling import Telling
from telemetry import context, logs, memory, metrics, polling
from telemetry.gauges import Gauges
from telemetry.traces import NoTraces, Traces, tracing
from workflows.pulse import PULSE
from workflows.runner import WORKFLOWS, plugin

log = logging.getLogger("tuntas.worker")

STICKY = timedelta(seconds=50)
"""How long a case's task waits for the worker that has the case in its cache, before any worker may take it.

Whoever takes it anew reads the whole history: with the SDK's ten seconds, of a thousand cases due at once the second
half cost four times as much as the first. What lay with a worker that was killed waits as long, however.
"""
RETRY = 1.0  # seconds between attempts to reach what is not there yet


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    memory.frugal()
    settings = Settings()
    logs.configure(settings.log_level)
    if settings.database_url is None:
        log.error("DATABASE_URL is not set; give the address of PostgreSQL, or use `tuntas up`")
        return 2
    try:
        with tracing("tuntas-worker") as traces:
            return uvloop.run(run(settings, traces))
    except BadInput as error:
        log.error("%s: %s; %s", error.field, error.problem, error.remedy)  # noqa: TRY400 (it says all there is to say)
        return error.exit_code


async def run(settings: Settings, traces: Traces | NoTraces) -> int:
    """Connect, work until a signal comes, and finish what is under way; the exit code."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    serving = asyncio.create_task(_serve(settings, traces, stopping))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done() and not _working.is_set():
        serving.cancel()  # still waiting for a service: nothing is under way
    try:
        await serving
    except asyncio.CancelledError:
        if not stopping.is_set():  # a worker that breaks cancels whoever runs it
            log.critical("a worker broke; its own line above says why")
            return 1
        log.info("stopped before it began")
    finally:
        stopped.cancel()
    return 1 if _silent.is_set() else 0


_working, _silent = asyncio.Event(), asyncio.Event()


async def _serve(settings: Settings, traces: Traces | NoTraces, stopping: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value() if settings.database_url else ""
        await until_migrated(url, again=RETRY)
        pool = await stack.enter_async_context(open_pool(url, max_size=settings.database_connections, name="worker"))
        runtime = metrics.runtime(settings.metrics_address)
        client = await temporal_once_there(
            runtime=runtime, plugins=[plugin(), context.remembering()], interceptors=traces.interceptors, again=RETRY
        )
        signer = Signer(settings.secret.get_secret_value()) if settings.secret else None
        smtp_url = settings.smtp_url.get_secret_value() if settings.smtp_url else None
        transport = await stack.enter_async_context(_notifier(smtp_url, settings.mail_from, signer))
        notifier = UntilStopped(traces.notifier(transport), stopping.is_set)
        domain = message_domain(smtp_url, settings.mail_from)
        pool = traces.pool(pool)
        links = case_links(signer, settings.web_url)
        outbox = Outbox(
            pool, notifier, render, _now, domain=domain, per_second=settings.notices_per_second, links=links
        )
        mails = LinkMails(pool, notifier, links, _now, domain=domain) if links is not None else None
        beside = [asyncio.create_task(chore) for chore in chores(pool, outbox, mails, _now, stopping)]
        watching = [_stop_if_silent(client, settings, stopping)]
        if settings.metrics_address:
            watching.append(Gauges(runtime.metric_meter, pool, _now).watch())
        for task in (*beside, *map(asyncio.create_task, watching)):
            stack.callback(task.cancel)
        stack.push_async_callback(outbox.settle, within=LONGEST)
        attempts = metrics.DutyAttempts(runtime.metric_meter)
        lookup = await stack.enter_async_context(_lookup(settings))
        made = workers(client, pool, outbox, settings, attempts, lookup=lookup)
        memory.settle()
        for worker in made:
            await stack.enter_async_context(worker)
        if settings.imap_url is not None:
            reader = await _mail_worker(client, pool, settings, signer, traces, attempts)
            made.append(await stack.enter_async_context(reader))
        _working.set()
        log.info("working")
        await stopping.wait()
        log.info("stopping: what is under way is finished")
        await stop(made)
        await asyncio.wait(beside, timeout=LONGEST)  # a message that was being sent


async def stop(made: Iterable[Worker]) -> None:
    """Let all of them finish at the same time: none begins anything while another one still finishes."""
    await asyncio.gather(*(worker.shutdown() for worker in made))


def workers(
    client: Client,
    pool: Pool,
    outbox: Outbox,
    settings: Settings,
    *interceptors: Interceptor,
    lookup: CustomerLookup | None = None,
) -> list[Worker]:
    """One worker a queue. Pollers are fixed in number: autoscaling ones may stop polling after an outage."""
    shared = _shared(settings, interceptors)
    notices, records, moments = Notices(pool, outbox), Records(pool, outbox), Moments(pool, outbox)
    customers = Customers(lookup or ConsoleLookup(logs.LogStream(log)))
    acting, telling = Acting(client, pool, wait=WAIT, within=WITHIN), Telling(client, pool, within=WITHIN)
    cases = Cases(lambda reference, ask: acting.ask(reference, ask, _now()), telling.tell)
    others = (Escalations(pool, outbox), Calendars(_extended), customers, cases)
    return [
        Worker(
            client,
            task_queue=CASES_QUEUE,
            workflows=list(WORKFLOWS),
            activities=[records.record, moments.carry_out],
            tuner=after_cases(settings.database_connections * 2, PULSE.quick),
            max_cached_workflows=settings.cached_workflows,
            sticky_queue_schedule_to_start_timeout=STICKY,
            patch_activation_callback=(lambda _: False) if settings.hold_patches else None,
            **shared,
        ),
        Worker(
            client,
            task_queue=NOTICES_QUEUE,
            activities=notices.activities,
            # each one holds a connection while it sends
            max_concurrent_activities=max(settings.database_connections - 2, 1),
            max_task_queue_activities_per_second=settings.notices_per_second,
            **shared,
        ),
        Worker(
            client,
            task_queue=RECORDS_QUEUE,
            activities=[act for one in (records, moments, *others) for act in one.activities],
            tuner=after_cases(settings.database_connections * 2, PULSE.quick),
            **shared,
        ),
    ]


async def _mail_worker(
    client: Client, pool: Pool, settings: Settings, signer: Signer | None, traces: Traces | NoTraces,
    *interceptors: Interceptor,
) -> Worker:  # fmt: skip
    """The reader of our mailbox; its workflow is started if it is not there. Raises `BadInput`."""
    place = place_of(settings.imap_url.get_secret_value() if settings.imap_url else "")
    tuntas = Tuntas(client, pool, settings.policy)
    reader = reader_of(place, tuntas, signer, _now, mail_from=settings.mail_from, around=traces.mail)
    await watch_once_reached(client, place.name, within=WITHIN, again=RETRY)
    return Worker(
        client,
        task_queue=inbox_queue(place.name),
        activities=Mailboxes(reader).activities,
        max_concurrent_activities=1,
        **_shared(settings, interceptors),
    )


def _shared(settings: Settings, interceptors: Sequence[Interceptor]) -> dict[str, Any]:
    """What all workers of a process are told alike."""
    pollers = PollerBehaviorSimpleMaximum(maximum=settings.pollers)
    return {
        "interceptors": [Heartbeats(), *interceptors],
        "graceful_shutdown_timeout": timedelta(seconds=settings.graceful_shutdown_seconds),
        "activity_task_poller_behavior": pollers,
        "workflow_task_poller_behavior": pollers,
        "deployment_config": versioning(settings),
    }


def versioning(settings: Settings) -> WorkerDeploymentConfig | None:
    """A build of ours takes over open cases too, once it is the current one: none waits for its old workers."""
    if settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def render(notice: Notice | AgentNotice, language: Language) -> Rendered:
    """The words of a notice, from the texts of the pack its case is pinned to."""
    return texts_for(notice).render(notice, language)


def _extended(pack: str, names: tuple[str, ...], since: datetime, until: datetime) -> Any:
    return policies.extend(policies.load(pack), names, since, until)


def _now() -> datetime:
    return datetime.now(UTC)


async def _stop_if_silent(client: Client, settings: Settings, stopping: asyncio.Event) -> None:
    """A worker that asks for no work any more ends, so that whoever runs it starts it again."""
    await polling.until_silent(client)
    _silent.set()
    stopping.set()
    # Should even the orderly end not come about:
    asyncio.get_running_loop().call_later(settings.graceful_shutdown_seconds + 20, os._exit, 1)


@asynccontextmanager
async def _notifier(smtp_url: str | None, sender: str, signer: Signer | None) -> AsyncIterator[Notifier]:
    """Mail where a server is configured; the console for what has no transport."""
    console = ConsoleNotifier(logs.LogStream(log))
    if smtp_url is None:
        yield console
        return
    async with EmailNotifier(smtp_url, sender=sender, signer=signer) as email:
        yield Router(email=email, other=console)


def _lookup(settings: Settings) -> AbstractAsyncContextManager[CustomerLookup]:
    """Whoever knows the customers; the console where nobody does."""
    url, token = settings.customer_lookup_url, settings.customer_lookup_token
    if url is None:
        return nullcontext(ConsoleLookup(logs.LogStream(log)))
    return HttpLookup(url, token=token.get_secret_value() if token else None)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    # At the interpreter's own exit the SDK's threads now and then abort a process that is done (sdk-python#300).
    os._exit(code)
