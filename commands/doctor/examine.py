"""All checks, in the order of what rests on what: what an absent service would answer is skipped, nothing else."""

import asyncio
from collections.abc import Awaitable, Callable

from temporalio.client import Client

from commands.doctor import database, holidays, lanes, lateness, machine, mail, mailbox, messages, temporal, web
from commands.doctor.finding import PATIENCE, Finding, bounded, problem, skipped, unreachable
from commands.doctor.places import Places
from commands.output import now
from commands.session import quiet_runtime
from complaints.errors import BadInput
from database.sql import Connection
from starter.connection import connect_temporal

Check = Callable[[], Awaitable[Finding]]
_NO_PLACE = "start the local stack with `tuntas up`, or set TEMPORAL_ADDRESS and DATABASE_URL"
_LONG = 20.0  # seconds: checks that ask many cases


async def examine(places: Places) -> list[Finding]:
    """Temporal, PostgreSQL, mail, web and this machine at once; then what needs both of the first."""
    (in_temporal, client), (in_postgres, connection), *reached = await asyncio.gather(
        _temporal(places),
        _postgres(places),
        bounded("mail", mail.mail(places.smtp_url, places.mail_from), _LONG),
        bounded("mailbox", mailbox.mailbox(places.imap_url), _LONG),
        bounded("web", web.web(places.web_url), _LONG),
    )
    try:
        about_cases = await _cases(client, connection)
    finally:
        if connection is not None:
            await connection.close()
    about_holidays = await bounded("holidays", holidays.holidays(places.policy, now()))
    return [*in_temporal, *in_postgres, *reached, *about_cases, about_holidays, *_machine(places)]


async def _temporal(places: Places) -> tuple[list[Finding], Client | None]:
    """The client only if cases can be looked for through it."""
    rest = ("namespace", "search_attributes", "workers", "case_tasks")
    if places.temporal is None:
        return [_nowhere("temporal"), *(skipped(check, "no Temporal to ask") for check in rest)], None
    try:
        client = await connect_temporal(**places.temporal, runtime=quiet_runtime())
    except BadInput as error:
        return [problem("temporal", str(error), error.remedy), *(skipped(check, "no Temporal") for check in rest)], None
    first = await bounded("temporal", temporal.server(client))
    if not first.fine:
        return [first, *(skipped(check, "Temporal does not answer") for check in rest)], None
    second = await bounded("namespace", temporal.namespace(client))
    if not second.fine:
        return [first, second, *(skipped(check, "there is no namespace") for check in rest[1:])], None
    third, fourth, fifth = await asyncio.gather(
        bounded("search_attributes", temporal.search_attributes(client)),
        bounded("workers", temporal.workers(client, mailbox.name_of(places.imap_url))),
        bounded("case_tasks", temporal.case_tasks(client)),
    )
    return [first, second, third, fourth, fifth], client if third.fine else None


async def _postgres(places: Places) -> tuple[list[Finding], Connection | None]:
    """The connection only if the tables are there."""
    rest = ("migrations", "clock")
    if places.database_url is None:
        return [_nowhere("database"), *(skipped(check, "no PostgreSQL to ask") for check in rest)], None
    connection: Connection | None = None

    async def connect(url: str) -> Finding:
        nonlocal connection
        finding, connection = await database.database(url)
        return finding

    first = await bounded("database", connect(places.database_url))
    if connection is None:
        return [first, *(skipped(check, "PostgreSQL does not answer") for check in rest)], None
    second = await bounded("migrations", database.migrations(connection))
    third = await bounded("clock", database.clock(connection))
    if second.fine:
        return [first, second, third], connection
    await connection.close()
    return [first, second, third], None


async def _cases(client: Client | None, connection: Connection | None) -> list[Finding]:
    """One after the other: they share the connection."""
    if client is None and connection is None:
        return [
            skipped(check, "neither Temporal nor PostgreSQL can be asked")
            for check in ("lateness", "messages", "mails", "lanes")
        ]
    found = [await bounded("lateness", lateness.lateness(client, connection), PATIENCE)]
    if connection is None:
        found += [skipped(check, "PostgreSQL cannot be asked") for check in ("messages", "mails")]
    else:
        found.append(await bounded("messages", messages.messages(connection)))
        found.append(await bounded("mails", mailbox.set_aside(connection)))
    if client is None:
        found.append(skipped("lanes", "Temporal cannot be asked"))
    else:
        found.append(await bounded("lanes", lanes.lanes(client, connection), _LONG))
    return found


def _machine(places: Places) -> list[Finding]:
    disk = machine.disk(places.home, places.stack)
    if places.stack is None:
        return [disk, skipped("parts", "no local stack runs here")]
    return [disk, machine.parts(places.home, places.stack)]


def _nowhere(check: str) -> Finding:
    return unreachable(check, "nothing says where it is, and no local stack runs here", _NO_PLACE)
