-- How the service stands: counts and the oldest of what waits. Each goes by an index, and is cut off where it could grow.

-- cases_by_status --
SELECT status, count(*)::integer AS cases FROM complaints GROUP BY status

-- overdue_count --
SELECT count(*)::integer FROM (
    SELECT FROM complaints WHERE due_order < %(before)s::timestamptz AND status <> 'archived' LIMIT %(limit)s::integer
) AS late

-- overdue --
SELECT reference, due_order AS due_at, next_due, through FROM complaints
WHERE due_order < %(before)s::timestamptz AND status <> 'archived'
ORDER BY due_order, reference
LIMIT %(limit)s::integer

-- waiting_notices --
SELECT audience, count(*)::integer AS notices, min(written_at) AS oldest_at FROM (
    SELECT audience, written_at FROM notices WHERE state = 'written' ORDER BY written_at, key LIMIT %(limit)s::integer
) AS waiting
GROUP BY audience

-- oldest_waiting --
SELECT reference, audience, occasion, written_at FROM notices
WHERE state = 'written' AND written_at < %(before)s::timestamptz
ORDER BY written_at, key
LIMIT %(limit)s::integer

-- recorded --
SELECT reference, through FROM complaints WHERE reference = ANY (%(references)s::text[])

-- now --
SELECT clock_timestamp()

-- has_migrations --
SELECT to_regclass('_yoyo_migration') IS NOT NULL

-- migrations --
SELECT migration_id FROM _yoyo_migration
