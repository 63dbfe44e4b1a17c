-- Cases whose workflow has completed, kept so that they can be reopened.

-- keep --
INSERT INTO archived_cases (reference, key, state, archived_at)
VALUES (%(reference)s::text, %(key)s::text, %(state)s::json, %(archived_at)s::timestamptz)
ON CONFLICT (reference) DO UPDATE SET
    key = excluded.key, state = excluded.state, archived_at = excluded.archived_at
WHERE archived_cases.archived_at <= excluded.archived_at

-- get --
SELECT reference, key, state, archived_at FROM archived_cases
WHERE reference = %(reference)s::text

-- hold --
-- Whoever wakes a case holds what was kept of it until its new run is there: a run that ends meanwhile waits to keep it,
-- so that none is woken from a state that is out of date. Several may hold it at once.
SELECT reference, key, state, archived_at FROM archived_cases
WHERE reference = %(reference)s::text
FOR SHARE
