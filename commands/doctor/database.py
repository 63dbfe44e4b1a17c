"""Checks of PostgreSQL: reachable, up to date, and of one time with us."""

from datetime import UTC, datetime

import psycopg

from commands.doctor.finding import Finding, ok, problem, unreachable
from database import health
from database.pool import OPTIONS
from database.sql import Connection

_WITHIN = 5  # seconds to connect
_SKEW = 5.0  # seconds
_REMEDY = "see that PostgreSQL runs and DATABASE_URL is right; cases go on without it, and record later"
_REFUSALS = ("authentication failed", "does not exist", "permission denied", "no pg_hba.conf entry")


async def connected(url: str) -> Connection:
    return await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=_WITHIN, options=f"{OPTIONS} -c statement_timeout=5s",
        application_name="doctor",
    )  # fmt: skip


async def database(url: str) -> tuple[Finding, Connection | None]:
    """Connect, if that can be done."""
    try:
        connection = await connected(url)
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        if any(words in said for words in _REFUSALS):
            remedy = "see the user, the password and the name of the database in DATABASE_URL"
            return unreachable("database", f"PostgreSQL refuses us: {said}", remedy), None
        return unreachable("database", "PostgreSQL does not answer", _REMEDY, said=said), None
    except psycopg.Error as error:
        return problem("database", f"DATABASE_URL cannot be used: {type(error).__name__}", _REMEDY), None
    major = connection.info.server_version // 10_000
    return ok("database", f"PostgreSQL {major} answers", version=connection.info.server_version), connection


async def migrations(connection: Connection) -> Finding:
    missing = await health.unapplied(connection)
    if not missing:
        return ok("migrations", "the tables are up to date")
    remedy = "run `tuntas migrate`; workers wait for it"
    return problem("migrations", f"the database lacks {', '.join(missing)}", remedy, missing=missing)


async def clock(connection: Connection) -> Finding:
    """Compare clocks: lateness and promises are reckoned by Temporal's, notices are dated by the workers'."""
    await health.clock_difference(connection, datetime.now(UTC))  # the first one prepares
    began = datetime.now(UTC)
    ahead = (await health.clock_difference(connection, began)).total_seconds()
    took = (datetime.now(UTC) - began).total_seconds()
    if -_SKEW < ahead < _SKEW + took:
        return ok("clock", "this machine and PostgreSQL have the same time", ahead_seconds=round(ahead, 3))
    which = "ahead of" if ahead > 0 else "behind"
    remedy = "set both by NTP, and see Temporal's machine too: promises are reckoned by its clock"
    return problem("clock", f"PostgreSQL's clock is {abs(ahead):.0f} s {which} ours", remedy, ahead_seconds=ahead)
