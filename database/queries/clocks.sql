-- Every clock as it stands. A lower `through` never overwrites a higher one.

-- upsert --
INSERT INTO clocks (
    reference, metric, occurrence, through, state, target, calendar, on_due, started_at, due_at, breached_at, ended_at,
    met_by, elapsed_seconds, paused_seconds, late_seconds
) VALUES (
    %(reference)s::text, %(metric)s::text, %(occurrence)s::integer, %(through)s::integer, %(state)s::text,
    %(target)s::text, %(calendar)s::text, %(on_due)s::text, %(started_at)s::timestamptz, %(due_at)s::timestamptz,
    %(breached_at)s::timestamptz, %(ended_at)s::timestamptz, %(met_by)s::text, %(elapsed_seconds)s::bigint,
    %(paused_seconds)s::bigint, %(late_seconds)s::bigint
)
ON CONFLICT (reference, metric, occurrence) DO UPDATE SET
    through = excluded.through, state = excluded.state, target = excluded.target, calendar = excluded.calendar,
    on_due = excluded.on_due, started_at = excluded.started_at, due_at = excluded.due_at,
    breached_at = excluded.breached_at, ended_at = excluded.ended_at, met_by = excluded.met_by,
    elapsed_seconds = excluded.elapsed_seconds, paused_seconds = excluded.paused_seconds,
    late_seconds = excluded.late_seconds
WHERE clocks.through <= excluded.through

-- fetch --
SELECT
    metric, occurrence, state, target, calendar, on_due, started_at, due_at, breached_at, ended_at, met_by,
    elapsed_seconds, paused_seconds, late_seconds
FROM clocks
WHERE reference = %(reference)s::text
ORDER BY started_at, metric, occurrence
