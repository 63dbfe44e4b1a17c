"""Messages that were written and have not been handed over."""

from datetime import UTC, datetime, timedelta

from commands.doctor.finding import Finding, ok, problem
from commands.output import in_words
from database import health
from database.sql import Connection

PATIENCE = timedelta(minutes=5)
_SHOWN = 5


async def messages(connection: Connection) -> Finding:
    now = datetime.now(UTC)
    rows = await health.waiting_notices(connection)
    details = {
        row.audience: {"notices": row.notices, "oldest_seconds": round((now - row.oldest_at).total_seconds())}
        for row in rows
    }
    if not any(now - row.oldest_at > PATIENCE for row in rows):
        return ok("messages", "no message waits for long", **details)
    oldest = await health.oldest_waiting(connection, now - PATIENCE, _SHOWN)
    said = [
        f"{row.notices} to {'complainants' if row.audience == 'complainant' else 'agents'}, "
        f"the oldest for {in_words((now - row.oldest_at).total_seconds())}"
        for row in rows
    ]
    remedy = "see mail and workers; they go out by themselves, and what waits on them begins then"
    waiting = [{"reference": row.reference, "occasion": row.occasion} for row in oldest]
    return problem("messages", f"messages wait: {'; '.join(said)}", remedy, waiting=waiting, **details)
